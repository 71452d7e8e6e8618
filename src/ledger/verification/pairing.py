"""Rows that are missing and rows that are too many, told as what was done: changed, swapped, deleted, inserted.

A changed value leaves one missing row and one surplus row that agree in all other columns; two rows whose values
changed places leave two such pairs that cross. What finds no partner was deleted, or put in.
"""

from dataclasses import dataclass

from ledger.proofs.tree import TILE
from ledger.store.suspect import COLUMNS, fields
from ledger.verification.faults import Blame
from ledger.verification.verdict import Kind

Value = int | str | bytes
DEMANDED = {**COLUMNS, "disclosure": ("digest", "position")}
"""The columns of each table that the entries demand; the others of a disclosure are `verification.disclosed`'s."""

_NUMBERS = frozenset({"position", "ordinal", "level", "idx"})
_TEXTS = frozenset({"tag", "source", "id", "digest"})
_HASH = 32
_SHOWN = 16
_LARGEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `table` with its values."""

    table: str
    values: tuple[Value, ...]

    @property
    def position(self) -> int:
        """The entry it belongs to; of a tile, the first it covers."""
        if self.table != "tile":
            return int(self.values[DEMANDED[self.table].index("position")])
        return self.covered[0]

    @property
    def covered(self) -> tuple[int, int]:
        """First and last position a tile covers, as its level and index say."""
        level, index = int(self.values[0]), int(self.values[1])
        width = TILE ** (min(max(level, 0), 7) + 1)
        return min(max(index * width + 1, -_LARGEST), _LARGEST), min((index + 1) * width, _LARGEST)

    def __str__(self) -> str:
        shown = [
            f"{name}={value[:_SHOWN].hex()}…" if isinstance(value, bytes) else f"{name}={value}"
            for name, value in zip(DEMANDED[self.table], self.values, strict=True)
        ]
        return "(" + ", ".join(shown) + ")"


def row(table: str, raw: bytes) -> Row:
    """A COPY row with its values read; NULL, where NOT NULL was taken off, as empty."""
    names = DEMANDED[table]
    return Row(
        table, tuple(_value(name, field or b"") for name, field in zip(names, fields(raw, len(names)), strict=True))
    )


def _value(name: str, field: bytes) -> Value:
    if name in _NUMBERS:
        return int.from_bytes(field, "big", signed=True)
    return field.decode("utf-8", "replace") if name in _TEXTS else field


def order(table: str) -> "_Order":
    """Eight bytes that sort the rows of a table by position."""
    return _Order(table)


@dataclass(frozen=True, slots=True)
class _Order:
    table: str

    def __call__(self, raw: bytes) -> bytes:
        return ((row(self.table, raw).position) + (1 << 63)).to_bytes(8, "big")


@dataclass(frozen=True, slots=True)
class Pair:
    """A demanded row and the stored one that took its place; they differ in one column."""

    demanded: Row
    stored: Row
    column: int


def pairs(missing: list[Row], surplus: list[Row]) -> tuple[list[Pair], list[Row], list[Row]]:
    """Match rows that differ in one column; also what is left over on both sides.

    Rows of one key first, so that a change of a value is told as that.
    """
    found: list[Pair] = []
    width = len(missing[0].values) if missing else 0
    for column in (width - 1, *range(width - 1)):
        stored: dict[tuple[Value, ...], list[Row]] = {}
        for one in surplus:
            stored.setdefault(_without(one, column), []).append(one)
        unmatched = []
        for one in missing:
            partners = stored.get(_without(one, column))
            if partners:
                partner = partners.pop()
                found.append(Pair(one, partner, column))
                surplus = [other for other in surplus if other is not partner]
            else:
                unmatched.append(one)
        missing = unmatched
    return found, missing, surplus


def _without(one: Row, column: int) -> tuple[Value, ...]:
    return one.values[:column] + one.values[column + 1 :]


def told(table: str, found: list[Pair]) -> list[Blame]:
    """Pairs as faults."""
    values = {(pair.column, pair.demanded.values[pair.column], pair.stored.values[pair.column]) for pair in found}
    blames = []
    for pair in found:
        was, now = pair.demanded.values[pair.column], pair.stored.values[pair.column]
        kind = Kind.SWAPPED if (pair.column, now, was) in values else Kind.CHANGED
        blames.append(
            Blame(
                table,
                DEMANDED[table][pair.column],
                _first_wrong(pair),
                kind,
                f"存 {pair.stored}，应为 {pair.demanded}。",
                f"Stored {pair.stored}; demanded {pair.demanded}.",
            )
        )
    return blames


def _first_wrong(pair: Pair) -> int:
    """The position at fault: of a tile's hashes, the first entry below the first hash that differs."""
    was, now = pair.demanded.values[pair.column], pair.stored.values[pair.column]
    if pair.demanded.table != "tile" or not isinstance(was, bytes) or not isinstance(now, bytes):
        return pair.demanded.position
    differing = [at for at in range(TILE) if was[at * _HASH : (at + 1) * _HASH] != now[at * _HASH : (at + 1) * _HASH]]
    below: int = TILE ** int(pair.demanded.values[0])
    return pair.demanded.position + (differing[0] if differing else 0) * below


def deleted(one: Row) -> Blame:
    """A demanded row that nobody stored."""
    return Blame(one.table, None, one.position, Kind.DELETED, f"缺 {one}。", f"Missing: {one}.")


def inserted(one: Row) -> Blame:
    """A stored row that no entry demands."""
    return Blame(one.table, None, one.position, Kind.INSERTED, f"没有条目要求 {one}。", f"No entry demands {one}.")
