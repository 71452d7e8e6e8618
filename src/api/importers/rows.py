"""Reading a JSON array file row by row, strictly and without losing one.

`rows` gives one Row for every row of the file, good or bad. Each row is read by the one strict decoder of the ledger,
so what it accepts can be recorded; what it refuses comes as a fault with its place, and reading goes on at the next
row (`extents` says how it is found).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.importers.extents import extents
from api.importers.faults import Fault, from_strict, shown
from ledger.canonical import decode
from ledger.errors import NotJson

_UNSAYABLE = re.compile(r"[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts in (from 1), its bytes, and either its value or what is wrong with it."""

    line: int
    raw: bytes
    value: Any
    fault: Fault | None


def rows(path: Path) -> Iterator[Row]:
    """Every row of the file, in order. Raises OSError where the file cannot be read, and nothing else."""
    yield from read(path.read_bytes())


def read(raw: bytes) -> Iterator[Row]:
    """Every row of a file whose bytes are `raw`."""
    for extent in extents(raw):
        piece = raw[extent.start : extent.end].rstrip(b", \t\r\n")
        try:
            yield Row(extent.line, piece, decode(piece), None)
        except NotJson as refused:
            yield Row(extent.line, piece, None, _located(from_strict(refused, piece), piece))


class _Odd:
    """What the strict decoder refuses inside a row that is otherwise JSON."""

    def __init__(self, text: str, reason: str) -> None:
        self.text, self.reason = text, reason


def _located(fault: Fault, piece: bytes) -> Fault:
    """The fault with its exact place and value, where the row is JSON but for one thing the ledger refuses."""
    try:
        value = json.loads(piece, object_pairs_hook=_members, parse_int=_integer, parse_float=_odd, parse_constant=_odd)
        place = _search(value, "")
    except (ValueError, RecursionError):
        return fault
    return fault if place is None else Fault(place[0], place[1].reason, shown(place[1].text), fault.detail)


def _search(value: Any, path: str) -> tuple[str, _Odd] | None:
    if isinstance(value, _Odd):
        return path, value
    if isinstance(value, str):
        return (path, _Odd(value, "unrepresentable")) if _UNSAYABLE.search(value) else None
    children: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return next((found for name, item in children if (found := _search(item, f"{path}/{pointed(name)}"))), None)


def pointed(name: Any) -> str:
    """A member name or index as a step of a JSON pointer (RFC 6901), short and printable."""
    return shown(str(name).replace("~", "~0").replace("/", "~1"))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members[name] = _Odd(shown(_plain(value)), "duplicate-name") if name in members else value
    return members


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, _Odd) else value


def _odd(text: str) -> _Odd:
    return _Odd(text, "wrong-type")


def _integer(text: str) -> int | _Odd:
    return int(text) if len(text) < 16 and text != "-0" else _odd(text)
