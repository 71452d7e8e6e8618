"""Another Python program posts to a served ledger: answers may be lost, receipts are not."""

from __future__ import annotations

import signal
import socket
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pytest

from api.client import Client, Rejected
from ledger.errors import CannotRun
from tests.stories.commands.conftest import sunledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stories.commands.conftest import Home

    Make = Callable[..., dict[str, Any]]


def _losing_the_first_answer(url: str, doors: socket.socket) -> None:
    """Hand requests on to the ledger; the first answer never reaches who asked."""
    to = urlsplit(url)
    for lost in (True, False):
        asking, _ = doors.accept()
        with asking, socket.create_connection((to.hostname, to.port)) as behind:
            asking.settimeout(1)
            try:
                while part := asking.recv(65536):
                    behind.sendall(part)
                    if part.endswith(b"}"):
                        break
            finally:
                answer = behind.recv(65536)
            if not lost:
                asking.sendall(answer)


def test_a_lost_answer_is_asked_for_again_and_the_receipt_is_kept(home: Home, event: Make, tmp_path: Path) -> None:
    kept = tmp_path / "receipts.jsonl"
    with home.serving() as server, socket.create_server(("127.0.0.1", 0)) as doors:
        server.wait_until_ready()
        proxy = Thread(target=_losing_the_first_answer, args=(server.url, doors))
        proxy.start()
        client = Client(f"http://127.0.0.1:{doors.getsockname()[1]}", home.key, receipts=kept, pause=0.01)
        receipt = client.post(event("lost-1"))
        proxy.join()
        assert receipt["duplicate"] is True
        assert [orjson.loads(line)["receipt"] for line in kept.read_bytes().splitlines()] == [receipt]

        with pytest.raises(Rejected) as refused:
            Client(server.url, home.key, receipts=kept).post(event("lost-1") | {"subject": "nothing"})
        assert refused.value.status in (409, 422)
        assert kept.read_bytes().count(b"\n") == 1

        lines = b"\n".join(map(orjson.dumps, ([event("all-1"), event("all-2")], event("all-3"), {"id": "none"})))
        said = sunledger("post", "-", "--url", server.url, "--key", home.key, "--receipts", kept, stdin=lines)
        assert said.code == 1
        assert [orjson.loads(line).get("status") for line in said.out.splitlines()] == [None, None, None, 422]
        assert kept.read_bytes().count(b"\n") == 4
        server.stop(signal.SIGINT)


def test_a_ledger_that_does_not_answer_is_said_to_have_given_no_receipt(event: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CannotRun, match="no receipt in 2 attempts"):
        Client(f"http://127.0.0.1:{port}", "slk_x", attempts=2, pause=0.01).post(event("x"))
