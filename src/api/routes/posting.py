"""`POST /v1/events`: CloudEvents come in, receipts go out when everything is durable.

    one JSON object      one post                    201, or 200 when it stood in the log already
    a JSON array         one atomic post, all or none    201
    NDJSON               a post a line; each line has its own answer, in order    200

A refusal is a problem document naming each bad place, and is recorded (`api.refusals`). On a ledger whose clock is
told, and a server started with --told, the header `Sunledger-Recorded` says when the post was recorded.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import problems
from api.refusals import recordable
from api.services import Services
from ledger import clock
from ledger.admission import Poster, admit, admit_all
from ledger.canonical import decode
from ledger.errors import LedgerError, Malformed, NoRight, Problem, Refused, TooLarge
from ledger.post import Post, Receipt

router = APIRouter(tags=["events"])

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
RECORDED = "sunledger-recorded"


@router.post(
    "/v1/events",
    summary="入账 · Post events",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": {"type": "object"}},
                "application/cloudevents-batch+json": {"schema": {"type": "array", "items": {"type": "object"}}},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    },
    responses={400: {}, 401: {}, 403: {}, 409: {}, 413: {}, 422: {}, 503: {}},
)
async def post_events(request: Request) -> Response:
    """Post one CloudEvent, an atomic array of them, or many as NDJSON. Needs `Authorization: Bearer slk_…`."""
    services: Services = request.app.state.services
    try:
        poster = await run_in_threadpool(services.keys.poster, request.headers.get("authorization"))
    except LedgerError as unknown:
        services.refusals.stranger(request.client.host if request.client else "")
        return problems.response(unknown)
    try:
        recorded = _moment(services, request.headers.get(RECORDED))
        body = await _body(request, services.settings.body_limit)
    except LedgerError as refused:
        return problems.response(refused)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() in LINES:
        return await _lines(services, poster, body, recorded)
    try:
        receipts, single = await _one(services, poster, body, recorded)
    except LedgerError as refused:
        return problems.response(refused)
    answer = _shown(receipts[0]) if single else {"receipts": [_shown(receipt) for receipt in receipts]}
    known = all(receipt.duplicate for receipt in receipts)
    return Response(orjson.dumps(answer), 200 if known else 201, media_type="application/json")


async def _one(
    services: Services, poster: Poster, body: bytes, recorded: datetime | None
) -> tuple[Sequence[Receipt], bool]:
    """One document: admitted, appended, and its refusal recorded. Raises what it was refused for."""
    event: Any = None
    try:
        event = decode(body)
        single = not isinstance(event, list)
        posts = _admitted(services, poster, event, recorded)
        return await asyncio.wrap_future(services.writer.post(posts)), single
    except Refused as refused:
        if recordable(refused):
            seen = event[0] if isinstance(event, list) and event else event
            digest = sha256(body).hexdigest()
            await run_in_threadpool(services.refusals.record, refused, poster, request_hash=digest, event=seen)
        raise


async def _lines(services: Services, poster: Poster, body: bytes, recorded: datetime | None) -> Response:
    """A post a line: all wait together, and each is answered by itself."""
    answers = await asyncio.gather(
        *[_line(services, poster, line, recorded) for line in body.splitlines() if line.strip()]
    )
    return Response(b"".join(orjson.dumps(answer) + b"\n" for answer in answers), media_type=LINES[0])


async def _line(services: Services, poster: Poster, line: bytes, recorded: datetime | None) -> dict[str, Any]:
    try:
        receipts, single = await _one(services, poster, line, recorded)
    except LedgerError as refused:
        return problems.document(refused)
    return _shown(receipts[0]) if single else {"receipts": [_shown(receipt) for receipt in receipts]}


def _admitted(services: Services, poster: Poster, event: Any, recorded: datetime | None) -> list[Post]:
    if not isinstance(event, list):
        return [admit(event, poster, services.contracts, recorded=recorded)]
    if not event:
        raise Malformed(problems=(Problem("", "empty", "数组里没有事件。", "The array holds no event."),))
    return admit_all(event, poster, services.contracts, recorded=recorded)


def _moment(services: Services, text: str | None) -> datetime | None:
    """The told moment of a post; None on a real clock. Raises NoRight or Malformed."""
    if not services.told:
        return None
    if not services.settings.told:
        raise NoRight("(this ledger's clock is told: the server must be started with --told)")
    try:
        return None if text is None else clock.parse(text)
    except ValueError as wrong:
        raise Malformed(problems=(clock.problem(f"/{RECORDED}"),)) from wrong


async def _body(request: Request, limit: int) -> bytes:
    """The request's body. Raises TooLarge beyond `limit` bytes, before the rest is read."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"(a request has at most {limit} bytes)")
        chunks.append(chunk)
    return b"".join(chunks)


def _shown(receipt: Receipt) -> dict[str, Any]:
    return {
        "position": receipt.position,
        "leaf": receipt.leaf.hex(),
        "recorded": receipt.recorded,
        "duplicate": receipt.duplicate,
    }
