"""Approvals, shelters, works, audits and fees of the city: each life is admitted, in order, and does its sums."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from city.act import Act
from city.approvals import project, tables
from city.course import Life
from city.lives import approval_opening, investment, shelters, single_built, small_fees
from city.rehearsal import refusals, rehearse
from city.telling import Wish, city_of
from city.world import City

LIVES: dict[str, Callable[..., Life]] = {
    kind.name: kind.life
    for module in (approval_opening, investment, shelters, single_built, small_fees)
    for kind in module.KINDS
}
OPENING = {kind.name for kind in approval_opening.KINDS}


@pytest.fixture(scope="module")
def city() -> City:
    return city_of(Wish(events=20_000, seed=1))


def acts_of(city: City, name: str, count: int) -> Iterator[list[Act]]:
    for number in range(1, (1 if name in OPENING else count) + 1):
        yield rehearse(city, LIVES[name], number, most=200)


@pytest.mark.parametrize("name", LIVES)
def test_every_act_is_admitted_and_comes_in_its_order(city: City, name: str) -> None:
    for acts in acts_of(city, name, 12):
        assert acts
        assert [refusals(city, act) for act in acts if refusals(city, act)] == []
        assert [act.at for act in acts] == sorted(act.at for act in acts)
        assert len({act.event["id"] for act in acts}) == len(acts)


@pytest.mark.parametrize("name", LIVES)
def test_a_life_is_the_same_again(city: City, name: str) -> None:
    first, again = (rehearse(city, LIVES[name], 3, most=60) for _ in range(2))
    assert [act.says() for act in first] == [act.says() for act in again]


def test_nobody_who_handles_a_case_signs_it(city: City) -> None:
    for name in ("investment", "attached", "waiver", "single-built"):
        for acts in acts_of(city, name, 6):
            handled = {
                (act.event["subject"], act.data["person"])
                for act in acts
                if act.type == "approval.step-signed" and act.data["step"] == "handle"
            }
            signed = {(act.event["subject"], act.data["signatory"]) for act in acts if act.type == "approval.decided"}
            assert handled
            assert not handled & signed


def test_a_fee_is_quantity_times_rate_and_everything_assessed_is_paid_or_waived(city: City) -> None:
    seen = 0
    for name in ("offsite", "waiver", "small-fee"):
        for acts in acts_of(city, name, 15):
            assessed: dict[str, int] = {}
            settled: Counter[str] = Counter()
            for act in acts:
                data, fee = act.data, act.event["subject"]
                if act.type == "fee.assessed":
                    share = tables.PRICES["divide"].get(data["unit"], 1)
                    assert data["amount"] * share == data["base_qty"] * data["rate"]
                    assessed[fee] = data["amount"]
                elif act.type == "fee.paid":
                    settled[fee] += data["amount"]
                elif act.type == "fee.waiver-applied":
                    settled[fee] += data["waived"]
            assert assessed == settled
            seen += len(assessed)
    assert seen > 30


def test_a_building_is_given_at_least_the_shelter_it_owes(city: City) -> None:
    seen = 0
    for acts in acts_of(city, "attached", 15):
        owed = next(act.data["required_area"] for act in acts if act.type == "cad.obligation-determined")
        areas = [act.data["required_area"] for act in acts if act.type == "cad.design-conditions-issued"]
        areas += [act.data["approved_area"] for act in acts if act.type == "cad.review-approval-issued"]
        areas += [act.data["built_area"] for act in acts if act.type == "quality.acceptance-concluded"]
        assert owed > 0
        assert min(areas) >= owed
        seen += len(areas)
    assert seen > 45


@pytest.mark.parametrize("size", tables.AUTHORITY)
def test_single_built_works_are_decided_by_the_organ_of_their_size(city: City, size: str) -> None:
    """The matrix of F1.3: who decides which document, and that the size follows from area and investment."""
    acts = rehearse(city, lambda course: single_built.single_built(course, size=size, refused="", built=False))
    items = {act.event["subject"]: act.data["item"] for act in acts if act.type == "approval.application-submitted"}
    decided = {items[act.event["subject"]]: act.data["organ"] for act in acts if act.type == "approval.decided"}
    assert decided == {item: city.organ(code).org for item, code in tables.AUTHORITY[size].items()}
    sized = next(act.data for act in acts if act.type == "cad.size-classified")
    assert (size, sized["basis"]) == project.size_of(sized["area"], sized["investment"])


def test_a_waiver_is_booked_only_behind_the_province_and_never_above_its_decision(city: City) -> None:
    acts = rehearse(city, lambda course: shelters.waived(course, ending="approved", full=False, pay_first=True))
    at = {act.type: index for index, act in enumerate(acts)}
    order = ("cad.waiver-opinion-given", "cad.waiver-decided", "fee.paid", "fee.waiver-applied")
    assert [at[name] for name in order] == sorted(at[name] for name in order)
    decided, booked = acts[at["cad.waiver-decided"]].data, acts[at["fee.waiver-applied"]].data
    assert decided["waived_fen"] == booked["waived"] > 0
