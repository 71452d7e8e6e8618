"""Everything an operator could do to sealed events is caught by the entries alone, and honest logs raise no alarm.

Logs are small, random and made of entries as they are read (`Check` looks at nothing but their JSON: chain, links and
hashes are `verify`'s business, and an operator who rewrites would make them anew). Each attack changes one honest log.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from ledger import clock
from ledger.sealed_events import forms
from ledger.secrecy import b64, digest, disclosure
from ledger.verification.seals import Check, SealFault

ATTACKED, HONEST = 200, 300
"""Logs of each kind."""

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
Document = dict[str, Any]
NOISE: Document = {
    "event": {"type": "trading.notice-published.v1", "data": {}},
    "links": {},
    "poster": {"org": "LEDGER"},
    "recorded": "2026-01-01T00:00:00.000000Z",
}


class SmallLog:
    """A random honest log: groups that are prepared, filled in any order, and then opened, closed or left sealed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.entries: list[Document] = []
        self.keys: dict[str, bytes] = {}
        self.members: dict[str, list[dict[str, Any]]] = {}
        self.opened: list[str] = []
        names = [f"lot:{seed}-{number}#trading.bid-opened" for number in range(self.random.randint(1, 3))]
        for group in names:
            self.noise()
            self.prepare(group)
        for group in self.random.choices(names, k=self.random.randint(4, 12)):
            self.noise()
            self.seal(group)
        for group in names:
            self.noise()
            fate = self.random.choice(("opened", "opened", "closed", "left"))
            if fate == "opened" or not self.opened:
                self.open(group)
            elif fate == "closed":
                data = {"group": group, "key": b64(self.keys[group]), "count": len(self.members[group])}
                self.add({"type": forms.CLOSED, "data": data})
        self.noise()

    def add(self, event: Document, links: Document | None = None, poster: Document | None = None) -> Document:
        recorded = clock.stamp(BEGIN + timedelta(minutes=len(self.entries)))
        made = {"event": event, "links": links or {}, "poster": poster or {"org": "LEDGER"}, "recorded": recorded}
        self.entries.append(made)
        return made

    def noise(self) -> None:
        for _ in range(self.random.randint(0, 2)):
            self.add({"type": "trading.notice-published.v1", "data": {}})

    def prepare(self, group: str, key: bytes | None = None) -> None:
        key = key or self.random.randbytes(32)
        data = {"group": group, "commitment": forms.commitment(key), "not_before": "2026-01-01T00:00:00Z"}
        self.keys[group] = key
        self.members.setdefault(group, [])
        self.add({"type": forms.PREPARED, "data": {**data, "keepers": []}})

    def seal(self, group: str, number: int | None = None) -> Document:
        members = self.members[group]
        number = number or len(members) + 1
        event = {"type": "trading.bid-submitted.v1", "source": "urn:x", "id": str(len(self.entries)), "data": {}}
        poster, received = {"org": f"BIDDER{self.random.randint(1, 9)}"}, "2026-01-01T00:00:00.000000Z"
        salts = [b64(self.random.randbytes(16)) for _ in range(2)]
        opens = {"n": number, "position": len(self.entries) + 1, "received": received, "salts": salts}
        made = {"event": event, "poster": poster, "opens": opens}
        shown = disclosure(salts[0], "event", event), forms.poster_disclosure(salts[1], poster, None, received)
        tag = forms.tag_of(forms.token(self.keys[group], number))
        members.append(made)
        hidden = [forms.hidden(digest(one)) for one in shown]
        return self.add(hidden[0], {tag: [1, None]}, hidden[1])

    def open(self, group: str, unopened: tuple[int, ...] | None = None) -> None:
        trigger = len(self.entries) + 1
        self.add({"type": "trading.bid-opened.v1", "subject": group.partition("#")[0], "data": {}})
        members = self.members[group]
        if unopened is None:
            unopened = tuple(n for n in range(1, len(members) + 1) if self.random.random() < 0.1)
        data = {"group": group, "trigger": trigger, "key": b64(self.keys[group]), "count": len(members)}
        self.noise()
        self.add({"type": forms.OPENED, "data": {**data, "unopened": list(unopened)}})
        self.opened.append(group)
        for member in members:
            if member["opens"]["n"] not in unopened:
                made = self.add(deepcopy(member["event"]), {"lot:x": [1, None]}, dict(member["poster"]))
                made["opens"] = deepcopy(member["opens"])

    def at(self, type_: str) -> int:
        """The index of a random entry of a type."""
        return self.random.choice([n for n, one in enumerate(self.entries) if one["event"].get("type") == type_])

    def insert(self, index: int, made: Document) -> None:
        """One more entry at an index, as an honest log would have it there: what names later positions names them."""
        for one in self.entries:
            for said, name in ((one["event"].get("data", {}), "trigger"), (one.get("opens", {}), "position")):
                if said.get(name, 0) > index:
                    said[name] += 1
        self.entries.insert(index, made)

    def openings(self) -> list[int]:
        """The indexes of the opening entries."""
        return [index for index, one in enumerate(self.entries) if "opens" in one]

    def opened_data(self) -> Document:
        """The payload of the first seal-opened that has members; sealing them where it has none."""
        found: Document = next(one["event"]["data"] for one in self.entries if one["event"].get("type") == forms.OPENED)
        return found


def faults(entries: list[Document]) -> list[SealFault]:
    with Check() as check:
        for position, document in enumerate(entries, 1):
            check.take(document, position)
        return check.faults()


def with_openings(seed: int) -> SmallLog:
    """An honest log with two opened members at least, so that there is something to attack."""
    log = SmallLog(seed)
    group = f"lot:{seed}-more#trading.bid-opened"
    log.prepare(group)
    for _ in range(log.random.randint(2, 4)):
        log.seal(group)
    log.open(group, unopened=())
    log.noise()
    return log


def drop_an_opening(log: SmallLog) -> None:
    log.entries[log.random.choice(log.openings())] = deepcopy(NOISE)


def drop_the_last_member(log: SmallLog) -> None:
    at = log.openings()[-1]
    number = log.entries[at]["opens"]["n"]
    opened = max(n for n in range(at) if log.entries[n]["event"].get("type") == forms.OPENED)
    log.entries[opened]["event"]["data"]["count"] = number - 1
    log.entries[at] = deepcopy(NOISE)


def drop_a_sealed_entry(log: SmallLog) -> None:
    at = log.entries[log.random.choice(log.openings())]["opens"]["position"] - 1
    log.entries[at] = deepcopy(NOISE)


def add_a_member_that_was_never_sealed(log: SmallLog) -> None:
    at = log.openings()[-1]
    added = deepcopy(log.entries[at])
    added["opens"]["n"] += 1
    opened = max(n for n in range(at) if log.entries[n]["event"].get("type") == forms.OPENED)
    log.entries[opened]["event"]["data"]["count"] += 1
    log.entries.insert(at + 1, added)


def add_a_member_after_the_trigger(log: SmallLog) -> None:
    group = log.opened[-1]
    log.members[group] = []
    log.prepare(group := f"{group}+", log.random.randbytes(32))
    log.seal(group)
    log.open(group, unopened=())
    late = next(n for n in range(len(log.entries) - 1, 0, -1) if log.entries[n]["event"].get("type") == forms.OPENED)
    sealed = log.members[group][0]["opens"]["position"] - 1
    log.entries[late]["event"]["data"]["trigger"] = sealed  # an event before the member was sealed


def add_an_opening_from_nowhere(log: SmallLog) -> None:
    log.entries.append(deepcopy(log.entries[log.random.choice(log.openings())]))


def swap_two_contents(log: SmallLog) -> None:
    one, other = log.openings()[-2:]
    first, second = log.entries[one], log.entries[other]
    first["event"], second["event"] = second["event"], first["event"]


def swap_a_content(log: SmallLog) -> None:
    log.entries[log.random.choice(log.openings())]["event"]["data"]["price"] = 1


def swap_the_poster(log: SmallLog) -> None:
    log.entries[log.random.choice(log.openings())]["poster"]["org"] = "ANOTHER"


def swap_the_moment(log: SmallLog) -> None:
    log.entries[log.random.choice(log.openings())]["opens"]["received"] = "2025-12-31T00:00:00.000000Z"


def swap_the_place(log: SmallLog) -> None:
    log.entries[log.random.choice(log.openings())]["opens"]["position"] += 1


def open_one_twice(log: SmallLog) -> None:
    one, other = log.openings()[-2:]
    log.entries[other]["opens"]["n"] = log.entries[one]["opens"]["n"]


def keep_a_spare_one(log: SmallLog) -> None:
    group = log.opened[-1]
    spare = len(log.members[group]) + log.random.randint(1, forms.SPARE)
    log.seal(group, spare)
    if log.random.random() < 0.5:  # sealed before the trigger, or behind everything
        log.insert(log.at("trading.bid-opened.v1"), log.entries.pop())


def open_under_another_key(log: SmallLog) -> None:
    group = f"{log.opened[-1]}+"
    log.prepare(group)
    log.keys[group] = log.random.randbytes(32)
    log.seal(group)
    log.open(group, unopened=())


def commit_to_a_second_key(log: SmallLog) -> None:
    log.prepare(log.opened[-1])


def prepare_after_sealing(log: SmallLog) -> None:
    group = f"{log.opened[-1]}+"
    log.prepare(group)
    log.seal(group)
    at = len(log.entries)
    log.entries[at - 1], log.entries[at - 2] = log.entries[at - 2], log.entries[at - 1]
    log.members[group][0]["opens"]["position"] -= 1
    log.open(group, unopened=())


def open_before_the_trigger(log: SmallLog) -> None:
    at = log.at(forms.OPENED)
    log.entries[at]["event"]["data"]["trigger"] = at + 1 + log.random.randint(0, 3)


def move_the_opening_earlier(log: SmallLog) -> None:
    group = f"{log.opened[-1]}+"
    log.prepare(group)
    log.prepare(group, log.keys[group])
    log.entries[-1]["event"]["data"]["not_before"] = "2025-12-31T23:59:59Z"


def open_twice(log: SmallLog) -> None:
    log.open(log.opened[-1])


def seal_one_token_twice(log: SmallLog) -> None:
    log.seal(log.opened[-1], 1)


def leave_one_for_ever(log: SmallLog) -> None:
    group = f"{log.opened[-1]}+"
    log.prepare(group)
    log.seal(group)
    log.noise()
    log.add({"type": "trading.notice-published.v1", "data": {}})
    log.entries[-1]["recorded"] = clock.stamp(BEGIN + timedelta(days=366))


ATTACKS: dict[Callable[[SmallLog], None], str] = {
    drop_an_opening: "neither opened",
    drop_the_last_member: "which it does not count",
    drop_a_sealed_entry: "does not stand in the log",
    add_a_member_that_was_never_sealed: "does not stand in the log",
    add_a_member_after_the_trigger: "not older than the trigger",
    add_an_opening_from_nowhere: "without a seal-opened",
    swap_two_contents: "is not what #",
    swap_a_content: "is not what #",
    swap_the_poster: "is not what #",
    swap_the_moment: "is not what #",
    swap_the_place: "is not what #",
    open_one_twice: "was due",
    keep_a_spare_one: "which it does not count",
    open_under_another_key: "not the one committed to",
    commit_to_a_second_key: "committed to another key",
    prepare_after_sealing: "before its group was prepared",
    open_before_the_trigger: "trigger is impossible",
    move_the_opening_earlier: "moved earlier",
    open_twice: "opened or closed twice",
    seal_one_token_twice: "sealed twice",
    leave_one_for_ever: "Sealed for ever",
}
"""Each with what is said of it."""


@pytest.mark.parametrize(("attack", "said"), ATTACKS.items(), ids=[one.__name__ for one in ATTACKS])
def test_an_attack_is_caught_on_every_log(attack: Callable[[SmallLog], None], said: str) -> None:
    missed = {}
    for seed in range(ATTACKED):
        log = with_openings(seed)
        attack(log)
        found = [fault.en for fault in faults(log.entries)]
        if not any(said in one for one in found):
            missed[seed] = found
    assert missed == {}


def test_an_honest_log_raises_no_alarm() -> None:
    alarmed = {seed: found for seed in range(HONEST) if (found := faults(SmallLog(seed).entries))}
    assert alarmed == {}
