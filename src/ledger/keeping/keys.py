"""Data keys of documents: one for each stored content, in the vault, gone when the content must be gone.

    keys.make()            "5b0c…", 32 bytes     durable when it returns
    keys.open("5b0c…")     the 32 bytes again    raises KeyGone where there is none
    keys.destroy("5b0c…")  nobody opens that content again, whatever backups of it there are

`DataKeys` is all that the store asks for; `VaultKeys` keeps them in `ledger.vault` as secrets by name, wrapped by the
key of the epoch like every other. So a key that was destroyed is gone for good when its epoch has closed.
"""

import secrets
from typing import Protocol

from ledger.errors import CannotRun, LedgerError
from ledger.vault import Vault

KEY_BYTES = 32
_NAME_BYTES = 16
_PREFIX = "document:"


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


class VaultKeys:
    """Data keys in a vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def make(self) -> tuple[str, bytes]:
        """See `DataKeys.make`."""
        name, key = secrets.token_hex(_NAME_BYTES), secrets.token_bytes(KEY_BYTES)
        self._vault.put(f"{_PREFIX}{name}", key)
        return name, key

    def open(self, name: str) -> bytes:
        """See `DataKeys.open`."""
        try:
            key = self._vault.get(f"{_PREFIX}{name}")
        except CannotRun as spoilt:
            raise KeyGone(f"({spoilt.detail})") from spoilt
        if key is None:
            raise KeyGone()
        return key

    def destroy(self, name: str) -> None:
        """See `DataKeys.destroy`."""
        self._vault.forget(f"{_PREFIX}{name}")
