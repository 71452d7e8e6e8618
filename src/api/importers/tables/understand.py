"""One row of a table, understood as one event by the map. Pure: a row gives the same event for ever.

Places in a fault name the column as people see it: `F 合同价（万元） → /amount`. What a row does not say is not filled
in: a constant of a list item or of an object that a row leaves empty does not bring it into being.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from api.importers.faults import Unusable, unusable
from api.importers.tables.cells import EMPTY, Cell, of_text
from api.importers.tables.heads import Table
from api.importers.tables.mapping import Column, TableMap, braces, filled
from api.importers.tables.sheets import Line
from api.importers.tables.values import at, read
from ledger.canonical import encode
from ledger.codes import CodeList
from ledger.fields import MAX_TAG

_PLAIN = "".join(chr(n) for n in range(0x21, 0x7F) if chr(n) != "%")
MOST_ITEMS = 200
"""Items that one cell may be parted into; a longer list is a document."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of a table."""

    table: Table
    map: TableMap
    lists: Mapping[str, CodeList]

    def event(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        """The event of a row, without its `sequence`. Raises Unusable with the first thing that stands in the way."""
        data = self._data(cells)
        event: dict[str, Any] = {
            "specversion": "1.0",
            "source": self.map.source,
            "type": self.map.contract.type,
            "time": self._time(cells),
            "attestation": "imported",
            "data": data,
        }
        for name, template in self.map.templates.items():
            text = self._filled(name, template, cells)
            if text:
                event[name] = text
        if "id" not in self.map.templates:
            event["id"] = f"row:{sha256(encode(event)).hexdigest()[:32]}"
        return event

    def cells(self, line: Line, above: Mapping[str, Cell]) -> dict[str, Cell]:
        """The cells of a row by column; those the map fills down have what stands above where they are blank."""
        cells = {
            name: line.cells[place] if place < len(line.cells) else EMPTY for name, place in self.table.places.items()
        }
        for name in self.map.fill_down:
            if cells[name].blank:
                cells[name] = above.get(name, EMPTY)
        return cells

    def loose(self, line: Line) -> Unusable | None:
        """What is wrong with a row that has something where no column is."""
        for place, cell in enumerate(line.cells):
            if not cell.blank and (place >= len(self.table.titles) or not self.table.titles[place]):
                return unusable(letter(place), "extra-cell", cell.text)
        return None

    def place(self, column: Column) -> str:
        """Where a column stands, as a fault names it."""
        return f"{self._name(column.name)} → {column.pointer}"

    def column_of(self, pointer: str) -> str:
        """The place that the value at a pointer of an event came from, as far as it is known."""
        bare = pointer.removeprefix("/data")
        fitting = [one for one in self.map.columns if _leads_to(one.pointer, bare)]
        if fitting:
            return f"{self._name(fitting[0].name)} → {pointer}"
        template = self.map.templates.get(pointer.removeprefix("/"), "")
        named = [self._name(name) for name in braces(template)]
        return f"{', '.join(named)} → {pointer}" if named else pointer

    def _name(self, name: str) -> str:
        return f"{letter(self.table.places[name])} {name}"

    def _time(self, cells: Mapping[str, Cell]) -> str:
        column = self.map.time
        cell = cells[column.name]
        if cell.blank:
            raise unusable(self.place(column), "missing", "")
        return str(self._read(column, cell))

    def _filled(self, name: str, template: str, cells: Mapping[str, Cell]) -> str:
        """A template with its columns; empty where one of them is, unless the event must have it."""
        texts = {}
        for column in braces(template):
            cell, place = cells[column], f"{self._name(column)} → /{name}"
            if cell.fault is not None or cell.lost:
                raise unusable(place, cell.fault or "lost-digits", cell.text)
            if cell.blank and name in ("id", "subject"):
                raise unusable(place, "missing", "")
            if cell.blank:
                return ""
            texts[column] = quote(cell.text, safe=_PLAIN)
        text = filled(template, texts)
        if len(text) > MAX_TAG:
            raise unusable(f"/{name}", "too-long", text)
        return text

    def _read(self, column: Column, cell: Cell) -> Any:
        try:
            return read(cell, column.schema, column.reading, self.lists)
        except Unusable as fault:
            raise at(fault, self.place(column), hidden=self.map.hides(column.pointer)) from fault

    def _data(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        values: dict[tuple[str, ...], Any] = {}
        counts: dict[tuple[str, ...], tuple[int, Column]] = {}
        for column in self.map.columns:
            cell = cells[column.name]
            if cell.blank:
                continue
            path = tuple(column.pointer.split("/")[1:])
            if column.split is None:
                values[path] = self._read(column, cell)
                continue
            star = path.index("*")
            pieces = [of_text(piece) for piece in cell.text.split(column.split)]
            if len(pieces) > MOST_ITEMS:
                raise unusable(self.place(column), "too-long", cell.text)
            known = counts.setdefault(path[:star], (len(pieces), column))
            if known[0] != len(pieces):
                other = f"{len(pieces)} ≠ {known[0]} ({self._name(known[1].name)})"
                raise unusable(self.place(column), "unequal-lists", other)
            for number, piece in enumerate(pieces):
                if not piece.blank:
                    values[(*path[:star], str(number), *path[star + 1 :])] = self._read(column, piece)
        return _built(values | dict(self._constants(values)))

    def _constants(self, values: Mapping[tuple[str, ...], Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
        """The constants of what is there: the event itself, and objects and items that the row says something of."""
        read_from = [tuple(one.pointer.split("/")[1:]) for one in self.map.columns]
        for pointer, constant in self.map.constants.items():
            path = tuple(pointer.split("/")[1:])
            around = path[:-1]
            if "*" in around:
                star = around.index("*")
                numbers = {one[star] for one in values if one[:star] == around[:star] and len(one) > star}
                yield from (((*path[:star], number, *path[star + 1 :]), constant) for number in sorted(numbers))
            elif not any(one[: len(around)] == around for one in read_from if around) or any(
                one[: len(around)] == around for one in values
            ):
                yield path, constant


def letter(place: int) -> str:
    """The letter of a column as Excel shows it: A, B … Z, AA …"""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _leads_to(written: str, pointer: str) -> bool:
    parts, wanted = written.split("/"), pointer.split("/")
    return len(parts) == len(wanted) and all(
        one in (two, "*") or (one.isdecimal() and two.isdecimal()) for one, two in zip(parts, wanted, strict=True)
    )


def _built(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """The payload of its values by path; numbered items close up where some are left empty."""
    whole: dict[str, Any] = {}
    for path, value in values.items():
        inner = whole
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = value
    made = _listed(whole)
    return made if isinstance(made, dict) else {}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdecimal() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=int)]
    return {name: _listed(item) for name, item in value.items()}
