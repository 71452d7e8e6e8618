"""The log as the API sees it: its own role and settings, answers found through the indexes."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import psycopg

from ledger.errors import Broken, CannotRun
from ledger.store.connect import connect

_ENTRIES = b"SELECT position, entry FROM ledger.entry WHERE position = ANY (%s)"
_OF_TYPE = b"""
SELECT entry.type, entry.position FROM unnest(%s::text[], %s::int8[]) wanted (type, position)
JOIN ledger.entry ON entry.type = wanted.type COLLATE "C" AND entry.position = wanted.position
"""
_KEYS = b"""
SELECT event_key.source, event_key.id, event_key.position FROM unnest(%s::text[], %s::text[]) wanted (source, id)
JOIN ledger.event_key ON event_key.source = wanted.source COLLATE "C" AND event_key.id = wanted.id COLLATE "C"
"""
_TAGS = b"""
SELECT tag.tag, tag.position, tag.ordinal FROM unnest(%s::text[], %s::int8[]) wanted (tag, position)
JOIN ledger.tag ON tag.tag = wanted.tag COLLATE "C" AND tag.position = wanted.position
"""


class Seen:
    """A connection like the API's. Sequential scans are avoided, so that it is the indexes that answer.

    Every method raises CannotRun when the server goes away, Broken when it refuses the role what the API needs.
    """

    def __init__(self, dsn: str, role: str = "reader") -> None:
        self._connection = connect(dsn, role)
        self._rows(b"SELECT pg_catalog.set_config('enable_seqscan', 'off', false)", ())

    def entries(self, positions: Sequence[int]) -> list[tuple[int, bytes]]:
        """(position, entry bytes), through the primary key."""
        return [(position, bytes(entry)) for position, entry in self._rows(_ENTRIES, (list(positions),))]

    def of_type(self, wanted: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """(type, position), through the index on both."""
        return self._rows(_OF_TYPE, _columns(wanted))

    def keys(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, int]]:
        """(source, id, position) by source and id."""
        return self._rows(_KEYS, _columns(wanted))

    def tags(self, wanted: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
        """(tag, position, ordinal) by tag and position."""
        return self._rows(_TAGS, _columns(wanted))

    def _rows(self, sql: bytes, values: tuple[Any, ...]) -> list[Any]:
        try:
            return self._connection.execute(sql, values, binary=True).fetchall()
        except psycopg.OperationalError as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault
        except psycopg.Error as fault:
            raise Broken(f"{fault.sqlstate}: {fault.diag.message_primary or fault}") from fault

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _columns(wanted: Sequence[tuple[Any, ...]]) -> tuple[list[Any], list[Any]]:
    return [one[0] for one in wanted], [one[1] for one in wanted]
