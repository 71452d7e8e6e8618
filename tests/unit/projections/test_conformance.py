"""How a matter went against how it should have: regular, skipped, late, out of order, and what a due date does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from projections.conformance import Course, fold, is_over
from projections.processes import Process, unsound


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as far as a process looks at it."""

    position: int
    type: str
    data: Mapping[str, Any]
    subject: str = "works:1"
    tags: tuple[str, ...] = ("works:1",)
    time: str = "2026-03-02T09:00:00+08:00"
    recorded: str = "2026-03-02T01:00:01.000000Z"
    source: str = "urn:example:house"
    poster: Mapping[str, Any] = field(default_factory=lambda: {"org": "91140302MA0TT001XH"})

    @property
    def id(self) -> str:
        return f"e-{self.position}"


def step(id_: str, frm: list[str], type_: str, to: str, **more: Any) -> dict[str, Any]:
    on = more.pop("on", {"type": type_})
    return {"id": id_, "title": id_, "x-title-en": id_, "from": frm, "on": on, "to": to, **more}


HOUSE: dict[str, Any] = {
    "id": "house", "title": "造屋", "x-title-en": "House", "instance": {"prefix": "works"},
    "states": [
        {"code": "planned", "title": "已规划", "x-title-en": "Planned", "initial": True},
        {"code": "permitted", "title": "已许可", "x-title-en": "Permitted"},
        {"code": "built", "title": "已建成", "x-title-en": "Built"},
        {"code": "used", "title": "使用中", "x-title-en": "Used", "final": True},
        {"code": "late", "title": "逾期", "x-title-en": "Late"},
        {"code": "stopped", "title": "停工", "x-title-en": "Stopped"},
    ],
    "derive": {
        "due": {"title": "期限", "x-title-en": "Due", "last": [{"type": "house.planned", "get": "/due"}]},
        "rooms": {"title": "间数", "x-title-en": "Rooms", "sum": [{"type": "house.built", "get": "/rooms"}]},
        "category": {"title": "类别", "x-title-en": "Class", "last": [{"type": "house.planned", "get": "/category"}]},
        "orders": {
            "title": "停工令", "x-title-en": "Orders",
            "open": {"opened": {"type": "house.stopped"}, "closed": {"type": "house.resumed"}, "refers": "/order"},
        },
    },
    "transitions": [
        step("plan", [], "house.planned", "planned", must=True),
        step("survey", ["planned", "permitted"], "house.surveyed", "same", must=True, parallel=True, before=["build"]),
        step("permit", ["planned"], "house.permitted", "permitted", must=True),
        step("build", ["permitted"], "house.built", "built", must=True, guard={"gt": [{"get": "/rooms"}, 0]}),
        step("use", ["built"], "house.used", "used"),
        step("stop", ["planned", "permitted", "built"], "house.stopped", "stopped", aside=True),
        step("resume", ["stopped"], "house.resumed", "back", aside=True),
        step("lapse", ["planned", "permitted"], "", "late", aside=True, on={"due": "due"}),
    ],
    "skeleton": {"stages": [
        {"id": "permit", "title": "许可", "x-title-en": "Permit", "proof": [{"type": "house.permitted"}],
         "when": {"A": "must", "B": "may", "C": {"must": {"gt": [{"state": "rooms"}, 2]}}}},
        {"id": "peace", "title": "无停工", "x-title-en": "Peace", "proof": [], "closed": "orders",
         "when": {"A": "must"}},
    ]},
}  # fmt: skip


def course(*said: tuple[str, dict[str, Any]]) -> Course:
    process = Process.from_file(HOUSE)
    assert list(unsound(process)) == []
    entries = [Said(number, f"house.{name}.v1", data) for number, (name, data) in enumerate(said, start=1)]
    return fold(process, entries)[0]


def statuses(one: Course) -> dict[str, str]:
    return {step.id: step.status for step in one.steps()}


PLAN = ("planned", {"due": "2026-05-31", "category": "A"})
SURVEY: tuple[str, dict[str, Any]] = ("surveyed", {})
PERMIT: tuple[str, dict[str, Any]] = ("permitted", {})
BUILD = ("built", {"rooms": 3})
USE: tuple[str, dict[str, Any]] = ("used", {})


def test_a_regular_matter_has_every_step_present_and_counts_each_transition() -> None:
    one = course(PLAN, SURVEY, PERMIT, BUILD, USE)
    assert one.state == "used"
    assert one.ended
    assert statuses(one) == dict.fromkeys(["plan", "survey", "permit", "build"], "present")
    assert one.walked == {"plan": 1, "survey": 1, "permit": 1, "build": 1, "use": 1}
    assert {step.org for step in one.steps()} == {"91140302MA0TT001XH"}


def test_what_has_not_come_and_still_may_is_missing() -> None:
    one = course(PLAN)
    assert not one.ended
    assert statuses(one) == {"plan": "present", "survey": "missing", "permit": "missing", "build": "missing"}


def test_a_step_passed_over_is_skipped_and_the_state_follows_what_happened() -> None:
    one = course(PLAN, SURVEY, BUILD)
    assert one.state == "built"
    assert statuses(one)["permit"] == "skipped"
    assert [step.passed_at for step in one.steps() if step.id == "permit"] == [3]
    assert statuses(one)["build"] == "out-of-order"


def test_a_step_that_comes_after_it_was_passed_over_is_late_and_moves_nothing() -> None:
    one = course(PLAN, SURVEY, BUILD, PERMIT)
    assert one.state == "built"
    assert statuses(one)["permit"] == "late"
    assert one.walked["permit"] == 0


def test_a_step_repeated_when_the_matter_is_past_is_out_of_order() -> None:
    one = course(PLAN, SURVEY, PERMIT, BUILD, PERMIT)
    assert one.state == "built"
    assert [(taken.step, taken.order) for taken in one.taken[-1:]] == [("permit", "behind")]


def test_a_parallel_step_that_must_come_before_another_is_skipped_when_that_comes() -> None:
    assert statuses(course(PLAN, PERMIT, BUILD))["survey"] == "skipped"
    assert statuses(course(PLAN, PERMIT, SURVEY, BUILD))["survey"] == "present"
    assert statuses(course(PLAN, PERMIT, USE))["survey"] == "skipped"


def test_a_matter_that_begins_in_the_middle_has_skipped_the_beginning() -> None:
    one = course(PERMIT)
    assert one.state == "permitted"
    assert statuses(one)["plan"] == "skipped"


def test_a_guard_that_does_not_hold_is_noted_and_stops_nothing() -> None:
    one = course(PLAN, SURVEY, PERMIT, ("built", {"rooms": 0}))
    assert one.state == "built"
    assert [taken.step for taken in one.irregular] == ["build"]
    assert course(PLAN, SURVEY, PERMIT, ("built", {})).irregular == []


def test_a_matter_put_aside_comes_back_to_where_it_was() -> None:
    stopped = course(PLAN, SURVEY, PERMIT, ("stopped", {}))
    assert (stopped.state, stopped.values["orders"]) == ("stopped", [4])
    resumed = course(PLAN, SURVEY, PERMIT, ("stopped", {}), ("resumed", {"order": 4}))
    assert (resumed.state, resumed.values["orders"]) == ("permitted", [])
    by_name = course(
        PLAN, SURVEY, ("stopped", {}), ("resumed", {"order": {"source": "urn:example:house", "id": "e-3"}})
    )
    assert by_name.values["orders"] == []


@pytest.mark.parametrize(
    ("as_of", "state"), [("2026-05-31T15:59:59.000000Z", "planned"), ("2026-05-31T16:00:00.000000Z", "late")]
)
def test_a_due_date_is_over_at_the_first_checkpoint_after_its_last_hour(as_of: str, state: str) -> None:
    entries = [Said(1, "house.planned.v1", PLAN[1]), Said(2, "ledger.checkpoint-sealed.v1", {"as_of": as_of})]
    assert fold(Process.from_file(HOUSE), entries)[0].state == state


def test_a_due_moment_is_over_when_it_comes_and_an_unknown_one_never() -> None:
    assert is_over("2026-05-31T09:00:00+08:00", "2026-05-31T01:00:00Z") is True
    assert is_over(None, "2026-05-31T01:00:00Z") is None
    assert is_over("2026-02-30", "2026-05-31T01:00:00Z") is None


def test_the_skeleton_says_what_the_category_demands_and_what_was_proven() -> None:
    assert [(s.id, s.demanded, s.proven) for s in course(PLAN, PERMIT).stages()] == [
        ("permit", True, True),
        ("peace", True, True),
    ]
    stopped = course(PLAN, ("stopped", {}))
    assert [(s.demanded, s.proven) for s in stopped.stages()] == [(True, False), (True, False)]
    other = course(("planned", {"category": "C"}), SURVEY, PERMIT, BUILD)
    assert [s.demanded for s in other.stages()] == [True, None]
    assert [s.demanded for s in course(("planned", {"category": "B"})).stages()] == [False, None]


def test_an_entry_whose_condition_cannot_be_told_is_left_undecided() -> None:
    of_a_kind = {"type": "house.planned", "where": {"eq": [{"get": "/kind"}, "a"]}}
    raw = {**HOUSE, "transitions": [step("plan", [], "", "planned", on=of_a_kind)]}
    one = fold(Process.from_file(raw), [Said(7, "house.planned.v1", {})])[0]
    assert (one.state, one.undecided) == (None, [7])


def test_a_tag_may_hold_several_matters_each_following_its_own_references() -> None:
    raw = {**HOUSE, "instance": {"prefix": "works", "each": {"type": "house.planned"}, "follows": ["/of"]}}
    entries = [
        Said(1, "house.planned.v1", {}),
        Said(2, "house.planned.v1", {}),
        Said(3, "house.permitted.v1", {"of": {"source": "urn:example:house", "id": "e-2"}}),
        Said(4, "house.built.v1", {"of": 3, "rooms": 1}),
        Said(5, "house.built.v1", {"of": 99, "rooms": 1}),
    ]
    assert [(one.opened_at, one.state) for one in fold(Process.from_file(raw), entries)] == [
        (1, "planned"),
        (2, "built"),
    ]
