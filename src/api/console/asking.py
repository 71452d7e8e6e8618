"""Questions the pages put to views; a view that was never filled answers like an empty one, and says so.

Pages know no database driver; what a driver says about a table that is not there is understood here.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from api.console.frame import Services
from projections.views import Page, Row, View, publicity

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
    with services.log.connection() as connection:
        try:
            return view.page(connection, filters=filters, after=after, limit=limit, newest=newest)
        except _NOT_THERE:
            return EMPTY


def row(services: Services, view: View, id_: str) -> Row | None:
    """One whole row of a view."""
    with services.log.connection() as connection:
        try:
            return view.one(connection, id_)
        except _NOT_THERE:
            return None


def publicity_table(services: Services) -> dict[str, Any] | None:
    """The figures of clock T12 over all notices; None while the view is not there."""
    with services.log.connection() as connection:
        try:
            return publicity.table(connection)
        except _NOT_THERE:
            return None
