"""The log as tiles (C2SP tlog-tiles v0.1.0): hashes for everybody, entries for whoever has a key.

    /tile/<L>/<N>[.p/<W>]          public
    /tile/entries/<N>[.p/<W>]      `Authorization: Bearer slk_…`: entries hold what is internal

Only what a published checkpoint covers is there. It never changes, so caches may keep it for a year; entries only the
reader's own cache. Bytes come from `ledger.store.resources`, and `sunledger export tiles` writes the same.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.services import Services
from ledger.errors import NotFound, Unknown
from ledger.proofs.failures import Unreadable
from ledger.proofs.tiles import TileRead
from ledger.store import resources

router = APIRouter(tags=["tiles"])

FOR_EVER = "public, max-age=31536000, immutable"
FOR_THE_READER = "private, max-age=31536000, immutable"
MEDIA = "application/octet-stream"


@router.get("/tile/entries/{path:path}", summary="条目包 · A bundle of entries")
def entries(request: Request, path: str) -> Response:
    """Up to 256 entries as `uint16 BE length ‖ bytes`, those of the hash tile of level 0 at the same address."""
    services: Services = request.app.state.services
    _demand_reader(services, request)
    tile = _published(services, f"{resources.ENTRIES}{path}")
    return Response(resources.bundle(services.log, tile), media_type=MEDIA, headers={"Cache-Control": FOR_THE_READER})


@router.get("/tile/{path:path}", summary="哈希块 · A hash tile")
def hashes(request: Request, path: str) -> Response:
    """Up to 256 hashes of 32 bytes, joined."""
    services: Services = request.app.state.services
    tile = _published(services, f"tile/{path}")
    return Response(resources.hashes(services.log, tile), media_type=MEDIA, headers={"Cache-Control": FOR_EVER})


def _demand_reader(services: Services, request: Request) -> None:
    """Raises Unknown without a key."""
    authorization = request.headers.get("authorization")
    try:
        if services.keys.remembered(authorization) is None:
            services.keys.poster(authorization)
    except Unknown:
        services.refusals.stranger(request.client.host if request.client else "")
        raise


def _published(services: Services, path: str) -> TileRead:
    """The tile of an address, if the newest published checkpoint covers it. Raises NotFound."""
    try:
        tile, _ = resources.wanted(path)
    except Unreadable as fault:
        raise NotFound(f"({path[:100]})") from fault
    known = services.checkpoints.newest
    if known is None or resources.covers(tile) > known.checkpoint.size:
        known = services.checkpoints.look()
    size = 0 if known is None else known.checkpoint.size
    if resources.covers(tile) > size:
        raise NotFound(f"({path}: {resources.covers(tile)} > {size})")
    return tile
