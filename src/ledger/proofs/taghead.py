"""Tag-head statements: "in the log of this size, the history of this tag ends with this entry".

    sunledger/tag-head/v1
    example.com/log/testdata                         origin
    3                                                size
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=     root
    lot:A01-1                                        tag
    2                                                ordinal of the tag's last entry; 0 = the tag never occurred
    qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU=     leaf hash of that entry; 32 zero bytes with ordinal 0

    — PeterNeumann x08goyxqjD8lR0Gr303x76PQTvV7nCsHt1Mmk6X6TaE627rpBV3HAecByiOkcJ7/2H09PuR0yecd1VFRWSZlTH22XwY=

A signed note of seven lines, nothing behind the values. It cannot be mistaken for a checkpoint, whose second line is a
number. It is signed by a key of its own, named `<origin>/heads` for the log's signer, or by a mirror, and **only by a
program that has itself read, hashed and link-checked every entry up to that size**, never from a table of tags.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.proofs.failures import Unreadable
from ledger.proofs.keys import NOTE, Signer, VerifierKey
from ledger.proofs.note import Good, Note
from ledger.proofs.note import sign as sign_note
from ledger.proofs.text import MAX_NUMBER, base64, decimal, unbase64

FIRST_LINE = "sunledger/tag-head/v1"
NEVER = bytes(32)
"""The last leaf hash of a tag that never occurred."""

_TAG = re.compile(r"[!-~]{1,128}")
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class TagHead:
    """Where the history of one tag ends, in the log of one size. By itself a claim; `verify` tells whose."""

    origin: str
    size: int
    root: bytes
    tag: str
    ordinal: int
    leaf: bytes

    def __post_init__(self) -> None:
        if (fault := _fault(self)) is not None:
            raise ValueError(f"no tag head: {fault}")

    @property
    def text(self) -> str:
        """The seven lines that are signed."""
        root, leaf = base64(self.root), base64(self.leaf)
        return f"{FIRST_LINE}\n{self.origin}\n{self.size}\n{root}\n{self.tag}\n{self.ordinal}\n{leaf}\n"

    @classmethod
    def parse(cls, text: str) -> "TagHead":
        """The statement of a note's text. Raises Unreadable."""
        lines = text.split("\n")
        if len(lines) != 8 or lines[0] != FIRST_LINE or lines[7]:
            raise Unreadable(f"(tag head: wanted are seven lines, the first {FIRST_LINE})")
        size, ordinal = decimal(lines[2], "size"), decimal(lines[5], "ordinal")
        root, leaf = unbase64(lines[3], "root", 32), unbase64(lines[6], "leaf hash", 32)
        try:
            return cls(lines[1], size, root, lines[4], ordinal, leaf)
        except ValueError as fault:
            raise Unreadable(f"({fault})") from fault


def sign(head: TagHead, *signers: Signer) -> str:
    """The signed note. Raises ValueError for a witness's key: that one signs checkpoints only."""
    if any(signer.vkey.kind != NOTE for signer in signers):
        raise ValueError("a tag head is signed by a key of kind 0x01")
    return sign_note(head.text, *signers)


def verify(raw: bytes | str | Note, keys: Iterable[VerifierKey]) -> tuple[TagHead, tuple[Good, ...]]:
    """The statement, and who of `keys` has signed it. Raises Unreadable, BadSignature or Unsigned.

    What the caller still owes: to compare origin, size and root with a checkpoint, and to say whether the signer is the
    operator (its word) or somebody who has read the log.
    """
    note = raw if isinstance(raw, Note) else Note.parse(raw)
    head = TagHead.parse(note.text)
    return head, note.verify(key for key in keys if key.kind == NOTE)


def _fault(head: TagHead) -> str | None:
    if not head.origin or "\n" in head.origin or _NUMBER.fullmatch(head.origin):
        return "the origin is one line and no number"
    if not 0 <= head.ordinal <= head.size <= MAX_NUMBER:
        return "the ordinal is not above the size"
    if len(head.root) != 32 or len(head.leaf) != 32:
        return "root and leaf hash are 32 bytes"
    if not _TAG.fullmatch(head.tag):
        return "a tag is 1 to 128 printable ASCII characters without blanks"
    if (head.ordinal == 0) != (head.leaf == NEVER):
        return "ordinal 0 goes with 32 zero bytes, and only that"
    return None
