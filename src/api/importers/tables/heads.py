"""Where the heads of a table stand, and which column is which.

A county's table begins with a merged title, then heads in one line, or in two where a merged cell stands above several.
Of two lines the names are joined: `候选人1/名称`. A merged cell has its text in its first place only; it counts for the
places right of it that have a second line.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from api.importers.tables.cells import Cell, plain
from api.importers.tables.mapping import TableMap
from api.importers.tables.sheets import Line, Sheet
from ledger.errors import CannotRun

LOOKED_AT = 30
"""Lines at the beginning of a sheet among which the heads are looked for."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its heads found: column name → place, and the rows behind the heads."""

    name: str
    places: dict[str, int]
    titles: tuple[str, ...]
    rows: tuple[Line, ...]


def found(sheet: Sheet, wanted: TableMap) -> Table:
    """The table. Raises CannotRun naming the columns that are missing, doubled, or named nowhere in the map."""
    names = wanted.names
    best: tuple[int, list[str]] = (-1, names)
    for index, line in enumerate(sheet.rows[: wanted.head or LOOKED_AT]):
        if wanted.head is not None and line.number != wanted.head:
            continue
        for heads in _readings(sheet.rows, index):
            missing = [name for name in names if name not in heads]
            if not missing:
                return _table(sheet, wanted, heads, sheet.rows[index + 1 :])
            if len(names) - len(missing) > best[0]:
                best = (len(names) - len(missing), missing)
    told = "、".join(best[1][:20])
    raise CannotRun(f"{sheet.name}: 找不到列 · columns not found: {told}")


def _readings(rows: Sequence[Line], index: int) -> list[list[str]]:
    """The heads that end in a line, by themselves and together with the line above."""
    single = [plain(cell.text) for cell in rows[index].cells]
    if index == 0:
        return [single]
    joined, current = [], ""
    above = [plain(cell.text) for cell in rows[index - 1].cells]
    for upper, name in zip_longest(above, single, fillvalue=""):
        current = upper or (current if name else "")
        joined.append(f"{current}/{name}" if current and name and current != name else current or name)
    return [single, joined]


def _table(sheet: Sheet, wanted: TableMap, heads: list[str], rows: Sequence[Line]) -> Table:
    needed = set(wanted.names)
    doubled = [name for name, count in Counter(heads).items() if count > 1 and name in needed]
    if doubled:
        raise CannotRun(f"{sheet.name}: 列名重复 · columns that stand twice: {'、'.join(doubled)}")
    loose = [name for name in heads if name and name not in needed and name not in wanted.ignore]
    if loose:
        zh = f"映射未提及的列，请映射或写入 ignore：{'、'.join(loose[:20])}"
        raise CannotRun(f"{sheet.name}: {zh} · columns the map does not name; map them or list them under ignore")
    places = {name: place for place, name in enumerate(heads) if name in needed}
    return Table(sheet.name, places, tuple(heads), tuple(line for line in rows if not _is_hints(line, wanted)))


def _is_hints(line: Line, wanted: TableMap) -> bool:
    """Whether a row is the line of hints that the template wrote below the heads."""
    return bool(wanted.hints) and [cell.text for cell in _shorn(line)] == [one.strip() for one in wanted.hints]


def _shorn(line: Line) -> list[Cell]:
    cells = list(line.cells)
    while cells and cells[-1].blank:
        cells.pop()
    return cells
