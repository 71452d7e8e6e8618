"""Proofs over HTTP: the newest checkpoint for everybody, and the receipt of an entry once one covers it.

    GET /checkpoint                  the signed note, as published; its origin, size and root, who signed and cosigned
    POST /v1/checkpoints             an entry `ledger.checkpoint-sealed`, on demand, with the last checkpoint as `note`:
                                     201, or 200 with the last such entry where nothing came since; needs a key
    GET /v1/receipts/{position}      a `.tlog-proof`; 404 `not-covered` for the moment before a checkpoint covers it

What is read is public: hashes and signatures. With a poster's key the receipt also carries the entry (`extra`).
"""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import proving
from api.errors import NotCovered, ToldClock
from api.routes.reading import Position
from api.services import Services
from ledger.errors import NotFound
from ledger.post import Receipt, Tick
from ledger.sealing import TICK_TYPE

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


@router.post("/v1/checkpoints", summary="即时封存 · Seal a checkpoint now")
async def seal(request: Request) -> Response:
    """Let the rules' clock tick now; with `?receipt=wait` the answer carries the checkpoint that covers the entry."""
    services: Services = request.app.state.services
    await run_in_threadpool(services.keys.poster, request.headers.get("authorization"))
    proofs = proving.wanted(request.query_params.get("receipt"))
    if services.told:
        raise ToldClock("(POST /v1/checkpoints)")
    size = await run_in_threadpool(lambda: services.log.head().size)
    last = await run_in_threadpool(services.log.entry, size)
    stands = last is not None and last.type == TICK_TYPE
    if last is None or not stands:
        (receipt,) = await asyncio.wrap_future(services.post([Tick("on-demand")]))
        last = await run_in_threadpool(services.log.entry, receipt.position)
    if last is None:
        raise NotFound("(the entry was written and is not there)")
    added: list[dict[str, Any]] = [{}]
    if proofs:
        added = await proving.prove(services, [Receipt(last.position, last.leaf, last.recorded)])
    shown = {"position": last.position, "leaf": last.leaf.hex(), "recorded": last.recorded, "data": last.data} | added[
        0
    ]
    return Response(orjson.dumps(shown), 200 if stands else 201, media_type="application/json")


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
