"""Reading the log: one entry, or the entries of a tag or type. The exact bytes stand in the answer as `entry`."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ledger.entry import Entry
from ledger.errors import NotFound

router = APIRouter(tags=["events"])

LIMIT = 1000


@router.get("/v1/events/{position}", summary="一条条目 · One entry")
def entry(request: Request, position: int) -> Response:
    """The entry at a position: its exact bytes under `entry` (hash them: SHA-256(0x00 ‖ bytes) is `leaf`)."""
    found = request.app.state.services.log.entry(position)
    if found is None:
        raise NotFound(f"(#{position})")
    return Response(shown(found), media_type="application/json")


@router.get("/v1/events", summary="按标签或类型读取 · Entries of a tag or type")
def entries(
    request: Request,
    tag: Annotated[str | None, Query(max_length=128)] = None,
    type: Annotated[str | None, Query(max_length=128)] = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 200,
) -> Response:
    """Entries behind `after`, in order; `next` continues the list, `size` is the log's size it is true for."""
    log = request.app.state.services.log
    size = log.head().size
    found = [one for one in log.find(tag=tag, type=type, after=after, limit=limit) if one.position <= size]
    following: Any = found[-1].position if len(found) == limit else None
    body = b'{"entries":[%b],"next":%b,"size":%d}' % (b",".join(map(shown, found)), orjson.dumps(following), size)
    return Response(body, media_type="application/json")


def shown(one: Entry) -> bytes:
    """An entry as the API shows it: the stored bytes are put in as they are, never written anew."""
    return b'{"entry":%b,"leaf":"%b","position":%d}' % (one.raw, one.leaf.hex().encode(), one.position)
