"""Views as JSON, and the dossier of a lot as it was known, or as it was true, at a moment.

Every view is at `/v1/views/{name}`; the ones people ask for most have short addresses. A filter is a query parameter
named like a column; `q` searches texts. The answer says for which position it is true.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Query, Request

from api.routes.reading import written_tag
from api.services import Services
from ledger.entry import Entry
from ledger.errors import NotFound
from ledger.secrecy import DIGESTS
from projections import dossier, replay, views

router = APIRouter(tags=["views"])

SHORT = ("lots", "projects", "alerts")
_PAGING = frozenset({"after", "limit", "newest"})
_NOT_FILLED = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)
"""What PostgreSQL says of a view that nobody has filled yet: it is empty, and true for position 0."""


def listed(services: Services, name: str, query: Mapping[str, str], after: str | None, limit: int, newest: bool) -> Any:
    """One page of a view, as JSON. Raises NotFound, or Malformed for a filter that does not exist."""
    view = views.get(name)
    if view is None:
        raise NotFound(f"(view {name})")
    filters = {column: value for column, value in query.items() if column not in _PAGING}
    with services.log.connection() as connection:
        try:
            page = view.page(connection, filters=filters, after=after, limit=limit, newest=newest)
        except _NOT_FILLED:
            page = views.Page([], 0, 0, None)
    note = {"note": {"zh": view.NOTE[0], "en": view.NOTE[1]}} if view.NOTE else {}
    return asdict(page) | note


@router.get("/v1/views", summary="全部视图 · All views")
def all_views() -> list[dict[str, Any]]:
    """Names, titles and columns of the views."""
    return [
        {
            "name": one.NAME,
            "zh": one.TITLE[0],
            "en": one.TITLE[1],
            "columns": [asdict(column) for column in one.COLUMNS],
        }
        for one in views.all_views()
    ]


@router.get("/v1/views/{name}", summary="一个视图 · A view")
def view(
    request: Request,
    name: str,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    newest: bool = False,
) -> Any:
    """Rows of a view in stable order; further query parameters filter by column."""
    return listed(request.app.state.services, name, request.query_params, after, limit, newest)


def _short(name: str) -> None:
    @router.get(f"/v1/{name}", summary=f"{views.get(name).TITLE[0]} · {views.get(name).TITLE[1]}", name=name)  # type: ignore[union-attr]
    def short(
        request: Request,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        newest: bool = False,
    ) -> Any:
        """Rows of the view in stable order; further query parameters filter by column."""
        return listed(request.app.state.services, name, request.query_params, after, limit, newest)


for _name in SHORT:
    _short(_name)


@router.get("/v1/alerts/{id}", summary="一条预警 · One alert")
def alert(request: Request, id: str) -> Any:
    """An alert with its evidence and facts."""
    return _one(request, "alerts", id)


@router.get("/v1/lots/{id}", summary="标段卷宗 · The dossier of a lot")
def lot(
    request: Request,
    id: str,
    known: Annotated[str | None, Query(max_length=64)] = None,
    true: Annotated[str | None, Query(max_length=64)] = None,
) -> Any:
    """State and entries of a lot. `known`: what was on file then; `true`: what had happened by then.

    A moment is a position, a date (the end of that day in China) or an RFC 3339 time. `id` is the lot's tag, with or
    without `lot:`; a notice that holds several lots is asked by `notice:…`.
    """
    tag = id if id.startswith(("lot:", "notice:")) else f"lot:{id}"
    return dossier_at(request.app.state.services, written_tag(tag, "/id"), known, true)


@router.get("/v1/dossiers/{tag:path}", summary="任一标签的卷宗 · The dossier of any tag")
def any_dossier(
    request: Request,
    tag: str,
    known: Annotated[str | None, Query(max_length=64)] = None,
    true: Annotated[str | None, Query(max_length=64)] = None,
) -> Any:
    """As `/v1/lots/{id}`, for a project, party, notice, alert or any other tag."""
    return dossier_at(request.app.state.services, written_tag(tag, "/tag"), known, true)


def dossier_at(services: Services, tag: str, known: str | None, true: str | None) -> dict[str, Any]:
    """A dossier cut at the moments asked for. Raises NotFound where the tag never occurred, Malformed for no moment."""
    size = services.log.head().size
    whole = dossier.load(services.log, tag, until=size)
    if not whole.entries:
        raise NotFound(f"({tag})")
    # read once, so that the answer says which position `known` came to mean
    known_at = None if known is None else replay.position_at(services.log, replay.moment(known, "/known"), size)
    true_at = None if true is None else replay.moment(true, "/true")
    cut = replay.both(whole, known_at, true_at)
    return {
        "tag": tag,
        "position": size,
        "known": known_at,
        "true": true,
        "state": cut.state(),
        "entries": [
            {
                "position": one.position,
                "type": one.type,
                "time": one.time,
                "recorded": one.recorded,
                "leaf": one.leaf.hex(),
            }
            | _hidden(services, one)
            for one in cut.entries
        ],
    }


def _hidden(services: Services, one: Entry) -> dict[str, Any]:
    """What an entry hides, and why it is not shown; nothing for almost every entry."""
    found = services.disclosing.look(one).hidden if DIGESTS.encode() in one.raw else ()
    return {"hidden": [hidden.as_json() for hidden in found]} if found else {}


def _one(request: Request, name: str, id: str) -> Any:
    view = views.get(name)
    if view is None:
        raise NotFound(f"(view {name})")
    with request.app.state.services.log.connection() as connection:
        try:
            row = view.one(connection, id)
        except _NOT_FILLED:
            row = None
    if row is None:
        raise NotFound(f"({name} {id})")
    return row
