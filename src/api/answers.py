"""What an answer is when no route gave one: errors of every kind as problem documents, and HTTP's own manners.

    LedgerError              its own problem document
    a wrong parameter        422, each parameter named
    no such address          404        wrong method   405 with `Allow`
    the database is away     503 with `Retry-After`
    anything else            500; the trace goes to the program's log, never to the client

`Manners` stands around the whole application: HEAD is answered as GET without its body, and a NUL in an address, which
no name here can hold, is refused before a database sees it.
"""

import logging

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.errors import WrongMethod
from ledger.errors import LedgerError, Malformed, NotFound, Problem, ReadOnly

_log = logging.getLogger(__name__)

_SENTENCES = {
    "int_parsing": ("应为整数。", "Must be a whole number."),
    "int_parsing_size": ("数字太大。", "The number is too large."),
    "bool_parsing": ("应为 true 或 false。", "Must be true or false."),
    "greater_than_equal": ("低于下限 {ge}。", "Must not be below {ge}."),
    "less_than_equal": ("超过上限 {le}。", "Must not be above {le}."),
    "string_too_long": ("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "missing": ("缺少此参数。", "This parameter is missing."),
}
"""By pydantic's stable error types; a sentence never repeats the value."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OTHER = ("参数不合要求。", "The parameter is not of the form wanted.")


def add_answers(app: FastAPI) -> None:
    """Give an application these answers."""
    app.add_exception_handler(LedgerError, _ledger_error)
    app.add_exception_handler(RequestValidationError, _wrong_parameter)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(psycopg.OperationalError, _database_away)
    app.add_exception_handler(Exception, _our_own)
    app.add_middleware(Manners)


class Manners:
    """HEAD as GET without a body, no NUL in addresses, and no guessing of content types by browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bare = scope["method"] == "HEAD"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if all(name != b"x-content-type-options" for name, _ in headers):
                    headers.append((b"x-content-type-options", b"nosniff"))
            elif bare and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            found = Problem("", "nul", "地址含 U+0000。", "The address has a U+0000.")
            await problems.response(Malformed(problems=(found,)))(scope, receive, sending)
            return
        await self._app({**scope, "method": "GET"} if bare else scope, receive, sending)


async def _ledger_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, LedgerError):
        raise error
    return problems.response(error)


async def _wrong_parameter(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = []
    for one in error.errors():
        zh, en = _SENTENCES.get(one["type"], _OTHER)
        limits = one.get("ctx", {})
        pointer = f"/{'/'.join(map(str, one['loc'][1:]))}"
        found.append(Problem(pointer, "parameter", zh.format(**limits), en.format(**limits)))
    return problems.response(Malformed(problems=tuple(found)))


async def _no_route(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404:
        return problems.response(NotFound(f"({request.url.path[:200]})"))
    if error.status_code == 405:
        return problems.response(WrongMethod(f"({request.method[:20]})"), {"Allow": ", ".join(_methods(request))})
    raise error


def _methods(request: Request) -> list[str]:
    """The methods of every route at this address, by asking for each; a router names those of the first one only."""
    found = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]
    return [*found, "HEAD"] if "GET" in found else found


async def _database_away(_: Request, error: Exception) -> Response:
    _log.warning("the database is away: %s", error)
    return problems.response(ReadOnly("(the database is away)"))


async def _our_own(_: Request, __: Exception) -> Response:
    return problems.response(LedgerError())
