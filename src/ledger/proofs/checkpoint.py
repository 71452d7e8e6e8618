"""Checkpoints: "at this size the log has this root", signed by the log, cosigned by witnesses.

    example.com/log/testdata
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

    — example.com/log/testdata M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+H…

    text = <origin>\\n<size>\\n<base64 root>\\n   (C2SP tlog-checkpoint v1.0.0; no extension lines)

The origin is the log's name, an address without scheme; the log's key bears the same name. A cosignature is one more
signature line, by a key of kind 0x04, with the time at which the witness saw that the log had only grown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.proofs.failures import Unreadable, Unsigned
from ledger.proofs.keys import COSIGNATURE, NOTE, Signer, VerifierKey
from ledger.proofs.note import Good, Note, Signature, signature
from ledger.proofs.note import sign as sign_note
from ledger.proofs.text import MAX_NUMBER, base64, decimal, unbase64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, number of entries, Merkle root (32 bytes). By itself it is a claim; `verify` tells who stands for it."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or not 0 <= self.size <= MAX_NUMBER or len(self.root) != 32:
            raise ValueError("a checkpoint has an origin of one line, a size up to 2^63-1 and a root of 32 bytes")

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint of a note's text. Raises Unreadable; an extension line too is refused."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise Unreadable("(checkpoint: wanted are three lines, origin, size and root)")
        return cls(lines[0], decimal(lines[1], "size"), unbase64(lines[2], "root", 32))


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint whose signatures were checked.

    log        the log's own signatures, one at least
    cosigned   those of the witnesses that were known; each `at` is set. May be empty: who is enough, a policy says
    """

    checkpoint: Checkpoint
    note: Note
    log: tuple[Good, ...]
    cosigned: tuple[Good, ...]


def sign(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The signed note, by the log's key, or by the old and the new one while a key is changed.

    A log must never sign two checkpoints of which one is not the beginning of the other. Nothing here can know; whoever
    calls this remembers the last one. Raises ValueError for a key of another name or kind.
    """
    for signer in signers:
        if signer.vkey.name != checkpoint.origin or signer.vkey.kind != NOTE:
            raise ValueError(f"a checkpoint of {checkpoint.origin} is not signed by {signer.vkey.text}")
    return sign_note(checkpoint.text, *signers)


def cosign(checkpoint: Checkpoint, signer: Signer, at: int) -> Signature:
    """A witness's signature line, as of `at` (POSIX seconds). The witness has checked consistency before."""
    if signer.vkey.kind != COSIGNATURE:
        raise ValueError(f"{signer.vkey.name} is no witness's key")
    return signature(checkpoint.text, signer, at)


def verify(raw: bytes | str | Note, logs: Iterable[VerifierKey], witnesses: Iterable[VerifierKey] = ()) -> Signed:
    """The checkpoint of a signed note, if a key of the log that it names has signed it.

    1. The note and its three lines can be read.
    2. Of `logs`, only keys named like the origin count.
    3. No signature by one of these keys or of `witnesses` is wrong, and one of the log's is there.

    Raises Unreadable, BadSignature or Unsigned.
    """
    note = raw if isinstance(raw, Note) else Note.parse(raw)
    checkpoint = Checkpoint.parse(note.text)
    own = [key for key in logs if key.name == checkpoint.origin]
    seen = list(witnesses)
    if any(key.kind != NOTE for key in own) or any(key.kind != COSIGNATURE for key in seen):
        raise ValueError("a log signs with a key of kind 0x01, a witness with one of kind 0x04")
    good = note.verify([*own, *seen])
    log = tuple(each for each in good if each.key.kind == NOTE)
    if not log:
        raise Unsigned(f"({checkpoint.origin})")
    return Signed(checkpoint, note, log, tuple(each for each in good if each.key.kind == COSIGNATURE))
