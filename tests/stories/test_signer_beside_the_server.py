"""`sunledger serve` and its signer start together and stop together; a refusal is an alarm and stops no post."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from api.founding import Founding, found
from api.routes.contracts import example
from ledger.contracts import Contracts
from ledger.store import embedded

PATIENCE = 60
ORG = "12140300MA0TT001XR"


@dataclass(slots=True)
class House:
    """A server in a process of its own, and where its signer lives."""

    dsn: str
    folder: Path
    key: str
    port: int
    process: "subprocess.Popen[bytes]"

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()  # noqa: TID251
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                raw = answer.read()
                return answer.status, json.loads(raw) if raw[:1] in b"{[" else raw.decode()
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())
        except OSError:
            return 0, None

    def until(self, true: Callable[[], bool], what: str) -> None:
        end = monotonic() + PATIENCE
        while not true():
            assert monotonic() < end, what
            sleep(0.1)


def signers(folder: Path) -> list[int]:
    """The processes that are signers with this memory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"signer" in command and str(folder).encode() in command:
                found.append(int(entry.name))
    return found


@pytest.fixture
def house(dsn: str, contracts: Contracts, tmp_path: Path, server: embedded.Server) -> Iterator[House]:
    founded = found(dsn, contracts, Founding("test.example/log", "140300", ORG))
    assert founded.key is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    folder = tmp_path / "signer"
    command = ["-m", "api.cli", "serve", "--port", str(port), "--signer", str(folder)]
    process = subprocess.Popen([sys.executable, *command], env=os.environ | {"SUNLEDGER_DSN": dsn})
    running = House(dsn, folder, founded.key.text, port, process)
    try:
        running.until(lambda: running.ask("/checkpoint")[0] == 200, "no checkpoint comes")
        yield running
    finally:
        process.kill()
        process.wait()
        running.until(lambda: not signers(folder), "a signer without its server stays")


@pytest.mark.slow
def test_ctrl_c_ends_the_server_and_its_signer_in_order(house: House) -> None:
    assert len(signers(house.folder)) == 1
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(PATIENCE) == 0
    assert signers(house.folder) == []


@pytest.mark.slow
def test_a_signer_that_died_is_started_again_and_one_whose_server_died_ends(house: House) -> None:
    first = signers(house.folder)
    os.kill(first[0], signal.SIGKILL)
    house.until(lambda: signers(house.folder) not in ([], first), "no new signer comes")
    house.process.kill()
    house.until(lambda: not signers(house.folder), "it outlives its server")


@pytest.mark.slow
def test_a_refusal_is_an_alarm_and_posts_go_on(house: House, contracts: Contracts) -> None:
    contract = contracts.get("trading.bid-opened.v1")
    assert contract is not None
    event = (example(contract) or {}) | {"source": "urn:example:ptc"}
    assert house.ask("/v1/events?receipt=wait", event | {"id": "1"})[1]["proof"]
    house.until(lambda: house.ask("/v1/status")[1]["lag"] == 0, "the views have not read it yet")
    assert house.ask("/v1/status")[1]["alarms"] == []
    with psycopg.connect(house.dsn, autocommit=True) as owner:
        newest = "position = (SELECT max(position) FROM ledger.entry)"
        owner.execute(f"UPDATE ledger.entry SET entry = set_byte(entry, 30, 33) WHERE {newest}".encode())
    refused = "the signer refuses to sign"
    house.until(lambda: refused in " ".join(house.ask("/v1/status")[1]["alarms"]), "no alarm")
    assert house.ask("/v1/events", event | {"id": "2"})[0] == 201
    sleep(1)
    assert signers(house.folder) == [], "one that refuses is not started again"
