"""Rows of the views: each column of each table that has rows is changed once; the log is then played again beside it.

Views can be thrown away, so nothing outside is asked: `projections.compare` is enough.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg

from api.commands.import_ import importing
from api.commands.project import projecting
from api.founding import Founding, found
from evil_dba.stage import ORGAN, VERIFY, Cell, Finding
from ledger.contracts import Contracts
from projections.compare import compare

SAMPLE = Path(__file__).parents[1] / "sample" / "notices.json"
BOOKKEEPING = ("progress",)
"""Tables that say how far a view has read: of these only the position counts."""

_COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'views' AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position
"""
_CHANGED = {
    "text": "coalesce({c}, '') || 'x'",
    "character varying": "coalesce({c}, '') || 'x'",
    "integer": "coalesce({c}, 0) + 1",
    "bigint": "coalesce({c}, 0) + 1",
    "smallint": "coalesce({c}, 0) + 1",
    "numeric": "coalesce({c}, 0) + 1",
    "boolean": "NOT coalesce({c}, false)",
    "jsonb": """'{{"evil": true}}'""",
    "timestamp with time zone": "coalesce({c}, 'epoch') + interval '1 second'",
    "date": "coalesce({c}, 'epoch') + 1",
    "bytea": "'x'",
    "ARRAY": "CASE WHEN cardinality({c}) = 0 THEN array_append({c}, NULL) ELSE {c}[2:] END",
}


def prepare(dsn: str) -> None:
    """Found a ledger with the made-up sample of notices, and fill its views."""
    found(dsn, Contracts.load(), Founding("evil.test.example/views", "140300", ORGAN))
    importing(dsn, SAMPLE)
    projecting(dsn)


def cells(dsn: str) -> Iterator[Cell]:
    """A cell for each column of a table with rows, and one for each table with a row taken out."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        columns = owner.execute(_COLUMNS).fetchall()
        for table in dict.fromkeys(str(row[0]) for row in columns if row[0] not in BOOKKEEPING):
            if owner.execute(f"SELECT 1 FROM views.{table} LIMIT 1".encode()).fetchone() is None:
                continue
            mine = ", ".join(str(row[1]) for row in columns if row[0] == table)
            owner.execute(f"CREATE TABLE public.kept AS SELECT {mine} FROM views.{table}".encode())
            for _, column, type_ in [row for row in columns if row[0] == table]:
                set_ = f"{column} = {_CHANGED[str(type_)].format(c=column)}"
                yield _cell(
                    owner, dsn, str(table), f".{column}", f"UPDATE views.{table} SET {set_} WHERE ctid = {_ONE}"
                )
            yield _cell(owner, dsn, str(table), "", f"DELETE FROM views.{table} WHERE ctid = {_ONE}")
            owner.execute(b"DROP TABLE public.kept")


_ONE = "(SELECT ctid FROM views.{table} ORDER BY ctid LIMIT 1)"


def _cell(owner: psycopg.Connection[tuple[object, ...]], dsn: str, table: str, column: str, statement: str) -> Cell:
    attack = "view row changed" if column else "view row deleted"
    owner.execute(statement.replace("{table}", table).encode())
    done = compare(dsn)
    owner.execute(f"TRUNCATE views.{table}".encode())
    mine = owner.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'public.kept'::regclass AND attnum > 0")
    names = ", ".join(str(row[0]) for row in mine.fetchall())
    owner.execute(f"INSERT INTO views.{table} ({names}) SELECT {names} FROM public.kept".encode())
    named = [one for one in done.differences if one.view == table]
    cell = Cell(attack, f"views.{table}{column}", None)
    cell.noticed[VERIFY] = Finding(None, f"{named[0].view} {named[0].key}") if named else None
    return cell
