"""The city itself: its seed, years, people, working days, and the checkpoints that lives have waited for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from city import moments
from city.act import Act
from city.facts import Facts, facts
from city.moments import Office
from city.population import Organ, Population
from ledger.contracts import Contracts
from ledger.post import SYSTEM_SOURCE
from projections.judge import shipped

Root = Callable[[int], bytes]
"""Gives the Merkle root a tick states, by the tick's moment (seconds)."""

Head = Callable[[], int]
"""Gives the position the log has come to."""

A_YEAR_AT_MOST = 17_000_000
"""Events a simulated year may hold: beyond it years are added, up to those with a published calendar."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city is: its days (`date.toordinal()`, the end not included) and its events."""

    first: int
    end: int
    events: int

    @property
    def days(self) -> int:
        """How many days it lives."""
        return self.end - self.first


class City:
    """Everything lives may ask. Nothing in it grows with the number of events."""

    def __init__(self, seed: int, size: Size, contracts: Contracts) -> None:
        self.seed = seed
        self.size = size
        self.contracts = contracts
        self.facts: Mapping[str, Facts] = facts(contracts)
        self.office = Office(shipped().edition.calendar())
        events = min(size.events, A_YEAR_AT_MOST)
        self.people = Population(seed, firms=min(6000, 60 + events // 120), experts=min(3000, events // 60))
        self.root: Root = lambda _: bytes(32)
        self.head: Head = lambda: 1

    def organ(self, code: str, field: str = "") -> Organ:
        """An organ of the directory (see `Population.organ`)."""
        return self.people.organ(code, field)

    def head_at(self, name: str) -> Callable[[Act], None]:
        """For `late=`: puts into a member of the payload the position the log has come to when the act reaches it."""

        def fill(act: Act) -> None:
            act.data[name] = self.head()

        return fill

    def checkpoint(self, moment: int) -> tuple[dict[str, str], bytes]:
        """The reference to the checkpoint of that moment (on the hour) and the Merkle root it states."""
        stamp = moments.stamp(moment * 1_000_000)
        return {"source": SYSTEM_SOURCE, "id": f"tick-{stamp}"}, self.root(moment)
