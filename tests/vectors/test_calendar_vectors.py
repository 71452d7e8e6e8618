"""The published calendars against a reference library and against worked counts."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest

from projections.calendar import Calendar, CalendarMissing
from projections.rulebook import load

SCHEMAS = Path(__file__).parents[2] / "schemas"
VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "calendar" / "working-days.json").read_text())
CALENDAR = load(SCHEMAS).calendar()


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_day_of_a_year_is_working_or_not_as_the_reference_library_says(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
    assert [day for day in days if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize(("year", "count"), sorted(VECTORS["per_year"].items()))
def test_a_year_has_its_published_number_of_working_days(year: str, count: int) -> None:
    first, last = date(int(year), 1, 1), date(int(year), 12, 31)
    assert CALENDAR.working_days_between(first, last, start_counted=True) == count


@pytest.mark.parametrize(("start", "count", "expected"), VECTORS["add"])
def test_start_plus_working_days_is_the_worked_day(start: str, count: int, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(CalendarMissing, match="2027"):
            CALENDAR.add_working_days(date.fromisoformat(start), count)
    else:
        assert CALENDAR.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(("start", "days", "raw", "rolled"), VECTORS["roll"])
def test_start_plus_calendar_days_rolls_to_the_worked_day(start: str, days: int, raw: str, rolled: str) -> None:
    reached = date.fromisoformat(start) + timedelta(days=days)
    assert (reached.isoformat(), CALENDAR.roll(reached).isoformat()) == (raw, rolled)


def test_2026_works_and_rests_on_the_days_the_notice_names() -> None:
    edition = load(SCHEMAS).calendars[2026]
    off = [holiday["date"] for holiday in edition["holidays"]]
    assert edition["working_weekends"] == VECTORS["working_weekends_2026"]
    assert [day for day in off if date.fromisoformat(day).weekday() < 5] == VECTORS["weekday_holidays_2026"]


def test_the_years_before_and_after_the_published_ones_are_missing() -> None:
    assert sorted(CALENDAR.years) == list(range(2020, 2027))
    for day in (date(2019, 12, 31), date(2027, 1, 1)):
        with pytest.raises(CalendarMissing, match=str(day.year)):
            CALENDAR.is_working(day)


def test_a_calendar_without_editions_knows_no_day() -> None:
    with pytest.raises(CalendarMissing, match="2025"):
        Calendar.from_editions({}).add_working_days(date(2025, 1, 1), 1)
