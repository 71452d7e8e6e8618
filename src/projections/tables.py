"""Where views keep their tables: schema `views` where they live, `views_next` where they are rebuilt, and the move.

Tables of a view are named `<view>` or `<view>__<part>`, so that a view can be found, dropped and moved by name. What
the SQL of a view calls `lots` is made in the schema named here: live, beside, or in the session's own `pg_temp` where
`projections.compare` builds its twin. Two locks: whoever fills a schema holds its lock (a session lock, given back
when the process dies, however it dies).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection, sql

from ledger.errors import CannotRun
from ledger.store.connect import connect
from projections import views
from projections.chain import Chain

ROLE = "views_writer"
LIVE, BESIDE, TWIN = "views", "views_next", "pg_temp"
_LOCKS = {LIVE: 8_020_001, BESIDE: 8_020_002}
"""Numbers of PostgreSQL advisory locks; any two that nobody else uses."""


def open_tables(dsn: str) -> Connection[Any]:
    """Connect as the writer of views, with both schemas there. Raises CannotRun where they cannot be made."""
    conn = connect(dsn, ROLE)
    row = conn.execute("SELECT pg_catalog.to_regnamespace(%s) IS NOT NULL", (BESIDE,)).fetchone()
    if row is None or not row[0]:
        _build_beside(dsn)
    with conn.transaction():
        enter(conn, LIVE)
        conn.execute((files(__package__) / "progress.sql").read_bytes())
    return conn


def _build_beside(dsn: str) -> None:
    try:
        with connect(dsn, None) as owner:
            owner.execute("CREATE SCHEMA IF NOT EXISTS views_next AUTHORIZATION views_writer")
    except psycopg.errors.InsufficientPrivilege as fault:
        raise CannotRun("CREATE SCHEMA views_next AUTHORIZATION views_writer;") from fault


@contextmanager
def locked(conn: Connection[Any], schema: str) -> Iterator[None]:
    """Hold the lock on filling a schema; waits for whoever holds it."""
    conn.execute("SELECT pg_catalog.pg_advisory_lock(%s)", (_LOCKS[schema],))
    try:
        yield
    finally:
        if not conn.closed and not conn.broken:
            conn.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (_LOCKS[schema],))


def enter(conn: Connection[Any], schema: str) -> None:
    """For the rest of this transaction unqualified names mean that schema, and a commit need not wait for the disk.

    Not waiting is safe here alone: rows and position are lost together or kept together, and are made again.
    """
    conn.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
    conn.execute("SET LOCAL synchronous_commit = off")


def furnish(conn: Connection[Any], schema: str, names: Iterable[str], edition: str) -> None:
    """Make the tables of these views, empty, at position 0; what stands under their names is dropped."""
    with conn.transaction():
        enter(conn, schema)
        wanted = list(names)
        _drop(conn, schema, _of(wanted, standing(conn, schema)))
        for name in wanted:
            conn.execute(views.tables(name).encode())
            conn.execute(
                "INSERT INTO progress VALUES (%s, 0, %s, %s, %s)",
                (name, Chain().leaf, b"", digest(name, edition)),
            )


def clear(conn: Connection[Any], schema: str) -> None:
    """Drop whatever stands in the schema, and make an empty progress table."""
    with conn.transaction():
        enter(conn, schema)
        _drop(conn, schema, standing(conn, schema))
        conn.execute((files(__package__) / "progress.sql").read_bytes())


def move(conn: Connection[Any], names: Iterable[str]) -> None:
    """Put rebuilt views in the place of the live ones, in one transaction; readers see the old ones or the new."""
    wanted = list(names)
    with conn.transaction():
        conn.execute("LOCK TABLE views.progress IN ACCESS EXCLUSIVE MODE")
        _drop(conn, LIVE, _of(wanted, standing(conn, LIVE)))
        for table in _of(wanted, standing(conn, BESIDE)):
            conn.execute(sql.SQL("ALTER TABLE views_next.{} SET SCHEMA views").format(sql.Identifier(table)))
        conn.execute("DELETE FROM views.progress WHERE view = ANY(%s)", (wanted,))
        conn.execute("INSERT INTO views.progress SELECT * FROM views_next.progress WHERE view = ANY(%s)", (wanted,))


def discard(conn: Connection[Any], names: Iterable[str]) -> None:
    """Drop live views whose files are gone."""
    wanted = list(names)
    with conn.transaction():
        _drop(conn, LIVE, _of(wanted, standing(conn, LIVE)))
        conn.execute("DELETE FROM views.progress WHERE view = ANY(%s)", (wanted,))


def digest(name: str, edition: str) -> str:
    """Name what a view is made by: its two files and the edition it judges by. Another digest means: rebuild."""
    folder = files(views.__name__)
    parts = [(folder / f"{name}{end}").read_bytes() for end in (".py", ".sql")]
    return sha256(b"\0".join([*parts, edition.encode()])).hexdigest()


def prepare_twin(conn: Connection[Any]) -> None:
    """Make an empty progress table among the session's temporary ones."""
    with conn.transaction():
        enter(conn, TWIN)
        conn.execute((files(__package__) / "progress.sql").read_bytes())


def standing_twin(conn: Connection[Any]) -> list[str]:
    """Name the session's temporary tables."""
    rows = conn.execute(
        "SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'r'"
        " AND relnamespace = pg_catalog.pg_my_temp_schema() ORDER BY 1"
    )
    return [str(row[0]) for row in rows.fetchall()]


def standing(conn: Connection[Any], schema: str) -> list[str]:
    """Name the tables of a schema."""
    rows = conn.execute("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s ORDER BY 1", (schema,))
    return [str(row[0]) for row in rows.fetchall()]


def _of(names: list[str], tables: list[str]) -> list[str]:
    return [table for table in tables if table.partition("__")[0] in names]


def _drop(conn: Connection[Any], schema: str, tables: list[str]) -> None:
    for table in tables:
        conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, table)))
