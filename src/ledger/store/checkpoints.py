"""Published checkpoints: the signed notes that the signer has put out, in `house.checkpoint`, one for each size.

The table is as little to be believed as any other; a note is worth its signatures. So nothing here checks them, and
whoever relies on a note does (`ledger.proofs.checkpoint.verify`, `ledger.proofs.policy`). The newest is the one of the
greatest size. A note is inserted once and never changed.
"""

from typing import Any

import psycopg

from ledger import clock
from ledger.errors import Broken, CannotRun
from ledger.store.connect import Connection
from ledger.store.postgres import Log

CHANNEL = "checkpoint"
"""The channel on which PostgreSQL tells of a new one."""

NEWEST = "SELECT note FROM house.checkpoint ORDER BY size DESC LIMIT 1"
_COVERING = "SELECT note FROM house.checkpoint WHERE size >= %s ORDER BY size LIMIT 1"
_ALL = "SELECT size, note FROM house.checkpoint ORDER BY size"
_INSERT = "INSERT INTO house.checkpoint (size, note, published_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


def newest(log: Log) -> str | None:
    """The note of the newest published checkpoint; None before the first."""
    return _note(log, NEWEST)


def covering(log: Log, size: int) -> str | None:
    """The note of the smallest published checkpoint of at least `size` entries; None while there is none."""
    return _note(log, _COVERING, size)


def published(connection: Connection) -> list[str]:
    """Every note, smallest size first."""
    return [note for _, note in placed(connection)]


def placed(connection: Connection) -> list[tuple[int, str]]:
    """Every note with the size under which it stands; what it states itself, its reader compares."""
    return [(int(size), str(note)) for size, note in connection.execute(_ALL).fetchall()]


def publish(connection: Connection, size: int, note: str) -> None:
    """Put a checkpoint out, and tell whoever listens. One that stands there already stays as it is.

    Raises Broken where another text (origin, size, root) stands at this size.
    """
    if connection.execute(_INSERT, (size, note, clock.now())).rowcount == 0:
        row = connection.execute("SELECT note FROM house.checkpoint WHERE size = %s", (size,)).fetchone()
        if row is None or str(row[0]).rpartition("\n\n")[0] != note.rpartition("\n\n")[0]:
            raise Broken("another checkpoint was published at this size", position=size)
    connection.execute("SELECT pg_catalog.pg_notify(%s, %s)", (CHANNEL, str(size)))


def _note(log: Log, sql: str, *values: Any) -> str | None:
    try:
        with log.connection() as connection:
            row = connection.execute(sql.encode(), values).fetchone()
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault
    return None if row is None else str(row[0])
