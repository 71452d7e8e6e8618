"""Serve API and console on loopback (or --host), until Ctrl-C."""

from argparse import ArgumentParser, Namespace

import uvicorn

from api.app import make_app
from api.settings import Place, Settings, opened


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port (8000)")
    parser.add_argument("--told", action="store_true", help="take HTTP posts into a ledger whose clock is told")


def run(given: Namespace, place: Place) -> int:
    """Serve until told to stop."""
    with opened(place) as dsn:
        return serve(dsn, Settings(given.host, given.port, told=given.told))


def serve(dsn: str, settings: Settings) -> int:
    """Serve the ledger at `dsn`; returns 0 after a clean stop, 2 when it could not start."""
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(dsn, settings),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )
    server.run()
    return 0 if server.started else 2
