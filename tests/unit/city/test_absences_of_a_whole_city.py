"""Absences: what the whole city leaves out is out, nothing else is, and every rule of the domain has a plan or one."""

import pytest

from city.absences import ABSENCES, Absence
from city.act import Act, Tick
from city.planning import all_plans
from city.telling import Wish, city_of, events
from ledger.contracts import Contracts

EVENTS = 4_000


def told(contracts: Contracts, wish: Wish) -> tuple[list[Act | Tick], list[dict[str, object]]]:
    labels: list[dict[str, object]] = []
    city = city_of(wish, contracts)
    city.root, city.head = lambda _: bytes(32), lambda: 1
    return list(events(city, wish, labels.append)), labels


def test_every_rule_has_a_plan_or_an_absence_and_a_near_miss(contracts: Contracts) -> None:
    planned = {plan.rule for plan in all_plans()} | {one.rule for one in ABSENCES}
    assert set(contracts.codes["rules"].codes) - planned == set()


@pytest.mark.parametrize("absence", ABSENCES, ids=lambda one: one.id)
def test_what_is_absent_is_gone_and_the_near_miss_keeps_some_of_it(absence: Absence, contracts: Contracts) -> None:
    bad, labels = told(contracts, Wish(EVENTS, years=1, absence=absence))
    near, promised = told(contracts, Wish(EVENTS, years=1, absence=absence, near=True))

    def stands(one: Act | Tick) -> bool:
        return absence.gone(one) if isinstance(one, Act) else absence.ticks(one, False)

    assert not any(map(stands, bad))
    assert any(map(stands, near))
    assert [one["kind"] for one in (*labels, *promised)] == ["misconduct", "near-miss"]
    assert bool(labels[0]["alerts"]) is labels[0]["ended"]
    assert promised[0]["alerts"] == []
