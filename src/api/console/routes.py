"""Every address of the console, and what happens when a page cannot be given.

`add_console(app)` adds them behind all other routes; the app's state must hold `services` (see `frame.Services`).
"""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems
from api.console import frame
from api.console.frame import Truth
from api.console.pages import alerts, board, chain, dossier, entry, find, home
from ledger.errors import LedgerError, NotFound

Page = Callable[[Request], Response]

_MEDIA = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_NOT_OURS = ("/v1", "/tile", "/checkpoint")


def console_page(page: Page) -> Page:
    """A page whose refusals are pages too, in the reader's language, with the status the API would give."""

    def answered(request: Request) -> Response:
        try:
            return page(request)
        except LedgerError as refused:
            return refusal(request, refused)

    return answered


def refusal(request: Request, refused: LedgerError) -> Response:
    """What went wrong as a page; a size of 0 says that nothing on it is drawn from the log."""
    label = frame.labels(request)
    zh, _, en = refused.message.partition(" · ")
    values = {
        "sentence": label.of(zh, en),
        "detail": refused.detail,
        "problems": [label.of(one.zh, one.en) for one in refused.problems],
        "code": refused.code,
    }
    status = problems.STATUS.get(refused.code, 500)
    return frame.answer(request, "refusal", label.of(zh, en), values, truth=Truth(0, 0), status=status)


def static(request: Request) -> Response:
    """A static file under its fingerprint; kept by browsers for ever, because another content has another address."""
    name, digest = request.path_params["name"], request.path_params["digest"]
    if name not in frame.STATIC or digest != frame.digest(name):
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(frame.static_bytes(name), media_type=_MEDIA[name.rpartition(".")[2]], headers=headers)


def nowhere(request: Request) -> Response:
    """Whatever is not an address of the console; the API's own stay the API's."""
    if request.url.path.startswith(_NOT_OURS):
        raise HTTPException(404)
    raise NotFound(f"({request.url.path})")


routes: list[Route] = [
    Route("/", console_page(home.answer)),
    Route("/boards/{view}", console_page(board.answer)),
    Route("/d", console_page(dossier.answer)),
    Route("/d/{tag}", console_page(dossier.answer)),
    Route("/e/{position:int}", console_page(entry.answer)),
    Route("/alerts", console_page(alerts.listing)),
    Route("/a/{id}", console_page(alerts.one)),
    Route("/chain", console_page(chain.answer)),
    Route("/find", console_page(find.answer)),
    Route("/static/{digest}/{name}", static),
    Route("/{rest:path}", console_page(nowhere)),
]


def add_console(app: Starlette) -> None:
    """Add the console to an application, behind its other routes."""
    app.router.routes.extend(routes)
