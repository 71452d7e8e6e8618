"""Importing a file of award-candidate notices: every row becomes one event or one quarantine.

Import twice and nothing happens twice: a notice that stands in the ledger is recognised by its id, a quarantined row by
its content. A notice that stands there with other content is not overwritten, it is quarantined as changed.

How rows are counted, and recognised on a second run, is said in `api.importers.running`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from api.importers.candidates import SOURCE, Notice, as_written, understand
from api.importers.faults import Unusable, printable
from api.importers.rows import Row, rows
from api.importers.running import Progress, Report, Run, Source, appended
from ledger.admission import Poster
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.post import Post
from ledger.store.postgres import Log
from ledger.writer import Writer

SUBJECT = "exchange:notices"


@dataclass(slots=True)
class ImportReport(Report):
    """What an import did, and the figures of the notices it understood."""

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
    source = Source(SOURCE, SUBJECT, poster, poster, lambda a, b: as_written(a) == as_written(b), "/infoid")
    report = ImportReport(printable(path.name, 300))
    run = Run(source, report, log, contracts, recorded)
    found = list(rows(path))

    def posts() -> Iterator[tuple[int, Post | None]]:
        for done, row in enumerate(found, 1):
            yield done, _take(run, report, row)
            if progress is not None:
                progress(done, len(found))

    appended(writer, posts(), lambda _, __: None)
    return report


def _take(run: Run, report: ImportReport, row: Row) -> Post | None:
    """The post that a row asks for; None where the ledger has it already."""
    report.rows += 1
    try:
        if row.fault is not None:
            raise Unusable(row.fault)
        notice = understand(row.value)
        post = run.event(notice.event)
    except Unusable as found:
        return run.quarantine(row.line, row.raw, row.raw if row.value is None else encode(row.value), found.fault)
    report.count(notice)
    return post if isinstance(post, Post) else None
