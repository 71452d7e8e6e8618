"""`/v1/documents`: documents come in as they are and get a number; they go out by right.

    POST /v1/documents?kind=…&class=…&retention=…   the bytes as the body, their type as `Content-Type`
    GET  /v1/documents/{sha256}                     the bytes; what is public without a key

The answer to a deposit has the value of type `doc` that goes into an event. Bodies and answers pass in pieces: memory
does not grow with the document. An answer begins when the first piece was found sound and a read of what is not public
stands in the log; should a later piece turn out to be changed, the answer breaks off and is never taken for whole.
"""

import logging
from collections.abc import Iterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from api import problems
from api.custody import Custody, NoStore
from api.depositing import statement
from api.services import Services
from ledger import clock
from ledger.admission import Poster
from ledger.documents import SHA256, DocumentTooLarge
from ledger.errors import LedgerError, NotFound, Unknown
from ledger.keeping.deposit import Statement
from ledger.readers import table

router = APIRouter(tags=["documents"])

PIECE_BYTES = 1_000_000
"""What is gathered of a body before it is encrypted and written, in a thread."""

_ANY = "application/octet-stream"

Word = Annotated[str, Query(max_length=64)]
Matter = Annotated[str | None, Query(max_length=64)]

_log = logging.getLogger(__name__)


@router.post("/v1/documents", summary="存放文件 · Deposit a document")
async def deposit(
    request: Request,
    kind: Word,
    class_: Annotated[str, Query(alias="class", max_length=64)],
    retention: Word,
    lot: Matter = None,
    case: Matter = None,
) -> Response:
    """Keep the body; answers with the value of type `doc` for an event, and the position of the entry that says so.

    `kind`, `class`, `retention`: codes of the lists `document-kinds`, `secrecy`, `retention`. `lot`, `case`: what it
    belongs to, which decides who may read it. 201, or 200 when the same organisation had deposited the same already.
    """
    services: Services = request.app.state.services
    try:
        poster = await run_in_threadpool(_poster, services, request)
        custody = _custody(services)
        lists, media = services.contracts.codes, _media(request)
        said = statement(lists, poster, kind=kind, cls=class_, retention=retention, media=media, lot=lot, case=case)
        return await _keep(services, custody, request, said)
    except LedgerError as refused:
        return problems.response(refused)
    except ClientDisconnect:
        return Response(status_code=400)


async def _keep(services: Services, custody: Custody, request: Request, said: Statement) -> Response:
    limit = services.settings.document_limit
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and (len(stated) > 18 or int(stated) > limit):
        raise DocumentTooLarge(f"({limit:,} bytes)")
    coming = await run_in_threadpool(custody.store.coming, said.cls, limit)
    with coming:
        waiting = bytearray()
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= PIECE_BYTES:
                await run_in_threadpool(coming.write, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(coming.write, bytes(waiting))
        kept, new = await run_in_threadpool(coming.keep, said, clock.stamp(custody.present()))
    receipt = await run_in_threadpool(custody.admit, kept)
    answer = {"doc": kept.doc(), "position": receipt.position, "duplicate": not new}
    return Response(orjson.dumps(answer), 201 if new else 200, media_type="application/json")


@router.get("/v1/documents/{sha256}", summary="取文件 · A document")
def document(
    request: Request,
    sha256: str,
    class_: Annotated[str | None, Query(alias="class", max_length=64)] = None,
    purpose: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """The bytes with this SHA-256. What is not public needs a key, a right, and from `commercial` on a `purpose`.

    410 once it was disposed of, with the position of the entry. `class` chooses where it is kept in several.
    """
    services: Services = request.app.state.services
    custody = _custody(services)
    if SHA256.fullmatch(sha256) is None:
        raise NotFound(f"({sha256[:80]})")
    reader = _poster(services, request) if "authorization" in request.headers else None
    try:
        found = custody.find(sha256, reader, class_)
    except Unknown:
        services.refusals.stranger(request.client.host if request.client else "")
        raise
    pieces = custody.store.read(found)
    custody.tell_read(found, reader, purpose)
    open_to_all = table()[found.said.cls].everyone
    headers = {
        "Content-Length": str(found.size),
        "Content-Encoding": "identity",  # compressing again costs much and gains nothing on what is in documents
        "Content-Disposition": f'attachment; filename="{sha256[:16]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=3600" if open_to_all else "private, no-store",
        "ETag": f'"{sha256}"',
    }
    return StreamingResponse(_telling(pieces, sha256), media_type=found.said.media_type, headers=headers)


def _telling(pieces: Iterator[bytes], digest: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except LedgerError:
        _log.exception("document %s broke off: it was changed in the store", digest)
        raise


def _custody(services: Services) -> Custody:
    if services.custody is None:
        raise NoStore("(--documents)")
    return services.custody


def _poster(services: Services, request: Request) -> Poster:
    """Who asks. Raises Unknown, counted."""
    authorization = request.headers.get("authorization")
    try:
        return services.keys.remembered(authorization) or services.keys.poster(authorization)
    except Unknown:
        services.refusals.stranger(request.client.host if request.client else "")
        raise


def _media(request: Request) -> str:
    return request.headers.get("content-type", _ANY).partition(";")[0].strip().lower()
