"""The one search box: a position, tag or alert's number leads straight there; all else is looked for in boards."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import asking, frame, urls
from api.console.frame import Truth
from projections import views

_TAG = re.compile(r"[a-z]+:[!-~]+")
_ALERT = re.compile(r"[a-z2-7]{26}")
SHOWN = 10
BOARDS = ("projects", "lots", "parties", "alerts")


def answer(request: Request) -> Response:
    """`/find?q=`"""
    services, label = frame.services(request), frame.labels(request)
    asked = request.query_params.get("q", "").strip()
    size = services.log.head().size
    number = asked.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19 and 0 < int(number) <= size:
        return RedirectResponse(urls.entry(int(number)), 303)
    if _TAG.fullmatch(asked) and services.log.count(tag=asked):
        return RedirectResponse(urls.dossier(asked), 303)
    if _ALERT.fullmatch(asked) and services.log.count(tag=f"alert:{asked}"):
        return RedirectResponse(urls.alert(asked), 303)
    position, total = size, 0
    found: list[dict[str, Any]] = []
    for name in BOARDS if asked else ():
        view = views.get(name)
        if view is None:
            continue
        hits = asking.page(services, view, filters={"q": asked}, limit=SHOWN)
        position, total = min(position, hits.position), total + hits.total
        rows = [
            {
                "text": str(row.get("title") or row.get("name") or label.of(row.get("text_zh"), row.get("text_en"))),
                "url": urls.alert(row["id"]) if name == "alerts" else urls.dossier(row["id"]),
            }
            for row in hits.rows
        ]
        board = urls.board(name, [("q", asked)])
        found.append({"title": label.of(*view.TITLE), "total": hits.total, "rows": rows, "url": board})
    values = {"asked": asked, "found": found, "total": total}
    return frame.answer(request, "find", label.words("find.title"), values, truth=Truth(position, size))
