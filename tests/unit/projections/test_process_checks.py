"""A process that waits for what cannot come, or reads what is not there, is named with its place."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ledger.contracts import Contracts
from projections.process_checks import problems
from projections.processes import Process
from projections.rulebook import load

PROCESSES = load().processes


def transition(number: int, **members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda raw: raw["transitions"][number].update(members)


def derived(name: str, **members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda raw: raw["derive"][name]["sum"][0].update(members)


def nothing_waives(raw: dict[str, Any]) -> None:
    raw["transitions"] = [one for one in raw["transitions"] if one["to"] != "waived"]


def refer_to_nothing(raw: dict[str, Any]) -> None:
    raw["derive"]["orders_open"]["open"].update(refers="/no")


def guarded(number: int, guard: Any) -> Callable[[dict[str, Any]], None]:
    return transition(number, guard=guard)


BREAKS: dict[str, tuple[str, Callable[[dict[str, Any]], None], str]] = {
    "an event that does not exist": ("fee", transition(4, on={"type": "fee.sent"}), "/transitions/4/on/type"),
    "an event of another dossier": (
        "fee",
        transition(4, on={"type": "quality.put-into-use"}),
        "/transitions/4/on/type",
    ),
    "a field that does not exist": ("fee", derived("paid", get="/sum"), "/derive/paid/sum/0/get"),
    "a sum of what is no number": ("fee", derived("paid", get="/paid_on"), "/derive/paid/sum/0/get"),
    "a value nothing derives": ("fee", guarded(7, {"eq": [{"state": "x"}, 1]}), "/transitions/7/guard/eq/0"),
    "a value no code has": (
        "drawing",
        transition(1, on={"type": "drawing.intake-decided", "where": {"eq": [{"get": "/outcome"}, "ok"]}}),
        "/transitions/1/on/where/eq",
    ),
    "a name no selector gives": (
        "case",
        guarded(3, {"missing": {"get": "who./x"}}),
        "/transitions/3/guard/missing/0",
    ),
    "no attribute of the envelope": (
        "case",
        guarded(3, {"missing": {"get": "entry./x"}}),
        "/transitions/3/guard/missing/0",
    ),
    "a skeleton nobody keeps": ("lot-auction", lambda raw: raw.update(skeleton={"of": "fee"}), "/skeleton/of"),
    "a reference that does not exist": ("works", refer_to_nothing, "/derive/orders_open/open/refers"),
    "a step twice": ("fee", transition(1, id="assess"), "/transitions/1/id"),
    "a state that cannot be reached": ("fee", nothing_waives, "/states"),
    "a step to nowhere": ("fee", transition(4, to="moon"), "/transitions/4"),
    "a way back that is not aside": ("fee", transition(9, to="due", aside=False), "/transitions/9"),
    "a step before one that does not exist": ("case", transition(12, before=["x"]), "/transitions/12/before"),
    "a must that comes before nothing": ("fee", transition(1, must=True), "/transitions/1"),
}


def test_the_shipped_processes_fit(contracts: Contracts) -> None:
    assert problems(PROCESSES, contracts) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_does_not_fit_is_named_with_its_place(name: str, contracts: Contracts) -> None:
    which, change, place = BREAKS[name]
    raw = copy.deepcopy(dict(PROCESSES[which].raw))
    change(raw)
    found = problems({**PROCESSES, which: Process.from_file(raw)}, contracts)
    assert f"processes/{which}.json#{place}" in [one.pointer for one in found]
    assert all(one.zh and one.en for one in found)
