"""Evidence bundles: everything about one tag, provable without the log, its operator or a network.

    files = build(tag, entries, proofs, checkpoint, policy, statements=…)      # {name: bytes}
    pack(files)                                                                # the same as a zip, byte for byte

What a bundle holds, and how it is checked, says `schemas/formats/bundle.md`. `build` hands out nothing that its own
verifier would refuse. It reads no file: entries and proofs come from the log, checkpoint and statements from whoever
signed them, the verifiers from `ledger.proofs.offline`.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.proofs import offline
from ledger.proofs.failures import ProofError
from ledger.proofs.offline import verify
from ledger.proofs.report import report

FIRST_LINE = "sunledger/bundle/v1"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip, so that the same bundle is always the same bytes."""

EXECUTABLE = ("recipe.sh", "verify.py")
"""The files that can be run as they are."""

_NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class NotProvable(ProofError):
    """证据包不能成立。 · The bundle would not hold."""

    code = "not-provable"

    def __init__(self, step: str = "", detail: str = "") -> None:
        """`step` is the code of the verifier's step that fails (`verify.SENTENCES`)."""
        self.step = step
        super().__init__(f"({step}: {' · '.join([*verify.SENTENCES[step], detail])})" if step else "")


@dataclass(frozen=True, slots=True)
class Proof:
    """The place of one entry: leaf index from 0, and the RFC 6962 path, the leaf's sibling first."""

    index: int
    path: tuple[bytes, ...]

    @property
    def line(self) -> str:
        """The line of `proofs`: index and hashes in hex."""
        return " ".join([str(self.index), *(hash_.hex() for hash_ in self.path)])


def build(
    tag: str,
    entries: Sequence[bytes],
    proofs: Sequence[Proof],
    checkpoint: str,
    policy: str,
    *,
    statements: Sequence[str] = (),
    readers: str = "",
    known: int | None = None,
    disclosures: Sequence[tuple[int, str]] = (),
    rules: Mapping[str, bytes] | None = None,
    titles: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """The files of a bundle, by name.

    entries      the exact bytes of all entries of `tag` up to the checkpoint's size, in order; `proofs` beside them
    statements   tag-head statements at the checkpoint's size; `readers`: the file that names their keys
    known        the position up to which the holder asks what was known; None: all
    disclosures  (position, disclosure) of members that entries hide and the holder may see
    rules        texts to lay beside, by file name; `titles`: event types in words, for the report

    Raises NotProvable where its verifier would refuse it, ValueError for a file name that cannot be.
    """
    origin, size, *_ = [*checkpoint.split("\n"), "", ""]
    head = f"{FIRST_LINE}\n{origin}\n{tag}\n{size if known is None else known}\n"
    files = {
        "bundle": head.encode(),
        "policy": policy.encode(),
        "readers": (readers or "# 无 · none\n").encode(),
        "checkpoint": checkpoint.encode(),
        "entries": b"".join(entry + b"\n" for entry in entries),
        "proofs": "".join(f"{proof.line}\n" for proof in proofs).encode(),
    }
    files.update({f"statements/{number}": text.encode() for number, text in enumerate(statements, 1)})
    if disclosures:
        files[verify.OPTIONAL] = "".join(f"{position} {text}\n" for position, text in disclosures).encode()
    found = verify.check(files)
    if found.refused is not None:
        raise NotProvable(found.refused.code, found.refused.detail)
    for name, text in (rules or {}).items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"no file name: {name}")
        files[f"rules/{name}"] = text
    return {**files, "report.html": report(found, titles or {}), **offline.texts()}


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files: sorted, stored, of one time, so that the same files are always the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.create_system = 3
            info.external_attr = (0o755 if name in EXECUTABLE else 0o644) << 16
            archive.writestr(info, files[name])
    return packed.getvalue()
