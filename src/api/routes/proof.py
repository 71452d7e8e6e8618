"""Proofs over HTTP: the newest checkpoint for everybody, and the receipt of an entry once one covers it.

    GET /checkpoint                  the signed note, as published; its origin, size and root, who signed and cosigned
    GET /v1/receipts/{position}      a `.tlog-proof`; 404 `not-covered` for the moment before a checkpoint covers it

Both are public: they hold hashes and signatures. With a poster's key the receipt also carries the entry (`extra`).
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.errors import NotCovered
from api.routes.reading import Position
from api.services import Services
from ledger.errors import NotFound

router = APIRouter(tags=["proof"])

TEXT = "text/plain; charset=utf-8"
FRESH = "public, max-age=1"
"""A checkpoint is replaced within a second where entries come."""


@router.get("/checkpoint", summary="最新检查点 · The newest checkpoint")
def checkpoint(request: Request) -> Response:
    """The newest published checkpoint, a signed note (C2SP tlog-checkpoint)."""
    services: Services = request.app.state.services
    found = services.checkpoints.look()
    if found is None:
        raise NotFound("（尚无检查点 · no checkpoint was published yet）")
    return Response(found.note, media_type=TEXT, headers={"Cache-Control": FRESH})


@router.get("/v1/receipts/{position}", summary="回执 · The receipt of an entry")
def receipt(request: Request, position: Position) -> Response:
    """The entry's place in the log under the newest checkpoint (C2SP tlog-proof), to be kept and checked without us."""
    services: Services = request.app.state.services
    authorization = request.headers.get("authorization")
    known = authorization is not None and services.keys.poster(authorization) is not None
    services.checkpoints.look()
    found = services.checkpoints.receipt(position, entry=known)
    if found is None:
        raise NotCovered(f"(#{position})")
    headers = {
        "Cache-Control": "private, no-store" if known else "public, max-age=60",
        "Content-Disposition": f'attachment; filename="{position}.tlog-proof"',
        "Vary": "Authorization",
    }
    return Response(found.text, media_type=TEXT, headers=headers)
