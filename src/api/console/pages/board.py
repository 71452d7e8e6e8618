"""A board: any view as a table, by its own columns. A view dropped into `projections/views` is seen here at once."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.console import asking, cells, frame, urls
from api.console.frame import Truth
from api.console.labels import SHAPES, Labels
from ledger.errors import NotFound
from projections import views
from projections.views import Page, View

PER_PAGE = 200
_OWN = ("q", "after", "skipped", "order", "lang", "size")
LEAST = ".min"
"""Ends the name of a field that asks for at least so much: `meetings.min=4`."""


def answer(request: Request) -> Response:
    """`/boards/{view}`"""
    view = views.get(request.path_params["view"])
    if view is None:
        raise NotFound(f"(/boards/{request.path_params['view']})")
    label = frame.labels(request)
    values, truth = listing(request, view)
    values["boards"] = [
        {"title": label.of(*one.TITLE), "url": urls.board(one.NAME), "here": one.NAME == view.NAME}
        for one in views.all_views()
    ]
    return frame.answer(request, "board", label.of(*view.TITLE), values, truth=truth)


def listing(request: Request, view: View, *, newest: bool = False) -> tuple[dict[str, Any], Truth]:
    """One page of a view's rows as a table, with its filters, count and the way on. Raises Malformed."""
    services, label = frame.services(request), frame.labels(request)
    query = request.query_params
    filters = _filters(query)
    order = query.get("order", "newest" if newest else "oldest")
    found = asking.page(
        services,
        view,
        filters=filters,
        after=query.get("after") or None,
        limit=PER_PAGE,
        newest=order == "newest",
    )
    columns = cells.layout(view.COLUMNS, label)
    values = {
        "title": label.of(*view.TITLE),
        "note": label.of(*view.NOTE) if view.NOTE else "",
        "path": request.url.path,
        "query": query.get("q", ""),
        "order": order,
        "filtered": bool(filters),
        "choices": _choices(view, dict(filters), label),
        "leasts": _leasts(view, query, label),
        "others": {name: value for name, value in filters.items() if name not in _offered(view)},
        "columns": columns,
        "rows": [[cells.show(cell, row, label) for cell in columns] for row in found.rows],
        "total": found.total,
        "range": _range(found, query.get("skipped", ""), bool(query.get("after"))),
        "next": _next(request, found),
        "clear": urls.again(request.url.path, []),
    }
    return values, Truth(found.position, services.log.head().size)


def _range(found: Page, skipped: str, inside: bool) -> tuple[int, int] | None:
    """First and last row shown, counted from 1; None where the rows before are not known."""
    if not found.rows or (inside and not skipped.isdecimal()):
        return None
    before = int(skipped) if inside else 0
    return before + 1, before + len(found.rows)


def _next(request: Request, found: Page) -> str | None:
    if found.next is None:
        return None
    skipped = request.query_params.get("skipped", "")
    before = int(skipped) if skipped.isdecimal() else 0
    query = request.query_params.multi_items()
    shown = str(before + len(found.rows))
    return urls.again(request.url.path, query, after=found.next, skipped=shown, lang=None, size=None)


def _filters(query: Mapping[str, str]) -> dict[str, str]:
    """What an address asks of the view: `column=value`, `column.min=number`, `q=words`."""
    filters = {name: value for name, value in query.items() if value and name not in _OWN and not name.endswith(LEAST)}
    least = {name.removesuffix(LEAST): f"{value}.." for name, value in query.items() if value and name.endswith(LEAST)}
    return {**filters, **least, **({"q": query["q"]} if query.get("q") else {})}


def _offered(view: View) -> set[str]:
    """Filters that have a field of their own in the form."""
    return {"q", *_choosable(view), *[column.name for column in view.COLUMNS if column.name in _COUNTED][:1]}


_COUNTED = ("meetings", "candidacies", "notices", "readings")
"""Columns of numbers worth a lower bound; the first that a view has gets a field."""


def _leasts(view: View, query: Mapping[str, str], label: Labels) -> list[dict[str, str]]:
    return [
        {
            "name": f"{column.name}{LEAST}",
            "title": label.of(column.title_zh, column.title_en),
            "value": query.get(f"{column.name}{LEAST}", ""),
        }
        for column in view.COLUMNS
        if column.name in _COUNTED
    ][:1]


def _choosable(view: View) -> list[str]:
    return [column.name for column in view.COLUMNS if column.name in _CHOICES]


_CHOICES: dict[str, tuple[str, ...]] = {
    "severity": tuple(SHAPES),
    "verdict": ("met", "breached", "running", "undeterminable"),
    "state": ("met", "breached", "running", "undeterminable"),
    "kind": ("finding", "reading", "undeterminable"),
}
"""Columns with few codes, offered as a choice."""


def _choices(view: View, filters: dict[str, str], label: Labels) -> list[dict[str, Any]]:
    titles = {column.name: label.of(column.title_zh, column.title_en) for column in view.COLUMNS}
    return [
        {
            "name": name,
            "title": titles[name],
            "chosen": filters.get(name, ""),
            "options": [(code, label.code(name, code)) for code in _CHOICES[name]],
        }
        for name in _choosable(view)
    ]
