"""What others hold of a log, for `verify` to compare with: checkpoints and receipts kept in files, and witnesses asked.

A record is a size and a root. One that a stranger made up can only accuse: it agrees with the log or it does not. So a
file may come from anywhere; with a policy it must also bear the signatures that the policy wants.
"""

from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import orjson

from ledger.errors import CannotRun
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import ProofError
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import FIRST_LINE, Receipt
from ledger.verification.outside import Record

ANSWER_SECONDS = 10.0
MOST_BYTES = 1_000_000


def kept(files: Sequence[Path], origin: str, policy: Policy | None = None) -> list[Record]:
    """The records of checkpoints (as `GET /checkpoint` gives them) and receipts in files.

    Raises CannotRun, naming the file, where one is neither, is of another log, or does not meet the policy.
    """
    return [_kept(file, origin, policy) for file in files]


def witnessed(urls: Sequence[str], origin: str) -> list[Record]:
    """What witnesses say they cosigned last of this log. Raises CannotRun where one does not answer or know it."""
    return [_witnessed(url, origin) for url in urls]


def _kept(file: Path, origin: str, policy: Policy | None) -> Record:
    try:
        raw = file.read_bytes()
        text = raw if not raw.startswith(FIRST_LINE.encode()) else Receipt.parse(raw).note
        note = Note.parse(text)
        found = Checkpoint.parse(note.text) if policy is None else policy.verify(note).checkpoint
    except (ProofError, OSError) as fault:
        raise CannotRun(f"{file}: {fault}") from fault
    return _of(file.name, origin, found.origin, found.size, found.root)


def _witnessed(url: str, origin: str) -> Record:
    if not url.startswith(("http://", "https://")):
        raise CannotRun(f"({url}: http://…, https://…)")
    try:
        with urlopen(Request(url), timeout=ANSWER_SECONDS) as answer:  # noqa: S310  (the scheme was looked at)
            said = orjson.loads(answer.read(MOST_BYTES))
        mine = [one for one in said["logs"] if one["origin"] == origin]
        if not mine:
            raise CannotRun(f"{url}: 不为此台账见证 · does not witness {origin}")
        return str(said["name"]), int(mine[0]["size"]), bytes.fromhex(mine[0]["root"])
    except (URLError, OSError, HTTPException, ValueError, KeyError, TypeError) as fault:
        raise CannotRun(f"{url}: 见证没有应答 · no answer of a witness ({fault})") from fault


def _of(name: str, wanted: str, origin: str, size: int, root: bytes) -> Record:
    if origin != wanted:
        raise CannotRun(f"{name}: 属于另一台账 · of another log: {origin}")
    return name, size, root
