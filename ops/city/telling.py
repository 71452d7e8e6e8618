"""A city from its numbers: size, lives, misconduct, and the sink it is told to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from city import moments
from city.absences import Absence
from city.act import Act, Tick
from city.course import Course, Life
from city.kinds import Kind, all_kinds
from city.merge import stream
from city.misconduct import Label, Misconduct
from city.planning import all_plans
from city.world import A_YEAR_AT_MOST, City, Size
from ledger.contracts import Contracts
from ledger.errors import CannotRun

BEGIN = date(2025, 7, 1).toordinal()
"""The first day, unless more years are asked for than the calendars have after it."""

A_YEAR = 365


class Sink(Protocol):
    """Where a city goes."""

    def act(self, act: Act) -> None:
        """Take one event."""

    def tick(self, tick: Tick) -> None:
        """Take one tick of the clock."""

    def root(self, moment: int) -> bytes:
        """The Merkle root that the tick of that moment states."""

    def head(self) -> int:
        """The position the log has come to."""

    def close(self) -> None:
        """Everything has been told."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of city is wanted. `misconduct` in ten-thousandths of the lives; `near`: the absence's near-miss."""

    events: int = 20_000
    seed: int = 1
    years: int | None = None
    misconduct: int = 0
    absence: Absence | None = None
    near: bool = False


def size(wish: Wish) -> Size:
    """The days of the city: one year from 2025-07-01, or as many as hold its events, ending 2026-11-30 at the latest.

    Raises CannotRun where more years are wanted than have a published calendar.
    """
    years = wish.years or -(-wish.events // A_YEAR_AT_MOST)
    most = (moments.LAST - moments.FIRST + 1 + A_YEAR - 1) // A_YEAR
    if not 1 <= years <= most or wish.events < 1:
        raise CannotRun(f"{most} 年有工作日历 · 1 to {most} years have a published calendar; asked for: {years}")
    days = min(years * A_YEAR, moments.LAST - moments.FIRST + 1)
    first = min(BEGIN, moments.LAST + 1 - days)
    return Size(first, first + days, wish.events)


def city_of(wish: Wish, contracts: Contracts | None = None) -> City:
    """The city that is wished for."""
    return City(wish.seed, size(wish), contracts or Contracts.load())


def events(city: City, wish: Wish, label: Callable[[Label], None] = lambda _: None) -> Iterator[Act | Tick]:
    """The stream of a city: so many acts as were wished for, and the ticks between them."""
    mischief = Misconduct(wish.seed, all_plans() if wish.misconduct else (), wish.misconduct, label)
    left, missing, last = wish.events, wish.absence, 0

    def start(kind: Kind, course: Course) -> Life:
        life = mischief.start(kind, course)
        return life if missing is None else missing.left_out(life, near=wish.near)

    for one in stream(city, all_kinds(), start):
        if missing is not None and isinstance(one, Tick) and missing.ticks(one, wish.near):
            continue
        yield one
        last = one.recorded
        left -= isinstance(one, Act)
        if not left:
            break
    mischief.close()
    if missing is not None:
        label(missing.label(city, last, near=wish.near))


def tell(city: City, wish: Wish, sink: Sink, label: Callable[[Label], None] = lambda _: None) -> int:
    """Tell the whole city to a sink; gives the number of events."""
    city.root, city.head = sink.root, sink.head
    told = 0
    for one in events(city, wish, label):
        if isinstance(one, Act):
            sink.act(one)
            told += 1
        else:
            sink.tick(one)
    sink.close()
    return told
