"""Data keys of documents: one for each stored content, never beside the content, gone when the content must be gone.

    keys.make()            "5b0c…", 32 bytes     durable when it returns
    keys.open("5b0c…")     the 32 bytes again    raises KeyGone where there is none
    keys.destroy("5b0c…")  nobody opens that content again, whatever backups of it there are

`DataKeys` is all that the store asks for. `FolderKeys` keeps each key in a file of its own, wrapped by the
key-encryption key (AES-256-GCM, the key's name as associated data); that one lies in another file, which belongs on
another disk. Its backups are not those of the documents: else a destroyed key would come back with them.
"""

import os
import secrets
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.durable import remove, write_once
from ledger.errors import CannotRun, LedgerError

KEY_BYTES = 32
NONCE_BYTES = 12
_NAME_BYTES = 16


class KeyGone(LedgerError):
    """没有这份内容的密钥，无法打开。 · There is no key for this content; it cannot be opened."""

    code = "key-gone"


class DataKeys(Protocol):
    """Makes, opens and destroys data keys by name."""

    def make(self) -> tuple[str, bytes]:
        """A new key of 32 bytes and its name; durable when it returns."""
        ...

    def open(self, name: str) -> bytes:
        """The key of that name. Raises KeyGone where there is none, or it cannot be unwrapped."""
        ...

    def destroy(self, name: str) -> None:
        """Take the key away for ever; nothing where it is gone already."""
        ...


class FolderKeys:
    """Keys in `folder`, wrapped by the key that lies in the file `outer`; both are made where they are not there."""

    def __init__(self, folder: Path, outer: Path) -> None:
        self._folder = folder
        if not outer.exists():
            if folder.is_dir() and any(folder.iterdir()):
                raise CannotRun(f"密钥加密密钥不在 · the key-encryption key is not there: {outer}")
            write_once(outer, secrets.token_bytes(KEY_BYTES))
        wrapping = outer.read_bytes()
        if len(wrapping) != KEY_BYTES:
            raise CannotRun(f"密钥加密密钥应为 32 字节 · a key-encryption key has 32 bytes: {outer}")
        self._wrapping = AESGCM(wrapping)

    def make(self) -> tuple[str, bytes]:
        """See `DataKeys.make`."""
        name, key, nonce = secrets.token_hex(_NAME_BYTES), secrets.token_bytes(KEY_BYTES), os.urandom(NONCE_BYTES)
        write_once(self._folder / name, nonce + self._wrapping.encrypt(nonce, key, name.encode()))
        return name, key

    def open(self, name: str) -> bytes:
        """See `DataKeys.open`."""
        try:
            raw = (self._folder / name).read_bytes()
            return self._wrapping.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], name.encode())
        except (FileNotFoundError, InvalidTag, ValueError) as gone:
            raise KeyGone() from gone

    def destroy(self, name: str) -> None:
        """See `DataKeys.destroy`."""
        remove(self._folder / name)
