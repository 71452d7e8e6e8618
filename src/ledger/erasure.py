"""Erasing what was disclosed: a manifest of digests, two approvals, an event; then the keys are deleted for ever.

    manifest = Manifest.of(digests)             # sorted, one a line
    manifest.sha256, len(manifest)              # what `ledger.payload-shredded` carries
    read(raw)                                   # a manifest again, strictly

The entries stay as they are, and so does every proof: an entry holds digests only. What a digest was of can no longer
be told by anybody, as soon as the epoch of the vault closes in which its key was deleted. A digest in a manifest whose
hash and count stand in the log reads *erased by #n*; one that cannot be shown and stands in none is *missing*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from ledger.errors import Malformed, Problem
from ledger.secrecy import is_digest

TYPE = "ledger.payload-shredded.v1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The digests of an erasure, ascending, each once."""

    digests: tuple[str, ...]

    @classmethod
    def of(cls, digests: Iterable[str]) -> "Manifest":
        """A manifest of some digests, in any order. Raises Malformed where one is none, or there are none at all."""
        return read("".join(f"{one}\n" for one in sorted(set(digests))).encode())

    @property
    def raw(self) -> bytes:
        """Its bytes: what is hashed and approved."""
        return "".join(f"{one}\n" for one in self.digests).encode()

    @property
    def sha256(self) -> str:
        """Lower-case hex."""
        return sha256(self.raw).hexdigest()

    def __len__(self) -> int:
        return len(self.digests)

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)


def read(raw: bytes) -> Manifest:
    """The manifest that `raw` is. Raises Malformed where it is not digests, ascending, one a line and each once."""
    lines = raw.decode("ascii", "replace").split("\n")
    digests = tuple(lines[:-1])
    if lines[-1] or not digests or list(digests) != sorted(set(digests)) or not all(map(is_digest, digests)):
        zh = "清单应为摘要，每行一个，升序，不重复，以换行结尾。"
        en = "A manifest is digests, one a line, ascending, each once, the last line ended as well."
        raise Malformed(problems=(Problem("/manifest", "manifest", zh, en),))
    return Manifest(digests)
