"""Signed notes: text that a person can read, and who stands for it (C2SP signed-note v1.0.0).

    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

    note  = <text, ending in \\n> ‖ \\n ‖ one or more signature lines
    line  = "— " ‖ <key name> ‖ " " ‖ base64(key id, 4 bytes ‖ body) ‖ \\n

The text ends at the *last* empty line, so it may hold empty lines itself. A note that was only parsed means nothing
yet: its text must not be used before `verify` has returned.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.proofs.failures import BadSignature, Unreadable, Unsigned
from ledger.proofs.keys import Signer, VerifierKey, good_name, signed_message
from ledger.proofs.text import base64, unbase64, utf8

MAX_BYTES = 1_000_000
"""Bytes a note may have."""

MAX_SIGNATURES = 100
"""Signature lines a note may have. Sixteen must be accepted by every implementation."""

PREFIX = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the name of the key, its id (4 bytes) and the signature's body."""

    name: str
    id: bytes
    body: bytes

    @property
    def line(self) -> str:
        """The line, with its line end."""
        return f"{PREFIX}{self.name} {base64(self.id + self.body)}\n"


@dataclass(frozen=True, slots=True)
class Good:
    """A signature that was checked: whose, and for a cosignature when (POSIX seconds)."""

    key: VerifierKey
    at: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, none of them checked."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def full(self) -> str:
        """The note as it is sent."""
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}"

    @classmethod
    def parse(cls, raw: bytes | str) -> "Note":
        """Text and signature lines. Raises Unreadable."""
        whole = _plain(raw, "note")
        text, empty, lines = whole.rpartition("\n\n")
        if not empty:
            raise Unreadable("(note: no empty line before the signatures)")
        return cls(text + "\n", parse_lines(lines))

    def verify(self, keys: Iterable[VerifierKey]) -> tuple[Good, ...]:
        """Every signature by a key of `keys`, in the order of the lines.

        Signatures by other keys are ignored, also those that share only the name or only the id with one of `keys`.
        Raises BadSignature if one by a known key is wrong, Unsigned if there is none by a known key; ValueError if two
        different keys of `keys` share name and id.
        """
        known: dict[tuple[str, bytes], VerifierKey] = {}
        for key in keys:
            if known.setdefault((key.name, key.id), key) != key:
                raise ValueError(f"two keys are named {key.name}+{key.id.hex()}")
        signed = [(known.get((each.name, each.id)), each.body) for each in self.signatures]
        good = tuple(Good(key, key.check(self.text, body)) for key, body in signed if key)
        if not good:
            raise Unsigned
        return good


def parse_lines(raw: bytes | str) -> tuple[Signature, ...]:
    """Signature lines alone, as a witness answers. Raises Unreadable."""
    lines = _plain(raw, "signature lines")
    if not lines.endswith("\n") or lines.count("\n") > MAX_SIGNATURES:
        raise Unreadable(f"(note: wanted are 1 to {MAX_SIGNATURES} signature lines, each ended)")
    return tuple(_parse_line(line) for line in lines[:-1].split("\n"))


def sign(text: str, *signers: Signer) -> str:
    """The note: `text` and a signature line by each of `signers`, in order.

    Raises ValueError for a text that cannot be a note's, and for no or too many signers.
    """
    if not 0 < len(signers) <= MAX_SIGNATURES or not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError(f"a note is plain text that ends its last line, with 1 to {MAX_SIGNATURES} signatures")
    return Note(text, tuple(signature(text, signer) for signer in signers)).full


def signature(text: str, signer: Signer, at: int | None = None) -> Signature:
    """One signature over `text`; `at` in POSIX seconds for a cosignature.

    What the signer returned is checked: a broken token must not reach the world. Raises ValueError if it is wrong.
    """
    key, message = signer.vkey, signed_message(signer.vkey.kind, text, at)
    body = (b"" if at is None else at.to_bytes(8, "big")) + signer.sign(message)
    try:
        key.check(text, body)
    except BadSignature as fault:
        raise ValueError(f"the signer of {key.name} returned what its own key refuses") from fault
    return Signature(key.name, key.id, body)


def _plain(raw: bytes | str, what: str) -> str:
    text = utf8(raw, what, MAX_BYTES)
    if _CONTROL.search(text):
        raise Unreadable(f"({what}: a control character)")
    return text


def _parse_line(line: str) -> Signature:
    name, _, encoded = line.removeprefix(PREFIX).partition(" ")
    if not line.startswith(PREFIX) or not good_name(name):
        raise Unreadable('(note: a signature line is "— name base64")')
    value = unbase64(encoded, "signature")
    if len(value) < 5:
        raise Unreadable("(note: a signature is a key id of 4 bytes and a body)")
    return Signature(name, value[:4], value[4:])
