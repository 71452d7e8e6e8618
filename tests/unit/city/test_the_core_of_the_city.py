"""The city's core: numbers that repeat, time that keeps office hours, one stream in order, memory that stays flat."""

from datetime import date

import pytest

from city import moments
from city.act import Act, Tick
from city.chance import Chance
from city.course import Course, Life
from city.kinds import Kind, all_kinds
from city.merge import stream
from city.rehearsal import refusals
from city.telling import Wish, city_of
from city.world import City
from ledger.contracts import Contracts
from ledger.identifiers import uscc


@pytest.fixture(scope="module")
def city(contracts: Contracts) -> City:
    return city_of(Wish(events=2000), contracts)


def test_chance_repeats_itself_and_its_streams_do_not_disturb_each_other() -> None:
    one, other = Chance(1, "lot", 7), Chance(1, "lot", 7)
    assert [one.below(100) for _ in range(3)] == [95, 94, 88]
    other.sub("bidder").below(10)
    assert [other.below(100) for _ in range(3)] == [95, 94, 88]
    assert Chance(2, "lot", 7).below(1 << 40) != Chance(1, "lot", 7).below(1 << 40)


def test_chance_favours_nobody() -> None:
    chance = Chance(1, "fair")
    counts = [0] * 6
    for _ in range(6000):
        counts[chance.below(6)] += 1
    assert min(counts) > 900
    assert sorted(chance.shuffled(range(50))) == list(range(50))
    assert len(set(chance.some(range(50), 9))) == 9


def test_moments_are_written_as_posters_and_ledger_write_them() -> None:
    moment = moments.at(date(2026, 2, 10).toordinal(), 15, 41, 7)
    assert moments.text(moment) == "2026-02-10T15:41:07+08:00"
    assert moments.stamp(moment * 1_000_000 + 25) == "2026-02-10T07:41:07.000025Z"
    assert moments.day_of(moments.at(date(2026, 2, 10).toordinal())) == date(2026, 2, 10).toordinal()


def test_offices_are_closed_on_published_holidays_and_open_on_worked_weekends(city: City) -> None:
    office, eve = city.office, date(2026, 2, 13).toordinal()  # 2026-02-14 is worked, then the Spring Festival
    assert office.is_working(eve + 1)
    assert date.fromordinal(office.workday(eve, 2)) == date(2026, 2, 24)
    assert moments.text(office.open(moments.at(eve + 2, 10))) == "2026-02-24T08:30:00+08:00"


def test_firms_are_computed_with_sound_codes_and_no_two_are_the_same(city: City) -> None:
    firms = [city.people.firm(kind, number) for kind in city.people.counts for number in range(12)]
    assert [uscc.faults(one.org) for one in firms] == [()] * len(firms)
    assert len({one.org for one in firms}) == len(firms)
    assert [uscc.faults(one.org) for one in city.people.organs] == [()] * len(city.people.organs)


def test_acts_come_in_the_order_of_recorded_and_sources_count_without_a_gap(city: City) -> None:
    last, numbers = 0, dict[str, int]()
    told = list(stream(city, all_kinds()))
    assert any(isinstance(one, Act) for one in told)
    for one in told:
        assert one.recorded >= last
        last = one.recorded
        if isinstance(one, Act) and not one.sealed:
            source = one.event["source"]
            numbers[source] = numbers.get(source, 0) + 1
            assert one.event["sequence"] == str(numbers[source])


def test_a_late_act_is_never_overtaken_by_the_next_of_its_life(city: City) -> None:
    def life(course: Course) -> Life:
        course.subject = "organ:1"
        for _ in range(200):
            yield course.post("disclosure.guide-published", city.organ("PTC").seat, {}, at=course.minutes(1, 400))

    told = [one for one in stream(city, [Kind("busy", life, 1, 200, opening=True)]) if isinstance(one, Act)]
    own = [one for one in told if not one.event["id"].startswith("c-")]
    assert [one.event["id"] for one in own] == [f"busy-1-{n}" for n in range(1, 201)]
    late = [one for one in own if one.recorded // 1_000_000 - one.at > 600]
    assert 3 <= len(late) <= 40
    assert all(one.at * 1_000_000 <= one.recorded for one in own)


def test_the_clock_ticks_daily_always_and_hourly_after_an_event(city: City) -> None:
    def life(course: Course) -> Life:
        course.subject = "organ:1"
        course.until(moments.at(city.size.first + 2, 9, 15))
        yield course.post("draw.conducted", city.organ("LIB").seat, {})

    told = list(stream(city, [Kind("once", life, 1, 1, opening=True)]))
    ticks = [one for one in told if isinstance(one, Tick)]
    assert [one.kind for one in ticks].count("daily") == city.size.days
    hourly = [one for one in ticks if one.kind == "hourly"]
    assert [moments.text(one.recorded // 1_000_000) for one in hourly] == ["2025-07-03T10:00:00+08:00"]
    assert len({one.recorded for one in ticks}) == len(ticks)


def test_every_act_of_the_opening_would_be_admitted(city: City) -> None:
    told = [one for one in stream(city, [kind for kind in all_kinds() if kind.opening]) if isinstance(one, Act)]
    assert [refused for one in told for refused in refusals(city, one)] == []
