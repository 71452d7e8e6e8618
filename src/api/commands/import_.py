"""导入外部文件 · Import a foreign file: `sunledger import notices FILE`, `sunledger import table FILE --as TYPE`.

A row becomes one event, or one quarantine that says why; nothing is dropped, and nothing is written twice.

    sunledger import table --as trading.contract-signed.v1 --template contracts.xlsx     an empty table and its map
    sunledger import table contracts.xlsx --as trading.contract-signed.v1 --map contracts.map.json
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from api.auth import Keys
from api.commands.printing import console, json_line, progress_bar, table
from api.importers.notices import ImportReport, import_notices
from api.importers.running import Report
from api.importers.tables import mapping, template
from api.importers.tables.importing import TableReport, import_table
from api.settings import NO_LEDGER, Place, opened
from api.vaults import vault_of
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.genesis import system
from ledger.store.postgres import Log
from ledger.writer import Writer

VIA = "import:notices"
VIA_TABLE = "import:table"


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("what", choices=["notices", "table"], help="what the file holds")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="notices: JSON; a table: .csv or .xlsx")
    parser.add_argument("--as", dest="type", metavar="TYPE", help="table: the event type that each row becomes")
    parser.add_argument("--map", type=Path, metavar="MAP", help="table: the map of its columns, JSON")
    parser.add_argument("--key", help="table: post as the holder of this key (default: the ledger's own operator)")
    parser.add_argument("--template", type=Path, metavar="NEW", help="table: write an empty one here, and its map")


def needs_ledger(given: Namespace) -> bool:
    """An empty table is written without a ledger."""
    return given.template is None


def run(given: Namespace, place: Place | None) -> int:
    """Import the file, or write an empty table."""
    if given.what == "table" and given.type is None:
        raise CannotRun("请用 --as 写明事件类型 · say with --as which event type a row becomes")
    if place is None:
        return _template(given)
    if given.file is None or (given.what == "table" and given.map is None):
        raise CannotRun("请给出文件，表格另须 --map · give the file, and for a table --map")
    with opened(place) as dsn:
        if given.what == "table":
            return _table(dsn, given, place)
        report = importing(dsn, given.file, quiet=given.json)
    if given.json:
        json_line(as_json(report))
    else:
        tell(report)
    return 0


def _template(given: Namespace) -> int:
    contracts = Contracts.load()
    contract = contracts.get(given.type)
    if contract is None:
        raise CannotRun(f"没有这种事件 · no such event type: {given.type}")
    mapped = template.write(given.template, contract, contracts)
    if given.json:
        json_line({"table": str(given.template), "map": str(mapped)})
    else:
        console.print(f"{given.template}, {mapped}: 填写表格，把映射里的 source 改为来源系统", markup=False)
        console.print("fill in the table, and name your system as `source` in the map", markup=False)
    return 0


def _table(dsn: str, given: Namespace, place: Place) -> int:
    contracts = Contracts.load()
    wanted = mapping.load(given.map, given.type, contracts)
    vault = vault_of(dsn, place.vault)
    bar = progress_bar("导入表格 · importing", quiet=given.json)
    with Log(dsn) as log, Writer(dsn, vault=vault) as writer, bar as progress:
        organ = _organ(log)
        own = Poster(org=organ, organ="PTC", via=VIA_TABLE)
        poster = own if given.key is None else Keys(log).poster(f"Bearer {given.key}")
        keeper = system(organ, "import")
        report = import_table(given.file, wanted, log, writer, contracts, poster, keeper, progress=progress)
    if given.json:
        json_line(_table_json(report))
    else:
        _tell_table(report)
    return 0


def importing(dsn: str, file: Path, *, quiet: bool = False) -> ImportReport:
    """Import notices into the ledger at `dsn`, with a progress bar unless `quiet`."""
    with Log(dsn) as log, Writer(dsn) as writer, progress_bar("导入公示 · importing", quiet=quiet) as progress:
        poster = Poster(org=_organ(log), organ="PTC", via=VIA)
        report = import_notices(file, log, writer, Contracts.load(), poster, progress=progress)
    if report.rows == 0 and not file.read_bytes().strip():
        raise CannotRun(f"文件是空的 · the file is empty: {file.name}")
    return report


def as_json(report: ImportReport) -> dict[str, object]:
    """The report, ready for JSON."""
    return _counted(report) | {
        "candidates": report.candidates,
        "price_kinds": dict(sorted(report.price_kinds.items())),
        "retenders": report.retenders,
    }


def tell(report: ImportReport) -> None:
    """The report for people: figures, and each quarantined row with its reason."""
    kinds = " · ".join(f"{kind} {count:,}" for kind, count in sorted(report.price_kinds.items()))
    _tell_counted(report)
    console.print(f"候选人 candidates {report.candidates:,} ({kinds}) · 重新招标 re-tenders {report.retenders}")
    _tell_quarantined(report)


def _table_json(report: TableReport) -> dict[str, object]:
    return _counted(report) | {
        "results": [asdict(one) for one in report.results],
        "findings": [
            {"line": line, "pointer": one.pointer, "zh": one.zh, "en": one.en} for line, one in report.findings
        ],
    }


def _tell_table(report: TableReport) -> None:
    _tell_counted(report)
    _tell_quarantined(report)
    for one in report.quarantined:
        console.print(f"  第 {one.line} 行 line {one.line}, {one.path}: {one.detail}", markup=False)
    if report.findings:
        rows = [(line, one.pointer, one.zh, one.en) for line, one in report.findings]
        title = "已入账，但请核对 · Recorded, but look again"
        table(title, ("行 line", "位置 place", "说明", "in English"), rows)


def _organ(log: Log) -> str:
    created = log.entry(1)
    if created is None:
        raise CannotRun(NO_LEDGER)
    return str(created.data["organ"])


def _counted(report: Report) -> dict[str, object]:
    return {
        "rows": report.rows,
        "events": report.events,
        "known": report.known,
        "quarantined": [
            {"line": one.line, "path": one.path, "reason": one.reason, "value": one.value} for one in report.quarantined
        ],
    }


def _tell_counted(report: Report) -> None:
    console.print(
        f"{report.rows:,} 行 rows → {report.events:,} 新条目 new · {report.known:,} 已在账 known · "
        f"{len(report.quarantined):,} 隔离 quarantined"
    )


def _tell_quarantined(report: Report) -> None:
    if report.quarantined:
        rows = [(one.line, one.path, one.reason, one.value) for one in report.quarantined]
        table("隔离的行 · Quarantined rows", ("行 line", "位置 path", "原因 reason", "值 value"), rows)
