"""How long a post waits for its receipt: `POST /v1/events?receipt=wait` at a steady rate, with server and signer.

Clients post one event each at fixed moments, whether or not earlier ones have been answered (so a slow answer is not
hidden by a pause of the clients), and measure from that moment to the whole answer with its proof. Every proof is
checked against the signer's key afterwards. Server, signer, database and clients share the machine.

    .venv/bin/python ops/bench/receipts.py [--rate 200] [--seconds 20] [--clients 64]
"""

import argparse
import http.client
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import create_server
from subprocess import Popen
from time import sleep
from typing import Any

from api.founding import Founding, found
from api.routes.contracts import example
from ledger.canonical import encode
from ledger.clock import ticks
from ledger.contracts import Contracts
from ledger.proofs.policy import Log, Policy
from ledger.proofs.receipt import Receipt, check
from ledger.signing import keyfile
from ledger.store import embedded

ORG = "12140300MA0TT001XR"
TYPE = "trading.notice-published.v1"
READY_SECONDS = 60


class Clients:
    """Connections that are kept open, one a thread at a time, and what came of each post."""

    def __init__(self, port: int, key: str, shape: dict[str, Any]) -> None:
        self._port, self._key, self._shape = port, key, shape
        self._free: list[http.client.HTTPConnection] = []
        self.waits: list[float] = []
        self.proofs: list[str] = []
        self.without = 0

    def post(self, number: int, due: float) -> None:
        """One post at its moment."""
        if (pause := due - ticks()) > 0:
            sleep(pause)
        connection = self._free.pop() if self._free else http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        event = {**self._shape, "id": f"b{number}", "source": "urn:bench:ptc", "subject": f"lot:B{number % 500}"}
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/cloudevents+json"}
        connection.request("POST", "/v1/events?receipt=wait", encode(event), headers)
        answer = json.loads(connection.getresponse().read())
        self.waits.append(ticks() - due)
        self._free.append(connection)
        if answer.get("proof") is None:
            self.without += 1
        else:
            self.proofs.append(answer["proof"])


def main() -> int:
    """Measure and print; 0 when every post had a receipt that holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200, help="posts a second (200)")
    parser.add_argument("--seconds", type=int, default=20, help="how long (20)")
    parser.add_argument("--clients", type=int, default=64, help="posts under way at once, at most (64)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as folder:
        return bench(Path(folder), given.rate, given.seconds, given.clients)


def bench(folder: Path, rate: int, seconds: int, clients: int) -> int:
    """Found a ledger in the folder, serve it with its signer, post, check every receipt."""
    contracts = Contracts.load()
    contract = contracts.get(TYPE)
    cluster = embedded.start(folder)
    founded = found(cluster.dsn, contracts, Founding("bench.example/log", "140300", ORG))
    with create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(folder), "--port", str(port)]
    server = Popen(command)
    try:
        _wait_until_signed(port)
        posting = Clients(port, founded.key.text if founded.key else "", (example(contract) or {}) if contract else {})
        begin = ticks() + 0.5
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda number: posting.post(number, begin + number / rate), range(rate * seconds)))
        took = ticks() - begin
    finally:
        server.terminate()
        server.wait()
        cluster.stop()
    keys = keyfile.public(folder / "signer")
    if keys is None:
        raise SystemExit("the signer made no key")
    policy = Policy((Log(keys.logs[0]),), (), (), "none")
    for proof in posting.proofs:
        check(Receipt.parse(proof), policy)
    waits = sorted(posting.waits)
    shown = ", ".join(f"p{part} {waits[len(waits) * part // 100 - 1] * 1000:.0f} ms" for part in (50, 90, 99, 100))
    print(
        f"{len(waits)} posts in {took:.1f} s ({len(waits) / took:.0f}/s): {shown}; {posting.without} without a receipt"
    )
    return 1 if posting.without else 0


def _wait_until_signed(port: int) -> None:
    until = ticks() + READY_SECONDS
    while ticks() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/checkpoint")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        sleep(0.1)
    raise SystemExit("no checkpoint comes")


if __name__ == "__main__":
    sys.exit(main())
