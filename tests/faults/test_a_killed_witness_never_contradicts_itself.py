"""SIGKILL at the worst moments of a witness: never are two histories of one log cosigned.

Programs of their own are killed: once between remembering and answering, once between signing and remembering, and a
whole server at random moments while two histories are offered to it at the same time.
"""

import json
import random
import signal
import subprocess
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from ledger.proofs import build
from ledger.proofs.checkpoint import Checkpoint, sign, verify
from ledger.proofs.keys import COSIGNATURE, PrivateKey, VerifierKey
from ledger.proofs.tree import Edge, leaf_hash
from ledger.witness import Witness, request

pytestmark = pytest.mark.fault

LOG = PrivateKey.of(bytes(32), "log.example/city")
OWN = PrivateKey.of(bytes(range(1, 33)), "witness.example/audit", COSIGNATURE)
NAMES = ("one", "two")
STARTING_SECONDS = 30

KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.proofs.keys import PrivateKey, VerifierKey
from ledger.witness import Witness

class DiesSigning:
    def __init__(self, key):
        self.vkey = key.vkey
    def sign(self, message):
        os.kill(os.getpid(), signal.SIGKILL)

key = PrivateKey.parse(os.environ["OWN"])
dies = sys.argv[2] == "signing"
witness = Witness(Path(sys.argv[1]), DiesSigning(key) if dies else key, [VerifierKey.parse(os.environ["LOG"])])
answer = witness.add_checkpoint(sys.stdin.buffer.read())
os.kill(os.getpid(), signal.SIGKILL)
print(answer)
"""


def note(size: int, history: str) -> str:
    root = Edge.over(leaf_hash(f"{history} {number}".encode()) for number in range(size)).root()
    return sign(Checkpoint("log.example/city", size, root), LOG)


def kill(memory: Path, body: str, when: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(memory), when],
        input=body.encode(),
        env={"OWN": OWN.text, "LOG": LOG.vkey.text, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True,
        timeout=60,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert run.stdout == b"", "nothing was answered"


def test_killed_after_remembering_it_stands_by_what_it_never_said(tmp_path: Path) -> None:
    kill(tmp_path, request(0, [], note(10, "one")), "answering")
    witness = Witness(tmp_path, OWN, [LOG.vkey])
    assert witness.add_checkpoint(request(0, [], note(10, "two")).encode()).body == "10\n"
    assert witness.add_checkpoint(request(10, [], note(10, "two")).encode()).status == 422
    assert witness.add_checkpoint(request(10, [], note(10, "one")).encode()).status == 200
    witness.close()


def test_killed_while_signing_it_has_said_and_remembered_nothing(tmp_path: Path) -> None:
    kill(tmp_path, request(0, [], note(10, "one")), "signing")
    witness = Witness(tmp_path, OWN, [LOG.vkey])
    assert witness.seen()[0].size == 0
    assert witness.add_checkpoint(request(0, [], note(10, "two")).encode()).status == 200
    assert witness.add_checkpoint(request(10, [], note(10, "one")).encode()).status == 422
    witness.close()


class Running:
    """`sunledger witness` as a process."""

    def __init__(self, memory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "witness", "--memory", str(memory), "--name", "witness.example/killed",
             "--log", LOG.vkey.text, "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.about: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.port = int(self.about["url"].rpartition(":")[2])
        end = monotonic() + STARTING_SECONDS
        while monotonic() < end:
            try:
                connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/")
                connection.getresponse().read()
                connection.close()
                return
            except OSError:
                sleep(0.05)
        raise TimeoutError

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def offer(port: int, history: str, heard: list[str]) -> None:
    """Offer ever longer checkpoints of one history, as a log does that learns the size from 409; keep what is said."""
    connection, size, old = HTTPConnection("127.0.0.1", port, timeout=10), 1, 0
    try:
        while size <= 250:
            text = note(size, history)
            connection.request("POST", "/add-checkpoint", request(old, _proof(history, old, size), text).encode())
            answer = connection.getresponse()
            body = answer.read().decode()
            if answer.status == 200:
                heard.append(text + body)
                old, size = size, size + 1
            elif answer.status == 409:
                old = int(body)
                size = max(size, old)
            else:
                return
    except (OSError, HTTPException):
        return
    finally:
        connection.close()


def _proof(history: str, old: int, new: int) -> list[bytes]:
    if old == 0:
        return []
    leaves = b"".join(leaf_hash(f"{history} {number}".encode()) for number in range(new))
    return build.consistency(old, new).compute({(0, 0): leaves})


def test_a_server_killed_at_random_moments_never_cosigns_two_histories(tmp_path: Path) -> None:
    heard: dict[str, list[str]] = {name: [] for name in NAMES}
    vkey = ""
    for round_ in range(4):
        running = Running(tmp_path)
        vkey = running.about["vkey"]
        clients = [Thread(target=offer, args=(running.port, name, heard[name])) for name in NAMES]
        for client in clients:
            client.start()
        sleep(random.Random(round_).uniform(0.05, 0.4))
        running.kill()
        for client in clients:
            client.join()
    key = VerifierKey.parse(vkey)
    assert all(verify(text, [LOG.vkey], [key]).cosigned for texts in heard.values() for text in texts)
    assert sum(map(bool, heard.values())) == 1, "one history was cosigned, and the other never"


def test_a_key_without_its_memory_is_not_used_again(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.kill()
    for file in tmp_path.glob("witness.sqlite*"):
        file.unlink()
    again = subprocess.run(
        [sys.executable, "-m", "api.cli", "witness", "--memory", str(tmp_path), "--log", LOG.vkey.text, "--port", "0"],
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 2
    assert "without its memory" in again.stderr
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
