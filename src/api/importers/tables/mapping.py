"""The map: which column means what (`schemas/formats/table-map.md`), read once and checked against its contract.

A map that does not fit is refused before a row is read, with everything that is wrong with it; a column that the map
does not name is refused too, unless the map says `ignore`: nothing is left out in silence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.door import OWN_SOURCES
from api.importers.tables.cells import plain
from api.importers.tables.values import FACTORS, Reading, kind_of
from ledger.canonical import decode
from ledger.contracts import Contract, Contracts
from ledger.errors import LedgerError, NotJson, Problem
from ledger.fields import Schema, secret_pointers

MEMBERS = (
    "format", "type", "source", "sheet", "head", "hints", "encoding", "separator", "event", "fields", "fill_down",
    "ignore",
)  # fmt: skip
EVENT = ("id", "subject", "time", "project", "person", "confirmer", "role", "edition", "correlation", "causation")
COLUMN = ("column", "unit", "split", "codes", "hour")
_IN_BRACES = re.compile(r"\{([^{}]+)\}")
_TIME: Schema = {"$ref": "urn:sunledger:types.v1#/$defs/ts", "title": "发生时间", "x-title-en": "Happened"}


class MapInvalid(LedgerError):
    """表格映射有误，请按所列位置修改。 · The map of the table is wrong; mend the places named."""

    code = "map-invalid"


@dataclass(frozen=True, slots=True)
class Column:
    """A field read from a column: its pointer, the column's name, how it is read, what its cells are parted by."""

    pointer: str
    name: str
    schema: Schema
    reading: Reading
    split: str | None = None


@dataclass(frozen=True, slots=True)
class TableMap:
    """A map that fits its contract. Names of columns are without blanks, as heads are compared."""

    contract: Contract
    source: str
    sheet: str | None
    head: int | None
    hints: tuple[str, ...]
    encoding: str | None
    separator: str | None
    templates: Mapping[str, str]
    time: Column
    columns: tuple[Column, ...]
    constants: Mapping[str, Any]
    fill_down: tuple[str, ...]
    ignore: tuple[str, ...]

    @property
    def secret(self) -> bool:
        """Whether a row may hold a secret: then nothing of it is shown or hashed where it was not understood."""
        return any(self.hides(column.pointer) for column in self.columns)

    def hides(self, pointer: str) -> bool:
        """Whether what stands at a pointer of the data is secret."""
        if "x-sealed" in self.contract.raw:
            return True
        generic = _generic(pointer)
        secrets = secret_pointers(self.contract.raw, self.contract.secrecy)
        return any(generic == one or generic.startswith(f"{one}/") for one in secrets)

    @property
    def names(self) -> list[str]:
        """Every column that the map needs, each once, in its order."""
        named = [one.name for one in (self.time, *self.columns) if one.name]
        braced = [name for template in self.templates.values() for name in braces(template)]
        return list(dict.fromkeys([*braced, *named, *self.fill_down]))


@dataclass(slots=True)
class _Found:
    problems: list[Problem] = field(default_factory=list)

    def add(self, pointer: str, zh: str, en: str) -> None:
        self.problems.append(Problem(pointer, "map", zh, en))


def load(path: Path, type_: str, contracts: Contracts) -> TableMap:
    """The map in a file for an event type. Raises MapInvalid, OSError."""
    try:
        raw = decode(path.read_bytes())
    except NotJson as fault:
        raise MapInvalid(f"({path.name})", problems=fault.problems) from fault
    return parse(raw, type_, contracts)


def parse(raw: Any, type_: str, contracts: Contracts) -> TableMap:
    """The map of a decoded value. Raises MapInvalid with everything that is wrong."""
    found = _Found()
    contract = contracts.get(type_)
    if not isinstance(raw, dict) or contract is None:
        zh, en = (
            ("映射应为 JSON 对象。", "A map is a JSON object.")
            if contract
            else (f"没有合同：{type_}。", f"No contract: {type_}.")
        )
        raise MapInvalid(problems=(Problem("" if contract else "/type", "map", zh, en),))
    for name in raw:
        if name not in MEMBERS:
            found.add(
                f"/{name}",
                f"不认识「{name}」，可用：{', '.join(MEMBERS)}。",
                f"Not known; there are: {', '.join(MEMBERS)}.",
            )
    if raw.get("type") != type_:
        found.add("/type", f"应为 {type_}。", f"Must be {type_}.")
    if raw.get("format") != 1:
        found.add("/format", "应为 1。", "Must be 1.")
    source = raw.get("source")
    if not isinstance(source, str) or not re.fullmatch(r"[!-~]{1,121}", source) or source.startswith(OWN_SOURCES):
        found.add(
            "/source",
            "应写明来源系统（可见 ASCII，不以 urn:sunledger: 开头）。",
            f"Name the source in visible ASCII, not {OWN_SOURCES}.",
        )
    event, fields = (_object(raw, name, found) for name in ("event", "fields"))
    templates = _templates(event, contract, found)
    columns, constants = _fields(fields, contract, contracts, found)
    made = TableMap(
        contract,
        str(source),
        _text(raw, "sheet", found),
        _head(raw, found),
        tuple(_texts(raw, "hints", found)),
        _text(raw, "encoding", found),
        _text(raw, "separator", found),
        templates,
        _time(event, found),
        tuple(columns),
        constants,
        tuple(map(plain, _texts(raw, "fill_down", found))),
        tuple(map(plain, _texts(raw, "ignore", found))),
    )
    if made.secret and "id" not in templates:
        found.add(
            "/event/id",
            "此类事件有保密内容，编号不能由内容算出，请写明。",
            "This type has secret members: its id cannot be made from the content; give one.",
        )
    if found.problems:
        raise MapInvalid(problems=tuple(found.problems))
    return made


def braces(template: str) -> list[str]:
    """The columns that a template names: `lot:{标段编号}`."""
    return [plain(name) for name in _IN_BRACES.findall(template)]


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with the texts of its columns."""
    return _IN_BRACES.sub(lambda match: values[plain(match[1])], template)


def _templates(event: Mapping[str, Any], contract: Contract, found: _Found) -> dict[str, str]:
    for name in event:
        if name not in EVENT:
            found.add(
                f"/event/{name}",
                f"不认识「{name}」，可用：{', '.join(EVENT)}。",
                f"Not known; there are: {', '.join(EVENT)}.",
            )
    templates = {}
    for name in EVENT:
        if name == "time" or name not in event:
            continue
        if isinstance(event[name], str) and event[name]:
            templates[name] = event[name]
        else:
            found.add(f"/event/{name}", "应为文字，列名写在 { } 里。", "A text with the names of columns in braces.")
    subject = templates.get("subject")
    if subject is None:
        found.add("/event/subject", "缺少主题。", "The subject is missing.")
    elif not contract.on_stream(subject):
        prefixes = ", ".join(f"{one}:" for one in contract.streams)
        found.add("/event/subject", f"主题应以 {prefixes} 开头。", f"The subject begins with {prefixes}")
    return templates


def _time(event: Mapping[str, Any], found: _Found) -> Column:
    column = _column("/event/time", event.get("time"), _TIME, found)
    return column or Column("/event/time", "", _TIME, Reading())


def _fields(
    fields: Mapping[str, Any], contract: Contract, contracts: Contracts, found: _Found
) -> tuple[list[Column], dict[str, Any]]:
    columns, constants = [], {}
    for pointer, said in fields.items():
        at = f"/fields/{pointer.replace('~', '~0').replace('/', '~1')}"
        schema = contract.field(_generic(pointer)) if pointer.startswith("/") else None
        if schema is None:
            known = ", ".join(list(contract.fields)[:60])
            found.add(at, f"合同中没有此字段：{pointer}。", f"The contract has no such field; there are: {known}.")
        elif isinstance(said, dict) and set(said) == {"constant"}:
            constants[pointer] = said["constant"]
        elif (column := _column(at, said, schema, found, pointer)) is not None:
            columns.append(column)
            _check_column(at, column, contracts, found)
    return columns, constants


def _column(at: str, said: Any, schema: Schema, found: _Found, pointer: str = "") -> Column | None:
    if not isinstance(said, dict) or not isinstance(said.get("column"), str) or not plain(said["column"]):
        found.add(at, '应为 {"column": 列名} 或 {"constant": 值}。', 'Write {"column": name} or {"constant": value}.')
        return None
    for name in set(said) - set(COLUMN):
        found.add(
            f"{at}/{name}",
            f"不认识「{name}」，可用：{', '.join(COLUMN)}。",
            f"Not known; there are: {', '.join(COLUMN)}.",
        )
    codes = said.get("codes", {})
    if not isinstance(codes, dict) or not all(isinstance(one, str) for one in codes.values()):
        found.add(f"{at}/codes", "应为 名称 → 代码。", "Names and their codes.")
        codes = {}
    texts = {name: said.get(name) for name in ("unit", "split", "hour")}
    for name, value in texts.items():
        if value is not None and (not isinstance(value, str) or not value):
            found.add(f"{at}/{name}", "应为文字。", "Must be text.")
    reading = Reading(texts["unit"], codes, texts["hour"])
    return Column(pointer, plain(said["column"]), schema, reading, texts["split"])


def _check_column(at: str, column: Column, contracts: Contracts, found: _Found) -> None:
    kind = kind_of(column.schema)
    shared = contracts.value_types["$defs"].get(kind, {})
    if kind == "array" or "properties" in column.schema or "properties" in shared:
        found.add(at, "此处是列表或对象，请写到其中的字段。", "This is a list or an object; name the fields in it.")
    if kind in FACTORS:
        unit = column.reading.unit
        if unit not in FACTORS[kind]:
            units = ", ".join(FACTORS[kind])
            found.add(f"{at}/unit", f"请写明单位：{units}。", f"Say the unit: {units}.")
    elif column.reading.unit is not None:
        found.add(f"{at}/unit", "此字段没有单位。", "This field has no unit.")
    if ("*" in column.pointer.split("/")) != (column.split is not None):
        found.add(
            at, "列表项写 * 时须给出 split，反之亦然。", "A list item written * needs `split`, and the other way round."
        )


def _generic(pointer: str) -> str:
    return "/".join("*" if part.isdecimal() else part for part in pointer.split("/"))


def _object(raw: Mapping[str, Any], name: str, found: _Found) -> Mapping[str, Any]:
    value = raw.get(name)
    if isinstance(value, dict):
        return value
    found.add(f"/{name}", "应为对象。", "Must be an object.")
    return {}


def _text(raw: Mapping[str, Any], name: str, found: _Found) -> str | None:
    value = raw.get(name)
    if value is None or (isinstance(value, str) and value):
        return value
    found.add(f"/{name}", "应为文字。", "Must be text.")
    return None


def _head(raw: Mapping[str, Any], found: _Found) -> int | None:
    value = raw.get("head")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    found.add("/head", "应为表头所在行号（从 1 起）。", "The number of the line that holds the heads, from 1.")
    return None


def _texts(raw: Mapping[str, Any], name: str, found: _Found) -> Iterator[str]:
    value = raw.get(name, [])
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield from value
    else:
        found.add(f"/{name}", "应为文字的列表。", "A list of texts.")
