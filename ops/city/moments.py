"""Time in the city: whole seconds, the published working days, and office hours.

A *moment* is an `int`: seconds since 1970-01-01T00:00:00Z. A *day* is an `int`: `date.toordinal()` of the civil day in
Beijing time. The working days are the published calendars' (`schemas/rulebook/calendars`), never a guess.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from city.chance import Chance
from projections.calendar import Calendar

MINUTE, HOUR, DAY = 60, 3600, 86_400
ZONE = 8 * HOUR
_EPOCH = date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60))
_SECONDS = tuple(f":{second:02}" for second in range(60))

FIRST = date(2021, 1, 1).toordinal()
LAST = date(2026, 11, 30).toordinal()
"""The days a simulated year may lie between (decisions 1)."""


def day_of(moment: int) -> int:
    """The civil day of a moment."""
    return (moment + ZONE) // DAY + _EPOCH


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """The moment of a day at a time of the clock."""
    return (day - _EPOCH) * DAY - ZONE + hour * HOUR + minute * MINUTE + second


@lru_cache(maxsize=512)
def day_text(day: int) -> str:
    """A day as contracts write it: `2026-02-10`."""
    return date.fromordinal(day).isoformat()


def date_text(moment: int) -> str:
    """The civil day of a moment: `2026-02-10`."""
    return day_text((moment + ZONE) // DAY + _EPOCH)


def text(moment: int) -> str:
    """A moment as posters write it: `2026-02-10T15:41:07+08:00`."""
    days, second = divmod(moment + ZONE, DAY)
    minute, second = divmod(second, 60)
    return f"{day_text(days + _EPOCH)}{_MINUTES[minute]}{_SECONDS[second]}+08:00"


def stamp(micros: int) -> str:
    """Microseconds as `recorded` writes them: `2026-02-10T07:41:07.000000Z`."""
    seconds, rest = divmod(micros, 1_000_000)
    days, second = divmod(seconds, DAY)
    minute, second = divmod(second, 60)
    return f"{day_text(days + _EPOCH)}{_MINUTES[minute]}{_SECONDS[second]}.{rest:06}Z"


class Office:
    """Working days and office hours (08:30-12:00, 14:00-17:40).

    Behind the last published year every Monday to Friday counts: no event of the city lies there, but what is planned
    in its last weeks must have a day.
    """

    MORNING, NOON, AFTERNOON, EVENING = 8 * HOUR + 1800, 12 * HOUR, 14 * HOUR, 17 * HOUR + 2400

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._days = calendar.days + tuple(_weekdays(calendar.days[-1] + 1))
        self._working = frozenset(self._days)

    def is_working(self, day: int) -> bool:
        """Whether offices work on that day."""
        return day in self._working

    def workday(self, day: int, count: int = 0) -> int:
        """The `count`-th working day after `day`, which is not counted itself; 0: `day`, or the next working day."""
        if count == 0:
            return day if day in self._working else self._days[bisect_right(self._days, day)]
        return self._days[bisect_right(self._days, day) + count - 1]

    def open(self, moment: int) -> int:
        """The moment itself when offices are open, else the next opening."""
        day, second = day_of(moment), (moment + ZONE) % DAY
        if day in self._working:
            if second < self.MORNING:
                return moment + self.MORNING - second
            if second <= self.NOON or self.AFTERNOON <= second <= self.EVENING:
                return moment
            if second < self.AFTERNOON:
                return moment + self.AFTERNOON - second
        return at(self.workday(day, 1), 8, 30)

    def within(self, day: int, chance: Chance) -> int:
        """A moment of chance within the office hours of a day (a working day or not)."""
        second = chance.below(self.NOON - self.MORNING + self.EVENING - self.AFTERNOON) + self.MORNING
        return at(day) + (second if second < self.NOON else second + self.AFTERNOON - self.NOON)


def _weekdays(after: int) -> Iterator[int]:
    """Mondays to Fridays of two years, from the first day of a year."""
    first = date(date.fromordinal(after).year + 1, 1, 1).toordinal()
    for day in range(first, first + 730):
        if date.fromordinal(day).weekday() < 5:
            yield day
