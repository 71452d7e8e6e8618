"""All sides of verification in one run: the log byte by byte (`ledger.verify`), then views and recorded alerts
(`projections.compare`) and the held documents (`ledger.holdings`); and the record that pages show of the last run.

The record is for people. It is a stored flag like any other and proves nothing: a verdict is worth what the program
that recomputed it is worth, so whoever doubts runs it again, on a machine of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from api.vaults import vault_of
from ledger import clock, guard
from ledger.documents import Documents
from ledger.holdings import Audit, audit
from ledger.store.postgres import Log
from ledger.verification.outside import Record
from ledger.verify import Fault, Verdict, verify
from projections.compare import Comparison, compare

CHECKPOINT_FORGED = "checkpoint-forged"
"""The verdict where the log holds and a checkpoint stands beside it that its key has not signed."""

VIEWS_DIFFER = "views-differ"
"""The verdict where the log holds and what was made of it does not."""

DOCUMENTS_DIFFER = "documents-differ"
"""The verdict where the log holds and a document that it says is held is missing or was changed."""

Progress = Callable[[str, int, int], None]
"""Told what is being read, how much is done, and about how much there is."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found; `views` is None where only the log was asked for, or its break made views pointless."""

    started_at: str
    finished_at: str
    log: Verdict
    views: Comparison | None
    forged: tuple[str, ...] = ()
    """Published checkpoints that the signer's key has not signed."""
    documents: Audit | None = None
    """What was found of the held documents; None where they were not looked at."""

    @property
    def ok(self) -> bool:
        """Whether everything that was looked at holds."""
        views, documents = self.views is None or self.views.ok, self.documents is None or self.documents.ok
        return self.log.ok and not self.forged and views and documents

    @property
    def verdict(self) -> str:
        """In one word: `consistent`, `intact`, `broken`, `newer`, or what differs beside a log that holds:
        `checkpoint-forged`, `documents-differ`, `views-differ`."""
        if self.log.ok and self.forged:
            return CHECKPOINT_FORGED
        if self.log.ok and self.documents is not None and not self.documents.ok:
            return DOCUMENTS_DIFFER
        return VIEWS_DIFFER if self.log.ok and not self.ok else self.log.state.value

    def as_json(self) -> dict[str, Any]:
        """The record as it is kept, shown and printed."""
        return {
            "ok": self.ok,
            "verdict": self.verdict,
            "zh": self.log.sentence_zh,
            "en": self.log.sentence_en,
            "checked": self.log.size,
            "root": self.log.root.hex(),
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "problems": [_fault(one) for one in self.log.faults],
            "more": self.log.more,
            "upto": self.log.upto,
            "compared": list(self.log.compared[1]),
            "forged": list(self.forged),
            "disclosures": dict(self.log.disclosed),
            "documents": None if self.documents is None else asdict(self.documents) | {"ok": self.documents.ok},
            "views": None if self.views is None else asdict(self.views) | {"ok": self.views.ok},
        }


def run(
    dsn: str,
    *,
    log_only: bool = False,
    deep: bool = False,
    progress: Progress | None = None,
    signer: Path | None = None,
    documents: Documents | None = None,
    vault: Path | None = None,
    outside: Callable[[str], Sequence[Record]] | None = None,
) -> Verification:
    """Verify the ledger at `dsn` (a connection of the database's owner) and keep the record.

    `signer`: the folder of the signer, with whose memory and published checkpoints the log is compared. `outside`:
    gives, for the log's name, what others hold of it (`api.outside`).
    `documents`: the store, whose files are hashed again. `vault`: the folder of the vault, where there is one; its keys
    open the stored disclosures. Raises CannotRun where the database is away, no ledger stands
    there, or no signer's memory in that folder.
    """
    started = clock.stamp(clock.now())
    records, forged = _outside(dsn, signer, outside)
    verdict = verify(dsn, deep=deep, progress=progress, outside=records, vault=vault_of(dsn, vault, make=False))
    views = None
    if verdict.ok and not log_only:
        views = compare(dsn, progress=None if progress is None else lambda done, goal: progress("replay", done, goal))
    found = None
    if verdict.ok and documents is not None and not log_only:
        found = _documents(dsn, verdict, documents, progress)
    done = Verification(started, clock.stamp(clock.now()), verdict, views, tuple(forged), found)
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO house.verification (started_at, finished_at, verdict) VALUES (%s, %s, %s)",
            (done.started_at, done.finished_at, Jsonb(done.as_json())),
        )
    return done


def _outside(
    dsn: str, signer: Path | None, others: Callable[[str], Sequence[Record]] | None
) -> tuple[list[Record], list[str]]:
    if signer is None and others is None:
        return [], []
    with Log(dsn, connections=1) as log:
        records, forged = guard.outside_records(log, signer) if signer is not None else ([], [])
        created = log.entry(1)
    if others is not None and created is not None:
        records += others(str(created.data.get("origin")))
    return records, forged


def _documents(dsn: str, verdict: Verdict, store: Documents, progress: Progress | None) -> Audit:
    with Log(dsn, connections=1) as log:
        return audit(log, store, verdict.size, verdict.root, progress)


def _fault(one: Fault) -> dict[str, Any]:
    return {
        "table": one.table,
        "column": one.column,
        "position": one.position,
        "kind": one.kind.name.lower().replace("_", "-"),
        "zh": one.sentence_zh,
        "en": one.sentence_en,
    }
