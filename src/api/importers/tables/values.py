"""A cell becomes the value that its field wants, by the contract's value type; exactly, or not at all.

    fen     698.12 in 万元 → 698120000        bp      98.5% → 9850        area    1,234.5 平方米 → 123450
    date    2026年2月13日 → 2026-02-13         ts      2026/2/13 9:30 → 2026-02-13T09:30:00+08:00
    codes   公开招标 → its code               yes/no  是 → true           ref     412, or source#id

What a cell says itself goes before the map: `698万元` is ten thousands whatever the column was said to be in. Raises
Unusable with a reason and the value wanted; the caller adds where the cell stood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from api.importers.faults import Unusable, unusable
from api.importers.tables.cells import Cell, plain
from ledger.clock import BEIJING
from ledger.codes import Code, CodeList
from ledger.fields import Schema

FACTORS: Mapping[str, Mapping[str, Decimal]] = {
    "fen": {
        "分": Decimal(1),
        "元": Decimal(100),
        "千元": Decimal(100_000),
        "万元": Decimal(1_000_000),
        "百万元": Decimal(100_000_000),
        "亿元": Decimal(10_000_000_000),
    },
    "area": {
        "平方米": Decimal(100),
        "万平方米": Decimal(1_000_000),
        "公顷": Decimal(1_000_000),
        "平方公里": Decimal(100_000_000),
    },
    "bp": {"bp": Decimal(1), "%": Decimal(100), "‰": Decimal(10), "1": Decimal(10_000)},
}
"""By value type, how much one of a unit is in the ledger's own; `1` is a bare ratio, 0.985."""

_ALIASES = {"㎡": "平方米", "m2": "平方米", "m²": "平方米", "人民币元": "元", "圆": "元", "万": "万元", "亿": "亿元"}
_NUMBER = re.compile(r"(?:人民币)?[¥￥]?([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)([^0-9.,]*?)(?:整)?")
_DAY = re.compile(r"([0-9]{4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_CLOCK = re.compile(r"T?([0-9]{1,2})[:时点]([0-9]{1,2})分?(?::?([0-9]{1,2})秒?)?")
_OFFSET = re.compile(r"(.*?)(Z|[+-][0-9]{2}:[0-9]{2})")
_YES = frozenset({"是", "有", "对", "真", "√", "✓", "y", "yes", "true", "1"})
_NO = frozenset({"否", "无", "没有", "非", "错", "×", "✗", "x", "n", "no", "false", "0"})


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read beyond its field's type: unit, further names of codes, hour of a day without one."""

    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    hour: str | None = None


def kind_of(schema: Schema) -> str:
    """The value type of a field (`fen`, `date`, `boolean` …)."""
    shared = str(schema.get("$ref", "")).rpartition("/")[2]
    return shared or str(schema.get("type", ""))


def read(cell: Cell, schema: Schema, reading: Reading, lists: Mapping[str, CodeList]) -> Any:
    """The value of a cell that is not blank. Raises Unusable."""
    if cell.fault is not None:
        raise unusable("", cell.fault, cell.text)
    kind = kind_of(schema)
    if "x-codes" in schema:
        return _code(cell, schema, reading, lists)
    if kind in FACTORS:
        return _measured(cell, kind, reading.unit)
    if kind in ("count", "integer"):
        return _whole(cell, _number(cell)[0])
    if kind == "boolean":
        return _truth(cell)
    if kind == "date":
        return _day(cell).isoformat()
    if kind == "ts":
        return _moment(cell, reading.hour)
    if kind == "ref":
        return _reference(cell)
    return _text(cell, kind)


def _text(cell: Cell, kind: str) -> str:
    if cell.lost:
        raise unusable("", "lost-digits", cell.text)
    if kind in ("uscc", "pid", "sha256", "code"):
        text = plain(cell.text)
        return text.lower() if kind in ("sha256", "pid") else text
    return cell.text


def _number(cell: Cell) -> tuple[Decimal, str]:
    """The number of a cell and the unit it names itself, or an empty text."""
    if cell.lost:
        raise unusable("", "lost-digits", cell.text)
    if cell.number is not None:
        return cell.number, "1" if cell.percent else ""
    match = _NUMBER.fullmatch(plain(cell.text))
    if match is None:
        raise unusable("", "bad-number", cell.text)
    return Decimal(match[1].replace(",", "")), _ALIASES.get(match[2].strip("()"), match[2].strip("()"))


def _measured(cell: Cell, kind: str, unit: str | None) -> int:
    number, own = _number(cell)
    factors = FACTORS[kind]
    if own == "1" and kind != "bp":  # a number that Excel shows as per cent is no amount of money
        raise unusable("", "bad-number", cell.text)
    named = own or unit
    if named is None or named not in factors:
        wanted = ", ".join(factors)
        raise unusable("", "bad-unit", cell.text, f"单位应为：{wanted}。 · The unit is one of: {wanted}.")
    return _whole(cell, number * factors[named])


def _whole(cell: Cell, number: Decimal) -> int:
    numerator, denominator = number.as_integer_ratio()
    if denominator != 1:
        raise unusable("", "too-fine", cell.text)
    return numerator


def _truth(cell: Cell) -> bool:
    if cell.truth is not None:
        return cell.truth
    text = plain(cell.text).lower()
    if text in _YES or text in _NO:
        return text in _YES
    raise unusable("", "bad-truth", cell.text)


def _day(cell: Cell) -> date:
    if cell.day is not None:
        return cell.day
    match = _DAY.fullmatch(plain(cell.text)) if cell.moment is None else None
    if match is None:
        raise unusable("", "bad-date", cell.text)
    return _real_day(cell, match)


def _real_day(cell: Cell, match: re.Match[str]) -> date:
    year, month, day = (int(one) for one in match.groups() if one is not None)
    try:
        return date(year, month, day)
    except ValueError as fault:
        raise unusable("", "bad-date", cell.text) from fault


def _moment(cell: Cell, hour: str | None) -> str:
    """A moment of Beijing time, unless the cell states another offset."""
    if cell.moment is not None:
        return cell.moment.replace(tzinfo=BEIJING).isoformat()
    if cell.day is not None:
        return _at(cell, cell.day, hour)
    text = plain(cell.text)
    whole = _OFFSET.fullmatch(text) if "T" in text else None
    match = _DAY.match(whole[1] if whole else text)
    if match is None:
        raise unusable("", "bad-time", cell.text)
    rest = (whole[1] if whole else text)[match.end() :]
    day = _real_day(cell, match)
    return _at(cell, day, rest or hour, whole[2] if whole else "")


def _at(cell: Cell, day: date, hour: str | None, offset: str = "") -> str:
    fraction = re.search(r"\.[0-9]{1,6}$", hour or "")
    match = _CLOCK.fullmatch((hour or "").removesuffix(fraction[0] if fraction else ""))
    if match is None:
        raise unusable("", "no-hour" if not hour else "bad-time", cell.text)
    try:
        hours, minutes, seconds = (int(one) for one in match.groups(default="0"))
        moment = datetime.combine(day, time(hours, minutes, seconds))
    except ValueError as fault:
        raise unusable("", "bad-time", cell.text) from fault
    return moment.isoformat() + (fraction[0] if fraction else "") + (offset or "+08:00")


def _reference(cell: Cell) -> int | dict[str, str]:
    text = plain(cell.text).removeprefix("#")
    if text.isascii() and text.isdecimal() and not cell.lost and len(text) < 17:
        return int(text)
    source, sign, id_ = text.rpartition("#")
    if not (sign and source and id_):
        raise unusable("", "bad-reference", cell.text)
    return {"source": source, "id": id_}


def _code(cell: Cell, schema: Schema, reading: Reading, lists: Mapping[str, CodeList]) -> str:
    """A code by itself, by what the map calls it, or by its title in either language."""
    listed = lists[schema["x-codes"]].codes
    allowed = schema.get("enum")
    known = {code: one for code, one in listed.items() if allowed is None or code in allowed}
    text = plain(cell.text)
    if cell.text in reading.codes or text in reading.codes:
        return reading.codes.get(cell.text, reading.codes.get(text, ""))
    if text in known or (allowed is not None and text in allowed):
        return text
    found = [code for code, one in known.items() if text.lower() in _named(one)]
    if len(found) == 1:
        return found[0]
    if found or allowed is not None:
        choice = "、".join(one.title for one in known.values())[:300]
        raise unusable("", "unknown-code", cell.text, f"应为：{choice}。 · One of: {', '.join(known)[:300]}.")
    return _text(cell, "code")


def _named(one: Code) -> tuple[str, str]:
    return plain(one.title).lower(), plain(one.title_en).lower()


def at(fault: Unusable, path: str, *, hidden: bool = False) -> Unusable:
    """The same fault with the place where it stood; `hidden`: without what stood there, which is secret."""
    one = fault.fault
    return unusable(path, one.reason, "" if hidden else one.value, one.detail)
