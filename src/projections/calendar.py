"""The working calendar: which days are working days, from published arrangements and nothing else.

China's working days cannot be computed. Each autumn the General Office of the State Council publishes which days of
the next year are off and which weekends are worked (调休). Each such notice is one edition, one file
`schemas/rulebook/calendars/<year>.json` (form: `schemas/formats/calendar.md`), and `Calendar` is built from them.

A count that leaves the published years raises `CalendarMissing`. A Monday-to-Friday guess would be wrong on every
bridged weekday and worked weekend, so there is none: whoever asks must say "undeterminable" (`calendar-missing`).

>>> calendar = Calendar.from_editions({2026: {"year": 2026, "holidays": [], "working_weekends": ["2026-01-04"]}})
>>> calendar.is_working(date(2026, 1, 4)), calendar.add_working_days(date(2026, 1, 2), 1)
(True, datetime.date(2026, 1, 4))
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from ledger.canonical import encode
from ledger.errors import LedgerError

_SATURDAY = 5
_DAY = timedelta(days=1)


class CalendarMissing(LedgerError):
    """该年工作日历尚未公布，无法计算。 · No calendar is published for that year; the count cannot be made."""

    code = "calendar-missing"

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"({year})")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Published years and their working days.

    `years` maps a year to the SHA-256 (hex) of its edition's canonical bytes, so that a verdict can name what it
    counted with. `days` holds the ordinals (`date.toordinal`) of all working days, ascending.
    """

    years: Mapping[int, str]
    days: tuple[int, ...]

    @classmethod
    def from_editions(cls, editions: Mapping[int, Mapping[str, Any]]) -> "Calendar":
        """From year → edition as published. Raises ValueError when an edition holds a date of another year."""
        days: list[int] = []
        for year in sorted(editions):
            days.extend(_working_days(year, editions[year]))
        return cls({year: sha256(encode(editions[year])).hexdigest() for year in sorted(editions)}, tuple(days))

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day. Raises CalendarMissing outside the published years."""
        self._need(day, day)
        index = bisect_left(self.days, day.toordinal())
        return index < len(self.days) and self.days[index] == day.toordinal()

    def working_days_between(self, start: date, end: date, *, start_counted: bool = False) -> int:
        """Working days from start to end, the end day counted, the start day only where asked (民法典 第二百零一条).

        0 when no day lies between. Raises CalendarMissing when a counted day is of an unpublished year.
        """
        first = start if start_counted else start + _DAY
        if first > end:
            return 0
        self._need(first, end)
        return bisect_right(self.days, end.toordinal()) - bisect_left(self.days, first.toordinal())

    def add_working_days(self, start: date, count: int) -> date:
        """The count-th working day after start; the start day is never counted.

        Raises ValueError for a count below 1, CalendarMissing when the count leaves the published years.
        """
        if count < 1:
            raise ValueError("a count of working days is at least 1")
        index = bisect_right(self.days, start.toordinal()) + count - 1
        first = start + _DAY
        if index >= len(self.days):
            raise CalendarMissing(self._gap(first.year))
        found = date.fromordinal(self.days[index])
        self._need(first, found)
        return found

    def roll(self, day: date) -> date:
        """The day itself if offices work, else the next working day (民法典 第二百零三条). Raises CalendarMissing."""
        return self.add_working_days(day - _DAY, 1)

    def _need(self, first: date, last: date) -> None:
        gap = self._gap(first.year)
        if gap <= last.year:
            raise CalendarMissing(gap)

    def _gap(self, year: int) -> int:
        """The first unpublished year from `year` on."""
        while year in self.years:
            year += 1
        return year


def _working_days(year: int, edition: Mapping[str, Any]) -> list[int]:
    """Ordinals of the year's working days: weekdays that are not holidays, and worked weekends."""
    off = {date.fromisoformat(holiday["date"]) for holiday in edition["holidays"]}
    worked = {date.fromisoformat(day) for day in edition["working_weekends"]}
    strays = sorted(day for day in off | worked if day.year != year)
    if edition["year"] != year or strays or off & worked:
        raise ValueError(f"the calendar of {year} holds another year's dates, or a day both off and worked: {strays}")
    first = date(year, 1, 1).toordinal()
    after = date(year + 1, 1, 1).toordinal()
    days = (date.fromordinal(ordinal) for ordinal in range(first, after))
    return [day.toordinal() for day in days if day in worked or (day.weekday() < _SATURDAY and day not in off)]
