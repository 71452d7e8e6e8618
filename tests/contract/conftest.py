"""What the tests of the HTTP interface share: a served ledger, a key, and events that are sound until bent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2 as httpx
import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.auth import make_key
from api.founding import Founding, found
from api.routes.contracts import example
from api.settings import Settings
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.store import embedded
from ledger.store.postgres import Log

ORG = "12140300MA0TT001XR"
_numbers = count(1)

Event = dict[str, Any]
Make = Callable[..., Event]


@dataclass(slots=True)
class Served:
    """A running application and the ledger behind it; `post` carries the key unless told otherwise."""

    client: TestClient
    dsn: str
    key: str
    log: Log

    def post(self, body: Any, media: str | None = "application/cloudevents+json", **headers: str) -> httpx.Response:
        """POST /v1/events; bytes go as they are, anything else as JSON."""
        sent = {"Authorization": f"Bearer {self.key}"} | ({"Content-Type": media} if media else {})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        given: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self.client.post("/v1/events", headers=sent, **given)

    def since(self, size: int) -> list[Entry]:
        """The entries behind a position, without what the runner adds by itself."""
        return [one for one in self.log.entries(size) if not one.type.startswith("supervision.")]

    def size(self) -> int:
        """How many entries there are."""
        return self.log.head().size


Serving = Callable[[str, Settings], AbstractContextManager[Served]]


@pytest.fixture(scope="session")
def serving() -> Serving:
    """`with serving(dsn, settings) as served`: a server of its own, for tests that break something."""
    return served_ledger


@contextmanager
def served_ledger(dsn: str, settings: Settings) -> Iterator[Served]:
    """The application on a founded ledger, with a key of a trading centre."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        key = make_key(owner, org=ORG, organ="PTC", name="tests").text
    with TestClient(make_app(dsn, settings), raise_server_exceptions=False) as client, Log(dsn) as log:
        yield Served(client, dsn, key, log)


@pytest.fixture(scope="module")
def served(server: embedded.Server, contracts: Contracts) -> Iterator[Served]:
    """One served ledger for all tests of a file: they look at what they add, not at the whole."""
    name = f"served{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = server.database(name)
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORG))
    with served_ledger(dsn, Settings(console=False, body_limit=200_000)) as running:
        yield running
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def event(contracts: Contracts) -> Make:
    """`event(id, attribute=…)`: a sound post; a bid opening, of a trading centre, unless `type` says otherwise."""

    def make(id: str, *, data: Event | None = None, **attributes: Any) -> Event:
        contract = contracts.get(attributes.get("type", "trading.bid-opened.v1"))
        whole = example(contract) if contract is not None else None
        if contract is None or whole is None:
            raise LookupError(attributes["type"])
        names = {"id": id, "source": "urn:example:ptc", "subject": f"{contract.stream}:{id}"}
        return whole | names | attributes | {"data": whole["data"] | (data or {})}

    return make
