"""Plans: each fits its life, is admitted like any event, and differs from its near-miss in what it states."""

import pytest

from city.act import Act, Pause
from city.course import Course
from city.matters import matters
from city.misconduct import label
from city.planning import Plan, all_plans
from city.rehearsal import refusals
from city.tampering import Add, Again, Attribute, Drop, From, Lag, Later, More, Put, Remove, Same, Seen, Shift, tampered
from city.telling import Wish, city_of
from city.world import City
from ledger.contracts import Contracts


@pytest.fixture(scope="module")
def city(contracts: Contracts) -> City:
    return city_of(Wish(events=2000), contracts)


def run(city: City, plan: Plan, *, near: bool) -> tuple[list[Act], Seen]:
    seen = Seen()
    course = Course(city, "plan", 1, city.office.open(1_751_500_000))
    return [act for act in plan.run(course, seen, near=near) if not isinstance(act, Pause)], seen


@pytest.mark.parametrize("plan", all_plans(), ids=lambda plan: plan.id)
def test_a_plan_and_its_near_miss_are_admitted_and_labelled(plan: Plan, city: City) -> None:
    for near in (False, True):
        acts, seen = run(city, plan, near=near)
        assert [refused for act in acts for refused in refusals(city, act)] == []
        written = label(plan, seen, near=near, ended=True)
        assert bool(written["alerts"] or written["findings"]) is not near
        assert {one["tag"] for one in written["alerts"]} <= set(written["tags"])


@pytest.mark.parametrize("plan", all_plans(), ids=lambda plan: plan.id)
def test_a_plan_differs_from_its_near_miss(plan: Plan, city: City) -> None:
    bad, near = (
        [(act.event, act.recorded, act.seat.organ, act.gap) for act in run(city, plan, near=near)[0]]
        for near in (False, True)
    )
    assert bad != near


def test_tamperings_do_what_they_say(city: City) -> None:
    def life() -> list[Act | Pause]:
        course = Course(city, "tampered", 1, 1_751_500_000)
        course.subject = "lot:1"
        seat = city.organ("PTC").seat
        return [
            course.post("draw.requested", seat, {"n": n, "on": "2025-07-03"}, at=course.seconds(60, 60))
            for n in range(4)
        ]

    def told(*tamperings: object) -> list[Act]:
        types = {name: facts.type for name, facts in city.facts.items()}
        acts = tampered(iter(life()), tamperings, types, Seen())  # type: ignore[arg-type]
        return [act for act in acts if isinstance(act, Act)]

    kind = "draw.requested"
    assert [act.data["n"] for act in told(Drop(kind, 2))] == [0, 2, 3]
    assert [act.data["n"] for act in told(Put(kind, "/n", Same(kind, "/n", 1), nth=3))] == [0, 1, 0, 3]
    assert [act.data["n"] for act in told(Put(kind, "/n", More(by=5)))] == [5, 6, 7, 8]
    assert told(Put(kind, "/on", Later("time", days=2), nth=1))[0].data["on"] == "2025-07-05"
    assert "on" not in told(Remove(kind, "/on"))[3].data
    assert told(Attribute(kind, "person", "p1"))[0].event["person"] == "p1"
    assert [act.at - 1_751_500_000 for act in told(Shift(kind, 1000, nth=2, rest=True))] == [60, 1120, 1180, 1240]
    late = told(Lag(kind, 9000, nth=1))[0]
    assert (late.stray, late.recorded // 1_000_000 - late.at) == (True, 9000)
    assert told(From(kind, city.organ("ASB").seat, nth=1))[0].event["source"] == "urn:city:asb"
    added = told(Add(kind, "draw.conducted", {"from": Same(kind, "/n", 1)}, nth=2))
    assert [act.type for act in added] == [kind, kind, kind, "draw.conducted", kind]
    assert added[3].data == {"from": 0}
    again = told(Again(kind, (("/n", 9),), nth=4))
    assert [act.data["n"] for act in again] == [0, 1, 2, 3, 9]
    assert len({act.event["id"] for act in again}) == 5
    with pytest.raises(ValueError, match="nothing for"):
        told(Drop(kind, 7))


@pytest.mark.parametrize("plan", all_plans(), ids=lambda plan: plan.id)
def test_a_plan_skips_a_step_only_where_its_label_says_so(plan: Plan, city: City) -> None:
    """LED-08: a step that may not be left out, passed over or come too late, on the tags that the label names."""
    for near in (False, True):
        acts, seen = run(city, plan, near=near)
        alerts = label(plan, seen, near=near, ended=True)["alerts"]
        told = {one["tag"] for one in alerts if one["rule"] == "LED-08"}
        skipped = {
            tag
            for tag, course in matters(city, acts)
            for step in course.steps()
            if step.status in ("skipped", "late", "out-of-order")
        }
        assert skipped == told
