"""Honest lives of approval keep every limit with a day to spare: counted here again, from the acts alone."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from city import moments
from city.act import Act
from city.course import Course, Life
from city.lives import investment, shelters, single_built, small_fees
from city.telling import Wish, city_of
from city.world import City

WHOLE = {"approve": 79, "ratify": 71, "file": 65, "general-industrial": 34}
"""Working days of the whole procedure by class (X3)."""


@pytest.fixture(scope="module")
def city() -> City:
    return city_of(Wish(events=20_000, seed=1))


@pytest.fixture(scope="module")
def lives(city: City) -> list[list[Act]]:
    """Lives begun in every season, so that each long holiday is met."""
    modules = (investment, shelters, single_built, small_fees)
    every = [kind.life for module in modules for kind in module.KINDS]
    return [begun(city, life, number) for life in every for number in range(1, 11)]


def begun(city: City, life: Callable[..., Life], number: int) -> list[Act]:
    """The acts of a life begun so many times 23 days after the first."""
    office = city.office
    course = Course(city, "rehearsal", number, moments.at(office.workday(city.size.first + 23 * number), 9))
    return [act for act in life(course) if isinstance(act, Act)]


def between(city: City, start: int, end: int) -> int:
    """Working days from the day of a moment, not counted, to the day of another."""
    first, last = (date.fromordinal(moments.day_of(one)) for one in (start, end))
    return city.office.calendar.working_days_between(first, last)


def of(acts: list[Act], *types: str) -> Iterator[Act]:
    return (act for act in acts if act.type in types)


def by_subject(acts: list[Act], type_: str) -> dict[str, list[Act]]:
    found = defaultdict(list)
    for act in of(acts, type_):
        found[act.event["subject"]].append(act)
    return found


def test_cases_are_decided_within_their_limit_and_not_in_a_rush(city: City, lives: list[list[Act]]) -> None:
    seen = 0
    for acts in lives:
        accepted = by_subject(acts, "approval.acceptance-decided")
        for decided in of(acts, "approval.decided"):
            (act,) = accepted[decided.event["subject"]]
            limit = act.data["limit_days"]
            taken = between(city, act.at, decided.at)
            if act.data["limit_unit"] == "cd":
                taken = moments.day_of(decided.at) - moments.day_of(act.at)
            paused = sum(
                one.data.get("max_days", 0)
                for one in of(acts, "approval.clock-changed")
                if one.event["subject"] == decided.event["subject"]
            )
            assert 1 <= taken <= limit + paused, decided.event["subject"]
            assert paused * 2 <= limit
            seen += 1
    assert seen > 200


def test_a_project_stays_below_four_fifths_of_the_days_of_its_class(city: City, lives: list[list[Act]]) -> None:
    """Working days on which any case of it is on the clock, pauses not taken off: more than the rule counts."""
    seen = 0
    for acts in lives:
        coded = next(of(acts, "project.coded"), None)
        if coded is None:
            continue
        days: set[int] = set()
        accepted = by_subject(acts, "approval.acceptance-decided")
        for decided in of(acts, "approval.decided"):
            first = moments.day_of(accepted[decided.event["subject"]][0].at)
            days.update(day for day in range(first, moments.day_of(decided.at) + 1) if city.office.is_working(day))
        assert len(days) * 5 < WHOLE[coded.data["class"]] * 4
        seen += 1
    assert seen > 50


def test_decisions_are_delivered_in_three_days_published_in_seven(city: City, lives: list[list[Act]]) -> None:
    for acts in lives:
        delivered = by_subject(acts, "approval.document-delivered")
        published = {act.data["subject"]["id"]: act for act in of(acts, "disclosure.published")}
        sent = {ref["id"]: act.ref["id"] for act in of(acts, "exchange.batch-sent") for ref in act.data["refs"]}
        received = {act.data["batch"]["id"]: act for act in of(acts, "exchange.batch-acknowledged")}
        for decided in of(acts, "approval.decided"):
            assert between(city, decided.at, delivered[decided.event["subject"]][0].at) <= 3
            assert between(city, decided.at, published[decided.event["id"]].at) <= 6
            assert between(city, decided.at, received[sent[decided.event["id"]]].at) <= 6


def test_design_conditions_come_within_ten_days(city: City, lives: list[list[Act]]) -> None:
    seen = 0
    for acts in lives:
        accepted = by_subject(acts, "approval.acceptance-decided")
        for issued in of(acts, "cad.design-conditions-issued"):
            start = accepted[issued.event["subject"]][0].at
            assert moments.day_of(issued.at) - moments.day_of(start) <= 10
            seen += 1
    assert seen >= 10


def test_fees_are_settled_by_their_day_and_remitted_in_five(city: City, lives: list[list[Act]]) -> None:
    seen = 0
    for acts in lives:
        assessed = by_subject(acts, "fee.assessed")
        remitted = by_subject(acts, "fee.remitted")
        for act in of(acts, "fee.paid", "fee.waiver-applied"):
            assert moments.date_text(act.at) <= assessed[act.event["subject"]][0].data["due"]
            if act.type == "fee.paid":
                assert between(city, act.at, remitted[act.event["subject"]][0].at) <= 5
            seen += 1
    assert seen > 25


def test_rectifications_acceptances_and_filings_come_in_time(city: City, lives: list[list[Act]]) -> None:
    seen = 0
    for acts in lives:
        orders = {act.event["id"]: act for act in of(acts, "quality.rectification-ordered")}
        for act in of(acts, "quality.rectification-rechecked"):
            if act.data["result"] == "cleared":
                assert moments.date_text(act.at) <= orders.pop(act.data["order"]["id"]).data["due"]
        assert orders == {}
        asked: dict[str, Act] = {}
        for act in of(acts, "quality.acceptance-applied", "quality.acceptance-concluded", "quality.acceptance-filed"):
            if act.type == "quality.acceptance-applied":
                asked[act.data["kind"]] = act
            elif act.type == "quality.acceptance-concluded":
                assert between(city, asked[act.data["kind"]].at, act.at) <= 20
                asked["filing"] = act
            else:
                assert between(city, asked["filing"].at, act.at) <= 15
                seen += 1
    assert seen > 10
