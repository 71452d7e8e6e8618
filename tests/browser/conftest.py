"""What the browser sees: the made-up city, imported, judged and verified, served on a port of its own.

Chromium is Debian's (`/usr/bin/chromium`); where it is missing the tests are skipped and say so.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import psycopg
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from api import verification
from api.app import make_app
from api.founding import Founding, found
from api.importers.notices import import_notices
from api.services import Services
from api.settings import Settings
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.store import embedded
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections.runner import Runner

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ORGAN = "11140300MA0TT020X7"
TOLD = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class City:
    """A served ledger: where it is seen, and the services to ask for what should be seen."""

    url: str
    dsn: str
    services: Services


@pytest.fixture(scope="session")
def city(server: embedded.Server, contracts: Contracts) -> Iterator[City]:
    """The sample notices in a ledger of their own, behind a server."""
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute("CREATE DATABASE city")
    dsn = server.database("city")
    found(dsn, contracts, Founding(origin="yanchuan.example/log", region="140300", organ=ORGAN))
    poster = Poster(org=ORGAN, organ="PTC", via="import:notices", pid="p0000000000000000000000001")
    with Log(dsn) as log, Writer(dsn) as writer:
        import_notices(ROOT / "ops" / "sample" / "notices.json", log, writer, contracts, poster)
        Runner(dsn, writer).run_once()
    verification.run(dsn)
    with served(dsn) as here:
        yield here


@pytest.fixture
def empty_city(dsn: str, contracts: Contracts) -> Iterator[City]:
    """A simulated ledger that was just founded, behind a server."""
    origin = "simulated.yanchuan.example/log"
    found(dsn, contracts, Founding(origin=origin, region="140300", organ=ORGAN, told=TOLD))
    with served(dsn) as here:
        yield here


@contextmanager
def served(dsn: str) -> Iterator[City]:
    """The ledger at `dsn` behind a server on a free port, until the block ends."""
    app = make_app(dsn, Settings())
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=2)
        running = uvicorn.Server(config)
        thread = Thread(target=running.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not running.started and thread.is_alive():
            thread.join(0.02)
        assert running.started, "the server did not start"
        yield City(f"http://127.0.0.1:{door.getsockname()[1]}", dsn, app.state.services)
        running.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=quiet)
        yield browser
        browser.close()
