"""The vault: data keys, one for each disclosure, outside the ledger's database and outside its backups.

    vault = Vault.open(folder, log)                 # `log`: leaf hash of entry 1; a vault belongs to one log
    rows = vault.lock(disclosures)                  # ciphertexts for `ledger.disclosure`; keys are durable on return
    vault.show(digest, key_id, nonce, ciphertext)   # the disclosure again, or why not
    vault.erase(key_ids)                            # for ever; nothing else is touched
    vault.turn(present)                             # a new epoch: living keys wrapped again, the old wrapping key gone

    DIR/vault.json   format, log, holder          DIR/keys/*.keys   wrapped data keys (`vaulting.keyfiles`)
    DIR/epochs.json  the epochs, oldest first     DIR/kek/*.key     wrapping keys, unless they are held elsewhere
    DIR/named/*      single secrets by name

A disclosure is encrypted with AES-256-GCM under a random key of its own, a random nonce of 96 bits, its digest as
associated data, and NULs behind it up to a multiple of 128 bytes, so that a number given and none given look the same.
The keys of a group are written before the group is committed: a crash leaves at most keys that nothing uses. Who copied
the folder before an erasure can still read until the epoch closes, and then no more.
"""

import fcntl
import json
import os
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import clock
from ledger.canonical import encode
from ledger.durable import sync_folder
from ledger.errors import CannotRun
from ledger.secrecy import Disclosure, digest
from ledger.vaulting import keyfiles
from ledger.vaulting.epochs import Epoch, EpochClosed, Epochs, Mark, write
from ledger.vaulting.keyfiles import KeyId
from ledger.vaulting.wrapping import KEY_BYTES, NONCE_BYTES, CommandHolder, FileHolder, Holder

PADDED = 128
"""A disclosure is padded to a multiple of so many bytes."""

CHUNKS_KEPT = 64
"""Chunks of keys that a reader keeps opened."""


class Closed(Enum):
    """Why a disclosure cannot be shown."""

    NO_KEY = "its data key is not in the vault: erased, or of another vault"
    CHANGED = "the row was changed: it does not open under its key and digest"


@dataclass(frozen=True, slots=True)
class Locked:
    """A row of `ledger.disclosure`, without its position."""

    digest: str
    key_id: bytes
    nonce: bytes
    ciphertext: bytes


class Vault:
    """An open vault; safe to share between threads, and between processes on one machine."""

    def __init__(self, folder: Path, holder: Holder) -> None:
        self.folder = folder
        self.holder = holder
        self.epochs = Epochs(folder)
        self._keys = folder / "keys"
        self._mutex = RLock()
        self._mine: int | None = None
        self._opened: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()
        self._generation: Mark = (0, 0)

    @classmethod
    def make(cls, folder: Path, log: str, *, command: Sequence[str] = (), kek: Path | None = None) -> "Vault":
        """A new vault for a log, with its first epoch; the one that stands there, if it is of the same log.

        `command` holds the wrapping keys, or else files in `kek` (DIR/kek). Raises CannotRun.
        """
        if (folder / "vault.json").exists():
            return cls.open(folder, log)
        described: dict[str, Any] = {"format": 1, "log": log, "holder": _described(command, kek)}
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            for inner in ("keys", "named"):
                (folder / inner).mkdir(mode=0o700, exist_ok=True)
        except OSError as fault:
            raise CannotRun(f"密钥库 · vault {folder}: {fault.strerror}") from fault
        vault = cls(folder, _holder(folder, described["holder"]))
        if not (folder / "epochs.json").exists():
            first = Epoch(1, clock.stamp(clock.now()))
            vault.holder.make(first.key)
            vault.epochs.begin(first)
        write(folder / "vault.json", encode(described))
        return vault

    @classmethod
    def open(cls, folder: Path, log: str) -> "Vault":
        """The vault in a folder. Raises CannotRun where there is none, others can read it, or it is of another log."""
        try:
            described = json.loads((folder / "vault.json").read_bytes())
            mode = folder.stat().st_mode & 0o077
        except (OSError, ValueError) as fault:
            raise CannotRun(f"{folder}: 这里没有密钥库 · no vault stands here ({type(fault).__name__})") from fault
        if mode:
            raise CannotRun(f"{folder}: 密钥库可被他人读取，请 chmod 700 · others can read the vault; chmod 700")
        if described.get("format") != 1 or described.get("log") != log:
            raise CannotRun(f"{folder}: 这是另一台账的密钥库 · this is the vault of another ledger")
        return cls(folder, _holder(folder, described["holder"]))

    # -- disclosures --

    def lock(self, disclosures: Sequence[Disclosure]) -> list[Locked]:
        """Encrypt disclosures, each under a new key; the keys are on the disk on return.

        The rows come in the order given; which key is whose does not show in the key ids of one event as long as the
        caller sorts them. Raises CannotRun where keys cannot be kept.
        """
        locked: list[Locked] = []
        for begin in range(0, len(disclosures), keyfiles.MOST_KEYS):
            part = disclosures[begin : begin + keyfiles.MOST_KEYS]
            fresh = os.urandom((KEY_BYTES + NONCE_BYTES) * len(part))
            keys = [fresh[at : at + KEY_BYTES] for at in range(0, KEY_BYTES * len(part), KEY_BYTES)]
            nonces = fresh[KEY_BYTES * len(part) :]
            file, offset = self._keep(keys)
            head = KeyId(file, offset, 0).raw()[:-2]
            for number, one in enumerate(part):
                nonce = nonces[NONCE_BYTES * number : NONCE_BYTES * (number + 1)]
                text = one.text.encode("ascii")
                padded = text.ljust(-(-len(text) // PADDED) * PADDED, b"\0")
                sealed = AESGCM(keys[number]).encrypt(nonce, padded, one.digest.encode("ascii"))
                locked.append(Locked(one.digest, head + number.to_bytes(2, "big"), nonce, sealed))
        return locked

    @staticmethod
    def holds(row: Locked) -> bool:
        """Whether a row's key would lie in a vault; what is sealed to keepers has none there."""
        return len(row.key_id) == keyfiles.KEY_ID_BYTES

    def show(self, row: Locked) -> str | Closed:
        """The disclosure of a row, or why it cannot be shown. Raises Broken where a key file was changed."""
        key = self.key(row.key_id)
        if key is None:
            return Closed.NO_KEY
        try:
            padded = AESGCM(key).decrypt(row.nonce, row.ciphertext, row.digest.encode())
            text = padded.rstrip(b"\0").decode("ascii")
        except (InvalidTag, ValueError):
            return Closed.CHANGED
        return text if digest(text) == row.digest else Closed.CHANGED

    def key(self, raw: bytes) -> bytes | None:
        """The living data key with an id. Raises Broken where a key file was changed, CannotRun where none unwraps."""
        key = KeyId.of(raw)
        if key is None:
            return None
        place = (key.file, key.offset)
        with self._mutex:
            if (now := self.epochs.generation()) != self._generation:
                self._opened.clear()
                self._generation = now
            keys = self._opened.get(place)
            if keys is None:
                chunk = keyfiles.read_at(keyfiles.path_of(self._keys, key.file), key.offset)
                if chunk is None:
                    return None
                keys = self._opened[place] = keyfiles.unseal(chunk, place, self._unwrap)
                if len(self._opened) > CHUNKS_KEPT:
                    self._opened.popitem(last=False)
        return keys[key.number] if key.number < len(keys) and keys[key.number] != keyfiles.ERASED else None

    def neighbours(self, raw: bytes) -> Iterator[bytes]:
        """The ids of the living keys that were made together with one."""
        key = KeyId.of(raw)
        if key is not None and self.key(raw[:-2] + bytes(2)) is not None:
            for number in range(len(self._opened[key.file, key.offset])):
                yield KeyId(key.file, key.offset, number).raw()

    def erase(self, key_ids: Collection[bytes]) -> int:
        """Delete data keys for ever; returns how many there were still. Said again, it completes what a crash cut off.

        Raises CannotRun, or Broken where a key file was changed.
        """
        wanted: dict[int, set[tuple[int, int]]] = {}
        for raw in key_ids:
            key = KeyId.of(raw)
            if key is not None and self.key(raw) is not None:
                wanted.setdefault(key.file, set()).add((key.offset, key.number))
        with self._alone():
            for file, erased in sorted(wanted.items()):
                self._write_anew(file, erased)
            count = sum(map(len, wanted.values()))
            self.epochs.tell_erased(self.epochs.erased() + count)
        return count

    # -- epochs --

    def turn(self, present: datetime) -> EpochClosed:
        """End the open epoch: wrap what lives under a new key, destroy the old one.

        After a crash said again it goes on where it was. Raises CannotRun or Broken; the old key lives until all is
        wrapped.
        """
        with self._alone():
            if self.epochs.closing() is None:
                fresh = Epoch(self.epochs.open().number + 1, clock.stamp(present))
                self.holder.destroy(fresh.key)  # of a turn cut off before this: it wrapped nothing yet
                self.holder.make(fresh.key)
                self.epochs.begin(fresh)
            old, new = self.epochs.all()[-2:]
            living = sum(self._write_anew(number, set()) for number in keyfiles.numbers(self._keys))
            for path in sorted((self.folder / "named").iterdir()):
                self._write_named(path, self._read_named(path))
            erased = self.epochs.erased()
            self.holder.destroy(old.key)
            closed = EpochClosed(old, new.began, living, erased)
            self.epochs.close(closed)
        return closed

    # -- single secrets by name --

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret of 32 bytes under a name, durably; what stood there is overwritten."""
        with self._alone():
            self._write_named(self._named(name), secret)

    def get(self, name: str) -> bytes | None:
        """The secret under a name; None where there is none."""
        path = self._named(name)
        return self._read_named(path) if path.exists() else None

    def forget(self, name: str) -> None:
        """Delete the secret under a name."""
        with self._alone():
            self._named(name).unlink(missing_ok=True)
            sync_folder(self.folder / "named")

    # -- inside --

    def _keep(self, keys: Sequence[bytes]) -> tuple[int, int]:
        """Write keys into this process's own file; where they lie."""
        try:
            with self._alone():
                if self._mine is None or self._size(self._mine) >= keyfiles.MOST_BYTES:
                    self._mine = keyfiles.begin(self._keys)
                place = (self._mine, self._size(self._mine))
                keyfiles.append(keyfiles.path_of(self._keys, self._mine), keyfiles.seal(keys, place, self._wrap))
                return place
        except OSError as fault:
            raise CannotRun(f"密钥库写不进去 · the vault cannot be written: {fault.strerror}") from fault

    def _write_anew(self, number: int, erased: set[tuple[int, int]]) -> int:
        path = keyfiles.path_of(self._keys, number)
        try:
            return keyfiles.write_anew(path, number, self._unwrap, self._wrap, erased)
        except OSError as fault:
            raise CannotRun(f"密钥库写不进去 · the vault cannot be written: {path}: {fault.strerror}") from fault

    def _wrap(self, key: bytes) -> tuple[int, bytes, int]:
        epoch = self.epochs.open()
        return epoch.number, self.holder.wrap(epoch.key, key), self.holder.slot

    def _unwrap(self, epoch: int, wrapped: bytes) -> bytes:
        return self.holder.unwrap(Epoch(epoch, "").key, wrapped)

    def _size(self, number: int) -> int:
        return keyfiles.path_of(self._keys, number).stat().st_size

    def _named(self, name: str) -> Path:
        return self.folder / "named" / sha256(name.encode()).hexdigest()

    def _write_named(self, path: Path, secret: bytes) -> None:
        epoch, wrapped, _ = self._wrap(secret)
        write(path, epoch.to_bytes(4, "big") + wrapped)

    def _read_named(self, path: Path) -> bytes:
        raw = path.read_bytes()
        return self._unwrap(int.from_bytes(raw[:4], "big"), raw[4:])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes in the vault meanwhile, on this machine."""
        with self._mutex, (self.folder / "lock").open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def _described(command: Sequence[str], kek: Path | None) -> dict[str, Any]:
    if command:
        return {"kind": "command", "command": list(command)}
    return {"kind": "file", "folder": str(kek.absolute()) if kek is not None else "kek"}


def _holder(folder: Path, described: dict[str, Any]) -> Holder:
    match described.get("kind"):
        case "file":
            return FileHolder(folder / described["folder"])
        case "command":
            return CommandHolder(described["command"])
        case _:
            raise CannotRun(f"{folder}: 不认识的包装密钥保管方式 · unknown holder of wrapping keys")
