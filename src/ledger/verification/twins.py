"""Two sets of rows that must be one: what the entries demand and what a table holds.

Both come as COPY rows. An honest table was written in the order of the entries, so the two streams are mostly equal
piece by piece, and comparing them costs next to nothing. Where they are not, rows wait for their twin; where too many
wait, both sides are sorted on disk and compared at the end. Rows left over are the differences.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest

from ledger.verification.limits import Limits
from ledger.verification.spill import Sorter

ORDER_BYTES = 8
"""A row's place in the naming order: eight bytes, before the row itself."""

MANY_NAMED = 1000
"""Differences a side that are told one by one; the rest is counted."""


@dataclass(slots=True)
class Differences:
    """Rows demanded but not stored, rows stored but not demanded: the first of each, and how many there are."""

    missing: list[bytes] = field(default_factory=list)
    surplus: list[bytes] = field(default_factory=list)
    more: int = 0


class Twins:
    """Compares the rows of one table with those demanded.

    `take` gives the next rows of the table; `order` gives eight bytes, the place in which a row is named.
    """

    def __init__(self, take: Callable[[int], list[bytes]], order: Callable[[bytes], bytes], limits: Limits) -> None:
        self._take = take
        self._order = order
        self._limits = limits
        self._demanded: set[bytes] = set()
        self._found: set[bytes] = set()
        self._twice: list[bytes] = []
        self._sorted: tuple[Sorter, Sorter] | None = None
        self.count = 0
        """Rows read from the table."""

    def demand(self, rows: list[bytes]) -> None:
        """Rows that the table must hold. Raises what reading the table raises."""
        stored = self._take(len(rows)) if rows else []
        self.count += len(stored)
        if stored != rows or self._demanded or self._found:
            self._cancel(rows, stored)

    def _cancel(self, rows: list[bytes], stored: list[bytes]) -> None:
        demanded, found = self._demanded, self._found
        for row in stored:
            if row in demanded:
                demanded.remove(row)
            elif row in found:
                self._twice.append(row)
            else:
                found.add(row)
        for row in rows:
            if row in found:
                found.remove(row)
            else:
                demanded.add(row)
        if len(demanded) + len(found) + len(self._twice) > self._limits.waiting_rows:
            self._lay_down()

    def _lay_down(self) -> None:
        demanded, found = self._sorted = self._sorted or (self._sorter(), self._sorter())
        demanded.extend(self._order(row) + row for row in self._demanded)
        found.extend(self._order(row) + row for row in (*self._found, *self._twice))
        self._demanded.clear()
        self._found.clear()
        self._twice.clear()

    def _sorter(self) -> Sorter:
        return Sorter(self._limits.sorted_bytes)

    def differences(self) -> Differences:
        """Read the table to its end; what is left over on either side."""
        while rest := self._take(1000):
            self.count += len(rest)
            self._cancel([], rest)
        if self._sorted is None:
            missing, surplus = self._demanded, [*self._found, *self._twice]
            more = max(0, len(missing) - MANY_NAMED) + max(0, len(surplus) - MANY_NAMED)
            first = [nsmallest(MANY_NAMED, side, key=lambda row: self._order(row) + row) for side in (missing, surplus)]
            return Differences(first[0], first[1], more)
        self._lay_down()
        with self._sorted[0] as demanded, self._sorted[1] as found:
            return self._merged(demanded.sorted(), found.sorted())

    def _merged(self, demanded: Iterator[bytes], found: Iterator[bytes]) -> Differences:
        result = Differences()
        left, right = next(demanded, None), next(found, None)
        while left is not None or right is not None:
            if left == right:
                left, right = next(demanded, None), next(found, None)
            elif right is None or (left is not None and left < right):
                self._name(result, result.missing, left or b"")
                left = next(demanded, None)
            else:
                self._name(result, result.surplus, right)
                right = next(found, None)
        return result

    def _name(self, result: Differences, side: list[bytes], record: bytes) -> None:
        if len(side) < MANY_NAMED:
            side.append(record[ORDER_BYTES:])
        else:
            result.more += 1
