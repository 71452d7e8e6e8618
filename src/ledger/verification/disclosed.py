"""The rows of `ledger.disclosure`: each digest of an entry has one or is erased; and with the vault, what it opens to.

Digest and position of a row are what the entries demand, and compared like any other table (`verification.twins`). The
other three columns nobody demands: with the vault they must open to the disclosure whose digest it is. Where they do
not, the ciphers tell which column was changed: another key of the same chunk that opens the row was its key; two rows
that open with one value exchanged were swapped; what is almost text when deciphered unchecked has a changed ciphertext;
else the nonce was changed.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from ledger.errors import LedgerError
from ledger.store.suspect import fields, row_of
from ledger.vault import Closed, Locked, Vault
from ledger.vaulting.wrapping import NONCE_BYTES
from ledger.verification.faults import MOST, Blame
from ledger.verification.verdict import Kind

_TABLE = "disclosure"
_TAG_BYTES = 16
_TEXT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_\0")


@dataclass(frozen=True, slots=True)
class Unopened:
    """A row that did not open, and why."""

    row: Locked
    position: int
    why: Closed


class Disclosed:
    """Reads the rows on their way to the comparison, and tries what they open to.

    `checked` counts them: open, not checked (no vault here, or none of its keys), erased. `claimed` says of each digest
    in a manifest the manifest's hash; which of these stand in the log is known when all entries are read.
    """

    def __init__(self, take: Callable[[int], list[bytes]], vault: Vault | None, claimed: Mapping[str, str]) -> None:
        self._take = take
        self._vault = vault
        self._claimed = claimed
        self._candidates: list[tuple[Locked, int, str | Closed | None]] = []
        self._unopened: list[Unopened] = []
        self.checked: Counter[str] = Counter()

    def take(self, count: int) -> list[bytes]:
        """The next rows, cut down to digest and position."""
        return [self._look(row) for row in self._take(count)]

    def blames(self, erased: Mapping[str, int]) -> list[Blame]:
        """What did not open, by position; to be asked once, when all rows are read.

        erased: position of the erasure of each manifest that stands in the log, by its hash.
        """
        found = []
        for row, position, shown in self._candidates:
            by = erased.get(self._claimed[row.digest])
            if by is None:
                self._count(row, position, shown)
                continue
            self.checked["erased"] += 1
            if isinstance(shown, str):
                found.append(_not_carried_out(position, by))
        found += [self._blame(one) for one in self._unopened]
        return sorted(found, key=lambda blame: blame.position)[:MOST]

    def _look(self, raw: bytes) -> bytes:
        digest, place, key_id, nonce, ciphertext = (value or b"" for value in fields(raw, 5))
        row = Locked(digest.decode("utf-8", "replace"), key_id, nonce, ciphertext)
        position = int.from_bytes(place, "big", signed=True)
        shown = self._shown(row)
        if row.digest in self._claimed:
            self._candidates.append((row, position, shown))
        else:
            self._count(row, position, shown)
        return row_of((digest, place))

    def _count(self, row: Locked, position: int, shown: str | Closed | None) -> None:
        if shown is None:
            self.checked["not-checked"] += 1
        elif isinstance(shown, str):
            self.checked["open"] += 1
        elif len(self._unopened) < MOST:
            self._unopened.append(Unopened(row, position, shown))

    def _shown(self, row: Locked) -> str | Closed | None:
        """What a row opens to; None where that cannot be asked."""
        if self._vault is None or not Vault.holds(row):
            return None
        try:
            return self._vault.show(row)
        except LedgerError:
            return Closed.NO_KEY

    def _blame(self, one: Unopened) -> Blame:
        if one.why is Closed.NO_KEY:
            zh, en = "密钥库中没有它的密钥，也没有销毁记录。", "The vault has no key for it, and no erasure says so."
            return Blame(_TABLE, "key_id", one.position, Kind.MISSING, zh, en)
        zh, en = "该行不能打开为其摘要所指的内容。", "It does not open to what its digest is of."
        column, kind = self._swapped(one) or (self._changed(one.row), Kind.CHANGED)
        return Blame(_TABLE, column, one.position, kind, zh, en)

    def _opens(self, row: Locked) -> bool:
        return isinstance(self._shown(row), str)

    def _swapped(self, one: Unopened) -> tuple[str, Kind] | None:
        """The column in which this row and another that does not open hold each other's value."""
        for other in self._unopened:
            if other is one:
                continue
            if self._opens(replace(one.row, key_id=other.row.key_id)):
                return "key_id", Kind.SWAPPED
            if self._opens(replace(one.row, nonce=other.row.nonce)):
                return "nonce", Kind.SWAPPED
            if self._opens(replace(one.row, ciphertext=other.row.ciphertext)):
                return "ciphertext", Kind.SWAPPED
        return None

    def _changed(self, row: Locked) -> str:
        if len(row.nonce) != NONCE_BYTES:
            return "nonce"
        if self._vault is None or self._almost_text(row):
            return "ciphertext"
        others = islice(self._vault.neighbours(row.key_id), 2**16)
        return "key_id" if any(self._opens(replace(row, key_id=other)) for other in others) else "nonce"

    def _almost_text(self, row: Locked) -> bool:
        """Deciphered without its check, most of it is a disclosure: then the ciphertext alone was changed."""
        key = self._vault.key(row.key_id) if self._vault is not None else None
        if key is None:
            return False
        first = Cipher(AES(key), CTR(row.nonce + b"\0\0\0\2")).decryptor()  # GCM counts from 2 for the text
        text = first.update(row.ciphertext[:-_TAG_BYTES])
        return sum(byte in _TEXT for byte in text) * 4 >= len(text) * 3


def _not_carried_out(position: int, by: int) -> Blame:
    return Blame(
        _TABLE,
        "key_id",
        position,
        Kind.UNERASED,
        f"第 {by} 条销毁了它，而密钥仍在密钥库中。",
        f"Entry {by} erased it, and its key is still in the vault.",
    )
