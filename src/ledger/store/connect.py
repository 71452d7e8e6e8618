"""Connections to the log: which role, which settings, and what a writer demands of the server.

Every connection has an empty `search_path` (nothing can be shadowed), UTC, and one role of the house.
"""

from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from ledger.errors import CannotRun, UnsafeServer

Connection = psycopg.Connection[Any]

_COMMON = "-c search_path= -c timezone=UTC -c client_encoding=UTF8"
_WRITING = "-c synchronous_commit=on -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"


def conninfo(dsn: str, role: str | None, *, writing: bool = False) -> str:
    """The connection string with role and settings added; `role` None keeps the one that logs in."""
    options = f"{_COMMON} -c role={role}" if role else _COMMON
    return make_conninfo(dsn, options=f"{options} {_WRITING}" if writing else options, application_name="sunledger")


def connect(dsn: str, role: str | None = "reader", *, writing: bool = False) -> Connection:
    """An autocommit connection. Raises CannotRun, with the server's own words, when there is none to be had."""
    try:
        return psycopg.connect(conninfo(dsn, role, writing=writing), autocommit=True)
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault


def demand_durability(connection: Connection) -> None:
    """Raises UnsafeServer unless a commit on this server means that the bytes are on disk."""
    for name, wanted in (("fsync", "on"), ("full_page_writes", "on"), ("server_encoding", "UTF8")):
        row = connection.execute("SELECT pg_catalog.current_setting(%s)", (name,)).fetchone()
        if row is None or row[0] != wanted:
            raise UnsafeServer(f"({name} = {row and row[0]}, wanted {wanted})")
