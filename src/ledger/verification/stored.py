"""Rows of `ledger.entry` as they were read, brought into the order that the entries' own bytes state.

The heap of an honest log is nearly in order: writers fill pages of their own, so some rows come a little early. They
wait here until it is their turn. When more wait than memory should hold, or at the end of the stream, the rest is
sorted on disk. A row's place is the position inside its bytes as long as its leaf hash vouches for them, else the
number in its `position` column: a row under a false number is thus met where it belongs, and its number is seen to be
wrong; a copy of a row is met right behind the true one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256
from struct import Struct, error
from typing import Any, NamedTuple, Protocol, Self

import orjson

from ledger.errors import Broken
from ledger.store.suspect import fields
from ledger.verification.spill import Sorter

_HEAD = Struct("!hiqi")
_LENGTH = Struct("!i")
_KEY = Struct("!Q?Q")
_MIDDLE = 1 << 63

PIECE = 250
"""Rows taken from the table at once."""


class Stored(NamedTuple):
    """A row of `ledger.entry`: its four columns, the leaf hash of its bytes, what the bytes say, where it belongs."""

    position: int
    type: str
    leaf: bytes
    raw: bytes
    digest: bytes
    document: dict[str, Any] | None
    place: int

    @property
    def prev(self) -> bytes | None:
        """The leaf hash before this entry, as its bytes state it; None where they do not."""
        value = self.document.get("prev") if self.document is not None else None
        try:
            return bytes.fromhex(value) if isinstance(value, str) else None
        except ValueError:
            return None


def read(row: bytes) -> Stored:
    """One COPY row of (position, type, leaf, entry). Raises Broken when it is no such row."""
    position, type_, leaf, raw = _columns(row)
    digest = sha256(b"\0" + raw).digest()
    place = position
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        document = None
    elif leaf == digest:
        stated = document.get("position")
        if type(stated) is int and -_MIDDLE <= stated < _MIDDLE:
            place = stated
    return Stored(position, type_.decode("utf-8", "replace"), leaf, raw, digest, document, place)


def _columns(row: bytes) -> tuple[int, bytes, bytes, bytes]:
    try:
        count, eight, position, length = _HEAD.unpack_from(row)
        at = _HEAD.size + length
        (leaves,) = _LENGTH.unpack_from(row, at)
        end = at + 8 + leaves
        (rest,) = _LENGTH.unpack_from(row, end - 4)
    except error:
        count = eight = position = length = leaves = rest = end = at = -1
    if count == 4 and eight == 8 and length >= 0 and leaves >= 0 and rest >= 0 and end + rest == len(row):
        return position, row[_HEAD.size : at], row[at + 4 : end - 4], row[end:]
    values = [value or b"" for value in fields(row, 4)]  # a NULL, where NOT NULL was taken off, is an empty value
    if len(values[0]) not in (0, 8):
        raise Broken("a position of another size than 8 bytes")
    return int.from_bytes(values[0], "big", signed=True), values[1], values[2], values[3]


class Piece(NamedTuple):
    """Rows as columns: what stands beside each entry (`types`: None where no type does), its bytes, and the row."""

    positions: list[int]
    types: list[bytes] | None
    leaves: list[bytes]
    raws: list[bytes]
    rows: list[bytes]


class Source(Protocol):
    """Where a walk takes its rows from: one by one in the order of their places, or whole pieces while that is easy."""

    def piece(self) -> Piece | None:
        """The next rows, which stand under the numbers that are due; None where the next must be taken singly."""

    def again(self, piece: Piece) -> None:
        """Give back the piece just taken: its rows are wanted singly."""

    def __next__(self) -> Stored:
        """The next row. Raises StopIteration at the end."""


class Ordered:
    """The rows by the place they belong to; those under a false number, and doubles, behind the one that fits.

    `take` gives the next rows of the table, none at its end. At most `hold` bytes of rows wait in memory.
    """

    def __init__(self, take: Callable[[int], list[bytes]], hold: int) -> None:
        self._take = take
        self._hold = hold
        self._due = 1
        self._singly: deque[bytes] = deque()
        self._early: dict[int, bytes] = {}
        self._held = 0
        self._rest = Sorter(hold)
        self._late: Iterator[bytes] | None = None

    def piece(self) -> Piece | None:
        """The next rows as columns, if none waits and they stand in order."""
        if self._singly or self._early or self._rest.count or self._late is not None:
            return None
        rows = self._take(PIECE)
        if not rows:
            return None
        columns = [_columns(row) for row in rows]
        positions = [one[0] for one in columns]
        if positions != list(range(self._due, self._due + len(rows))):
            self._singly.extend(rows)
            return None
        self._due += len(rows)
        return Piece(
            positions, [one[1] for one in columns], [one[2] for one in columns], [one[3] for one in columns], rows
        )

    def again(self, piece: Piece) -> None:
        """The piece's rows come singly now."""
        self._due -= len(piece.rows)
        self._singly.extend(piece.rows)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Stored:
        while self._late is None:
            if self._due in self._early:
                row = self._early.pop(self._due)
                self._held -= len(row)
                self._due += 1
                return read(row)
            if not self._singly:
                self._singly.extend(self._take(PIECE))
            if not self._singly:
                self._rest.extend(_sortable(read(row)) + row for row in self._early.values())
                self._early.clear()
                self._late = self._rest.sorted()
                break
            row = self._singly.popleft()
            stored = read(row)
            place = stored.place
            if place == self._due == stored.position:
                self._due += 1
                return stored
            if place == stored.position and place > self._due and place not in self._early and self._held < self._hold:
                self._early[place] = row
                self._held += len(row)
            else:
                self._rest.add(_sortable(stored) + row)
        return read(next(self._late)[_KEY.size :])

    def close(self) -> None:
        """Give the temporary files back."""
        self._rest.close()


def _sortable(stored: Stored) -> bytes:
    """Place, then whether the number is false, then the number: big-endian, so that bytes sort as numbers do."""
    return _KEY.pack(stored.place + _MIDDLE, stored.place != stored.position, stored.position + _MIDDLE)
