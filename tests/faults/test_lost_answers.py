"""The connection is cut after the commit was sent and before its answer came, 200 times: every event there once.

A proxy stands between the writer and PostgreSQL and passes bytes on. When armed, it waits for the next commit and cuts:
the statement is lost, or sent and not waited for, or done and its answer thrown away. The writer cannot tell which.
"""

import select
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.post import Post
from ledger.writer import Writer

CUTS = 200
COMMIT = b"sunledger_append"
SOCKET = ".s.PGSQL.5432"


class Proxy:
    """Unix socket to Unix socket; `arm` chooses how the next commit is cut, `cut` tells that it was."""

    def __init__(self, folder: Path, dsn: str) -> None:
        parts = conninfo_to_dict(dsn)
        self._to = str(Path(str(parts["host"])) / SOCKET)
        self.dsn = make_conninfo(dsn, host=str(folder))
        self._armed: str | None = None
        self.cut = Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def arm(self, how: str) -> None:
        self.cut.clear()
        self._armed = how

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._to)
            thread = Thread(target=self._pass_on, args=(client, server), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with client, server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 20)
                    how = self._armed if ready is client and COMMIT in data and b"INSERT" not in data else None
                    if not data or (how is not None and self._do_cut(how, data, server)):
                        return
                    (server if ready is client else client).sendall(data)

    def _do_cut(self, how: str, data: bytes, server: socket.socket) -> bool:
        self._armed = None
        if how != "lost":
            server.sendall(data)
        if how == "answer thrown away":
            server.recv(1 << 20)
        self.cut.set()
        return True


@pytest.fixture
def proxy(ledger: str) -> Iterator[Proxy]:
    with TemporaryDirectory() as folder:
        between = Proxy(Path(folder), ledger)
        yield between
        between.close()


@pytest.mark.fault
def test_every_event_is_there_once_when_200_answers_are_lost(
    ledger: str, proxy: Proxy, post: Callable[..., Post], checked: Callable[[str], Any]
) -> None:
    receipts = {}
    with Writer(proxy.dsn) as writer:
        writer.append([post("first", "lot:1")])
        for round_ in range(CUTS):
            proxy.arm(("lost", "sent", "answer thrown away")[round_ % 3])
            names = [f"{round_}-{n}" for n in range(3)]
            answers = {name: writer.post([post(name, "lot:1", f"party:{round_ % 7}")]) for name in names}
            receipts.update({name: answer.result(30)[0] for name, answer in answers.items()})
            assert proxy.cut.is_set(), "the answer was really lost"
    seen = checked(ledger)
    assert seen.size == 2 + 3 * CUTS
    for name, receipt in receipts.items():
        assert seen.positions["urn:example:ptc", name] == receipt.position
        assert seen.leaves[receipt.position - 1] == receipt.leaf
        assert not receipt.duplicate


@pytest.mark.fault
def test_a_commit_whose_place_another_writer_took_is_sealed_again(
    ledger: str, proxy: Proxy, post: Callable[..., Post], checked: Callable[[str], Any]
) -> None:
    """Lost on the way, and somebody else appended before it was asked again: found out, and sealed behind."""
    with psycopg.connect(ledger) as owner, Writer(proxy.dsn) as writer, Writer(ledger) as other:
        writer.append([post("first", "lot:1")])
        owner.execute("LOCK TABLE ledger.entry IN SHARE ROW EXCLUSIVE MODE")
        theirs = other.post([post("theirs", "lot:1")])
        _wait_for_locks(owner, 1)
        proxy.arm("lost")
        ours = writer.post([post("ours", "lot:1")])
        assert proxy.cut.wait(10)
        _wait_for_locks(owner, 2)
        owner.rollback()
        assert {theirs.result(10)[0].position, ours.result(10)[0].position} == {3, 4}
    assert checked(ledger).size == 4


def _wait_for_locks(owner: psycopg.Connection[Any], wanted: int) -> None:
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'ledger.entry'::regclass"
    for _ in range(1000):
        row = owner.execute(sql).fetchone()
        if row is not None and row[0] >= wanted:
            return
        owner.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits for the table")
