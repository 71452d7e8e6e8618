"""Where a ledger lives, from the command line or the environment: a folder with its own PostgreSQL, or a DSN.

    --data DIR   SUNLEDGER_DATA   embedded PostgreSQL under DIR, started when it is not running
    --dsn DSN    SUNLEDGER_DSN    any PostgreSQL from 15 on

One of the two must be given; the command line wins over the environment.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import CannotRun
from ledger.store import embedded


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or a DSN, exactly one of them."""

    data: Path | None
    dsn: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs. `told` lets HTTP posts into a ledger whose clock is told."""

    host: str = "127.0.0.1"
    port: int = 8000
    told: bool = False
    body_limit: int = 8_000_000
    """Bytes a request may have."""
    console: bool = True


def place(data: str | None, dsn: str | None, environment: Mapping[str, str] = os.environ) -> Place:
    """The place that arguments and environment name. Raises CannotRun when they name none, or two at once."""
    if data and dsn:
        raise CannotRun("give --data or --dsn, not both")
    if not data and not dsn:
        data, dsn = environment.get("SUNLEDGER_DATA"), environment.get("SUNLEDGER_DSN")
    if data:
        return Place(Path(data), None)
    if dsn:
        return Place(None, dsn)
    raise CannotRun(
        "请用 --data DIR 或 --dsn DSN 指明台账所在 · say where the ledger is: --data DIR or --dsn DSN "
        "(or SUNLEDGER_DATA, SUNLEDGER_DSN)"
    )


@contextmanager
def opened(where: Place) -> Iterator[str]:
    """The DSN of a place while it is in use; an embedded server that nobody else uses is stopped afterwards.

    Raises CannotRun when the embedded server does not start.
    """
    if where.dsn is not None:
        yield where.dsn
        return
    if where.data is None:
        raise CannotRun("a place without folder and DSN")
    server = embedded.start(where.data)
    try:
        yield server.dsn
    finally:
        server.stop()
