"""The front door: every route on one page.

health    /livez  /readyz  /v1/log/head  /v1/status
posting   POST /v1/events
reading   /v1/events  /v1/events/{position}
views     /v1/views  /v1/views/{name}  /v1/lots  /v1/lots/{id}  /v1/projects  /v1/alerts  /v1/dossiers/{tag}
documents /openapi.json  /docs
console   everything else (`api.console`)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from api import problems
from api.routes import docs, health, posting, reading, views
from api.services import Services
from api.settings import Settings
from ledger.errors import LedgerError, Malformed, Problem

TITLE = "Sunledger · 阳光台账"


def make_app(dsn: str, settings: Settings | None = None) -> FastAPI:
    """The application for the ledger at `dsn`. Starting it raises CannotRun when no ledger stands there."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(dsn, settings)
        app.state.services = services
        services.start()
        try:
            yield
        finally:
            services.close()

    app = FastAPI(title=TITLE, version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    for router in (health.router, posting.router, reading.router, views.router, docs.router):
        app.include_router(router)
    if settings is None or settings.console:
        from api.console.routes import add_console

        add_console(app)
    app.add_exception_handler(LedgerError, _ledger_error)
    app.add_exception_handler(RequestValidationError, _wrong_parameter)
    return app


async def _ledger_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, LedgerError):
        raise error
    return problems.response(error)


async def _wrong_parameter(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = tuple(
        Problem(f"/{'/'.join(map(str, one['loc'][1:]))}", one["type"], "参数不合要求。", one["msg"])
        for one in error.errors()
    )
    return problems.response(Malformed(problems=found))
