"""Importing a table: each row becomes one event or one quarantine, and the report says which, row by row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from api.importers.faults import Fault, Unusable, printable, unusable
from api.importers.running import Report, Run, Source, appended
from api.importers.tables import heads, sheets
from api.importers.tables.cells import Cell
from api.importers.tables.mapping import TableMap
from api.importers.tables.sheets import Line
from api.importers.tables.understand import Reader
from ledger import quality, secrecy
from ledger.admission import Poster, admit
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.errors import Conflict, Problem
from ledger.post import Post, Receipt
from ledger.store.postgres import Log
from ledger.writer import Writer

STREAM = "exchange:tables"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a row: its line, `new`, `known` or `quarantined`, and the position of its entry."""

    line: int
    result: str
    position: int | None


@dataclass(slots=True)
class TableReport(Report):
    """What an import did; `findings` are quality findings of rows that were accepted: a wrong check digit."""

    results: list[Row] = field(default_factory=list)
    findings: list[tuple[int, Problem]] = field(default_factory=list)


def import_table(
    path: Path,
    table_map: TableMap,
    log: Log,
    writer: Writer,
    contracts: Contracts,
    poster: Poster,
    keeper: Poster,
    *,
    recorded: datetime | None = None,
    progress: Progress | None = None,
) -> TableReport:
    """Import the table in the file at `path`; returns when everything is durable.

    `poster` is who posts the events, `keeper` (the ledger's own) who records the rows that were not understood.
    Raises OSError and CannotRun where the file cannot be read or its columns are not those of the map, NoRight where
    the poster may not post this type; a wrong row raises nothing.
    """
    sheet = sheets.read(path, sheet=table_map.sheet, encoding=table_map.encoding, separator=table_map.separator)
    table = heads.found(sheet, table_map)
    reader = Reader(table, table_map, contracts.codes)
    report = TableReport(printable(sheet.name, 300))

    def same(stands: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        return _same(stands, wanted, writer, poster, contracts)

    source = Source(table_map.source, STREAM, poster, keeper, same, "/id")
    run = Run(source, report, log, contracts, recorded)
    lines = [line for line in table.rows if not line.blank]

    def posts() -> Iterator[tuple[int, Post | None]]:
        above: Mapping[str, Cell] = {}
        for done, line in enumerate(lines, 1):
            cells = reader.cells(line, above)
            above = cells
            yield len(report.results), _take(run, reader, report, line, cells)
            if progress is not None:
                progress(done, len(lines))

    def told(number: int, receipt: Receipt) -> None:
        row = report.results[number]
        report.results[number] = Row(row.line, row.result, receipt.position)

    appended(writer, posts(), told)
    return report


def _take(run: Run, reader: Reader, report: TableReport, line: Line, cells: Mapping[str, Cell]) -> Post | None:
    report.rows += 1
    try:
        loose = reader.loose(line)
        if loose is not None:
            raise loose
        event = reader.event(cells)
        taken = run.event(event)
    except Unusable as found:
        report.results.append(Row(line.number, "quarantined", None))
        fault = _placed(found, reader).fault
        if reader.map.secret:  # what is few could be found again from its hash
            known_by = encode([report.file, line.number, fault.path, fault.reason])
            return run.quarantine(line.number, None, known_by, fault)
        texts = encode([cell.text for cell in line.cells])
        return run.quarantine(line.number, texts, texts, fault)
    report.findings += [(line.number, one) for one in quality.checks(reader.map.contract, event["data"])]
    new = isinstance(taken, Post)
    report.results.append(Row(line.number, "new" if new else "known", None if isinstance(taken, Post) else taken))
    return taken if isinstance(taken, Post) else None


def _placed(found: Unusable, reader: Reader) -> Unusable:
    """What admission said of a pointer, at the column that it came from."""
    fault: Fault = found.fault
    if fault.path or not fault.value.startswith("/"):
        return found
    reason = fault.reason if fault.reason == "missing" else "not-allowed"
    return unusable(reader.column_of(fault.value), reason, "", fault.detail)


def _same(
    stands: Mapping[str, Any], wanted: Mapping[str, Any], writer: Writer, poster: Poster, contracts: Contracts
) -> bool:
    """Whether an entry's event is what the row says, its number apart; of secret members only the writer can tell."""
    number = {"sequence": stands["sequence"]} if "sequence" in stands else {}
    again = {**wanted, **number}
    if stands == again:
        return True
    if not any(secrecy.hidden(stands)):
        return False
    try:
        return writer.append([admit(again, poster, contracts)])[0].duplicate
    except Conflict:
        return False
