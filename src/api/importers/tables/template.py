"""An empty table for an event type, with Chinese heads, a line of hints, and the map that reads it when it is filled.

    write(Path("contracts.xlsx"), contract, contracts)      # and contracts.map.json beside it

Every field of the contract has its column; a list of values is one column parted by `；`, a list of objects has its
columns three times over. What is needed is marked in the hints. Columns of numbers and codes that Excel would take for
quantities are text from the beginning, so that no digit is lost.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import JSONEncoder
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from api.importers.tables.cells import plain
from api.importers.tables.values import FACTORS, kind_of
from ledger.contracts import Contract, Contracts
from ledger.errors import CannotRun
from ledger.fields import Schema

ITEMS = 3
"""How often the columns of a list of objects stand side by side; copy them, and the map's lines, for more."""

PART = "；"
UNITS = {"fen": "元", "area": "平方米", "bp": "%"}
_FORMS = {
    "fen": ("金额，元", "an amount, in yuan"),
    "area": ("面积，平方米", "an area, in m²"),
    "bp": ("百分比，如 98.5%", "per cent, like 98.5%"),
    "count": ("整数", "a whole number"),
    "integer": ("整数", "a whole number"),
    "boolean": ("是或否", "是 or 否 (yes or no)"),
    "date": ("日期，如 2026-02-13", "a date, like 2026-02-13"),
    "ts": ("时间，如 2026-02-13 09:30", "a time, like 2026-02-13 09:30"),
    "uscc": ("统一社会信用代码", "a unified social credit code"),
    "pid": ("化名编号", "a pseudonymous id"),
    "sha256": ("64 位十六进制哈希", "a hash of 64 hex digits"),
    "ref": ("条目号，或 来源#编号", "a position, or source#id"),
}
_AS_TEXT = ("uscc", "pid", "sha256", "code", "match", "text", "name", "string", "ref")
_LONGEST_CHOICE = 250
_CHECKED_ROWS = 5000
_SUBJECT, _ID, _TIME, _PROJECT = "主题编号", "编号", "发生时间", "项目代码"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a template: its name, its hint, how the map reads it, and its codes where it has any."""

    name: str
    hint: str
    pointer: str
    said: Mapping[str, Any]
    kind: str
    choice: tuple[str, ...] = ()


def write(path: Path, contract: Contract, contracts: Contracts) -> Path:
    """Write the empty table and, beside it, its map; gives the map's path. Raises CannotRun where one is there."""
    mapped = path.with_suffix(".map.json")
    for one in (path, mapped):
        if one.exists():
            raise CannotRun(f"{one}: 已存在，不覆盖 · is there already and is not overwritten")
    heads, said = table(contract, contracts)
    if path.suffix.lower() == ".xlsx":
        _workbook(contract, heads).save(path)
    elif path.suffix.lower() == ".csv":
        path.write_bytes(_csv(heads))
    else:
        raise CannotRun(f"{path.name}: 应为 .xlsx 或 .csv · should end in .xlsx or .csv")
    mapped.write_text(_json(said), encoding="utf-8")
    return mapped


def table(contract: Contract, contracts: Contracts) -> tuple[list[Head], dict[str, Any]]:
    """The columns of an empty table, and the map that reads them."""
    fields = list(_unique(_fields(contract.raw, "", "", contracts, set(contract.raw["required"]), needed=True)))
    subject, own = _subject(contract, fields)
    first = [
        Head(_ID, "必填；贵单位自己的编号，不得重复 · required; your own number, never twice", "", {}, "code"),
        *own,
        Head(_TIME, f"必填；{_FORMS['ts'][0]} · required; {_FORMS['ts'][1]}", "", {}, "ts"),
        Head(_PROJECT, "选填 · optional", "", {}, "code"),
    ]
    heads = [*first, *fields]
    said = {
        "format": 1,
        "type": contract.type,
        "source": "urn:example:change-me",
        "hints": [one.hint for one in heads],
        "event": {
            "id": f"{{{_ID}}}",
            "subject": subject,
            "time": {"column": _TIME, "hour": "00:00"},
            "project": f"{{{_PROJECT}}}",
        },
        "fields": {one.pointer: {"column": one.name, **one.said} for one in fields},
        "ignore": [],
    }
    return heads, said


def _subject(contract: Contract, fields: list[Head]) -> tuple[str, list[Head]]:
    """The subject from a required field that names the stream, else from a column of its own."""
    for one in fields:
        schema = contract.fields.get(one.pointer, {})
        if schema.get("x-tag") == contract.stream and one.pointer[1:] in contract.raw["required"]:
            return f"{contract.stream}:{{{one.name}}}", []
    prefix = "party" if contract.stream == "*" else contract.stream
    hint = f"必填；{prefix}: 之后的编号 · required; what follows {prefix}:"
    return f"{prefix}:{{{_SUBJECT}}}", [Head(_SUBJECT, hint, "", {}, "code")]


def _fields(
    schema: Schema, pointer: str, before: str, contracts: Contracts, required: set[str], *, needed: bool
) -> Iterator[Head]:
    """The columns of an object's members, those within it named `outer·inner`."""
    for name, field in schema.get("properties", {}).items():
        at, title = f"{pointer}/{name}", f"{before}{plain(field['title'])}"
        inner = _shape(field, contracts)
        must = needed and name in required
        if field.get("type") == "array":
            yield from _items(field["items"], at, title, contracts, must=must)
        elif "properties" in inner and kind_of(field) != "ref":
            yield from _fields(inner, at, f"{title}·", contracts, set(inner.get("required", ())), needed=must)
        else:
            yield _head(field, at, title, contracts, must=must)


def _items(item: Schema, at: str, title: str, contracts: Contracts, *, must: bool) -> Iterator[Head]:
    inner = _shape(item, contracts)
    if "properties" not in inner or kind_of(item) == "ref":
        one = _head(item, f"{at}/*", title, contracts, must=must)
        hint = f"{one.hint}；多项以 {PART} 分开 · several parted by {PART}"
        yield Head(one.name, hint, one.pointer, {**one.said, "split": PART}, "text")
        return
    for number in range(ITEMS):
        yield from _fields(
            inner, f"{at}/{number}", f"{title}{number + 1}·", contracts, set(inner.get("required", ())), needed=False
        )


def _head(field: Schema, at: str, title: str, contracts: Contracts, *, must: bool) -> Head:
    kind = kind_of(field)
    choice: tuple[str, ...] = ()
    if "x-codes" in field:
        listed = contracts.codes[field["x-codes"]].codes
        choice = tuple(one.title for code, one in listed.items() if code in field.get("enum", listed))
        zh, en = "名称或代码", "a title or code"
    else:
        zh, en = _FORMS.get(kind, ("文字", "text"))
    needs, needed = ("必填", "required") if must else ("选填", "optional")
    unit = {"unit": UNITS[kind]} if kind in FACTORS and "x-codes" not in field else {}
    name = f"{title}（{UNITS[kind]}）" if unit and "（" not in title else title
    hour = {"hour": "00:00"} if kind == "ts" else {}
    return Head(name, f"{needs}；{zh} · {needed}; {en}", at, {**unit, **hour}, kind, choice)


def _shape(field: Schema, contracts: Contracts) -> Schema:
    """A field's own members, or those of the value type it refers to."""
    shared: Schema = contracts.value_types["$defs"].get(kind_of(field), field)
    return shared if "properties" in shared else field


def _unique(heads: Iterator[Head]) -> Iterator[Head]:
    """Names that stand twice get their pointer behind them: a column is known by its name alone."""
    seen = {plain(one) for one in (_ID, _SUBJECT, _TIME, _PROJECT)}
    for one in heads:
        name = one.name if plain(one.name) not in seen else f"{one.name}·{one.pointer.strip('/').replace('/', '.')}"
        seen.add(plain(name))
        yield Head(name, one.hint, one.pointer, one.said, one.kind, one.choice)


def _csv(heads: list[Head]) -> bytes:
    """UTF-8 with a byte-order mark, which Excel wants to see."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[one.name for one in heads], [one.hint for one in heads]])
    return text.getvalue().encode("utf-8-sig")


def _workbook(contract: Contract, heads: list[Head]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "".join(one for one in contract.title if one not in "[]:*?/\\")[:31]
    sheet.append([one.name for one in heads])
    sheet.append([one.hint for one in heads])
    for place, one in enumerate(heads, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, min(40, 2 * len(one.name)))
        if one.kind in _AS_TEXT:
            sheet.column_dimensions[letter].number_format = "@"
        for row, font in ((1, Font(bold=True)), (2, Font(italic=True, color="666666"))):
            cell = sheet.cell(row, place)
            cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="top")
            cell.fill = PatternFill("solid", fgColor="EEF3F8")
        if one.choice and len(",".join(one.choice)) <= _LONGEST_CHOICE and not any("," in each for each in one.choice):
            offered = DataValidation(
                "list", formula1=f'"{",".join(one.choice)}"', allow_blank=True, errorStyle="warning"
            )
            offered.add(f"{letter}3:{letter}{_CHECKED_ROWS}")
            sheet.add_data_validation(offered)
    sheet.freeze_panes = "B3"
    return book


def _json(value: Any) -> str:
    """The map as a person edits it: one line a field."""
    return JSONEncoder(ensure_ascii=False, indent=2).encode(value) + "\n"
