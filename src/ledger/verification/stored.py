"""Rows of `ledger.entry` as they were read, brought into the order that the entries' own bytes state.

The heap of an honest log is nearly in order: writers fill pages of their own, so some rows come a little early. They
wait here until it is their turn. When more wait than memory should hold, or at the end of the stream, the rest is
sorted on disk. A row's place is the position inside its bytes as long as its leaf hash vouches for them, else the
number in its `position` column: a row under a false number is thus met where it belongs, and its number is seen to be
wrong; a copy of a row is met right behind the true one.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from struct import Struct, error
from typing import Any, NamedTuple

import orjson

from ledger.errors import Broken
from ledger.store.suspect import fields
from ledger.verification.spill import Sorter

_HEAD = Struct("!hiqi")
_LENGTH = Struct("!i")
_KEY = Struct("!Q?Q")
_MIDDLE = 1 << 63


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


def in_order(rows: Iterable[bytes], hold: int) -> Iterator[Stored]:
    """The rows by the place they belong to; those under a false number, and doubles, behind the one that fits.

    At most `hold` bytes of rows wait in memory.
    """
    due = 1
    early: dict[int, bytes] = {}
    held = 0
    with Sorter(hold) as rest:
        for row in rows:
            stored = read(row)
            place = stored.place
            if place == due == stored.position:
                yield stored
                due += 1
                while due in early:
                    row = early.pop(due)
                    held -= len(row)
                    yield read(row)
                    due += 1
            elif place == stored.position and place > due and place not in early and held < hold:
                early[place] = row
                held += len(row)
            else:
                rest.add(_sortable(stored) + row)
        rest.extend(_sortable(read(row)) + row for row in early.values())
        early.clear()
        for record in rest.sorted():
            yield read(record[_KEY.size :])


def _sortable(stored: Stored) -> bytes:
    """Place, then whether the number is false, then the number: big-endian, so that bytes sort as numbers do."""
    return _KEY.pack(stored.place + _MIDDLE, stored.place != stored.position, stored.position + _MIDDLE)
