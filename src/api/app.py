"""The front door: every route on one page.

posting   POST /v1/events   (first, because routes are asked in this order and posts are many)
health    /livez  /readyz  /v1/log/head  /v1/status
contracts /v1/contracts  /v1/contracts/{type}
reading   /v1/events  /v1/events/{position}
views     /v1/views  /v1/views/{name}  /v1/lots  /v1/lots/{id}  /v1/projects  /v1/alerts  /v1/dossiers/{tag}
proof     /checkpoint  /v1/receipts/{position}  /v1/bundles/{tag}
documents /v1/documents  /v1/documents/{sha256}
tiles     /tile/{L}/{N}  /tile/entries/{N}
described /openapi.json  /docs
console   everything else (`api.console`)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.answers import add_answers
from api.routes import bundles, contracts, docs, documents, health, posting, proof, reading, tiles, views
from api.services import Services
from api.settings import Settings

TITLE = "Sunledger · 阳光台账"
COMPRESSED_FROM = 2000
"""Bytes: a board of 200 rows is 160 KB of repeating markup, a receipt is not worth the work."""


def make_app(dsn: str, settings: Settings | None = None) -> FastAPI:
    """The application for the ledger at `dsn`. Starting it raises CannotRun when no ledger stands there."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(dsn, chosen)
        app.state.services = services
        services.start()
        try:
            yield
        finally:
            services.close()

    app = FastAPI(title=TITLE, version="1", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for router in (posting.router, health.router, contracts.router, reading.router, views.router, docs.router):
        app.include_router(router)
    app.include_router(proof.router)
    app.include_router(bundles.router)
    app.include_router(documents.router)
    app.include_router(tiles.router)
    if chosen.console:
        from api.console.routes import add_console

        add_console(app)
    add_answers(app)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM, compresslevel=5)
    return app
