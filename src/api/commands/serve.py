"""启动接口与控制台 · Serve API and console on loopback (or --host), until Ctrl-C or SIGTERM.

The port is taken before anything else is opened, so that a port in use is one clear line and nothing has begun.
"""

import signal
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from api.app import make_app
from api.commands.printing import console
from api.settings import Place, Settings, opened
from ledger.errors import CannotRun

STOP_SECONDS = 5
"""How long requests under way may take to end once the server is told to stop."""


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port (8000); 0 takes a free one")
    parser.add_argument("--told", action="store_true", help="take HTTP posts into a ledger whose clock is told")


def run(given: Namespace, place: Place) -> int:
    """Serve until told to stop."""
    with listening(given.host, given.port) as sock, opened(place) as dsn:
        host, port = sock.getsockname()[:2]
        console.print(f"http://{f'[{host}]' if ':' in host else host}:{port}/   (Ctrl-C 停止 · stops)", markup=False)
        return serve(dsn, Settings(given.host, port, told=given.told), sock)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to the address. Raises CannotRun where it is taken, or is none of this machine's."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        sock = socket.create_server(address[:2], family=family, backlog=2048)
    except (OSError, OverflowError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise CannotRun(f"无法监听 {host}:{port} · cannot listen on {host}:{port} ({reason})") from fault
    with sock:
        yield sock


def serve(dsn: str, settings: Settings, sock: socket.socket) -> int:
    """Serve the ledger at `dsn` on a bound socket; returns 0 after a clean stop, 2 when it could not start."""
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(dsn, settings),
            log_level="warning",
            lifespan="on",
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
    )
    with stopping_is_fine():
        server.run(sockets=[sock])
    return 0 if server.started else 2


@contextmanager
def stopping_is_fine() -> Iterator[None]:
    """uvicorn, once it has stopped for a signal, raises that signal again: here it has done its work by then."""

    def done(_: int, __: FrameType | None) -> None:
        return

    before = {one: signal.signal(one, done) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
