"""The encrypted file of one content, written and read in pieces (`schemas/formats/document.md`).

    0      header: canonical JSON, padded with blanks to 1,024 bytes, the last one a line end
    1024   the content in chunks of 65,536 bytes, each followed by its tag of 16; the last one is shorter, or empty

AES-256-GCM under a data key that no other file has. Nonce of chunk i = 7 random bytes of the header ‖ uint32 BE i ‖
flag, 1 on the last chunk and 0 on all others (the STREAM construction): chunks cannot be left out, swapped or cut off.
The header has a tag of its own: that of an empty text with the header, without `tag`, as associated data, index 2^32-1,
flag 2. So neither class nor hash of a file can be changed by somebody who has the file and not the key.

Memory is that of one chunk, however large the content is. The hash is known when all is written; then the header is
put in its place, and only then the file gets its name.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import decode, encode
from ledger.errors import Broken, NotJson
from ledger.keeping.keys import DataKeys

HEADER_BYTES = 1024
CHUNK_BYTES = 65_536
TAG_BYTES = 16
VERSION = 1
_PREFIX_BYTES = 7
_LAST, _MORE, _HEAD = 1, 0, 2
_HEAD_INDEX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the chunks: hash and size of the content, its class, the name of its key, nonce and tag."""

    sha256: str
    size: int
    cls: str
    key: str
    nonce: str
    tag: str = ""
    v: int = VERSION

    def bound(self) -> bytes:
        """What the tag is over: everything else."""
        return encode({name: value for name, value in self._members().items() if name != "tag"})

    def block(self) -> bytes:
        """The header as it stands in the file."""
        return encode(self._members()).ljust(HEADER_BYTES - 1) + b"\n"

    def _members(self) -> dict[str, Any]:
        members = asdict(self)
        return {"class": members.pop("cls"), "bytes": members.pop("size"), **members}


class Sealing:
    """A file being written: `write` as often as there is something, then `finish`; the caller gives it its name."""

    def __init__(self, file: IO[bytes], name: str, key: bytes, cls: str) -> None:
        self._file, self._cipher, self._name, self._cls = file, AESGCM(key), name, cls
        self._prefix = os.urandom(_PREFIX_BYTES)
        self._digest, self._waiting, self._index = sha256(), bytearray(), 0
        self.size = 0
        self._file.write(Header("", 0, cls, name, self._prefix.hex()).block())  # names the key, should we die here

    def write(self, piece: bytes) -> None:
        """Take the next piece of the content."""
        self._digest.update(piece)
        self.size += len(piece)
        self._waiting += piece
        while len(self._waiting) > CHUNK_BYTES:
            self._chunk(bytes(self._waiting[:CHUNK_BYTES]), _MORE)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> Header:
        """Write the last chunk and the header, and bring all to the disk."""
        self._chunk(bytes(self._waiting), _LAST)
        bare = Header(self._digest.hexdigest(), self.size, self._cls, self._name, self._prefix.hex())
        tag = self._cipher.encrypt(_nonce(self._prefix, _HEAD_INDEX, _HEAD), b"", bare.bound())
        header = Header(bare.sha256, bare.size, bare.cls, bare.key, bare.nonce, tag.hex())
        self._file.seek(0)
        self._file.write(header.block())
        self._file.flush()
        os.fsync(self._file.fileno())
        return header

    def close(self) -> None:
        """Close the file, finished or not."""
        self._file.close()

    def _chunk(self, plain: bytes, flag: int) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._prefix, self._index, flag), plain, None))
        self._index += 1


def header_of(file: IO[bytes]) -> Header:
    """The header of an open file, as it states itself; its tag is looked at by `opened`. Raises Broken."""
    raw = file.read(HEADER_BYTES)
    try:
        value = decode(raw.rstrip(b" \n"))
        header = Header(cls=value.pop("class"), size=value.pop("bytes"), **value)
        bytes.fromhex(header.nonce), bytes.fromhex(header.tag)
    except (NotJson, KeyError, TypeError, AttributeError, ValueError) as fault:
        raise Broken("文件头不可读 · the header cannot be read") from fault
    if header.v != VERSION or header.block() != raw:
        raise Broken("文件头不合格式 · the header is not of this format")
    return header


def opened(path: Path, keys: DataKeys) -> Iterator[bytes]:
    """The content of a sealed file, piece by piece, each checked before it is given out.

    The first piece comes after header and first chunk were found sound. Raises Broken where anything was changed, left
    out or cut off, at the latest before the last piece; KeyGone without its key; FileNotFoundError.
    """
    with path.open("rb") as file:
        header = header_of(file)
        cipher, prefix = AESGCM(keys.open(header.key)), bytes.fromhex(header.nonce)
        try:
            cipher.decrypt(_nonce(prefix, _HEAD_INDEX, _HEAD), bytes.fromhex(header.tag), header.bound())
        except (InvalidTag, ValueError) as fault:
            raise Broken("文件头被改动 · the header was changed") from fault
        yield from _chunks(file, cipher, prefix, header)


def _chunks(file: IO[bytes], cipher: AESGCM, prefix: bytes, header: Header) -> Iterator[bytes]:
    digest, size, index = sha256(), 0, 0
    held = file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        try:
            plain = cipher.decrypt(_nonce(prefix, index, _MORE if following else _LAST), held, None)
        except (InvalidTag, ValueError) as fault:
            raise Broken(f"第 {index} 段被改动或缺失 · chunk {index} was changed or is missing") from fault
        digest.update(plain)
        size += len(plain)
        if not following and (size != header.size or digest.hexdigest() != header.sha256):
            raise Broken("内容与其哈希不符 · the content does not have the hash it should have")
        yield plain
        if not following:
            return
        held, index = following, index + 1


def _nonce(prefix: bytes, index: int, flag: int) -> bytes:
    return prefix + index.to_bytes(4, "big") + bytes([flag])
