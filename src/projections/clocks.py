"""Statutory clocks: what a period prescribed by law says about a stated period.

A clock is data, `schemas/rulebook/clocks/<ID>.json` (form: `schemas/formats/clock.md`). This module knows how to read
one kind so far, the *minimum of n calendar days* (T12: publicity of at least three days), and gives one verdict:

- `breached`: fewer than n × 24 hours lie between the two stated moments; where only dates are known, the end date is
  earlier than start date + n. An end at 23:59 counts as 24:00.
- `met`: otherwise.
- `running`: a start is stated and no end yet.
- `undeterminable`, with a reason: `start-missing`, `end-before-start`, `not-in-force` (the period began before the
  clock's law), or `calendar-missing` (a day needed is of a year without a published calendar).

Everything else one may read into the article stands in `readings`, labelled interpretation (`projections.readings`).

Where the calendar is missing, T12 gives no verdict at all, although its hours alone could be counted: no accusation is
made from half a reading, and the change is a restatement once the year is published. The clock file says so in
`calendar_missing`; `breach-stands` there would keep a breach by hours. The hours are stated either way.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from projections.calendar import Calendar, CalendarMissing
from projections.readings import READINGS, Moment, Period, local_day

State = Literal["met", "breached", "running", "undeterminable"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock file, understood. `raw` is the file; `law` names article and text version, for alerts."""

    id: str
    title: str
    title_en: str
    law: str
    limit: int
    end_of_day: time
    breach_stands: bool
    effective_from: date
    readings: tuple[tuple[str, str, str], ...]
    raw: Mapping[str, Any]

    @classmethod
    def from_file(cls, raw: Mapping[str, Any]) -> "Clock":
        """From the file's JSON, already checked against `clock.schema.json`."""
        return cls(
            id=raw["id"],
            title=raw["title"],
            title_en=raw["x-title-en"],
            law="；".join(f"{law['name']} {law['article']}" for law in raw["law"]),
            limit=raw["limit"],
            end_of_day=time.fromisoformat(raw["end_of_day"]),
            breach_stands=raw["calendar_missing"] == "breach-stands",
            effective_from=date.fromisoformat(raw["effective"]["from"]),
            readings=tuple((line["id"], line["title"], line["x-title-en"]) for line in raw["readings"]),
            raw=raw,
        )

    @property
    def least(self) -> timedelta:
        """The shortest period allowed: n × 24 hours."""
        return timedelta(days=self.limit)


@dataclass(frozen=True, slots=True)
class Reading:
    """One other way to read the same period. Never an alert. `holds` is None where it cannot be told."""

    id: str
    holds: bool | None
    zh: str
    en: str
    severity: str = "L"
    grade: str = "背景级"
    label: str = "interpretation"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clock says about one stated period.

    `seconds` between the stated moments (floor; None where only dates are known), `days` between the stated dates,
    `working_days` inside with the start day excluded (None without a calendar). `calendars` maps each year counted
    with to the digest of its edition.
    """

    clock: str
    state: State
    reason: str | None = None
    seconds: int | None = None
    days: int | None = None
    working_days: int | None = None
    readings: tuple[Reading, ...] = ()
    calendars: tuple[tuple[int, str], ...] = ()

    def holding(self) -> tuple[str, ...]:
        """Ids of the readings under which the period falls short or stands out."""
        return tuple(reading.id for reading in self.readings if reading.holds)


def judge(clock: Clock, start: Moment | None, end: Moment | None, calendar: Calendar) -> Verdict:
    """The verdict on the period stated by start and end; aware datetimes, or dates where only days are known.

    A datetime beside a bare date is taken as its day. Raises TypeError for a datetime without an offset.
    """
    if start is None:
        return Verdict(clock.id, "undeterminable", "start-missing")
    if any(isinstance(moment, datetime) and moment.tzinfo is None for moment in (start, end)):
        raise TypeError("a moment of law has an offset")
    try:
        if local_day(start) < clock.effective_from:
            return Verdict(clock.id, "undeterminable", "not-in-force")
        if end is None:
            return Verdict(clock.id, "running")
        if isinstance(start, datetime) != isinstance(end, datetime):
            start, end = local_day(start), local_day(end)
        return _judge(clock, Period(start, end, clock.limit, clock.end_of_day, calendar))
    except OverflowError:  # past the last day Python can name; no calendar will ever be published for it
        return Verdict(clock.id, "undeterminable", "calendar-missing")


def _judge(clock: Clock, period: Period) -> Verdict:
    length = period.length
    seconds = None if length is None else length // timedelta(seconds=1)
    days = (period.last_day - period.first_day).days
    if days < 0 or (seconds is not None and seconds < 0):
        return Verdict(clock.id, "undeterminable", "end-before-start", seconds, days)
    readings = tuple(_read(line, period) for line in clock.readings)
    short = _is_short(clock, period)
    working_days = _count(period)
    missing = working_days is None or _rolls_into_the_unknown(period)
    state: State = "breached" if short else "met"
    if missing and not (short and clock.breach_stands):
        state = "undeterminable"
    years = range(period.first_day.year, max(period.last_day, period.nth_day).year + 1)
    return Verdict(
        clock.id,
        state,
        "calendar-missing" if state == "undeterminable" else None,
        seconds,
        days,
        working_days,
        readings,
        tuple((year, period.calendar.years[year]) for year in years if year in period.calendar.years),
    )


def _is_short(clock: Clock, period: Period) -> bool:
    """The one reading that can be breached."""
    if isinstance(period.start, datetime) and period.rounded_end is not None:
        return period.rounded_end - period.start < clock.least
    return period.last_day < period.nth_day


def _read(line: tuple[str, str, str], period: Period) -> Reading:
    id_, zh, en = line
    try:
        return Reading(id_, READINGS[id_](period), zh, en)
    except CalendarMissing:
        return Reading(id_, None, zh, en)


def _count(period: Period) -> int | None:
    try:
        period.calendar.is_working(period.first_day)
        return period.working_days_inside()
    except CalendarMissing:
        return None


def _rolls_into_the_unknown(period: Period) -> bool:
    try:
        period.calendar.roll(period.nth_day)
    except CalendarMissing:
        return True
    return False


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over many verdicts: how many stand in each state, under each reading, with how many working days."""

    total: int
    states: Mapping[str, int]
    readings: Mapping[str, int]
    untold: Mapping[str, int]
    working_days: Mapping[int, int]


def summary(verdicts: Iterable[Verdict]) -> Summary:
    """Count verdicts of one clock. `untold` counts the readings that could not be told; both maps name every reading.

    `working_days` is the histogram of working days inside, ascending, over the verdicts that have a count.
    """
    total = 0
    states: Counter[str] = Counter()
    readings: dict[str, int] = {}
    untold: dict[str, int] = {}
    inside: Counter[int] = Counter()
    for verdict in verdicts:
        total += 1
        states[verdict.state] += 1
        for reading in verdict.readings:
            readings[reading.id] = readings.get(reading.id, 0) + (reading.holds is True)
            untold[reading.id] = untold.get(reading.id, 0) + (reading.holds is None)
        if verdict.working_days is not None:
            inside[verdict.working_days] += 1
    return Summary(total, dict(sorted(states.items())), readings, untold, dict(sorted(inside.items())))
