"""The calendar counts with what was published and says so when it cannot."""

from datetime import date
from typing import Any

import pytest

from projections.calendar import Calendar, CalendarMissing


def year(number: int, holidays: list[str], working_weekends: list[str]) -> dict[str, Any]:
    return {
        "year": number,
        "holidays": [{"date": day, "name": "假日"} for day in holidays],
        "working_weekends": working_weekends,
    }


CALENDAR = Calendar.from_editions({2026: year(2026, ["2026-01-01", "2026-01-02"], ["2026-01-04"])})


def test_a_worked_weekend_is_working_and_a_weekday_holiday_is_not() -> None:
    assert CALENDAR.is_working(date(2026, 1, 4))
    assert not CALENDAR.is_working(date(2026, 1, 2))
    assert not CALENDAR.is_working(date(2026, 1, 3))
    assert CALENDAR.is_working(date(2026, 1, 5))


def test_the_start_day_is_counted_only_where_asked() -> None:
    start, end = date(2026, 1, 5), date(2026, 1, 7)
    assert CALENDAR.working_days_between(start, end) == 2
    assert CALENDAR.working_days_between(start, end, start_counted=True) == 3


def test_nothing_lies_between_a_day_and_itself_or_an_earlier_one() -> None:
    assert CALENDAR.working_days_between(date(2026, 1, 5), date(2026, 1, 5)) == 0
    assert CALENDAR.working_days_between(date(2026, 1, 7), date(2026, 1, 5)) == 0


def test_a_start_on_the_eve_of_the_first_published_year_needs_no_earlier_calendar() -> None:
    assert CALENDAR.add_working_days(date(2025, 12, 31), 1) == date(2026, 1, 4)


def test_a_hole_between_published_years_is_missing_and_named() -> None:
    holed = Calendar.from_editions({2024: year(2024, [], []), 2026: year(2026, [], [])})
    with pytest.raises(CalendarMissing, match="2025"):
        holed.add_working_days(date(2024, 12, 31), 1)
    with pytest.raises(CalendarMissing, match="2025"):
        holed.working_days_between(date(2024, 12, 1), date(2026, 1, 5))


def test_a_count_of_no_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        CALENDAR.add_working_days(date(2026, 1, 5), 0)


@pytest.mark.parametrize(
    "edition",
    [
        year(2026, ["2027-01-01"], []),
        year(2026, [], ["2025-12-28"]),
        year(2025, [], []),
        year(2026, ["2026-01-04"], ["2026-01-04"]),
    ],
)
def test_an_edition_with_dates_of_another_year_or_contradictions_is_refused(edition: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="another year"):
        Calendar.from_editions({2026: edition})


def test_a_changed_edition_has_another_digest() -> None:
    other = Calendar.from_editions({2026: year(2026, ["2026-01-01"], ["2026-01-04"])})
    assert CALENDAR.years[2026] != other.years[2026]
