"""Lives of supervision, credit, complaint and accountability: what is posted may be, every step is walked."""

import pytest

from city.act import Act
from city.course import Course, Life
from city.inherent import INHERENT, LEDGER_ONLY
from city.kinds import Kind, all_kinds
from city.merge import stream
from city.rehearsal import refusals, rehearse
from city.tally import Tally
from city.telling import Wish, city_of
from city.world import City
from ledger.contracts import Contracts
from projections.judge import shipped

WALKED = ("credit-standing", "credit-record", "complaint", "alert", "liability")
WALKING = ("inquiry", "standing", "complaint", "alert", "liability", "editions")
TURNS = 16
"""More than any of these lives has ways."""


@pytest.fixture(scope="module")
def city(contracts: Contracts) -> City:
    return city_of(Wish(events=1500), contracts)


def honest_kinds() -> list[Kind]:
    """Kinds outside trading, approvals and works, whose lives are longer and have tests of their own."""
    return [kind for kind in all_kinds() if not kind.life.__module__.startswith(("city.trading", "city.approvals"))]


@pytest.mark.parametrize("kind", honest_kinds(), ids=lambda kind: str(kind.name))
def test_every_act_fits_its_contract_and_its_poster_may_post_it(city: City, kind: Kind) -> None:
    def named(course: Course) -> Life:
        course.name = f"{kind.name}-{course.number}"
        return kind.life(course)

    for number in (1,) if kind.opening else range(1, TURNS + 1):
        acts = rehearse(city, named, number, most=150)
        assert [line for act in acts for line in refusals(city, act)] == []
        assert [act.at for act in acts] == sorted(act.at for act in acts)


def test_every_step_of_their_processes_is_walked_and_none_out_of_order(contracts: Contracts) -> None:
    city = city_of(Wish(events=6000), contracts)
    tally = Tally(city)
    city.root, city.head = tally.root, tally.head
    for one in stream(city, [kind for kind in all_kinds() if kind.name in WALKING]):
        if isinstance(one, Act):
            tally.act(one)
        else:
            tally.tick(one)
    tally.close()
    steps = {(name, one.id) for name in WALKED for one in shipped().edition.processes[name].transitions}
    assert sorted(step for step in steps if not tally.steps[step]) == []
    assert {key: count for key, count in tally.behind.items() if key[0] in WALKED} == {}


def test_the_census_names_what_is_rare_and_what_never_came(city: City) -> None:
    missing = Tally(city).missing()
    assert "type complaint.lodged: 0" in missing
    assert "variant complaint.lodged report" in missing
    assert "step complaint transfer" in missing
    assert not [line for line in missing if any(name in line for name in LEDGER_ONLY)]


def test_what_raises_an_alert_by_itself_is_a_type_and_a_rule_that_exist(contracts: Contracts) -> None:
    types = {one.type[: one.type.rindex(".")] for one in contracts}
    assert types.issuperset(INHERENT)
    assert types.issuperset(LEDGER_ONLY)
    rules = contracts.codes["rules"].codes
    assert [rule for fired in INHERENT.values() for rule in fired if rule not in rules] == []
