"""Counting working days by search agrees with counting them one by one."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from projections.calendar import Calendar, CalendarMissing
from projections.rulebook import load

EDITIONS = load(Path(__file__).parents[2] / "schemas").calendars
WHOLE = Calendar.from_editions(EDITIONS)
HOLED = Calendar.from_editions({year: EDITIONS[year] for year in EDITIONS if year != 2023})
DAYS = st.dates(date(2019, 12, 1), date(2027, 1, 31))
CALENDARS = st.sampled_from([WHOLE, HOLED])
DAY = timedelta(days=1)


def slow_between(calendar: Calendar, start: date, end: date) -> int:
    """One day after the other, each looked up."""
    count = 0
    while start < end:
        start += DAY
        count += calendar.is_working(start)
    return count


def slow_add(calendar: Calendar, start: date, count: int) -> date:
    """Step forward until enough working days have passed."""
    while count:
        start += DAY
        count -= calendar.is_working(start)
    return start


def answer(count: "object") -> object:
    """A value, or the missing year."""
    try:
        return count() if callable(count) else count
    except CalendarMissing as missing:
        return ("missing", missing.year)


@given(CALENDARS, DAYS, DAYS)
def test_working_days_between_two_days_are_what_stepping_through_them_counts(
    calendar: Calendar, start: date, end: date
) -> None:
    fast = answer(lambda: calendar.working_days_between(start, end))
    assert fast == answer(lambda: slow_between(calendar, start, end))


@given(CALENDARS, DAYS, st.integers(1, 300))
def test_adding_working_days_is_what_stepping_forward_reaches(calendar: Calendar, start: date, count: int) -> None:
    fast = answer(lambda: calendar.add_working_days(start, count))
    assert fast == answer(lambda: slow_add(calendar, start, count))


@given(DAYS)
def test_rolling_gives_the_first_working_day_from_that_day_on(day: date) -> None:
    rolled = answer(lambda: WHOLE.roll(day))
    assert rolled == answer(lambda: slow_add(WHOLE, day - DAY, 1))


@given(st.dates(date(2020, 1, 1), date(2026, 6, 30)), st.integers(1, 100))
def test_adding_and_counting_are_inverse(start: date, count: int) -> None:
    assert WHOLE.working_days_between(start, WHOLE.add_working_days(start, count)) == count
