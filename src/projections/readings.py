"""How else "not less than n days" can be read: one function for each reading of a stated period.

One article, and depending on the reading 0 % or 70 % of a city's notices fall short of it. Only one reading, n × 24
hours, can be breached (`projections.clocks`); each of the others is an *interpretation*, answered here with true,
false or None (cannot be told), shown beside the verdict, and never an alert.

The start day is not counted (民法典 第二百零一条), so "the n-th day" is start day + n. Days are those of the ledger's
civil time, +08:00. A period that ends at 00:00 ends on the day that has just begun, as stated. Which readings a clock
shows, and under which words, is data: `readings` in `schemas/rulebook/clocks/<ID>.json`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from ledger.clock import BEIJING
from projections.calendar import Calendar

Moment = datetime | date
"""A stated point: an aware datetime, or a bare date where only the day is known."""


def local_day(moment: Moment) -> date:
    """The civil day (+08:00) of a stated point."""
    return moment.astimezone(BEIJING).date() if isinstance(moment, datetime) else moment


@dataclass(frozen=True)
class Period:
    """A stated period, its minimum of `limit` days, the day's last minute and the calendar it is read with.

    Nine readings ask for the same days, so each is worked out once.
    """

    start: Moment
    end: Moment
    limit: int
    end_of_day: time
    calendar: Calendar

    @cached_property
    def first_day(self) -> date:
        """The start day, which is not counted."""
        return local_day(self.start)

    @cached_property
    def last_day(self) -> date:
        """The day on which the period ends."""
        return local_day(self.end)

    @cached_property
    def nth_day(self) -> date:
        """The last day of the minimum: start day + limit."""
        return self.first_day + timedelta(days=self.limit)

    @property
    def length(self) -> timedelta | None:
        """What lies between the two stated moments; None where only dates are known."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return self.end - self.start
        return None

    @property
    def rounded_end(self) -> datetime | None:
        """The stated end; from `end_of_day` on it counts as 24:00. None where only a date is known."""
        if not isinstance(self.end, datetime):
            return None
        local = self.end.astimezone(BEIJING)
        return _midnight_after(local.date()) if local.time() >= self.end_of_day else local

    def working_days_inside(self, *, start_counted: bool = False) -> int:
        """Working days from the start day to the end day, the end day counted. Raises CalendarMissing."""
        return self.calendar.working_days_between(self.first_day, self.last_day, start_counted=start_counted)


def exactly_the_minimum(period: Period) -> bool | None:
    """The two stated moments lie exactly n × 24 hours apart, to the second: the shortest period allowed."""
    return None if period.length is None else period.length == timedelta(days=period.limit)


def starts_on_non_working_day(period: Period) -> bool:
    """Offices are closed on the start day."""
    return not period.calendar.is_working(period.first_day)


def ends_on_non_working_day(period: Period) -> bool:
    """Offices are closed on the end day, so the last day was not rolled (民法典 第二百零三条)."""
    return not period.calendar.is_working(period.last_day)


def ends_before_rolled_day(period: Period) -> bool:
    """The n-th day is non-working, and the period ends on a day before the working day it would roll to."""
    return period.last_day < period.calendar.roll(period.nth_day) and not period.calendar.is_working(period.nth_day)


def no_working_day_start_excluded(period: Period) -> bool:
    """No working day among the days after the start day up to the end day."""
    return period.working_days_inside() == 0


def no_working_day_start_included(period: Period) -> bool:
    """No working day among all days of the period, the start day included."""
    return period.working_days_inside(start_counted=True) == 0


def too_few_working_days(period: Period) -> bool:
    """Fewer than n working days, the start day not counted and the end day counted, whatever its hour."""
    return period.working_days_inside() < period.limit


def before_end_of_last_day(period: Period) -> bool | None:
    """The period ends before 24:00 of the n-th day; an end at 23:59 is before."""
    if isinstance(period.end, datetime):
        return period.end < _midnight_after(period.nth_day)
    return True if period.end < period.nth_day else None if period.end == period.nth_day else False


def before_end_of_last_day_rounded(period: Period) -> bool | None:
    """The period ends before 24:00 of the n-th day; an end at 23:59 counts as 24:00."""
    end = period.rounded_end
    return before_end_of_last_day(period) if end is None else end < _midnight_after(period.nth_day)


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


READINGS: dict[str, Callable[[Period], bool | None]] = {
    "exactly-the-minimum": exactly_the_minimum,
    "starts-on-non-working-day": starts_on_non_working_day,
    "ends-on-non-working-day": ends_on_non_working_day,
    "ends-before-rolled-day": ends_before_rolled_day,
    "no-working-day-start-excluded": no_working_day_start_excluded,
    "no-working-day-start-included": no_working_day_start_included,
    "too-few-working-days": too_few_working_days,
    "before-end-of-last-day": before_end_of_last_day,
    "before-end-of-last-day-rounded": before_end_of_last_day_rounded,
}
"""Every reading a clock file may name."""
