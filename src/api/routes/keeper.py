"""A keeper over HTTP, an application of its own: its public keys, and opening when it is shown why.

It shares nothing with the ledger's server: another program, another owner, another machine. A proxy may put any prefix
before these addresses, and should let the ledger's server alone through.
"""

from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from api.answers import add_answers
from ledger.errors import SealWrong
from ledger.keeper import Keeper
from ledger.sealed_events.asking import MAX_BYTES

TITLE = "Sunledger keeper · 阳光台账封存保管人"


def make_keeper_app(keeper: Keeper) -> FastAPI:
    """The application of one keeper."""
    app = FastAPI(title=TITLE, version="1", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def health() -> dict[str, Any]:
        """Who this is, and what it has opened."""
        names = ("group", "trigger", "members", "size", "at")
        return {"org": keeper.org, "opened": [dict(zip(names, one, strict=True)) for one in keeper.opened()]}

    @app.get("/key/{epoch}")
    def key(epoch: str) -> Response:
        """The public key of a month, 32 bytes."""
        try:
            return Response(keeper.public(epoch), media_type="application/octet-stream")
        except SealWrong as refused:
            return PlainTextResponse(f"{refused}\n", status_code=422)

    @app.post("/open")
    async def open_(request: Request) -> Response:
        """One layer less of every member, or why not."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BYTES:
                return PlainTextResponse(f"over {MAX_BYTES} bytes\n", status_code=413)
        try:
            answer = await run_in_threadpool(keeper.open, bytes(body))
        except SealWrong as refused:
            return PlainTextResponse(f"{refused}\n", status_code=422)
        return Response(answer, media_type="application/json")

    add_answers(app)
    return app
