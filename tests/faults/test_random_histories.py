"""Two writers, eight clients, random posts, and connections that are ended at random: the log stays one true story.

Clients post single events, arrays, repeats, other contents under a taken id, and conditional posts. Whatever each was
told must be true of the log that stands in the end.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from ledger.errors import ConditionFailed, Conflict, ReadOnly
from ledger.post import AppendCondition, Post, Receipt, Wanted
from ledger.writer import Writer

SECONDS = 5
CLIENTS = 8
END_SOME = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND application_name = 'sunledger' AND random() < 0.5"
)

MakePost = Callable[..., Post]


@dataclass(slots=True)
class Client:
    """One client: what it posted, and what it was told."""

    name: int
    writer: Writer
    post: MakePost
    told: list[tuple[str, str, Receipt]] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    arrays: list[list[str]] = field(default_factory=list)
    once: list[str] = field(default_factory=list)
    wrong: list[BaseException] = field(default_factory=list)

    def work(self, stop: Event) -> None:
        dice, count = Random(self.name), 0
        while not stop.is_set():
            count += 1
            try:
                self._act(dice, f"{self.name}-{count}")
            except BaseException as fault:  # noqa: BLE001  (whatever it is, the test shall show it)
                self.wrong.append(fault)
                return

    def _act(self, dice: Random, new: str) -> None:
        what, shared = dice.random(), f"shared-{dice.randrange(300)}"
        careful = dice.random() < 0.3
        if what < 0.5:
            self._send([(shared, "" if dice.random() < 0.8 else "other")], careful)
        elif what < 0.7:
            ids = [f"{new}-{n}" for n in range(3)]
            self.arrays.append(ids)
            self._send([(one, "") for one in ids], careful)
        elif what < 0.8:
            self._send([(new, ""), (shared, ""), (new, "")], careful)
        elif what < 0.9:
            only = f"once:{dice.randrange(100)}"
            with suppress(ConditionFailed, ReadOnly):
                self.writer.append([self.post(new, only)], AppendCondition((Wanted(tags=(only,)),)))
                self.once.append(only)
        else:
            self._send([(new, "")], careful)
            self._send([(new, "")], careful)

    def _send(self, events: list[tuple[str, str]], careful: bool) -> None:
        posts = [self.post(id, f"lot:{sum(map(ord, id)) % 40}", text=text) for id, text in events]
        try:
            receipts = self.writer.append(posts, careful=careful)
        except ReadOnly:
            return
        except Conflict:
            self.conflicts += events
            return
        self.told += [(id, text, receipt) for (id, text), receipt in zip(events, receipts, strict=True)]


@pytest.mark.fault
def test_whatever_anybody_was_told_is_true_of_the_log_in_the_end(
    ledger: str, post: MakePost, checked: Callable[[str], Any]
) -> None:
    stop = Event()
    with Writer(ledger) as one, Writer(ledger) as other, psycopg.connect(ledger, autocommit=True) as owner:
        clients = [Client(name, other if name % 2 else one, post) for name in range(CLIENTS)]
        threads = [Thread(target=client.work, args=(stop,), daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        dice, cuts = Random(7), 0
        for _ in range(SECONDS * 10):
            stop.wait(dice.uniform(0.02, 0.18))
            cuts += len(owner.execute(END_SOME).fetchall())
        stop.set()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads), "everybody was answered"
        assert (one.failure, other.failure) == (None, None)
    assert [fault for client in clients for fault in client.wrong] == []
    assert cuts > SECONDS

    seen = checked(ledger)
    with psycopg.connect(ledger) as owner:
        stored = [json.loads(row[0]) for row in owner.execute("SELECT entry FROM ledger.entry ORDER BY position")]
    text = {entry["event"]["id"]: entry["event"]["data"].get("text") for entry in stored}
    position = {id: at for (_, id), at in seen.positions.items()}
    told = [one for client in clients for one in client.told]
    assert len(told) > 100
    for id, content, receipt in told:
        assert (position[id], text[id]) == (receipt.position, content)
        assert seen.leaves[receipt.position - 1] == receipt.leaf
    conflicts = [client.conflicts for client in clients if client.conflicts]
    assert conflicts
    for client in clients:
        for ids in client.arrays:
            found = [position[id] for id in ids if id in position]
            assert len(found) in (0, 3), "an array stands whole or not at all"
            assert not found or found == list(range(found[0], found[0] + 3))
    onces = [tag for entry in stored for tag in entry["links"] if tag.startswith("once:")]
    assert len(onces) == len(set(onces)), "no condition was passed twice"
    assert {tag for client in clients for tag in client.once} <= set(onces)
