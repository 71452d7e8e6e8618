"""How long a post waits for its receipt: `POST /v1/events?receipt=wait` at a steady rate, with server and signer.

Clients post one event each at fixed moments, whether or not earlier ones have been answered (so a slow answer is not
hidden by a pause of the clients), and measure from that moment to the whole answer with its proof. Every proof is
checked against the policy afterwards. Server, signer, witnesses, database and clients share the machine.

    .venv/bin/python ops/bench/receipts.py [--rate 200] [--seconds 20] [--clients 64] [--second fine|dead|slow|lying]

Two witnesses are asked, one is enough. `--second` says what the other one is: fine, gone, one that answers after three
seconds, or one that signs something else. Receipts must go on, and `status` must name it, with the moment since when.
"""

import argparse
import http.client
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from subprocess import Popen
from threading import Thread
from time import sleep
from typing import Any

from api.founding import Founding, found
from api.routes.contracts import example
from api.two_witnesses import NAMES, two_witnesses
from ledger.asking import Line
from ledger.canonical import encode
from ledger.clock import ticks
from ledger.contracts import Contracts
from ledger.proofs.checkpoint import Checkpoint, cosign
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt, check
from ledger.store import embedded
from ledger.witness import TEXT_MEDIA, Request

ORG = "12140300MA0TT001XR"
TYPE = "trading.notice-published.v1"
READY_SECONDS = 60
SLOW_SECONDS = 3
SECOND = ("fine", "dead", "slow", "lying")


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
        try:
            connection.request("POST", "/v1/events?receipt=wait", encode(event), headers)
            raw = connection.getresponse().read()
        except ConnectionError:  # it was kept longer than the server keeps one; the event is the same if it comes twice
            connection.close()
            connection.request("POST", "/v1/events?receipt=wait", encode(event), headers)
            raw = connection.getresponse().read()
        answer = json.loads(raw)
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
    parser.add_argument("--second", choices=SECOND, default="fine", help="what the second witness is (fine)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as folder:
        return bench(Path(folder), given.rate, given.seconds, given.clients, given.second)


def bench(folder: Path, rate: int, seconds: int, clients: int, second: str) -> int:
    """Found a ledger in the folder, serve it with its signer and witnesses, post, check every receipt."""
    contracts = Contracts.load()
    contract = contracts.get(TYPE)
    cluster = embedded.start(folder)
    founded = found(cluster.dsn, contracts, Founding("bench.example/log", "140300", ORG))
    with create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(folder), "--port", str(port)]
    with two_witnesses(cluster.dsn, folder) as file, spoiled(file, second):
        policy = Policy.parse(file.read_bytes())
        server = Popen(command)
        try:
            _wait_until_signed(port)
            shape = (example(contract) or {}) if contract else {}
            posting = Clients(port, founded.key.text if founded.key else "", shape)
            begin = ticks() + 0.5
            with ThreadPoolExecutor(clients) as pool:
                list(pool.map(lambda number: posting.post(number, begin + number / rate), range(rate * seconds)))
            took = ticks() - begin
            states = _witnesses(port)
        finally:
            server.terminate()
            server.wait()
            cluster.stop()
    for proof in posting.proofs:
        check(Receipt.parse(proof), policy)
    waits = sorted(posting.waits)
    shown = ", ".join(f"p{part} {waits[len(waits) * part // 100 - 1] * 1000:.0f} ms" for part in (50, 90, 99, 100))
    print(
        f"{len(waits)} posts in {took:.1f} s ({len(waits) / took:.0f}/s): {shown}; {posting.without} without a receipt"
    )
    print("; ".join(states))
    wanted = {"fine": "ok"}.get(second, second)
    return 1 if posting.without or not states[1].startswith(f"{NAMES[1]} {wanted} since") else 0


@contextmanager
def spoiled(file: Path, second: str) -> Iterator[None]:
    """The second witness of a policy file is this meanwhile: another address stands in its place."""
    policy = Policy.parse(file.read_bytes())
    first, other = policy.witnesses
    if second == "fine":
        yield
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler((other.url or "") if second == "slow" else "")) as stub:
        thread = Thread(target=stub.serve_forever, daemon=True)
        thread.start()
        url = "http://127.0.0.1:9" if second == "dead" else f"http://127.0.0.1:{stub.server_port}"
        file.write_text(replace(policy, witnesses=(first, replace(other, url=url))).text, "utf-8")
        yield
        stub.shutdown()


def _handler(behind: str) -> type[BaseHTTPRequestHandler]:
    """Answers late, what the witness `behind` it says; or where there is none, at once with a wrong signature."""
    liar = PrivateKey.generate("witness.example/liar", COSIGNATURE)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Any question."""
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Request.parse(raw).checkpoint
            wrong = Checkpoint(asked.origin, asked.size, bytes(32))
            status, media, body = 200, TEXT_MEDIA, cosign(wrong, liar, 0).line.encode()
            if behind:
                sleep(SLOW_SECONDS)
                status, media, body = Line(behind, SLOW_SECONDS).post(raw)
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


def _witnesses(port: int) -> list[str]:
    """What `status` says of them."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/v1/status")
    said = json.loads(connection.getresponse().read())["witnesses"]
    return [f"{one['name']} {one['state']} since {one['since']}" for one in said]


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
