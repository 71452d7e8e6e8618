"""A file of notices goes into a ledger once, whole, and every row is accounted for."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.importers.candidates import SOURCE
from api.importers.notices import ImportReport, import_notices
from ledger import clock
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.store.postgres import Log
from ledger.writer import Writer

SAMPLE = Path(__file__).parents[2] / "ops" / "sample" / "notices.json"
OPERATOR = Poster(org="11140300MA0TT020X7", organ="PTC", via="import:notices")


class Importing:
    """A ledger and the importer of its operator."""

    def __init__(self, dsn: str, contracts: Contracts) -> None:
        self.log, self.writer, self.contracts = Log(dsn), Writer(dsn), contracts

    def run(self, path: Path, **options: Any) -> ImportReport:
        return import_notices(path, self.log, self.writer, self.contracts, OPERATOR, **options)

    def imported(self) -> list[dict[str, Any]]:
        return [entry.event for entry in self.log.find(tag=f"source:{SOURCE}", limit=2000)]

    def close(self) -> None:
        self.writer.close()
        self.log.close()


@pytest.fixture
def importing(ledger: str, contracts: Contracts) -> Iterator[Importing]:
    made = Importing(ledger, contracts)
    yield made
    made.close()


def save(path: Path, rows: list[Any]) -> Path:
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")  # noqa: TID251  (a foreign file)
    return path


def good_rows() -> list[Any]:
    rows: list[Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return rows[:5]


def test_the_sample_becomes_events_and_two_quarantines(importing: Importing) -> None:
    told: list[tuple[int, int]] = []
    report = importing.run(SAMPLE, progress=lambda done, total: told.append((done, total)))
    assert (report.rows, report.events, report.known, len(report.quarantined)) == (60, 58, 0, 2)
    assert sum(report.price_kinds.values()) == report.candidates
    assert told == [(done, 60) for done in range(1, 61)]
    lines = SAMPLE.read_text(encoding="utf-8").split("\n")
    assert [(one.reason, one.path, lines[one.line - 1]) for one in report.quarantined] == [
        ("bad-period", "/parsed_data/publicity_period", "{"),
        ("wrong-type", "/parsed_data/bidders_and_prices/1/price", "{"),
    ]
    kept = importing.log.find(type="exchange.record-quarantined.v1")
    assert [(one.data["line"], one.data["reason"], one.data["value"]) for one in kept] == [
        (one.line, one.reason, one.value) for one in report.quarantined
    ]


def test_a_second_import_writes_nothing(importing: Importing) -> None:
    importing.run(SAMPLE)
    before = importing.log.head(), importing.log.root()
    report = importing.run(SAMPLE)
    assert (importing.log.head(), importing.log.root()) == before
    assert (report.events, report.known, [one.new for one in report.quarantined]) == (0, 58, [False, False])


def test_the_counter_has_no_gap_over_several_imports(importing: Importing, tmp_path: Path) -> None:
    rows = good_rows()
    importing.run(save(tmp_path / "first.json", [rows[0], None, rows[1]]))
    importing.run(save(tmp_path / "second.json", [*rows[:3], {"infoid": "x"}, rows[3]]))
    assert [event["sequence"] for event in importing.imported()] == ["1", "2", "3", "4", "5", "6"]


def test_a_notice_that_stands_twice_in_a_file_is_one_event_and_one_quarantine(
    importing: Importing, tmp_path: Path
) -> None:
    one, two, *_ = good_rows()
    report = importing.run(save(tmp_path / "twice.json", [one, two, one, one]))
    assert (report.events, [found.reason for found in report.quarantined]) == (2, ["duplicate-in-file"] * 2)
    size = importing.log.head().size
    importing.run(tmp_path / "twice.json")
    assert importing.log.head().size == size


def test_a_changed_notice_is_quarantined_once_and_the_first_stays(importing: Importing, tmp_path: Path) -> None:
    one, two, *_ = good_rows()
    importing.run(save(tmp_path / "notices.json", [one, two]))
    one["parsed_data"]["bidders_and_prices"][0]["price"] = "1.00元"
    for written in (1, 0):
        size = importing.log.head().size
        report = importing.run(save(tmp_path / "notices.json", [one, two]))
        assert (report.known, [found.reason for found in report.quarantined]) == (1, ["changed-after-import"])
        assert importing.log.head().size == size + written
    assert len(importing.log.find(tag=f"notice:{one['infoid']}")) == 1


def test_a_notice_mended_after_its_quarantine_is_imported(importing: Importing, tmp_path: Path) -> None:
    row = good_rows()[0]
    broken = {**row, "raw_data": None}
    assert importing.run(save(tmp_path / "a.json", [broken])).events == 0
    assert importing.run(save(tmp_path / "a.json", [row])).events == 1


def test_an_event_the_ledger_cannot_hold_is_a_quarantine(importing: Importing, tmp_path: Path) -> None:
    row = good_rows()[0]
    row["parsed_data"]["bidders_and_prices"] = [
        {"bidder": f"砚川第{number}建设有限公司", "price": "按清单计" * 200} for number in range(60)
    ]
    report = importing.run(save(tmp_path / "big.json", [row]))
    assert (report.events, [found.reason for found in report.quarantined]) == (0, ["too-long"])


def test_a_damaged_file_gives_one_entry_a_row(importing: Importing, tmp_path: Path) -> None:
    pieces = [json.dumps(row, ensure_ascii=False, indent=0) for row in good_rows()]  # noqa: TID251  (a foreign file)
    pieces[1] = pieces[1][:-10]
    pieces[3:3] = ["null", "17", '"row"', "[1, 2]", '{"infoid": "a", "infoid": "b"}', '{"infoid": "\\ud800"}']
    path = tmp_path / "damaged.json"
    path.write_text("[\n" + ",\n".join(pieces), encoding="utf-8")
    report = importing.run(path)
    assert (report.rows, report.events, len(report.quarantined)) == (11, 4, 7)
    assert len(importing.imported()) == 11


def test_on_a_told_clock_the_import_says_when_it_was_recorded(told_ledger: str, contracts: Contracts) -> None:
    importing = Importing(told_ledger, contracts)
    first = importing.log.entry(1)
    assert first is not None
    moment = clock.parse(first.recorded) + timedelta(days=200)
    importing.run(SAMPLE, recorded=moment)
    last = importing.log.last(tag=f"source:{SOURCE}")
    importing.close()
    assert last is not None
    assert (last.recorded, last.time) == (clock.stamp(moment), clock.stamp(moment))


def test_the_sample_is_what_its_script_writes(tmp_path: Path) -> None:
    for name in ("make.py", "invented.json"):
        (tmp_path / name).write_bytes((SAMPLE.parent / name).read_bytes())
    subprocess.run([sys.executable, str(tmp_path / "make.py")], check=True)
    assert (tmp_path / "notices.json").read_bytes() == SAMPLE.read_bytes()


def test_no_name_of_the_sample_is_a_real_one(real_notices: Path) -> None:
    real = real_notices.read_text(encoding="utf-8")
    invented = json.loads((SAMPLE.parent / "invented.json").read_text(encoding="utf-8"))
    names = [name for group in invented["firms"].values() for name in group]
    names += [project["name"] for kind in ("projects", "ring_projects") for project in invented[kind]]
    assert [name for name in names if name in real] == []
    assert [place for place in ("砚川", "青砚", "临溪", "墨池") if place in real] == []
