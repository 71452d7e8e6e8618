"""Counting a city: events by type and variant, steps of every process, methods by category; and what is missing.

    ops/simulate --events 200000 --seed 1 --tally

A census for whoever changes rates: a type below `ENOUGH`, a step never taken or a method never used in a category is
named. Everything on file is kept to be folded at the end, so memory grows with the city.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from city import moments
from city.act import Act
from city.course import MICRO
from city.inherent import LEDGER_ONLY
from city.paper import Paper
from city.world import City
from ledger.fields import values
from projections.conformance import courses
from projections.judge import shipped
from projections.processes import CLOCK

ENOUGH = 20
"""Times a type should come in 200,000 events."""

TRADED = ("open", "invited", "negotiation", "consultation", "inquiry", "single-source", "auction", "listing", "none")


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a fold wants it (`projections.derivation.Happening`)."""

    position: int
    type: str
    source: str
    id: str
    subject: str
    time: str
    recorded: str
    poster: Mapping[str, str]
    tags: Sequence[str]
    data: Mapping[str, Any]


class Tally:
    """A sink that counts. Roots and positions are those of the file the city would be."""

    def __init__(self, city: City) -> None:
        self._city, self._paper = city, Paper(None)
        self.tick, self.root, self.head = self._paper.tick, self._paper.root, self._paper.head
        self.types: Counter[str] = Counter()
        self.variants: Counter[tuple[str, str]] = Counter()
        self.methods: Counter[tuple[str, str]] = Counter()
        self.steps: Counter[tuple[str, str]] = Counter()
        self.behind: Counter[tuple[str, str]] = Counter()
        self._prefixes = {one.prefix for one in shipped().edition.processes.values()}
        self._files: dict[str, list[Told]] = {}

    def act(self, act: Act) -> None:
        """Count one event, and file it under the tags that processes are about."""
        self._paper.act(act)
        event, data = act.event, act.data
        contract = self._city.contracts.get(event["type"])
        if contract is None:
            raise ValueError(f"{event['type']} has no contract")
        self.types[act.type] += 1
        if "x-variants" in contract.raw:
            self.variants.update((act.type, str(value)) for _, value in values(data, contract.raw["x-variants"]))
        if act.type == "trading.project-registered":
            self.methods[str(data["catalogue_item"])[:2], data["method"]] += 1
        tags = contract.tags(event)
        stamp, org = moments.stamp(act.recorded), {"org": act.seat.org}
        told = Told(
            self._paper.lines, event["type"], event["source"], event["id"], event["subject"], event["time"], stamp, org,
            tags, data,
        )  # fmt: skip
        for tag in tags:
            if tag.partition(":")[0] in self._prefixes:
                self._files.setdefault(tag, []).append(told)

    def close(self) -> None:
        """Fold every file."""
        processes = shipped().edition.processes
        end = moments.stamp(moments.at(self._city.size.end) * MICRO)
        for tag in sorted(self._files):
            for course in courses(processes, tag, list(_ticking(self._files[tag], end))):
                for step, count in course.walked.items():
                    self.steps[course.process.id, step] += count
                for taken in course.taken:
                    if taken.order != "regular" or taken.guard is False:
                        self.behind[course.process.id, f"{taken.step} ({taken.order})"] += 1

    def missing(self) -> list[str]:
        """What should be there and is not: types below `ENOUGH`, variants and steps and methods that never came."""
        found = []
        for contract in self._city.contracts:
            name = contract.type[: contract.type.rindex(".")]
            if name in LEDGER_ONLY:
                continue
            if self.types[name] < ENOUGH:
                found.append(f"type {name}: {self.types[name]}")
            for value in _variants(contract.raw):
                if not self.variants[name, value]:
                    found.append(f"variant {name} {value}")
        for process in shipped().edition.processes.values():
            found += [
                f"step {process.id} {one.id}" for one in process.transitions if not self.steps[process.id, one.id]
            ]
        return found

    def lines(self) -> Iterator[str]:
        """The whole census, a line each."""
        for name in sorted(self.types):
            of = ", ".join(f"{value} {n}" for (type_, value), n in sorted(self.variants.items()) if type_ == name)
            yield f"{self.types[name]:8,}  {name}{f'  ({of})' if of else ''}"
        for key in sorted(self.steps):
            yield f"{self.steps[key]:8,}  {key[0]} {key[1]}"
        for key in sorted(self.behind):
            yield f"{self.behind[key]:8,}  not in order: {key[0]} {key[1]}"
        categories = sorted({category for category, _ in self.methods})
        for category in categories:
            of = ", ".join(f"{one} {self.methods[category, one]}" for one in TRADED if self.methods[category, one])
            yield f"          {category}: {of}"
        yield from (f" missing  {one}" for one in self.missing())


def _ticking(entries: Sequence[Told], end: str) -> Iterator[Told]:
    """The entries of one file, with a tick of the clock before each that comes on another day, and one at the end."""
    before = ""
    for entry in entries:
        if before and entry.recorded[:10] != before:
            yield _tick(entry.position, f"{entry.recorded[:10]}T00:00:00.000000Z")
        before = entry.recorded[:10]
        yield entry
    yield _tick(entries[-1].position + 1, end)


def _tick(position: int, as_of: str) -> Told:
    return Told(position, f"{CLOCK}.v1", "", as_of, "ledger:log", as_of, as_of, {}, (), {"as_of": as_of})


def _variants(raw: Mapping[str, Any]) -> tuple[str, ...]:
    pointer = raw.get("x-variants")
    if pointer is None:
        return ()
    return tuple(str(value) for value in raw["properties"][pointer[1:]].get("enum", ()))
