"""An office without a system asks for an empty table, fills it in and imports it; all with the real command."""

import json
from pathlib import Path
from typing import Any

import openpyxl

TYPE = "archive.item-filed.v1"


def test_a_template_is_filled_in_and_imported_once(held: Any, command_line: Any, tmp_path: Path) -> None:
    table = tmp_path / "filed.xlsx"
    made = command_line("import", "table", "--as", TYPE, "--template", table, "--json")
    assert (made.code, made.value["map"]) == (0, str(tmp_path / "filed.map.json"))
    again = command_line("import", "table", "--as", TYPE, "--template", table)
    assert (again.code, "已存在" in again.err) == (2, True)

    book = openpyxl.load_workbook(table)
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    good = {
        "编号": "G-1",
        "发生时间": "2026-06-01 10:00",
        "案卷编号": "A-2026-0031",
        "所归事项": "E1403000123001",
        "载体": "纸质",
        "归档文件·文件编号": "d-1",
        "归档文件·文件种类": "评标报告",
        "归档文件·文件哈希": "33b34420f2ac978cb0cb2de9c313681e4272ecc81562b6bcdad2f728dd6a0087",
        "归档文件·字节数": 33235,
        "归档文件·媒体类型": "application/pdf",
        "保管期限": "十五年",
        "盒号": "2026-07",
    }
    assert set(good) <= set(heads)
    for row in (good, good | {"编号": "G-2", "载体": "竹简"}):
        sheet.append([row.get(head) for head in heads])
    book.save(table)
    mapped = tmp_path / "filed.map.json"
    mapped.write_text(mapped.read_text("utf-8").replace("urn:example:change-me", "urn:example:county"), "utf-8")

    arguments = ("import", "table", table, "--as", TYPE, "--map", mapped)
    told = held.run(*arguments, "--json")
    assert told.code == 0, told.err
    assert (told.value["rows"], told.value["events"]) == (2, 1)
    first, second = told.value["results"]
    assert (first["line"], first["result"], second["line"], second["result"]) == (3, "new", 4, "quarantined")
    (odd,) = told.value["quarantined"]
    assert (odd["line"], odd["reason"], odd["value"]) == (4, "unknown-code", "竹简")
    assert odd["path"].endswith("载体 → /kind")

    entry = held.run("show", first["position"], "--json").value["entry"]["event"]
    assert (entry["subject"], entry["attestation"], entry["data"]["kind"]) == (
        "archive:A-2026-0031",
        "imported",
        "paper",
    )
    assert entry["data"]["doc"]["kind"] == "evaluation-report"
    for_people = held.run(*arguments)
    assert "1 已在账 known" in for_people.out
    assert "第 4 行 line 4" in for_people.out


def test_a_wrong_map_is_told_place_by_place(held: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    said = {"format": 1, "type": TYPE, "source": "urn:example:x", "event": {}, "fields": {"/nothing": {"column": "x"}}}
    wrong.write_text(json.dumps(said), "utf-8")  # noqa: TID251  (a foreign file)
    told = held.run("import", "table", wrong, "--as", TYPE, "--map", wrong)
    assert told.code == 2
    assert {"/event/subject", "/event/time", "/fields/~1nothing"} <= {
        line.strip().partition(": ")[0] for line in told.err.splitlines()
    }
    assert held.run("import", "table", wrong, "--as", TYPE).code == 2
    assert held.run("import", "table", wrong).code == 2
