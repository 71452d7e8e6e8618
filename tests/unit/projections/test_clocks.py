"""A minimum of three days: the verdict, the readings beside it, and what cannot be told."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ledger.clock import parse
from projections.calendar import Calendar
from projections.clocks import Clock, Verdict, judge, summary
from projections.rulebook import load

EDITION = load(Path(__file__).parents[3] / "schemas")
T12 = EDITION.clocks["T12"]
CALENDAR = EDITION.calendar()


def verdict(start: str, end: str, calendar: Calendar = CALENDAR, clock: Clock = T12) -> Verdict:
    return judge(clock, parse(f"{start}:00+08:00"), parse(f"{end}:00+08:00"), calendar)


def test_exactly_72_hours_are_met_and_marked_as_the_shortest_allowed() -> None:
    exact = verdict("2025-07-01T17:30", "2025-07-04T17:30")
    assert (exact.state, exact.seconds) == ("met", 72 * 3600)
    assert "exactly-the-minimum" in exact.holding()


def test_one_minute_less_than_72_hours_is_breached() -> None:
    assert verdict("2025-07-01T17:30", "2025-07-04T17:29").state == "breached"


def test_a_second_less_than_72_hours_is_breached() -> None:
    start = parse("2025-07-01T17:30:00+08:00")
    assert judge(T12, start, start + timedelta(days=3, seconds=-1), CALENDAR).state == "breached"


def test_an_end_at_2359_counts_as_2400_for_the_verdict() -> None:
    whole_days = verdict("2025-07-01T00:00", "2025-07-03T23:59")
    assert (whole_days.state, whole_days.seconds) == ("met", 72 * 3600 - 60)
    assert verdict("2025-07-01T00:00", "2025-07-03T23:58").state == "breached"


def test_an_end_at_2359_of_the_third_day_is_before_2400_in_one_reading_and_not_in_the_other() -> None:
    holding = verdict("2025-07-01T08:00", "2025-07-04T23:59").holding()
    assert "before-end-of-last-day" in holding
    assert "before-end-of-last-day-rounded" not in holding


def test_an_end_at_0000_of_the_fourth_day_is_not_before_2400_of_the_third() -> None:
    assert "before-end-of-last-day" not in verdict("2025-07-01T08:00", "2025-07-05T00:00").holding()


def test_an_offset_other_than_the_civil_one_moves_the_days() -> None:
    start, end = parse("2025-09-30T16:30:00Z"), parse("2025-10-08T16:30:00Z")
    assert judge(T12, start, end, CALENDAR).working_days == 1  # 1 to 9 October in China; only the 9th is worked


def test_a_period_over_the_spring_festival_has_no_working_day_inside() -> None:
    holiday = verdict("2026-02-14T17:30", "2026-02-17T17:30")
    assert (holiday.state, holiday.working_days) == ("met", 0)
    assert {"no-working-day-start-excluded", "ends-before-rolled-day", "too-few-working-days"} <= set(holiday.holding())
    assert "no-working-day-start-included" not in holiday.holding()  # Saturday the 14th is worked


def test_a_third_day_on_a_worked_weekend_does_not_roll() -> None:
    worked = verdict("2026-02-25T09:00", "2026-02-28T09:00")
    assert "ends-on-non-working-day" not in worked.holding()
    assert "ends-before-rolled-day" not in worked.holding()


def test_a_period_that_ends_on_the_rolled_day_is_not_before_it() -> None:
    assert "ends-before-rolled-day" not in verdict("2025-07-02T09:00", "2025-07-07T09:00").holding()
    assert "ends-before-rolled-day" in verdict("2025-07-02T09:00", "2025-07-06T23:00").holding()


def test_where_only_dates_are_known_the_end_date_is_compared() -> None:
    met = judge(T12, date(2025, 7, 1), date(2025, 7, 4), CALENDAR)
    assert (met.state, met.seconds, met.days) == ("met", None, 3)
    assert judge(T12, date(2025, 7, 1), date(2025, 7, 3), CALENDAR).state == "breached"
    told = {reading.id: reading.holds for reading in met.readings}
    assert told["exactly-the-minimum"] is None
    assert told["before-end-of-last-day"] is None


def test_a_moment_beside_a_bare_date_is_taken_as_its_day() -> None:
    assert judge(T12, parse("2025-07-01T23:00:00+08:00"), date(2025, 7, 4), CALENDAR).state == "met"


def test_a_year_without_a_calendar_leaves_the_clock_undeterminable_even_where_the_hours_are_short() -> None:
    short = verdict("2027-01-04T09:00", "2027-01-05T09:00")
    assert (short.state, short.reason, short.seconds) == ("undeterminable", "calendar-missing", 24 * 3600)
    assert short.working_days is None
    assert verdict("2026-12-30T09:00", "2027-01-04T09:00").reason == "calendar-missing"


def test_a_clock_may_keep_a_breach_by_hours_where_the_calendar_is_missing() -> None:
    keeping = Clock.from_file({**T12.raw, "calendar_missing": "breach-stands"})
    assert verdict("2027-01-04T09:00", "2027-01-05T09:00", clock=keeping).state == "breached"
    assert verdict("2027-01-04T09:00", "2027-01-07T09:00", clock=keeping).reason == "calendar-missing"


def test_a_period_that_ends_with_the_last_published_year_is_determined() -> None:
    assert verdict("2026-12-28T17:30", "2026-12-31T17:30").state == "met"


def test_a_third_day_that_rolls_into_an_unpublished_year_is_undeterminable() -> None:
    until_2025 = Calendar.from_editions({year: EDITION.calendars[year] for year in range(2020, 2026)})
    assert verdict("2025-12-29T17:30", "2025-12-31T17:30", until_2025).reason == "calendar-missing"


def test_what_is_not_stated_is_running_or_undeterminable_and_never_breached() -> None:
    start = parse("2025-07-01T17:30:00+08:00")
    assert judge(T12, start, None, CALENDAR).state == "running"
    assert judge(T12, None, start, CALENDAR).reason == "start-missing"
    assert judge(T12, start, start - timedelta(minutes=1), CALENDAR).reason == "end-before-start"
    assert judge(T12, start, start, CALENDAR).state == "breached"


def test_a_period_begun_before_the_law_is_not_judged() -> None:
    assert verdict("2012-01-31T09:00", "2012-02-01T09:00").reason == "not-in-force"


def test_the_last_days_of_the_proleptic_calendar_are_undeterminable_and_no_crash() -> None:
    for start, end in ((date(2025, 7, 1), date.max), (date.max, date.max)):
        assert judge(T12, start, end, CALENDAR).reason == "calendar-missing"
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert judge(T12, last, last + timedelta(seconds=30), CALENDAR).state == "undeterminable"


def test_a_moment_without_an_offset_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="offset"):
        judge(T12, datetime(2025, 7, 1, 9), None, CALENDAR)  # noqa: DTZ001


def test_a_verdict_names_the_calendar_editions_it_counted_with() -> None:
    across = verdict("2025-12-30T09:00", "2026-01-05T09:00")
    assert across.calendars == ((2025, CALENDAR.years[2025]), (2026, CALENDAR.years[2026]))


def test_every_reading_is_an_interpretation_of_the_lowest_severity() -> None:
    lines = verdict("2025-07-01T17:30", "2025-07-04T17:30").readings
    assert [line.id for line in lines] == [line["id"] for line in T12.raw["readings"]]
    assert {(line.severity, line.grade, line.label) for line in lines} == {("L", "背景级", "interpretation")}


def test_a_summary_counts_what_holds_what_cannot_be_told_and_the_working_days() -> None:
    counted = summary(
        [
            verdict("2025-07-01T17:30", "2025-07-04T17:30"),
            verdict("2025-07-01T17:30", "2025-07-04T17:29"),
            verdict("2027-01-04T09:00", "2027-01-08T09:00"),
        ]
    )
    assert (counted.total, counted.states) == (3, {"breached": 1, "met": 1, "undeterminable": 1})
    assert (counted.readings["exactly-the-minimum"], counted.untold["too-few-working-days"]) == (1, 1)
    assert counted.working_days == {3: 2}
