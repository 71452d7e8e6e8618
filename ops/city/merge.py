"""Many lives, one stream: lives are started at their rate and merged in the order of `recorded`.

A heap holds, for each open life, the act it has come to, and the acts that have happened and are on their way to the
ledger. Memory is therefore bounded by how many lives are open at once (events a day × days a life lasts), not by the
length of the stream. Numbers of sources (`sequence`) are given here, in the order of the stream and without a gap; a
sealed event takes none. Hourly and daily ticks of the rules' clock come between (`decisions.md` 7): daily at midnight
Beijing time, hourly on the hour when an entry came since the last.
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush, heapreplace
from typing import Any

from city import moments
from city.act import Act, Pause, Tick
from city.chance import Chance
from city.corrections import correction
from city.course import MICRO, Course, Life
from city.kinds import Kind
from city.world import City

Start = Callable[[Kind, Course], Life]
"""Begins a life; here misconduct comes in (`city.plans`)."""

_HOUR = 3600 * MICRO


def honest(kind: Kind, course: Course) -> Life:
    """The life as it is written."""
    return kind.life(course)


def stream(city: City, kinds: Iterable[Kind], start: Start = honest) -> Iterator[Act | Tick]:
    """Acts and ticks in the order of `recorded`, from the first day on, until the last day is over.

    Whoever wants n events stops after n acts.
    """
    heap: list[tuple[int, int, Any]] = []
    counter = 0

    def push(at: int, thing: Any) -> None:
        nonlocal counter
        counter += 1
        heappush(heap, (at, counter, thing))

    begin, end = moments.at(city.size.first), moments.at(city.size.end) * MICRO
    known = tuple(kinds)
    whole = sum(kind.share for kind in known if not kind.opening) or 1
    for kind in known:
        rhythm = _Rhythm(city, kind, whole)
        if (first := rhythm.next()) is not None:
            push(first * MICRO, rhythm)
    numbers: dict[str, int] = {}
    hour, entries = begin * MICRO + _HOUR, 0
    mending = Chance(city.seed, "corrections")
    while heap:
        at, _, thing = heap[0]
        if at >= end:
            break
        while hour <= at:
            kind_of = "daily" if (hour // MICRO + moments.ZONE) % moments.DAY == 0 else "hourly"
            if entries or kind_of == "daily":
                entries = 0
                yield Tick(kind_of, hour)
                hour += _HOUR
            else:  # nothing came: the next tick is at midnight, or in the hour of what comes now
                midnight = (hour // MICRO + moments.ZONE) // moments.DAY * moments.DAY + moments.DAY - moments.ZONE
                hour = min(midnight * MICRO, at // _HOUR * _HOUR + _HOUR)
        if type(thing) is Act:
            heappop(heap)
            entries += 1
            if not thing.sealed:
                source = thing.event["source"]
                numbers[source] = number = numbers.get(source, 0) + 1 + thing.gap
                thing.event["sequence"] = str(number)
            thing.recorded = at
            if thing.late is not None:
                thing.late(thing)
            yield thing
            mended = correction(city, mending, thing)
            if mended is not None:
                push(mended.recorded, mended)
        elif type(thing) is _Open:
            counter += 1
            following = thing.go_on(at)
            if following is None:
                heappop(heap)
            else:
                heapreplace(heap, (following, counter, thing))
            if thing.ready is not None:
                push(thing.ready.recorded, thing.ready)
                thing.ready = None
        else:
            heappop(heap)
            course = thing.course(at // MICRO)
            push(at, _Open(start(thing.kind, course)))
            due = thing.next()
            if due is not None:
                push(max(at, due * MICRO), thing)
    while hour <= end:
        if (hour // MICRO + moments.ZONE) % moments.DAY == 0:
            yield Tick("daily", hour)
        elif entries:
            yield Tick("hourly", hour)
        entries = 0
        hour += _HOUR


class _Open:
    """An open life: the act it has come to, waiting for its moment."""

    __slots__ = ("held", "life", "ready")

    def __init__(self, life: Life) -> None:
        self.life = life
        self.held: Act | None = None
        self.ready: Act | None = None

    def go_on(self, now: int) -> int | None:
        """Take the next act; the one held becomes `ready`, behind no later act. Gives when to go on, None: never."""
        held, following = self.held, next(self.life, None)
        if following is None:
            self.held, due = None, None
        elif type(following) is Pause:
            self.held, due = None, max(now, following.until * MICRO)
        else:
            assert isinstance(following, Act)
            self.held, due = following, max(now, following.at * MICRO)
        if held is not None:
            if held.recorded < now:
                held.recorded = now
            if due is not None and held.recorded > due and not held.stray:
                held.recorded = due
            self.ready = held
        return due


def _free(city: City) -> int:
    """How many of the city's events are left for lives that begin at their rate, opening kinds taken off."""
    firms = sum(city.people.counts.values())
    regular = 1700 * city.size.days // 365 + 4 * firms + city.people.experts
    return max(city.size.events // 2, city.size.events - regular)


class _Rhythm:
    """When lives of a kind begin: evenly over the days, each at a moment of chance in its part."""

    __slots__ = ("_chance", "_city", "_count", "_every", "_first", "kind")

    def __init__(self, city: City, kind: Kind, whole: int) -> None:
        self._city, self.kind, self._count = city, kind, 0
        self._chance = Chance(city.seed, "rhythm", kind.name)
        self._first = moments.at(city.office.workday(city.size.first, 0 if kind.opening else SETTLED))
        span = (city.size.days - 2 * SETTLED) * moments.DAY
        lives = _free(city) * kind.share * SURPLUS // (whole * kind.events * 100)
        self._every = 0 if kind.opening else span // max(1, lives)

    def next(self) -> int | None:
        """When the next life begins, within office hours; None after the only one of an opening kind."""
        number = self._count
        self._count += 1
        if self.kind.opening:
            return self._first if number == 0 else None
        if self._first + number * self._every >= moments.at(self._city.size.end):
            return None
        moment = self._first + number * self._every + self._chance.below(max(1, self._every))
        office = self._city.office
        day = office.workday(moments.day_of(moment))
        return max(office.within(day, self._chance.sub(number)), self._first)

    def course(self, start: int) -> Course:
        """The course of the life that begins now."""
        return Course(self._city, self.kind.name, self._count, start)


SETTLED = 5
"""Working days after which organs, officials, firms and experts are in place and everything else begins."""

SURPLUS = 130
"""Lives begun for 100 that would do if each ended within the days: some are still open at the end."""
