"""What the signer last told of its witnesses, in `house.witness`: one row each, for `status` and for pages.

For people only. A database that hides a dead witness hides it from a page, and not from whoever judges the checkpoint
itself by a policy (`ledger.proofs.policy`): there the cosignature is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from ledger import clock
from ledger.asking import State
from ledger.errors import CannotRun
from ledger.store.postgres import Log

_TELL = """
INSERT INTO house.witness (name, place, state, since, size, detail, told_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET place = excluded.place, state = excluded.state, since = excluded.since,
    size = excluded.size, detail = excluded.detail, told_at = excluded.told_at
"""
_FORGET = 'DELETE FROM house.witness WHERE name <> ALL(%s::text[] COLLATE "C")'
_TOLD = "SELECT name, state, since, size, detail, told_at FROM house.witness ORDER BY place, name"


@dataclass(frozen=True, slots=True)
class Told:
    """A witness as the signer found it, and when the signer said so."""

    state: State
    at: datetime


def tell(log: Log, states: Sequence[State]) -> None:
    """Write down what they are now, and forget who is no witness any more. Raises CannotRun where it cannot be."""
    try:
        with log.connection() as connection, connection.transaction():
            connection.execute(_FORGET, ([one.name for one in states],))
            for place, one in enumerate(states):
                values = (one.name, place, one.state, one.since, one.size, one.detail, clock.now())
                connection.execute(_TELL, values)
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault


def told(log: Log) -> list[Told]:
    """What was told last, in the order of the policy; empty where nobody asks witnesses."""
    try:
        with log.connection() as connection:
            rows = connection.execute(_TOLD).fetchall()
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault
    return [Told(State(*row[:5]), row[5]) for row in rows]
