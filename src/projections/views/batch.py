"""What a view is given: entries in position order, and what the rules said of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from psycopg import Connection, sql

from ledger import clock
from ledger.entry import Entry
from projections.dossier import ALERT
from projections.judge import Found, Ruling

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive entries; the findings they completed, in order; by position, what the clocks said of each."""

    entries: Sequence[Entry]
    findings: Sequence[Found] = ()
    rulings: Mapping[int, Sequence[Ruling]] = field(default_factory=dict)
    _made: dict[tuple[str, int], Any] = field(default_factory=dict)

    def once(self, make: Callable[[Entry], Made], entry: Entry) -> Made:
        """Return `make(entry)`, made once for all views of this batch; nobody may change it."""
        key = (make.__name__, entry.position)
        if key not in self._made:
            self._made[key] = make(entry)
        found: Made = self._made[key]
        return found


def put(conn: Connection[Any], table: str, rows: Iterable[Mapping[str, Any]], conflict: str = "") -> None:
    """Insert rows, all with the same columns, into `table` by one statement.

    `conflict` is the SQL of ON CONFLICT, in which the table is called `old`. Timestamps and documents travel as text
    and are read by PostgreSQL.
    """
    ready = list(rows)
    if ready:
        query = sql.SQL(
            "INSERT INTO {table} AS old ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json) "
        ).format(table=sql.Identifier(table), names=sql.SQL(", ").join(map(sql.Identifier, ready[0])))
        conn.execute(query.as_bytes(conn) + conflict.encode(), [as_json(ready)])


@lru_cache(maxsize=1 << 16)
def stamp(text: object) -> str | None:
    """A stated moment as PostgreSQL reads it; None where the text names none (a fact may be nonsense, a view not)."""
    try:
        return clock.parse(str(text)).isoformat()
    except ValueError:
        return None


def happened(entry: Entry) -> str:
    """When the entry says it happened, in UTC and of one length, so that texts compare as moments do."""
    return _utc(entry.time)


@lru_cache(maxsize=1 << 16)
def _utc(text: str) -> str:
    return clock.stamp(clock.parse(text))


def as_json(value: object) -> str:
    """JSON for PostgreSQL to read. Nothing is hashed here, so order and form are free."""
    return orjson.dumps(value).decode()


_GRAVER = sql.SQL("substr('LMHC', greatest(strpos('LMHC', old.severity), strpos('LMHC', new.severity)), 1)")
"""SQL: the graver of two severities, either of which may be NULL."""


def count_alerts(conn: Connection[Any], table: str, batch: Batch) -> None:
    """Add the alerts of the batch to the rows of `table` they name: how many, the gravest, the last position.

    A notice counts them as its entries too: whatever has a lot or a project of its own counted them there.
    """
    told: dict[str, dict[str, Any]] = {}
    for entry in batch.entries:
        if entry.type == ALERT:
            for tag in sorted({*entry.tags, *entry.data.get("subject_streams", ())}):
                row = told.setdefault(tag, {"id": tag, "alerts": 0, "own": 0, "last": 0, "severity": "L"})
                row["alerts"] += 1
                row["own"] += tag.startswith("notice:")
                row["last"] = entry.position
                row["severity"] = max(row["severity"], entry.data["severity"], key="LMHC".index)
    if told:
        query = sql.SQL(
            "UPDATE {} old SET alerts = old.alerts + new.alerts, entries = old.entries + new.own, severity = {},"
            " last = greatest(old.last, new.last) FROM json_to_recordset(%s::json)"
            " new (id text, alerts int, own int, last int8, severity text) WHERE old.id = new.id"
        ).format(sql.Identifier(table), _GRAVER)
        conn.execute(query, [as_json(list(told.values()))])
