"""Views: read models made from the log, each with a table that can be thrown away tonight and be back by morning.

A view is two files in this folder: `<name>.sql` with its tables and `<name>.py` with

    NAME      the name, in addresses too: /v1/views/<name>, /boards/<name>
    TITLE     (Chinese, English)
    NOTE      (Chinese, English), a sentence that belongs on every page of the view, or None
    COLUMNS   what lists show, a tuple of `page.Column`
    apply     apply(connection, batch): add a batch of entries, see `batch.Batch`; the runner commits
    page      page(connection, *, filters, after, limit, newest) -> page.Page
    one       one(connection, id) -> the whole row or None

Dropping in the two files is enough: `names()` finds them, in alphabetical order, and the runner fills them. Tables are
named `<name>`, with columns `id` (primary key) and `first` (the entry that made the row), and `<name>__<part>`. What
`views.progress` says of a view, up to which entry it is true, commits together with its rows.

What `apply` does must not depend on where a batch ends: the same entries in other batches make the same rows, else a
rebuild would not give what stands there. A test feeds every view one entry at a time and all at once.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Protocol, cast

from psycopg import Connection

from projections.views.batch import Batch
from projections.views.page import Column, Page, Row, Table

__all__ = ["Batch", "Column", "Page", "Row", "Table", "View", "all_views", "get", "names", "tables"]


class View(Protocol):
    """What the module of a view offers."""

    NAME: str
    TITLE: tuple[str, str]
    NOTE: tuple[str, str] | None
    COLUMNS: tuple[Column, ...]

    def apply(self, conn: Connection[Any], batch: Batch) -> None:
        """Add a batch to the view's tables; unqualified names mean the schema being filled."""
        ...

    def page(
        self,
        conn: Connection[Any],
        *,
        filters: Mapping[str, str] | None = None,
        after: str | None = None,
        limit: int = 200,
        newest: bool = False,
    ) -> Page:
        """List rows; see `page.Table.page`."""
        ...

    def one(self, conn: Connection[Any], id: str) -> Row | None:
        """Return one whole row or None."""
        ...


@cache
def names() -> tuple[str, ...]:
    """Name every view: each `<name>.sql` of this folder, in alphabetical order."""
    return tuple(sorted(f.name.removesuffix(".sql") for f in files(__name__).iterdir() if f.name.endswith(".sql")))


def get(name: str) -> View | None:
    """Return the view of that name, or None where there is none."""
    return cast(View, import_module(f"{__name__}.{name}")) if name in names() else None


def all_views() -> tuple[View, ...]:
    """Return every view, in the order of `names`."""
    return tuple(cast(View, import_module(f"{__name__}.{name}")) for name in names())


def tables(name: str) -> str:
    """Return the SQL that makes the tables of a view; unqualified names, to be run in the schema being filled."""
    return (files(__name__) / f"{name}.sql").read_text(encoding="utf-8")
