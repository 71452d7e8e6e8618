"""`POST /v1/events`: CloudEvents come in, receipts go out when everything is durable.

    one JSON object      one post                    201, or 200 when it stood in the log already
    a JSON array         one atomic post, all or none    201, or 200 when all stood there already
    NDJSON               a post a line; each line has its own answer, in order    200

With `?receipt=wait` each receipt also has its `proof`, once a checkpoint covers it (`api.proving`).

A refusal is a problem document naming each bad place, and is recorded (`api.refusals`) before it is answered; while
nothing can be recorded every answer is 503. On a ledger whose clock is told, and a server started with --told, the
header `Sunledger-Recorded` says when the post was recorded.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api import door, problems, proving
from api.errors import RequestTooLarge, ToldClock, UnknownMedia
from api.refusals import recordable
from api.services import Services
from ledger import clock
from ledger.admission import Poster
from ledger.canonical import decode
from ledger.errors import Broken, CannotRun, LedgerError, Malformed, Problem, ReadOnly, Refused, Unknown
from ledger.post import Post, Receipt

router = APIRouter(tags=["events"])

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
DOCUMENTS = ("application/cloudevents+json", "application/cloudevents-batch+json", "application/json")
RECORDED = "sunledger-recorded"

MANY_LINES = 10_000
"""Lines a request may have: each refused one is recorded by an entry of its own."""

LINES_AT_ONCE = 100
"""Lines read before other requests get their turn."""

LONG_BYTES = 100_000
"""A longer document is read in a thread, so that other requests are not kept waiting."""


@router.post("/v1/events", summary="入账 · Post events")
async def post_events(request: Request) -> Response:
    """Post one CloudEvent, an atomic array of them, or many as NDJSON. Needs `Authorization: Bearer slk_…`."""
    services: Services = request.app.state.services
    authorization = request.headers.get("authorization")
    try:
        poster = services.keys.remembered(authorization)
        if poster is None:
            poster = await run_in_threadpool(services.keys.poster, authorization)
    except Unknown as unknown:
        services.refusals.stranger(request.client.host if request.client else "")
        return problems.response(unknown)
    try:
        return await _answer(services, poster, request)
    except LedgerError as refused:
        return problems.response(refused)
    except ClientDisconnect:
        return Response(status_code=400)


async def _answer(services: Services, poster: Poster, request: Request) -> Response:
    recorded: datetime | None = None
    try:
        proofs = proving.wanted(request.query_params.get("receipt"))
        recorded = _moment(services, request.headers.get(RECORDED))
        lines = _media(request.headers.get("content-type")) in LINES
        body = await _body(request, services.settings.body_limit)
        if lines:
            return await _lines(services, poster, body, recorded, proofs=proofs)
    except Refused as refused:
        await _record(services, refused, poster)
        raise
    done = await _one(services, poster, body, recorded)
    answer = await _told(services, done, proofs=proofs)
    known = all(receipt.duplicate for receipt in done.receipts)
    return Response(orjson.dumps(answer), 200 if known else 201, media_type="application/json")


@dataclass(frozen=True, slots=True)
class _Done:
    """A document that is durable: its posts with their receipts, and whether it was a single event."""

    posts: list[Post]
    receipts: list[Receipt]
    single: bool


async def _one(services: Services, poster: Poster, body: bytes, recorded: datetime | None) -> _Done:
    """One document: admitted, appended, and its refusal recorded. Raises what it was refused for."""
    document: Any = None

    def read() -> tuple[list[Post], bool]:
        nonlocal document
        document = decode(body)
        return door.posts(document, poster, services.contracts, recorded=recorded)

    try:
        posts, single = read() if len(body) < LONG_BYTES else await run_in_threadpool(read)
        return _Done(posts, await _durable(services, posts), single)
    except Refused as refused:
        await _record(services, refused, poster, body=body, document=document)
        raise


async def _durable(services: Services, posts: list[Post]) -> list[Receipt]:
    """Append and wait. A request that is given up does not take back what is on its way: the writer sees to that."""
    try:
        return await asyncio.wrap_future(services.post(posts))
    except Broken as stopped:
        raise ReadOnly(f"({stopped})") from stopped
    except CannotRun as backwards:
        if not services.told:
            raise
        zh, en = "给定的时间不得早于上一条目。", "A told moment is never before that of the last entry."
        raise Malformed(problems=(Problem(f"/{RECORDED}", "told-clock", zh, en),)) from backwards


async def _record(services: Services, refused: Refused, poster: Poster, **about: Any) -> None:
    if recordable(refused):
        await asyncio.wrap_future(services.refusals.record(refused, poster, **about))


async def _lines(
    services: Services, poster: Poster, body: bytes, recorded: datetime | None, *, proofs: bool
) -> Response:
    """A post a line: all wait together, and each is answered by itself, with its number."""
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > MANY_LINES:
        zh, en = f"每次至多 {MANY_LINES} 行。", f"At most {MANY_LINES} lines a request."
        raise RequestTooLarge(problems=(Problem("", "lines", zh, en),))
    waiting = []
    for number, line in lines:
        waiting.append(asyncio.create_task(_line(services, poster, number, line, recorded, proofs=proofs)))
        if len(waiting) % LINES_AT_ONCE == 0:
            await asyncio.sleep(0)
    answers = await asyncio.gather(*waiting)
    return Response(b"".join(orjson.dumps(answer) + b"\n" for answer in answers), media_type=LINES[0])


async def _line(
    services: Services, poster: Poster, number: int, line: bytes, recorded: datetime | None, *, proofs: bool
) -> dict[str, Any]:
    try:
        done = await _one(services, poster, line, recorded)
    except LedgerError as refused:
        return {"line": number, **problems.document(refused)}
    return {"line": number, **await _told(services, done, proofs=proofs)}


def _moment(services: Services, text: str | None) -> datetime | None:
    """The told moment of a post; None on a real clock. Raises ToldClock or Malformed."""
    if not services.told:
        if text is not None:
            zh, en = "本台账的时钟是真实的，入账时间只由它给出。", "This ledger's clock is real: it alone says when."
            raise Malformed(problems=(Problem(f"/{RECORDED}", "real-clock", zh, en),))
        return None
    if not services.settings.told:
        raise ToldClock("(sunledger serve --told)")
    try:
        return None if text is None else clock.parse(text)
    except ValueError as wrong:
        raise Malformed(problems=(clock.problem(f"/{RECORDED}"),)) from wrong


def _media(content_type: str | None) -> str:
    """The content type without its parameters; none at all is read as JSON. Raises UnknownMedia."""
    media = (content_type or DOCUMENTS[0]).partition(";")[0].strip().lower()
    if media not in (*LINES, *DOCUMENTS):
        raise UnknownMedia(f"({', '.join((*DOCUMENTS, LINES[0]))})")
    return media


async def _body(request: Request, limit: int) -> bytes:
    """The request's body. Raises RequestTooLarge beyond `limit` bytes, before the rest is read."""
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and (len(stated) > 18 or int(stated) > limit):
        raise RequestTooLarge(f"({limit:,} bytes)")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise RequestTooLarge(f"({limit:,} bytes)")
        chunks.append(chunk)
    return b"".join(chunks)


async def _told(services: Services, done: _Done, *, proofs: bool) -> dict[str, Any]:
    """The answer to a document: its receipt, or those of its events, each with its proof where that was asked for."""
    added = await proving.prove(services, done.receipts) if proofs else [{} for _ in done.receipts]
    shown = [
        door.answer(post, receipt) | proof
        for post, receipt, proof in zip(done.posts, done.receipts, added, strict=True)
    ]
    return shown[0] if done.single else {"receipts": shown}
