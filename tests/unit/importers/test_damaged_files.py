"""A damaged file: each row gives one outcome, and the rows beside it are untouched."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.importers.faults import SHOWN
from api.importers.rows import Row, read, rows

SAMPLE = Path(__file__).parents[3] / "ops" / "sample" / "notices.json"
GOOD: list[Any] = [row for row in json.loads(SAMPLE.read_text(encoding="utf-8"))[:4]]
STYLES: list[dict[str, Any]] = [{"indent": 0}, {"indent": 2}, {"separators": (",", ":")}]


def written(row: Any, **style: Any) -> bytes:
    return json.dumps(row, ensure_ascii=False, **style).encode()  # noqa: TID251  (a foreign file, not bytes of ours)


def file(*pieces: bytes) -> bytes:
    return b"[\n" + b",\n".join(pieces) + b"\n]"


def ids(found: list[Row]) -> list[str | None]:
    return [row.value.get("infoid") if isinstance(row.value, dict) else None for row in found]


A, B, C, D = (row["infoid"] for row in GOOD)


def test_a_well_formed_file_gives_its_elements_and_the_lines_they_start_in() -> None:
    raw = SAMPLE.read_bytes()
    found = list(rows(SAMPLE))
    assert [row.value for row in found if row.fault is None] == [
        row for row in json.loads(raw) if not isinstance(row["parsed_data"]["bidders_and_prices"][1]["price"], float)
    ]
    lines = raw.decode().split("\n")
    assert all(lines[row.line - 1] == "{" and row.raw.startswith(b"{") for row in found)


def damages(row: bytes) -> dict[str, bytes]:
    return {
        "cut in the middle": row[: len(row) // 2],
        "cut inside a name": row.split(b'"parsed_data"')[0] + b'"pars',
        "no closing bracket": row.rstrip()[:-1],
        "no opening bracket": row[1:],
        "no bracket after the bidders": row.replace(b"]", b"", 1),
        "a bracket too many": row.replace(b"]", b"]]", 1),
        "a brace too many": row.replace(b"]", b"}]", 1),
        "a brace too few": row.replace(b'"raw_data"', b"", 1).replace(b"}", b"", 1),
        "no comma": row.replace(b",", b"", 1),
        "a quote too many": row.replace(b'"price": "', b'"price": "1"', 1).replace(b'"price":"', b'"price":"1"', 1),
        "a quote too few": row.replace(b'"infourl"', b'"infourl', 1),
        "bytes that are not UTF-8": row.replace("公示".encode(), b"\xff\xfe", 1),
        "a name twice": row.replace(b'"infourl"', b'"infoid": "x", "infourl"', 1),
        "NUL": row.replace(b'"price": "', b'"price": "\\u0000', 1).replace(b'"price":"', b'"price":"\\u0000', 1),
        "a raw NUL": row.replace(b'"infourl"', b'"info\x00url"', 1),
        "half a character": row.replace(b'"infourl"', b'"x": "\\ud800", "infourl"', 1),
        "a number with a point": row.replace(b'"infourl"', b'"x": 1.0, "infourl"', 1),
        "not a number": row.replace(b'"infourl"', b'"x": NaN, "infourl"', 1),
        "words": b"@@ nothing @@",
        "null": b"null",
        "a number": b"17",
        "a text": b'"row"',
        "a list": b'[{"a": 1}, 2]',
        "an empty object": b"{}",
        "too deep": b"[" * 40 + b"]" * 40,
    }


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", list(damages(b"{}")))
def test_a_damaged_row_in_the_middle_is_one_outcome_and_costs_no_other(name: str, style: dict[str, Any]) -> None:
    pieces = [written(row, **style) for row in GOOD]
    pieces[1] = damages(pieces[1])[name]
    found = list(read(file(*pieces)))
    assert len(found) == 4
    assert (ids(found)[0], *ids(found)[2:]) == (A, C, D)
    assert found[1].fault is not None or not (isinstance(found[1].value, dict) and "parsed_data" in found[1].value)


@pytest.mark.parametrize("style", STYLES)
def test_a_file_cut_off_at_any_place_gives_every_whole_row_and_one_for_the_rest(style: dict[str, Any]) -> None:
    pieces = [written(row, **style) for row in GOOD[:3]]
    raw = file(*pieces)
    start, end = raw.index(pieces[2]), raw.index(pieces[2]) + len(pieces[2])
    for cut in range(start + 1, end, 7):
        found = list(read(raw[:cut]))
        assert ids(found)[:2] == [A, B]
        assert len(found) == 3
        assert found[2].fault is not None
    assert len(list(read(raw[:start]))) == 2
    assert ids(list(read(raw[:end]))) == [A, B, C]


def test_two_damaged_rows_in_a_row_are_two_outcomes() -> None:
    pieces = [written(row, indent=0) for row in GOOD]
    pieces[1], pieces[2] = pieces[1][:-9], pieces[2][:-9]
    assert ids(list(read(file(*pieces)))) == [A, None, None, D]


def test_what_stands_between_rows_costs_no_row() -> None:
    one, two = (written(row) for row in GOOD[:2])
    for raw in (
        one + two,
        b"\xef\xbb\xbf" + file(one, two),
        file(one, b"", two),
        file(one + b"}]", two),
        file(one) * 2,
    ):
        assert None not in ids(list(read(raw)))
        assert len(list(read(raw))) == 2
    assert list(read(b"[]")) == list(read(b"")) == list(read(b"[\n")) == []


def test_a_fault_says_where_it_is_and_shows_what_stood_there() -> None:
    row = json.loads(written(GOOD[0]))
    row["parsed_data"]["bidders_and_prices"][1]["price"] = 3312590.25
    [found] = read(file(written(row)))
    assert found.fault is not None
    assert (found.fault.path, found.fault.reason) == ("/parsed_data/bidders_and_prices/1/price", "wrong-type")
    assert found.fault.value == "3312590.25"


@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        ("a name twice", "/infoid", "duplicate-name"),
        ("half a character", "/x", "unrepresentable"),
        ("NUL", "/parsed_data/bidders_and_prices/0/price", "unrepresentable"),
        ("not a number", "/x", "wrong-type"),
        ("no comma", "", "malformed-json"),
    ],
)
def test_each_damage_has_its_reason(name: str, path: str, reason: str) -> None:
    [found] = read(file(damages(written(GOOD[0]))[name]))
    assert found.fault is not None
    assert (found.fault.path, found.fault.reason) == (path, reason)
    assert len(found.fault.value) <= SHOWN
    assert found.fault.value.isprintable()
    assert " · " in found.fault.detail
