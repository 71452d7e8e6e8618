"""Files of wrapped data keys: one chunk a commit, so that a thousand keys cost one wrapping and one flush.

    key id  = uint32 file ‖ uint48 offset ‖ uint16 number                        12 bytes, big-endian
    chunk   = "SLKC" ‖ uint32 epoch ‖ uint16 count ‖ uint16 slot ‖ uint16 length ‖ wrapped chunk key, zeros up to slot ‖
              nonce[12] ‖ AES-256-GCM(chunk key, count × 32 bytes, associated data = uint32 file ‖ uint48 offset)

The data keys are random, each by itself. A chunk key of its own encrypts the keys of a chunk, and the wrapping key of
the epoch wraps that. A key is erased by writing the whole file anew, every chunk under a **new** chunk key and that one
key as zeros; the old file is overwritten. Offsets never change, so a key id holds for ever. Each process appends to a
file of its own; a file cut off by a crash ends with a piece that no key id points to.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.durable import sync_folder
from ledger.errors import Broken
from ledger.vaulting.wrapping import KEY_BYTES, NONCE_BYTES

MAGIC = b"SLKC"
MOST_KEYS = 65_535
MOST_BYTES = 16_000_000
"""Length at which a file is full: what has to be written anew to erase one key."""

ERASED = bytes(KEY_BYTES)
SUFFIX = ".keys"
KEY_ID_BYTES = 12

_HEAD = Struct("!4sIHHH")

Wrap = Callable[[bytes], tuple[int, bytes, int]]
"""A chunk key → the epoch it is wrapped in, the wrapped key, and the bytes kept free for it."""
Unwrap = Callable[[int, bytes], bytes]
"""Epoch and wrapped chunk key → chunk key."""


@dataclass(frozen=True, slots=True)
class KeyId:
    """Where a data key lies: the file's number, the chunk's offset in it, the key's number in the chunk."""

    file: int
    offset: int
    number: int

    def raw(self) -> bytes:
        """As it stands in a disclosure row."""
        return self.file.to_bytes(4, "big") + self.offset.to_bytes(6, "big") + self.number.to_bytes(2, "big")

    @classmethod
    def of(cls, raw: bytes) -> "KeyId | None":
        """The key id of a row; None where it is none."""
        if len(raw) != KEY_ID_BYTES:
            return None
        return cls(*(int.from_bytes(part, "big") for part in (raw[:4], raw[4:10], raw[10:])))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it lies in a file."""

    epoch: int
    count: int
    slot: int
    wrapped: bytes
    nonce: bytes
    sealed: bytes

    @property
    def length(self) -> int:
        """Bytes it takes."""
        return _HEAD.size + self.slot + len(self.nonce) + len(self.sealed)

    def raw(self) -> bytes:
        """Its bytes."""
        head = _HEAD.pack(MAGIC, self.epoch, self.count, self.slot, len(self.wrapped))
        return head + self.wrapped.ljust(self.slot, b"\0") + self.nonce + self.sealed


def seal(keys: Sequence[bytes], place: tuple[int, int], wrap: Wrap, slot: int | None = None) -> Chunk:
    """A chunk of keys for its place (file, offset), under a chunk key that never existed before."""
    chunk_key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    epoch, wrapped, room = wrap(chunk_key)
    if slot is not None and len(wrapped) > slot:
        raise Broken("a wrapped key does not fit in the place of the one before")
    sealed = AESGCM(chunk_key).encrypt(nonce, b"".join(keys), _place(place))
    return Chunk(epoch, len(keys), room if slot is None else slot, wrapped, nonce, sealed)


def unseal(chunk: Chunk, place: tuple[int, int], unwrap: Unwrap) -> list[bytes]:
    """The keys of a chunk. Raises Broken where it was changed or moved."""
    try:
        keys = AESGCM(unwrap(chunk.epoch, chunk.wrapped)).decrypt(chunk.nonce, chunk.sealed, _place(place))
    except InvalidTag as fault:
        raise Broken(f"密钥文件被改动 · key file {place[0]} was changed at byte {place[1]}") from fault
    return [keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)]


def read(raw: bytes, offset: int) -> Chunk | None:
    """The chunk that begins at an offset; None where none does, or only a piece of one."""
    if len(raw) < offset + _HEAD.size:
        return None
    magic, epoch, count, slot, length = _HEAD.unpack_from(raw, offset)
    wrapped = offset + _HEAD.size
    nonce = wrapped + slot
    sealed = nonce + NONCE_BYTES
    end = sealed + KEY_BYTES * count + 16
    if magic != MAGIC or length > slot or len(raw) < end:
        return None
    return Chunk(epoch, count, slot, raw[wrapped : wrapped + length], raw[nonce:sealed], raw[sealed:end])


def read_at(path: Path, offset: int) -> Chunk | None:
    """The chunk at an offset of a file, reading no more than it; None where there is none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(offset)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        _, _, count, slot, _ = _HEAD.unpack(head)
        return read(head + file.read(slot + NONCE_BYTES + KEY_BYTES * count + 16), 0)


def chunks(raw: bytes) -> Iterator[tuple[int, Chunk]]:
    """Each whole chunk of a file with its offset."""
    offset = 0
    while (chunk := read(raw, offset)) is not None:
        yield offset, chunk
        offset += chunk.length


def path_of(folder: Path, number: int) -> Path:
    """The file with a number."""
    return folder / f"{number:08d}{SUFFIX}"


def numbers(folder: Path) -> list[int]:
    """The numbers of all key files, ascending."""
    return sorted(int(path.stem) for path in folder.glob(f"*{SUFFIX}"))


def begin(folder: Path) -> int:
    """Make a new file that only this process appends to; its number. Raises OSError."""
    number = max(numbers(folder), default=0) + 1
    while True:
        try:
            os.close(os.open(path_of(folder, number), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            number += 1
            continue
        sync_folder(folder)
        return number


def append(path: Path, chunk: Chunk) -> None:
    """Put a chunk at the end of a file, durably. Raises OSError with the file as it was."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    before = os.fstat(file).st_size
    try:
        raw = chunk.raw()
        if os.write(file, raw) != len(raw):
            raise OSError(0, "not written whole")
        os.fdatasync(file)
    except OSError:
        os.ftruncate(file, before)
        raise
    finally:
        os.close(file)


def write_anew(path: Path, number: int, unwrap: Unwrap, wrap: Wrap, erased: Collection[tuple[int, int]]) -> int:
    """Write a file anew, every chunk under a new chunk key, the keys at `erased` (offset, number) as zeros.

    Returns how many living keys it holds. The new file is durable before it takes the place of the old one, whose
    bytes are then overwritten. Raises OSError or Broken with the old file in its place.
    """
    raw = path.read_bytes()
    fresh, living = [], 0
    for offset, chunk in chunks(raw):
        keys = unseal(chunk, (number, offset), unwrap)
        keys = [ERASED if (offset, at) in erased else key for at, key in enumerate(keys)]
        living += sum(key != ERASED for key in keys)
        fresh.append(seal(keys, (number, offset), wrap, chunk.slot).raw())
    passing = path.with_suffix(".new")
    with passing.open("wb") as file:
        os.chmod(file.fileno(), 0o600)
        file.write(b"".join(fresh))
        file.flush()
        os.fsync(file.fileno())
    with path.open("r+b") as old:
        passing.rename(path)
        sync_folder(path.parent)
        old.write(bytes(len(raw)))
        old.flush()
        os.fsync(old.fileno())
    return living


def _place(place: tuple[int, int]) -> bytes:
    return place[0].to_bytes(4, "big") + place[1].to_bytes(6, "big")
