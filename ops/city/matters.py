"""How the matters of a life went against their processes: for tests, and for whoever writes a life or a plan.

for tag, matter in matters(city, rehearse(city, attached)):
    matter.process.id, matter.state, [step.status for step in matter.steps()]
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from city.act import Act
from city.world import City
from projections.conformance import Course, courses
from projections.judge import shipped


@dataclass(frozen=True, slots=True)
class Entry:
    """An act as the fold of a process sees it: in clear, recorded when it happened."""

    position: int
    type: str
    subject: str
    source: str
    id: str
    time: str
    recorded: str
    poster: Mapping[str, Any]
    data: Mapping[str, Any]
    tags: tuple[str, ...]


def matters(city: City, acts: Iterable[Act]) -> Iterator[tuple[str, Course]]:
    """Each tag of the acts, with each process that ran on it, in the order of `at`."""
    by_tag: dict[str, list[Entry]] = defaultdict(list)
    for position, act in enumerate(sorted(acts, key=lambda one: one.at), 1):
        event, contract = act.event, city.contracts.get(act.event["type"])
        assert contract is not None
        tags = tuple(contract.tags(event))
        entry = Entry(
            position, event["type"], event["subject"], event["source"], event["id"], event["time"], event["time"],
            {"org": act.seat.org}, act.data, tags,
        )  # fmt: skip
        for tag in tags:
            by_tag[tag].append(entry)
    for tag, entries in by_tag.items():
        for course in courses(shipped().edition.processes, tag, entries):
            yield tag, course
