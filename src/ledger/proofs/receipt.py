"""Receipts: an entry's place in a log, to be kept by whoever posted it and checked without us (C2SP tlog-proof).

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry>                    may be absent
    index <position - 1>
    <base64 hash>                                  RFC 6962 path, the leaf's sibling first; none for the only entry
    …
                                                   an empty line, then the checkpoint as the log published it
    <origin>
    <size>
    <base64 root>

    — <origin> <signature>
    — <witness> <cosignature>

`extra` is not signed, and need not be: its hash either is the leaf that the path leads up from, or the receipt fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.proofs import check as proof
from ledger.proofs import note
from ledger.proofs.checkpoint import Signed
from ledger.proofs.failures import ProofFailed, Unreadable
from ledger.proofs.policy import Policy
from ledger.proofs.text import MAX_NUMBER, base64, decimal, unbase64, utf8
from ledger.proofs.tree import leaf_hash

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
"""A path in a log of up to 2^63-1 entries is not longer."""

MAX_BYTES = 2 * note.MAX_BYTES
"""Bytes a receipt may have."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Leaf index from 0, path of 32-byte hashes, the checkpoint's note in full, the entry's bytes if carried."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        hashes_fit = len(self.path) <= MAX_HASHES and all(len(hash_) == 32 for hash_ in self.path)
        if not 0 <= self.index <= MAX_NUMBER or not hashes_fit:
            raise ValueError(f"a receipt has an index and at most {MAX_HASHES} hashes of 32 bytes")

    @property
    def text(self) -> str:
        """The receipt as it is sent and kept, in a file named `….tlog-proof`."""
        extra = [] if self.extra is None else [f"extra {base64(self.extra)}"]
        lines = [FIRST_LINE, *extra, f"index {self.index}", *map(base64, self.path)]
        return "\n".join(lines) + "\n\n" + self.note

    @classmethod
    def parse(cls, raw: bytes | str) -> "Receipt":
        """The parts of a receipt, none of them checked. Raises Unreadable."""
        head, empty, checkpoint = utf8(raw, "receipt", MAX_BYTES).partition("\n\n")
        first, *lines = head.split("\n")
        if first != FIRST_LINE or not empty:
            raise Unreadable(f'(receipt: it begins with "{FIRST_LINE}" and has an empty line before the checkpoint)')
        extra = None
        if lines and lines[0].startswith("extra "):
            extra, *lines = unbase64(lines[0][6:], "extra"), *lines[1:]
        if not lines or not lines[0].startswith("index "):
            raise Unreadable("(receipt: no index)")
        index, *hashes = lines
        if len(hashes) > MAX_HASHES:
            raise Unreadable(f"(receipt: over {MAX_HASHES} hashes)")
        path = tuple(unbase64(line, "hash", 32) for line in hashes)
        return cls(decimal(index[6:], "index"), path, checkpoint, extra)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a good receipt proves: these bytes are entry `position` (from 1) of the log of `signed.checkpoint`."""

    entry: bytes
    position: int
    signed: Signed


def check(receipt: Receipt, policy: Policy, entry: bytes | None = None) -> Checked:
    """Whether the entry is in a log that the policy trusts.

    1. The entry is what the caller kept, or what the receipt carries; where there are both, they are the same bytes.
    2. The checkpoint is signed by a log of the policy, and no known signature on it is wrong.
    3. Enough witnesses have cosigned it.
    4. leaf_hash(entry) is leaf `index` of the tree under the checkpoint's root.

    Raises Unreadable, Unsigned, BadSignature, QuorumMissed, ProofFailed; ValueError if there is no entry at all.
    What the caller still owes: to compare the entry with what was sent, and its `position` with the one here.
    """
    held = receipt.extra if entry is None else entry
    if held is None:
        raise ValueError("neither the caller nor the receipt has the entry")
    signed = policy.verify(receipt.note)
    checkpoint = signed.checkpoint
    if receipt.extra is not None and receipt.extra != held:
        raise ProofFailed(checkpoint.root)
    proof.inclusion(leaf_hash(held), receipt.index, checkpoint.size, receipt.path, checkpoint.root)
    return Checked(held, receipt.index + 1, signed)


def make(position: int, path: Sequence[bytes], checkpoint: str, entry: bytes | None = None) -> Receipt:
    """The receipt of the entry at `position` (from 1), with a checkpoint's note in full."""
    return Receipt(position - 1, tuple(path), checkpoint, entry)
