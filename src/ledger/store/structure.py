"""The log's tables as they were shipped, and as they are: for hygiene; no proof rests on it.

`sql/structure.sql` describes everything that could show other rows than were inserted, one line each; the same lines
for a fresh database are kept in `sql/structure.json`. Rights are compared for the roles of the house and the public
only: a backup role of the operator's is the operator's business.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson
import psycopg

from ledger.errors import CannotRun
from ledger.store.connect import Connection
from ledger.store.sql import statement

Line = tuple[str, str, str]
"""Relation, what, detail."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as shipped; None for what is not there on that side."""

    relation: str
    what: str
    shipped: str | None
    found: str | None

    @property
    def column(self) -> str | None:
        """The column concerned, where it is one."""
        return self.what.removeprefix("column ") if self.what.startswith("column ") else None


@cache
def shipped() -> frozenset[Line]:
    """The lines of a fresh database."""
    text = files("ledger.store.sql").joinpath("structure.json").read_bytes()
    return frozenset((relation, what, detail) for relation, what, detail in orjson.loads(text))


def lines(connection: Connection) -> list[Line]:
    """The lines of this database. Raises CannotRun when it does not answer."""
    try:
        return [tuple(row) for row in connection.execute(statement("structure").encode()).fetchall()]
    except psycopg.Error as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault


def differences(connection: Connection) -> list[Difference]:
    """What is not as shipped, in order. Raises CannotRun when there are no tables of a log at all."""
    found = frozenset(lines(connection))
    if not any(what == "relation" for _, what, _ in found):
        raise CannotRun("(这里没有台账的表，请先执行 sunledger init · no tables of a log here; run `sunledger init`)")
    wrong: dict[tuple[str, str], Difference] = {}
    for relation, what, detail in sorted(shipped() - found):
        wrong[relation, what] = Difference(relation, what, detail, None)
    for relation, what, detail in sorted(found - shipped()):
        before = wrong.get((relation, what))
        wrong[relation, what] = Difference(relation, what, before.shipped if before else None, detail)
    return [wrong[name] for name in sorted(wrong)]
