"""What tests stand on: one embedded PostgreSQL a run, a fresh database a test, and the shipped contracts.

A test that cannot have its server is skipped and says so; it never passes for want of one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from ledger import genesis
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.writer import Writer

TOLD_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
ORGAN = "11140300MA0TT020X7"
"""The invented organisation that runs the ledgers of the tests."""

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    """An embedded PostgreSQL of this run, in a folder of its own.

    Not one of pytest's: as root the server runs as another user, and a second pytest that starts closes the folder
    above all of pytest's own to other users, under the running server.
    """
    with TemporaryDirectory(prefix="sunledger-tests-") as folder:
        try:
            running = embedded.start(Path(folder))
        except CannotRun as missing:
            pytest.skip(f"no PostgreSQL: {missing}")
        yield running
        running.stop()


@pytest.fixture
def dsn(server: embedded.Server) -> Iterator[str]:
    """A fresh database with the log's tables and no entry."""
    name = f"t{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    fresh = server.database(name)
    migrate(fresh)
    yield fresh
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The shipped event contracts."""
    return Contracts.load()


@pytest.fixture
def ledger(dsn: str, contracts: Contracts) -> str:
    """A ledger with a real clock and its first entry; gives the dsn."""
    with Writer(dsn) as writer:
        genesis.create(writer, contracts, origin="test.example/log", region="140300", organ=ORGAN)
    return dsn


@pytest.fixture
def told_ledger(dsn: str, contracts: Contracts) -> str:
    """A ledger whose clock is told, beginning with 2026; gives the dsn."""
    with Writer(dsn) as writer:
        origin = "simulated.test.example/log"
        genesis.create(writer, contracts, origin=origin, region="140300", organ=ORGAN, told=TOLD_BEGINNING)
    return dsn


@pytest.fixture(scope="session")
def real_notices() -> Path:
    """The file of real notices beside the project; the test is skipped where it is not."""
    found = Path(__file__).parents[1].parent / "shared" / "data" / "yichang-notices.json"
    if not found.exists():
        pytest.skip("the real notices are not beside the project (shared/data/yichang-notices.json)")
    return found
