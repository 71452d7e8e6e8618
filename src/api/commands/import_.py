"""导入外部文件 · Import a foreign file: `sunledger import notices FILE`.

A row becomes one event, or one quarantine that says why; nothing is dropped, and nothing is written twice.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from api.commands.printing import console, json_line, progress_bar, table
from api.importers.notices import ImportReport, import_notices
from api.settings import NO_LEDGER, Place, opened
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.store.postgres import Log
from ledger.writer import Writer

VIA = "import:notices"


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("what", choices=["notices"], help="what the file holds")
    parser.add_argument("file", type=Path, metavar="FILE", help="the file, JSON")


def run(given: Namespace, place: Place) -> int:
    """Import the file."""
    with opened(place) as dsn:
        report = importing(dsn, given.file, quiet=given.json)
    if given.json:
        json_line(as_json(report))
    else:
        tell(report)
    return 0


def importing(dsn: str, file: Path, *, quiet: bool = False) -> ImportReport:
    """Import notices into the ledger at `dsn`, with a progress bar unless `quiet`."""
    with Log(dsn) as log, Writer(dsn) as writer, progress_bar("导入公示 · importing", quiet=quiet) as progress:
        created = log.entry(1)
        if created is None:
            raise CannotRun(NO_LEDGER)
        poster = Poster(org=str(created.data["organ"]), organ="PTC", via=VIA)
        report = import_notices(file, log, writer, Contracts.load(), poster, progress=progress)
    if report.rows == 0 and not file.read_bytes().strip():
        raise CannotRun(f"文件是空的 · the file is empty: {file.name}")
    return report


def as_json(report: ImportReport) -> dict[str, object]:
    """The report, ready for JSON."""
    return {
        "rows": report.rows,
        "events": report.events,
        "known": report.known,
        "quarantined": [
            {"line": one.line, "path": one.path, "reason": one.reason, "value": one.value} for one in report.quarantined
        ],
        "candidates": report.candidates,
        "price_kinds": dict(sorted(report.price_kinds.items())),
        "retenders": report.retenders,
    }


def tell(report: ImportReport) -> None:
    """The report for people: figures, and each quarantined row with its reason."""
    kinds = " · ".join(f"{kind} {count:,}" for kind, count in sorted(report.price_kinds.items()))
    console.print(
        f"{report.rows:,} 行 rows → {report.events:,} 新条目 new · {report.known:,} 已在账 known · "
        f"{len(report.quarantined):,} 隔离 quarantined"
    )
    console.print(f"候选人 candidates {report.candidates:,} ({kinds}) · 重新招标 re-tenders {report.retenders}")
    if report.quarantined:
        rows = [(one.line, one.path, one.reason, one.value) for one in report.quarantined]
        table("隔离的行 · Quarantined rows", ("行 line", "位置 path", "原因 reason", "值 value"), rows)
