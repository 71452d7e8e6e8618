"""Whether the process lives, whether it can serve, and where the log stands."""

from typing import Any

import psycopg
from fastapi import APIRouter, Request, Response
from psycopg.conninfo import make_conninfo

from api.services import Services
from api.status import status
from ledger.errors import CannotRun
from ledger.store.connect import connect

router = APIRouter(tags=["health"])

PROBE_SECONDS = 3
"""How long the database may take to answer before the server counts as not ready."""


@router.get("/livez", summary="进程在运行 · The process lives")
async def livez() -> dict[str, str]:
    """Always 200 while the process answers."""
    return {"status": "ok"}


@router.get("/readyz", summary="可以服务 · It can serve")
def readyz(request: Request, response: Response) -> dict[str, Any]:
    """200 when the database answers and writer and runner work; else 503 with the reasons.

    `warnings`: what hinders no post and no reader, as a witness that is slow, dead or lying, and since when.
    """
    services: Services = request.app.state.services
    reasons = services.failures()
    warnings: list[str] = []
    try:
        with connect(make_conninfo(services.dsn, connect_timeout=PROBE_SECONDS)) as connection:
            connection.execute("SELECT 1")
        warnings = [one for one in services.alarms() if one not in reasons]
    except (CannotRun, psycopg.OperationalError) as away:
        reasons.append(str(away))
    if reasons:
        response.status_code = 503
    return {"status": "ok" if not reasons else "unavailable", "reasons": reasons, "warnings": warnings}


@router.get("/v1/log/head", summary="台账末端 · The head of the log")
def head(request: Request) -> dict[str, Any]:
    """Size, last leaf hash and Merkle root of the log as it stands in the database, with its origin and clock."""
    services: Services = request.app.state.services
    edge = services.log.edge()
    last = services.log.entry(edge.size) if edge.size else None
    return {
        "origin": services.origin,
        "clock": services.created.data["clock"],
        "size": edge.size,
        "leaf": last.leaf.hex() if last else None,
        "root": edge.root().hex(),
        "recorded": last.recorded if last else None,
    }


@router.get("/v1/status", summary="运行状况 · Status")
def status_route(request: Request) -> dict[str, Any]:
    """Size, root, lag of the views, sources with and without a counter, last checkpoint, alarms."""
    services: Services = request.app.state.services
    return status(services.log, services.alarms())
