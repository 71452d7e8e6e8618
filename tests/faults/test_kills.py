"""Twenty kills while 64 clients post: ten of the API process, ten of PostgreSQL, each at a random moment.

Whatever was acknowledged is there, nothing is there twice, what got no answer gets one when it is sent again, and the
log verifies. The clients know only HTTP.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from api.founding import Founding, found
from api.routes.contracts import example
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.store import embedded
from ledger.verify import verify

CLIENTS = 64
KILLS = 10
PATIENCE = 60
ORG = "12140300MA0TT001XR"
TYPE = "trading.notice-published.v1"

Receipt = tuple[int, str]
Checked = Callable[[str], Any]


@dataclass(slots=True)
class House:
    """The served ledger: two processes that are killed and started again."""

    folder: Path
    key: str
    port: int
    cluster: embedded.Server
    api: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Start the API and wait until it is ready."""
        command = ["-m", "api.cli", "serve", "--dsn", self.cluster.dsn, "--port", str(self.port)]
        with (self.folder / "api.log").open("ab") as log:
            self.api = subprocess.Popen([sys.executable, *command], stdout=log, stderr=log)
        until = monotonic() + PATIENCE
        while monotonic() < until:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                assert self.api.poll() is None, (self.folder / "api.log").read_text()
            sleep(0.05)
        raise AssertionError("the server does not become ready")

    def ask(self, method: str, path: str, event: Any = None) -> tuple[int, Any]:
        """One request; raises OSError or HTTPException where there is nobody to answer it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method,
                path,
                None if event is None else encode(event),
                {"Authorization": f"Bearer {self.key}", "Content-Type": "application/cloudevents+json"},
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def kill_api(self) -> None:
        """SIGKILL to the serving process, then serve again on the same port."""
        assert self.api is not None
        self.api.kill()
        self.api.wait()
        self.serve()

    def kill_postgres(self) -> None:
        """SIGKILL to the postmaster, then start it again on the same files."""
        os.kill(self.cluster.pid, signal.SIGKILL)
        self.cluster = embedded.start(self.folder)


@pytest.fixture
def house(tmp_path: Path, contracts: Contracts) -> Iterator[House]:
    """A ledger in a cluster of its own, served; nothing else is hurt when it is killed."""
    try:
        cluster = embedded.start(tmp_path)
    except CannotRun as missing:
        pytest.skip(f"no PostgreSQL: {missing}")
    founded = found(cluster.dsn, contracts, Founding("test.example/log", "140300", ORG))
    assert founded.key is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    house = House(tmp_path, founded.key.text, port, cluster)
    try:
        house.serve()
        yield house
    finally:
        if house.api is not None:
            house.api.terminate()
            house.api.wait(PATIENCE)
        house.cluster.stop()


@dataclass(slots=True)
class Clients:
    """64 threads that post events with ids of their own, and what came of each event."""

    house: House
    shape: dict[str, Any]
    acknowledged: dict[str, Receipt] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)

    def event(self, id: str) -> dict[str, Any]:
        who = id.partition("-")[0]
        return {**self.shape, "id": id, "source": "urn:example:ptc", "subject": f"lot:K{who}"}

    def post(self, id: str) -> Receipt:
        """Post it; gives position and leaf. Raises OSError or HTTPException where no receipt came."""
        status, answer = self.house.ask("POST", "/v1/events", self.event(id))
        if status not in (200, 201):
            assert status == 503, answer
            raise OSError(f"{status} {answer}")
        return answer["position"], answer["leaf"]

    def work(self, who: int) -> None:
        count = 0
        while not self.stop.wait(0.2):
            id, count = f"{who}-{count}", count + 1
            try:
                self.acknowledged[id] = self.post(id)
            except (OSError, http.client.HTTPException) as fault:
                self.unanswered[id] = repr(fault)
                self.stop.wait(1)

    @contextmanager
    def working(self) -> Iterator[None]:
        threads = [Thread(target=self.work, args=(who,), daemon=True) for who in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads), "every client got an answer, or lost its connection"


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["api", "postgres"])
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled_by_ten_kills(
    house: House, contracts: Contracts, checked: Checked, victim: str
) -> None:
    contract = contracts.get(TYPE)
    assert contract is not None
    clients = Clients(house, example(contract) or {})
    moments = Random(20260213)
    with clients.working():
        for _ in range(KILLS):
            before = len(clients.acknowledged)
            sleep(moments.uniform(0.1, 0.6))
            house.kill_api() if victim == "api" else house.kill_postgres()
            until = monotonic() + PATIENCE
            while len(clients.acknowledged) <= before:
                assert monotonic() < until, "the house does not come back"
                sleep(0.05)
    assert len(clients.acknowledged) > CLIENTS
    assert clients.unanswered or victim == "postgres", "kills that nobody felt show nothing"

    again = {id: clients.post(id) for id in clients.unanswered}
    assert again == {id: clients.post(id) for id in clients.unanswered}, "the same answer each time"
    receipts = clients.acknowledged | again
    seen = checked(house.cluster.dsn)
    for id, (position, leaf) in receipts.items():
        assert seen.positions["urn:example:ptc", id] == position
        assert seen.leaves[position - 1].hex() == leaf
    posted = [key for key in seen.positions if key[0] == "urn:example:ptc"]
    assert len(posted) == len(receipts), "each event stands once, and none that nobody posted"
    verdict = verify(house.cluster.dsn)
    assert verdict.ok, verdict
