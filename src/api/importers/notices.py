"""Importing a file of award-candidate notices: every row becomes one event or one quarantine.

Import twice and nothing happens twice: a notice that stands in the ledger is recognised by its id, a quarantined row by
its content. A notice that stands there with other content is not overwritten, it is quarantined as changed.

Events and quarantines share the importer's own gapless counter (`sequence`), which continues from its last entry, so an
omission would be seen. Two imports must not run at the same time into one ledger.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from api.importers.candidates import SOURCE, Notice, as_written, understand
from api.importers.faults import Fault, Unusable, printable, unusable
from api.importers.rows import Row, rows
from ledger import clock
from ledger.admission import Poster, admit
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.errors import Malformed, TooLarge
from ledger.post import Post
from ledger.store.postgres import Log
from ledger.writer import Writer

QUARANTINE_TYPE = "exchange.record-quarantined.v1"
SUBJECT = "exchange:notices"
BATCH = 250
"""Posts committed together: few round trips, and a crash loses at most one batch, which the next run imports."""

Progress = Callable[[int, int], None]
"""Told after each row: rows done, rows in all."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that became a quarantine: where it starts, what is wrong, and whether this run recorded it."""

    line: int
    path: str
    reason: str
    value: str
    detail: str
    id: str
    new: bool


@dataclass(slots=True)
class ImportReport:
    """What an import did: rows = events (new) + known (in the ledger already) + len(quarantined)."""

    file: str
    rows: int = 0
    events: int = 0
    known: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)
    candidates: int = 0
    price_kinds: Counter[str] = field(default_factory=Counter)
    consortia: int = 0
    retenders: int = 0
    republished: int = 0
    corrections: int = 0
    single: int = 0

    def count(self, notice: Notice) -> None:
        """Add one understood notice, new or known, to the figures."""
        self.candidates += notice.kinds.total()
        self.price_kinds += notice.kinds
        self.consortia += notice.consortia
        self.retenders += notice.marks.round > 1
        self.republished += notice.marks.publication > 1
        self.corrections += notice.marks.correction
        self.single += notice.single


def import_notices(
    path: Path,
    log: Log,
    writer: Writer,
    contracts: Contracts,
    poster: Poster,
    *,
    recorded: datetime | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import the file at `path`; returns when everything is durable.

    `poster` is who answers for the import (organ PTC, via `import:notices`). `recorded` is given on a ledger whose
    clock is told, and only there; without it such a ledger repeats its last moment. Raises OSError where the file
    cannot be read, NoRight where the poster may not post these types, and whatever the writer raises; a wrong row
    raises nothing.
    """
    run = _Run(path.name, log, contracts, poster, recorded)
    pending: list[Post] = []
    found = list(rows(path))
    for done, row in enumerate(found, 1):
        post = run.take(row)
        if post is not None:
            pending.append(post)
        if len(pending) == BATCH or done == len(found):
            writer.append(pending)
            pending = []
        if progress is not None:
            progress(done, len(found))
    return run.report


class _Run:
    """One import: what was seen in this file, and the counter."""

    def __init__(self, file: str, log: Log, contracts: Contracts, poster: Poster, recorded: datetime | None) -> None:
        self.report = ImportReport(printable(file, 300))
        self._log, self._contracts, self._poster, self._recorded = log, contracts, poster, recorded
        last = log.last(tag=f"source:{SOURCE}")
        self._sequence = int(last.event["sequence"]) if last is not None else 0
        self._empty = last is None
        self._seen: set[str] = set()
        self._repeats: Counter[str] = Counter()

    def take(self, row: Row) -> Post | None:
        """The post that a row asks for; None where the ledger has it already."""
        self.report.rows += 1
        try:
            if row.fault is not None:
                raise Unusable(row.fault)
            notice = understand(row.value)
            post = self._notice(notice)
        except Unusable as found:
            return self._quarantine(row, found.fault)
        self._seen.add(notice.id)
        self.report.count(notice)
        return post

    def _notice(self, notice: Notice) -> Post | None:
        if notice.id in self._seen:
            raise unusable("/infoid", "duplicate-in-file", notice.id)
        position = None if self._empty else self._log.position_of(SOURCE, notice.id)
        if position is None:
            post = self._admit(notice.event)
            self.report.events += 1
            return post
        entry = self._log.entry(position)
        if entry is None or as_written(entry.event) != as_written(notice.event):
            raise unusable("", "changed-after-import", f"{notice.id} #{position}")
        self.report.known += 1
        return None

    def _quarantine(self, row: Row, fault: Fault) -> Post | None:
        digest = sha256(row.raw if row.value is None else encode(row.value)).hexdigest()
        self._repeats[digest] += 1
        event_id = f"quarantine:{digest[:32]}:{self._repeats[digest]}"
        new = self._empty or self._log.position_of(SOURCE, event_id) is None
        self.report.quarantined.append(
            Quarantined(row.line, fault.path, fault.reason, fault.value, fault.detail, event_id, new)
        )
        return self._admit(self._quarantine_event(row, fault, event_id)) if new else None

    def _quarantine_event(self, row: Row, fault: Fault, event_id: str) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": QUARANTINE_TYPE,
            "subject": SUBJECT,
            "time": clock.stamp(self._recorded or clock.now()),
            "attestation": "imported",
            "data": {
                "file": self.report.file,
                "line": row.line,
                "path": fault.path,
                "value": fault.value,
                "reason": fault.reason,
                "detail": fault.detail,
                "sha256": sha256(row.raw).hexdigest(),
            },
        }

    def _admit(self, event: Mapping[str, Any]) -> Post:
        """The event with the next number, admitted; the number is taken only if it is."""
        numbered = {**event, "sequence": str(self._sequence + 1)}
        try:
            post = admit(numbered, self._poster, self._contracts, recorded=self._recorded)
        except TooLarge as refused:
            raise unusable("", "too-long", refused.detail) from refused
        except Malformed as refused:
            raise _refused(refused) from refused
        self._sequence += 1
        return post


def _refused(refused: Malformed) -> Unusable:
    """What admission found wrong with an event the row was understood as."""
    if not refused.problems:
        return unusable("", "unrepresentable", refused.detail)
    first = refused.problems[0]
    return unusable("", "unrepresentable", first.pointer, f"{first.zh} · {first.en}")
