"""Questions the pages put to views; a view that was never filled answers like an empty one, and says so.

Pages know no database driver; what a driver says about a table that is not there is understood here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

from api.console.frame import Services
from ledger.errors import CannotRun
from projections.views import Page, View, publicity

EMPTY = Page([], 0, 0, None)
_NOT_THERE = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)


def page(
    services: Services,
    view: View,
    *,
    filters: Mapping[str, str] | None = None,
    after: str | None = None,
    limit: int = 200,
    newest: bool = False,
) -> Page:
    """A page of a view; empty at position 0 while nobody has filled it. Raises Malformed as `View.page`."""
    with _asked(services) as connection:
        try:
            return view.page(connection, filters=filters, after=after, limit=limit, newest=newest)
        except _NOT_THERE:
            return EMPTY


def publicity_table(services: Services) -> dict[str, Any] | None:
    """The figures of clock T12 over all notices; None while the view is not there."""
    with _asked(services) as connection:
        try:
            return publicity.table(connection)
        except _NOT_THERE:
            return None


@contextmanager
def _asked(services: Services) -> Iterator[Connection[Any]]:
    """A connection for one question. Raises CannotRun when the database is away."""
    try:
        with services.log.connection() as connection:
            yield connection
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault
