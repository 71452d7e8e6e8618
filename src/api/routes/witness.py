"""A witness over HTTP, an application of its own: `POST /add-checkpoint`, and `GET /` for whoever watches it.

It shares nothing with the ledger's server: another program, another owner, another machine. A proxy may put any prefix
before these addresses.
"""

from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from api.answers import add_answers
from ledger.witness import MAX_BYTES, Answer, Witness

TITLE = "Sunledger witness · 阳光台账见证"


def make_witness_app(witness: Witness) -> FastAPI:
    """The application of one witness."""
    app = FastAPI(title=TITLE, version="1", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def health() -> dict[str, Any]:
        """Who this is, the last size and root of each log, and which of them stands still."""
        return health_of(witness)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        """C2SP tlog-witness: cosignature lines, or why not."""
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BYTES:
                return PlainTextResponse(f"over {MAX_BYTES} bytes\n", status_code=413)
        return _response(await run_in_threadpool(witness.add_checkpoint, body))

    add_answers(app)
    return app


def health_of(witness: Witness) -> dict[str, Any]:
    """The witness and what it remembers, ready for JSON."""
    logs = [
        {
            "origin": one.origin,
            "size": one.size,
            "root": one.root.hex(),
            "since": one.since,
            "alarms": one.alarms(),
        }
        for one in witness.seen()
    ]
    return {"name": witness.signer.vkey.name, "vkey": witness.signer.vkey.text, "logs": logs}


def _response(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, headers={"Content-Type": answer.media})
