"""Tables of a county go into a ledger once, whole, and every row is accounted for."""

import json
import os
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.importers.tables import mapping, sheets
from api.importers.tables.importing import TableReport, import_table
from ledger.admission import Poster
from ledger.contracts import Contracts, schemas
from ledger.errors import CannotRun, LedgerError
from ledger.genesis import system
from ledger.store.postgres import Log
from ledger.vault import Vault
from ledger.writer import Writer

PAGE = (schemas() / "formats" / "table-map.md").read_text("utf-8")
BANK = Poster("91140300MA0TT0050T", "BNK", "key:7c1f00d5e2aa")
KEEPER = system("11140300MA0TT020X7", "import")
SOURCE = "urn:example:county:payments"
HEADS = ["单号", "收费单位代码", "缴款日期", "金额", "票据号"]
MAP: dict[str, Any] = {
    "format": 1,
    "type": "fee.paid.v1",
    "source": SOURCE,
    "event": {"id": "{单号}", "subject": "fee:{单号}", "time": {"column": "缴款日期", "hour": "17:00"}},
    "fields": {
        "/amount": {"column": "金额", "unit": "元"},
        "/paid_on": {"column": "缴款日期"},
        "/receipt_no": {"column": "票据号"},
        "/collector": {"column": "收费单位代码"},
    },
}
ROW = ["JF-1", "11140300MA0TT0028W", "2026-02-03", "1200", "PJ-1"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)


class Importing:
    """A ledger, and the bank that posts into it."""

    def __init__(self, dsn: str, contracts: Contracts, folder: Path) -> None:
        self.folder, self.contracts = folder, contracts
        self.log = Log(dsn)
        first = self.log.entry(1)
        assert first is not None
        self.writer = Writer(dsn, vault=Vault.make(folder / "vault", first.leaf.hex()))

    def run(self, path: Path, said: dict[str, Any] = MAP, poster: Poster = BANK) -> TableReport:
        wanted = mapping.parse(said, said["type"], self.contracts)
        return import_table(path, wanted, self.log, self.writer, self.contracts, poster, KEEPER)

    def csv(self, *rows: list[str], name: str = "t.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / name
        lines = [",".join(f'"{cell}"' for cell in row) for row in (HEADS, *rows)]
        path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
        return path

    def book(self, *rows: list[Any], heads: list[Any] = HEADS) -> Path:
        path = self.folder / "t.xlsx"
        book = openpyxl.Workbook()
        for row in (heads, *rows):
            book.worksheets[0].append(row)
        book.save(path)
        return path

    def events(self) -> list[dict[str, Any]]:
        return [entry.event for entry in self.log.find(tag=f"source:{SOURCE}", limit=1000)]

    def paid(self) -> list[dict[str, Any]]:
        return [event["data"] for event in self.events() if event["type"] == "fee.paid.v1"]

    def close(self) -> None:
        self.writer.close()
        self.log.close()


@pytest.fixture
def importing(ledger: str, contracts: Contracts, tmp_path: Path) -> Iterator[Importing]:
    made = Importing(ledger, contracts, tmp_path)
    yield made
    made.close()


def test_the_page_tells_what_the_importer_does(importing: Importing) -> None:
    path = importing.folder / "payments.csv"
    path.write_text(blocks("csv")[0] + "\n", encoding="utf-8")
    said, events = map(json.loads, blocks("json"))
    report = importing.run(path, said)
    (odd,) = report.quarantined
    assert blocks("text") == [f"第 {odd.line} 行 line {odd.line}, {odd.path}: {odd.detail}"]
    recorded = [event for event in importing.events() if event["type"] == "fee.paid.v1"]
    assert [shown(event) for event in recorded] == [shown(event) for event in events]
    assert [(one.line, one.result, one.position) for one in report.results] == [
        (3, "new", 2),
        (4, "new", 3),
        (5, "quarantined", 4),
    ]
    assert [(line, one.pointer, one.code) for line, one in report.findings] == [(4, "/data/collector", "check-digit")]


def shown(event: dict[str, Any]) -> dict[str, Any]:
    """The event as the page shows it: what is secret in the contract and was not given has left a digest."""
    return event | {"data": {name: value for name, value in event["data"].items() if name != "_sd"}}


def test_a_second_run_writes_nothing(importing: Importing) -> None:
    path = importing.csv(ROW, ["JF-2", "x y", "2026-02-03", "ten", "PJ-2"])
    first = importing.run(path)
    before = importing.log.head()
    again = importing.run(path)
    assert importing.log.head() == before
    assert (first.events, again.events, again.known) == (1, 0, 1)
    assert [one.new for one in again.quarantined] == [False]
    assert [one.position for one in again.results] == [first.results[0].position, None]


def test_secret_members_are_known_again_and_never_shown(importing: Importing) -> None:
    said = MAP | {"fields": MAP["fields"] | {"/account": {"column": "账户"}}}
    heads = [*HEADS, "账户"]
    path = importing.book([*ROW, "6222-0001"], ["JF-2", *ROW[1:3], "a lot", "PJ", "6222-0002"], heads=heads)
    importing.run(path, said)
    again = importing.run(path, said)
    assert (again.known, [one.new for one in again.quarantined]) == (1, [False])
    assert all(b"6222" not in entry.raw for entry in importing.log.entries())
    kept = importing.log.find(type="exchange.record-quarantined.v1")[0]
    assert "sha256" not in kept.data
    changed = importing.run(importing.book([*ROW, "6222-0009"], heads=heads), said)
    assert [one.reason for one in changed.quarantined] == ["changed-after-import"]


def test_a_secret_type_needs_an_id(contracts: Contracts) -> None:
    said = MAP | {"fields": MAP["fields"] | {"/account": {"column": "账户"}}}
    said["event"] = {name: value for name, value in MAP["event"].items() if name != "id"}
    with pytest.raises(mapping.MapInvalid) as refused:
        mapping.parse(said, "fee.paid.v1", contracts)
    assert [one.pointer for one in refused.value.problems] == ["/event/id"]


def test_a_row_that_changed_is_quarantined_and_overwrites_nothing(importing: Importing) -> None:
    importing.run(importing.csv(ROW))
    report = importing.run(importing.csv([*ROW[:3], "1300", ROW[4]]))
    assert [(one.line, one.reason) for one in report.quarantined] == [(2, "changed-after-import")]
    assert [data["amount"] for data in importing.paid()] == [120_000]


def test_the_counter_of_a_source_has_no_gap(importing: Importing) -> None:
    importing.run(importing.csv(ROW, ["JF-2", "", "", "", ""]))
    importing.run(importing.csv(ROW, ["JF-3", *ROW[1:]], ["JF-3", *ROW[1:]]))
    assert [event["sequence"] for event in importing.events()] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "，"])
def test_encodings_and_separators_of_the_country_are_recognised(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("\r\n".join(separator.join(row) for row in (HEADS, ROW)).encode(encoding))
    assert [[cell.text for cell in line.cells] for line in sheets.read(path).rows] == [HEADS, ROW]


def test_numbers_dates_and_texts_of_excel_come_out_exactly(importing: Importing) -> None:
    rows: list[list[Any]] = [
        ["JF-1", ROW[1], date(2026, 2, 3), 698.12, 20260001],
        ["JF-2", ROW[1], datetime(2026, 2, 3, 9, 30), 1.1, "0012"],  # noqa: DTZ001  (Excel knows no zones)
        ["JF-3", ROW[1], "2026年2月3日", "1,234.56", "PJ"],
        ["JF-4", ROW[1], "20260203", 0.1 + 0.2, "PJ"],
        ["JF-5", ROW[1], "2026/2/3", 12345.6789, "PJ"],
    ]
    said = MAP | {"event": MAP["event"], "fields": MAP["fields"] | {"/amount": {"column": "金额", "unit": "万元"}}}
    said["fields"] = said["fields"] | {"/paid_on": {"column": "日"}}
    heads = [*HEADS, "日"]
    report = importing.run(importing.book(*([*row, date(2026, 2, 3)] for row in rows), heads=heads), said)
    assert report.quarantined == []
    data = importing.paid()
    assert [one["amount"] for one in data] == [698_120_000, 1_100_000, 1_234_560_000, 300_000, 12_345_678_900]
    assert [one["receipt_no"] for one in data[:2]] == ["20260001", "0012"]
    times = [event["time"] for event in importing.events()]
    assert times == ["2026-02-03T17:00:00+08:00", "2026-02-03T09:30:00+08:00"] + ["2026-02-03T17:00:00+08:00"] * 3


ODD: list[tuple[int, Any, str]] = [
    (1, 911403000000000012, "lost-digits"),
    (2, "2026-02-30", "bad-date"),
    (2, "yesterday", "bad-date"),
    (2, "2026-02-03 25:00", "bad-date"),
    (3, "0.001", "too-fine"),
    (3, "twelve", "bad-number"),
    (3, "12美元", "bad-unit"),
    (3, "", "missing"),
    (4, "x" * 65, "not-allowed"),
    (1, "小写", "not-allowed"),
    (0, "", "missing"),
    (0, "长" * 50, "too-long"),
]
"""Column, what stands there, and why it is not understood."""


def test_what_is_not_understood_is_quarantined_with_its_place(importing: Importing) -> None:
    rows: list[list[Any]] = [[f"JF-{number}", *ROW[1:]] for number in range(len(ODD))]
    for row, (place, value, _) in zip(rows, ODD, strict=True):
        row[place] = value
    report = importing.run(importing.book(*rows, ["JF-99", *ROW[1:]]))
    assert [(one.line, one.reason) for one in report.quarantined] == [
        (line, reason) for line, (_, _, reason) in enumerate(ODD, 2)
    ]
    assert report.events == 1
    for one, (place, _, reason) in zip(report.quarantined, ODD, strict=True):
        assert HEADS[place] in one.path or reason == "too-long"
        zh, _, en = one.detail.partition(" · ")
        assert re.search("[\u4e00-\u9fff]", zh)
        assert en


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """The same workbook with other bytes in a part of it, as another program would have written it."""
    anew = path.with_name(f"anew-{path.name}")
    found = 0
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(anew, "w") as unpacked:
        for name in packed.namelist():
            raw = packed.read(name)
            found += raw.count(old)
            unpacked.writestr(name, raw.replace(old, new))
    assert found == 1
    return anew


@pytest.mark.parametrize("digits", [b"1.1000000000000001", b"1.1", b"1.0999999999999999", b"11E-1"])
def test_a_number_is_the_one_that_excel_shows(digits: bytes, importing: Importing) -> None:
    """Excel writes all 17 digits of its binary fraction; 1.1 was typed and is shown."""
    path = rewritten(importing.book([*ROW[:3], 1.1, ROW[4]]), b"<v>1.1</v>", b"<v>" + digits + b"</v>")
    importing.run(path)
    assert [data["amount"] for data in importing.paid()] == [110]


def test_formulas_have_the_value_that_was_stored(importing: Importing) -> None:
    path = importing.book(ROW, ["JF-2", *ROW[1:3], "=600*2", "PJ-2"])
    report = importing.run(path)
    assert [(one.line, one.reason) for one in report.quarantined] == [(3, "formula-without-value")]
    stored = rewritten(path, b"<f>600*2</f><v />", b"<f>600*2</f><v>1200</v>")
    assert importing.run(stored).events == 1
    assert importing.paid()[-1]["amount"] == 120_000


def test_heads_in_two_lines_under_a_merged_title_are_joined(importing: Importing) -> None:
    path = importing.folder / "t.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["某县2026年缴费台账", None, None, None, None],
        ["单号", "收费单位代码", "缴款", None, "票据号"],
        [None, None, "日期", "金额", None],
        ROW,
    ):
        sheet.append(row)
    for merged in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"):
        sheet.merge_cells(merged)
    book.create_sheet("空表")
    book.save(path)
    day, amount = {"column": "缴款/日期"}, {"column": "缴款/金额", "unit": "元"}
    said = MAP | {"event": MAP["event"] | {"time": day | {"hour": "17:00"}}}
    said["fields"] = MAP["fields"] | {"/paid_on": day, "/amount": amount}
    assert importing.run(path, said).events == 1


def test_cells_merged_downwards_mean_what_stands_above_where_the_map_says_so(importing: Importing) -> None:
    path = importing.book(ROW, ["JF-2", None, *ROW[2:]], ["JF-3", None, *ROW[2:]])
    assert [one.reason for one in importing.run(path).quarantined] == ["missing"] * 2
    path = importing.book(["JF-4", *ROW[1:]], ["JF-5", None, *ROW[2:]], ["JF-6", None, *ROW[2:]])
    report = importing.run(path, MAP | {"fill_down": ["收费单位代码"]})
    assert report.events == 3
    assert {data["collector"] for data in importing.paid()} == {ROW[1]}


def test_one_of_several_sheets_is_chosen_by_name(importing: Importing) -> None:
    path = importing.folder / "t.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["something else"])
    second = book.create_sheet("缴费")
    second.append(HEADS)
    second.append(ROW)
    book.save(path)
    with pytest.raises(CannotRun, match="sheet"):
        importing.run(path)
    report = importing.run(path, MAP | {"sheet": "缴费"})
    assert (report.events, report.file) == (1, "t.xlsx#缴费")
    with pytest.raises(CannotRun, match="没有工作表"):
        importing.run(path, MAP | {"sheet": "支出"})


def test_a_column_is_left_out_only_knowingly(importing: Importing) -> None:
    path = importing.book([*ROW, "x"], heads=[*HEADS, "备注"])
    with pytest.raises(CannotRun, match="备注"):
        importing.run(path)
    assert importing.run(path, MAP | {"ignore": ["备注"]}).events == 1


def test_something_beside_the_columns_is_not_lost(importing: Importing) -> None:
    report = importing.run(importing.csv([*ROW, "another"]))
    assert [(one.reason, one.path, one.value) for one in report.quarantined] == [("extra-cell", "F", "another")]


def test_missing_and_doubled_columns_are_named_before_anything_is_written(importing: Importing) -> None:
    for heads, named in (([*HEADS[:4], "票号"], "票据号"), ([*HEADS, "金额"], "金额")):
        with pytest.raises(CannotRun, match=named):
            importing.run(importing.book(heads=heads))
    assert importing.log.head().size == 1


def test_a_poster_without_right_imports_nothing(importing: Importing) -> None:
    with pytest.raises(LedgerError) as refused:
        importing.run(importing.csv(ROW), poster=Poster("12140300MA0TT001XR", "PTC", "import:table"))
    assert refused.value.code == "no-right"
    assert importing.log.head().size == 1


def test_rows_without_a_number_of_their_own_are_known_by_what_they_say(importing: Importing) -> None:
    event = {name: value for name, value in MAP["event"].items() if name != "id"}
    path = importing.csv(ROW, ["JF-2", *ROW[1:]], ROW)
    report = importing.run(path, MAP | {"event": event})
    assert (report.events, [one.reason for one in report.quarantined]) == (2, ["duplicate-in-file"])
    assert importing.run(path, MAP | {"event": event}).known == 2


LISTS: dict[str, Any] = {
    "format": 1,
    "type": "trading.candidates-publicised.v1",
    "source": SOURCE,
    "event": {"id": "{编号}", "subject": "notice:{编号}", "time": {"column": "开始"}},
    "fields": {
        "/title": {"column": "标题"},
        "/project_name": {"column": "项目"},
        "/opens_at": {"column": "开始"},
        "/closes_at": {"column": "结束"},
        "/round": {"constant": 1},
        "/publication": {"constant": 1},
        "/correction": {"column": "更正"},
        "/candidates/*/rank": {"column": "名次", "split": "、"},
        "/candidates/*/party_name": {"column": "候选人", "split": "、"},
        "/candidates/*/party": {"column": "代码", "split": "、"},
        "/candidates/*/price_kind": {"column": "报价形式", "split": "、"},
        "/candidates/*/price_fen": {"column": "报价", "split": "、", "unit": "万元"},
        "/candidates/*/price_text": {"column": "报价", "split": "、"},
        "/source_notice/id": {"column": "编号"},
        "/source_notice/url": {"constant": "https://county.example/"},
    },
}


def test_one_cell_can_hold_a_list(importing: Importing) -> None:
    heads = ["编号", "标题", "项目", "开始", "结束", "更正", "名次", "候选人", "代码", "报价形式", "报价"]
    row = ["N-1", "公示", "甲项目", "2026-02-02 17:00", "2026-02-05 17:00", "否", "1、2", "甲公司、乙公司"]
    row += ["91140302MA0TT001XH、91140311MA0TT002XK", "金额（分）、金额（分）", "12.5、13"]
    operator = Poster("11140300MA0TT020X7", "PTC", "import:table")
    report = importing.run(importing.book(row, heads=heads), LISTS, operator)
    assert [(one.path, one.detail) for one in report.quarantined] == []
    candidates = importing.events()[0]["data"]["candidates"]
    assert [(one["party_name"], one["price_kind"], one["price_fen"]) for one in candidates] == [
        ("甲公司", "fen", 12_500_000),
        ("乙公司", "fen", 13_000_000),
    ]
    uneven = [*row[:-1], "12.5、13、14"]
    report = importing.run(importing.book(["N-2", *uneven[1:]], heads=heads), LISTS, operator)
    assert [one.reason for one in report.quarantined] == ["unequal-lists"]


def test_bytes_of_no_encoding_spoil_their_row_alone(importing: Importing) -> None:
    path = importing.csv(ROW, ["JF-2", *ROW[1:4], "PJ-X"], ["JF-3", *ROW[1:]])
    path.write_bytes(path.read_bytes().replace(b"PJ-X", b"PJ-\xff"))
    report = importing.run(path)
    assert (report.events, [(one.line, one.reason) for one in report.quarantined]) == (2, [(3, "undecodable")])


@pytest.mark.parametrize("harm", ["cut", "noise", "text", "xls", "empty", "no-sheet"])
def test_a_damaged_workbook_does_nothing_and_says_so(importing: Importing, harm: str) -> None:
    path = importing.book(*[[f"JF-{n}", *ROW[1:]] for n in range(200)])
    raw = path.read_bytes()
    if harm == "no-sheet":
        with zipfile.ZipFile(path) as packed:
            kept = {name: packed.read(name) for name in packed.namelist() if "sheet1" not in name}
        with zipfile.ZipFile(path, "w") as anew:
            for name, content in kept.items():
                anew.writestr(name, content)
    else:
        damaged = {"cut": raw[: len(raw) // 2], "noise": os.urandom(5000), "text": b"JF-1,x", "xls": raw, "empty": b""}
        path = path.with_suffix(".xls" if harm == "xls" else ".xlsx")
        path.write_bytes(damaged[harm])
    with pytest.raises(CannotRun) as refused:
        importing.run(path)
    assert re.search("[\u4e00-\u9fff]", refused.value.detail)
    assert importing.log.head().size == 1


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"format": 2}, ["/format"]),
        ({"fields": {"/nothing": {"column": "x"}}}, ["/fields/~1nothing"]),
        ({"fields": {"/amount": {"column": "x"}}}, ["/fields/~1amount/unit"]),
        ({"fields": {"/amount": {"column": "x", "unit": "斤"}}}, ["/fields/~1amount/unit"]),
        ({"fields": {"/paid_on": {"column": "x", "unit": "元"}}}, ["/fields/~1paid_on/unit"]),
        ({"fields": {"/paid_on": {"col": "x"}}}, ["/fields/~1paid_on"]),
        ({"fields": {"/paid_on": "x"}}, ["/fields/~1paid_on"]),
        ({"event": {"id": "{a}", "subject": "lot:{a}", "time": {"column": "t"}}}, ["/event/subject"]),
        ({"event": {"id": "{a}", "subject": "fee:{a}"}}, ["/event/time"]),
        ({"event": {"subject": "fee:{a}", "time": {"column": "t"}, "colour": "x"}}, ["/event/colour"]),
        ({"source": "urn:sunledger:import"}, ["/source"]),
        ({"head": 0}, ["/head"]),
        ({"ignore": "备注"}, ["/ignore"]),
        ({"extra": 1}, ["/extra"]),
        ({"type": "fee.assessed.v1"}, ["/type"]),
    ],
)
def test_a_map_that_does_not_fit_is_refused_with_its_places(
    contracts: Contracts, change: dict[str, Any], pointers: list[str]
) -> None:
    with pytest.raises(mapping.MapInvalid) as refused:
        mapping.parse(MAP | change, "fee.paid.v1", contracts)
    assert [one.pointer for one in refused.value.problems] == pointers
    for one in refused.value.problems:
        assert re.search("[\u4e00-\u9fff]", one.zh)
        assert not re.search("[\u4e00-\u9fff]", one.en.replace("分, 元", "")) or "unit" in one.pointer
