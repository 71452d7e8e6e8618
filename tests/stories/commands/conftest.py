"""Stories told with the real command: a process each, an embedded PostgreSQL of their own, exit codes and words."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import httpx2 as httpx
import pytest

from api.routes.contracts import example
from ledger.contracts import Contracts
from ledger.store import embedded

SECONDS = 120
"""How long a command may take on a busy machine before a test calls it hung."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The JSON value on standard output."""
        return json.loads(self.out)


def sunledger(*arguments: object, stdin: bytes = b"", **environment: str) -> Said:
    """Run `sunledger` with these arguments, without a place in the environment unless one is given."""
    done = subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        env=_environment(environment),
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def command(*arguments: object) -> list[str]:
    """The command line of a process of this Python."""
    return [sys.executable, "-m", "api.cli", *map(str, arguments)]


def _environment(given: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SUNLEDGER_")}
    return kept | {"PYTHONWARNINGS": "ignore"} | given


@dataclass(slots=True)
class Home:
    """A folder with a ledger, its first key, and the command aimed at it."""

    data: Path
    key: str

    def run(self, *arguments: object, stdin: bytes = b"") -> Said:
        """Run a command on this ledger."""
        name, *others = arguments
        return sunledger(name, "--data", self.data, *others, stdin=stdin)

    @property
    def database_runs(self) -> bool:
        """Whether the embedded server is running."""
        return (self.data / "pg" / "postmaster.pid").exists()

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[Serving]:
        """`sunledger serve` on a free port, killed at the end if it still runs."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            command("serve", "--data", self.data, "--port", port, *arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment({}),
        )
        try:
            yield Serving(process, f"http://127.0.0.1:{port}")
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=SECONDS)


@dataclass(slots=True)
class Serving:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str

    def wait_until_ready(self) -> None:
        """Come back when it can serve; raises TimeoutError with its words when it never does."""
        deadline = monotonic() + SECONDS
        while monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200:
                    return
            except httpx.TransportError:
                sleep(0.1)
        raise TimeoutError(f"the server never was ready: {self.process.poll()}")

    def post(self, key: str, event: Event) -> httpx.Response:
        """Post one event."""
        return httpx.post(f"{self.url}/v1/events", json=event, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        """Send a signal; the exit code and everything the server said."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, (out + err).decode()


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A founded ledger for all stories of a file."""
    with TemporaryDirectory(prefix="sunledger-cli-") as folder:
        data = Path(folder) / "ledger"
        founded = sunledger("init", "--data", data, "--json")
        if founded.code == 2 and "PostgreSQL" in founded.err:
            pytest.skip(f"no PostgreSQL: {founded.err}")
        yield Home(data, founded.value["key"])


@pytest.fixture(scope="module")
def held(home: Home) -> Iterator[Home]:
    """The same ledger with its database kept running by the test: commands join it and start faster."""
    server = embedded.start(home.data)
    yield home
    server.stop()


@pytest.fixture
def command_line() -> Callable[..., Said]:
    """`command_line(…)`: the command with exactly these arguments."""
    return sunledger


@pytest.fixture
def event(contracts: Contracts) -> Callable[..., Event]:
    """`event(id, attribute=…)`: a sound event of the trading centre."""

    def make(id: str, **attributes: Any) -> Event:
        contract = contracts.get("trading.bid-opened.v1")
        whole = example(contract) if contract else None
        if whole is None:
            raise LookupError("trading.bid-opened.v1")
        return whole | {"id": id, "source": "urn:example:ptc", "subject": f"lot:{id}"} | attributes

    return make
