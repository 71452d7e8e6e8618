"""启动接口与控制台 · Serve API and console on loopback (or --host), until Ctrl-C or SIGTERM.

The port is taken before anything else is opened, so that a port in use is one clear line and nothing has begun.
"""

import os
import signal
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from api.commands.printing import console
from api.settings import (
    DOCUMENT_LIMIT,
    Place,
    Settings,
    documents_folder,
    memory_folder,
    opened,
    policy_file,
)
from api.signing import beside
from ledger import guard
from ledger.errors import Broken, CannotRun
from ledger.store.postgres import Log

STOP_SECONDS = 5
"""How long requests under way may take to end once the server is told to stop."""


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port (8000); 0 takes a free one")
    parser.add_argument("--signer", type=Path, metavar="DIR", help="folder of the signer's memory (DATA/signer)")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="which witnesses the signer asks (DATA/policy)")
    parser.add_argument("--no-signer", action="store_true", help="start none: it runs by itself, or there is none")
    parser.add_argument("--schemas", type=Path, metavar="DIR", help="another schemas folder than the shipped one")
    parser.add_argument("--documents", type=Path, metavar="DIR", help="folder of the documents (DATA/documents)")
    parser.add_argument("--document-limit", type=int, default=DOCUMENT_LIMIT, help=f"bytes of one ({DOCUMENT_LIMIT:,})")
    parser.add_argument("--seal-slot", type=float, metavar="SECONDS", help="sealed posts wait for each other (60)")
    parser.add_argument("--told", action="store_true", help="take HTTP posts into a ledger whose clock is told")


def run(given: Namespace, place: Place) -> int:
    """Serve until told to stop."""
    with listening(given.host, given.port) as sock, opened(place) as dsn:
        host, port = sock.getsockname()[:2]
        console.print(f"http://{f'[{host}]' if ':' in host else host}:{port}/   (Ctrl-C 停止 · stops)", markup=False)
        folder = memory_folder(place, given.signer)
        policy = policy_file(folder, given.policy)
        settings = Settings(
            given.host,
            port,
            told=given.told,
            signer=folder,
            policy=policy,
            vault=place.vault,
            schemas=given.schemas,
            documents=documents_folder(place, given.documents),
            document_limit=given.document_limit,
            keepers=place.keepers,
            slot=given.seal_slot,
        )
        return serve(dsn, settings, sock, signing=not given.no_signer)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to the address. Raises CannotRun where it is taken, or is none of this machine's."""
    if not 0 <= port < 65536:  # getaddrinfo would take its last 16 bits
        raise CannotRun(f"端口应在 0–65535 之间 · a port lies in 0–65535, not {port}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        sock = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else fault.strerror
        raise CannotRun(f"无法监听 {host}:{port} · cannot listen on {host}:{port} ({reason})") from fault
    with sock:
        yield sock


def serve(dsn: str, settings: Settings, sock: socket.socket, *, signing: bool = True) -> int:
    """Serve the ledger at `dsn` on a bound socket; returns 0 after a clean stop, 2 when it could not start.

    `signing`: with a signer as a child process, where its folder is known. Raises AnotherLog.
    """
    _tell_if_behind(dsn, settings)
    with beside(dsn, settings.signer if signing else None, settings.policy):
        return _run(dsn, settings, sock)


def _tell_if_behind(dsn: str, settings: Settings) -> None:
    """Say it at once where the log is shorter than what was signed; the server then only reads."""
    with Log(dsn, connections=1) as log:
        try:
            guard.demand_signed_log(log, settings.signer)
        except guard.AnotherLog:
            raise
        except (guard.Behind, Broken) as only_reading:
            console.print(str(only_reading), style="bold red", markup=False)


def _run(dsn: str, settings: Settings, sock: socket.socket) -> int:
    import uvicorn  # here, not above: the other commands start twice as fast without a web server

    from api.app import make_app

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
