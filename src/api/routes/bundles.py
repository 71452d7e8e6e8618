"""The evidence bundle of a tag as a zip: the same log, checkpoint and statements give the same bytes.

It holds entries, so it goes to whoever may read them (`/v1/events`). Large histories are for `sunledger bundle`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import bundles
from api.routes.reading import written_tag
from api.services import Services
from ledger.entry import Entry
from ledger.errors import NoRight
from ledger.proofs.bundle import pack
from ledger.secrecy import DIGESTS
from projections import replay

router = APIRouter(tags=["proof"])

MOST = 5_000
"""Entries that an answer may hold."""


@router.get("/v1/bundles/{tag:path}", summary="证据包 · The evidence bundle of a tag")
def bundle(
    request: Request,
    tag: str,
    known: Annotated[str | None, Query(max_length=64)] = None,
    purpose: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """Every entry of the tag with its proof, checkpoint, policy, statements and verifiers, as a zip.

    `known`: what was on file then, a position, a date (the end of that day in China) or an RFC 3339 time. 503 while no
    checkpoint was published that covers it. With a key and a `purpose`, what the key's organ may read of hidden members
    is in the bundle (`disclosures`), and each entry read so is recorded.
    """
    services: Services = request.app.state.services
    written = written_tag(tag, "/tag")
    at = None
    if known is not None:
        at = replay.position_at(services.log, replay.moment(known), services.log.head().size)
    sources = bundles.sources(services.settings.signer)
    opened = None if purpose is None else _opened(services, request.headers.get("authorization"), purpose)
    files = bundles.gather(services.log, written, sources, known=at, most=MOST, opened=opened)
    name = re.sub("[^A-Za-z0-9.]+", "-", written)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "private, no-store"}
    return Response(pack(files), media_type="application/zip", headers=headers)


def _opened(services: Services, authorization: str | None, purpose: str) -> Callable[[Entry], Sequence[str]]:
    """The disclosures that the holder of a key may see, of each entry; none where he has no right."""
    reader = services.keys.poster(authorization)

    def disclosures(entry: Entry) -> Sequence[str]:
        if DIGESTS.encode() not in entry.raw:
            return ()
        try:
            return services.disclosing.open(entry, reader, purpose).disclosures
        except NoRight:
            return ()

    return disclosures
