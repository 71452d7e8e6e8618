"""Reading the log: one entry, or the entries of a tag or type. The exact bytes stand in the answer as `entry`."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from ledger import fields
from ledger.canonical import MAX_INTEGER
from ledger.entry import Entry
from ledger.errors import Malformed, NotFound, Problem

router = APIRouter(tags=["events"])

LIMIT = 1000

Position = Annotated[int, Path(ge=0, le=MAX_INTEGER)]


@router.get("/v1/events/{position}", summary="一条条目 · One entry")
def entry(
    request: Request, position: Position, purpose: Annotated[str | None, Query(max_length=1000)] = None
) -> Response:
    """The entry at a position: its exact bytes under `entry` (hash them: SHA-256(0x00 ‖ bytes) is `leaf`).

    `hidden` says of each secret member why it is not shown. With a key and a `purpose`, what the key's organ may read
    is shown: `disclosures`, and `event` with those members in their places; the reading is recorded.
    """
    services = request.app.state.services
    found = services.log.entry(position)
    if found is None:
        raise NotFound(f"(#{position})")
    if purpose is None:
        look = services.disclosing.look(found)
    else:
        look = services.disclosing.open(found, services.keys.poster(request.headers.get("authorization")), purpose)
    if not look.hidden:
        return Response(shown(found), media_type="application/json")
    more: dict[str, Any] = {"hidden": [one.as_json() for one in look.hidden]}
    if look.disclosures:
        more |= {"disclosures": list(look.disclosures), "event": look.event}
    body = shown(found)[:-1] + b"," + orjson.dumps(more)[1:]
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/v1/events", summary="按标签或类型读取 · Entries of a tag or type")
def entries(
    request: Request,
    tag: Annotated[str | None, Query(max_length=1000)] = None,
    type: Annotated[str | None, Query(max_length=128)] = None,
    after: Annotated[int, Query(ge=0, le=MAX_INTEGER)] = 0,
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 200,
) -> Response:
    """Entries behind `after`, in order; `next` continues the list, `size` is the log's size it is true for."""
    log = request.app.state.services.log
    wanted = None if tag is None else written_tag(tag, "/tag")
    size = log.head().size
    found = [one for one in log.find(tag=wanted, type=type, after=after, limit=limit) if one.position <= size]
    following: Any = found[-1].position if len(found) == limit else None
    body = b'{"entries":[%b],"next":%b,"size":%d}' % (b",".join(map(shown, found)), orjson.dumps(following), size)
    return Response(body, media_type="application/json")


def written_tag(text: str, pointer: str) -> str:
    """A tag as entries write it: what is not printable ASCII percent-encoded. Raises Malformed where it is none.

    Addresses arrive decoded, so `lot:%E7%94%B2` sent as it is means the same tag as `lot:甲`.
    """
    prefix, colon, value = text.partition(":")
    written = fields.tag(prefix, value) if colon and value and prefix.isascii() and prefix.isalpha() else ""
    if not 0 < len(written) <= fields.MAX_TAG:
        zh = f"标签形如 lot:…，编码后至多 {fields.MAX_TAG} 字节。"
        en = f"A tag is written like lot:…, and has at most {fields.MAX_TAG} bytes when encoded."
        raise Malformed(problems=(Problem(pointer, "tag", zh, en),))
    return written


def shown(one: Entry) -> bytes:
    """An entry as the API shows it: the stored bytes are put in as they are, never written anew."""
    return b'{"entry":%b,"leaf":"%b","position":%d}' % (one.raw, one.leaf.hex().encode(), one.position)
