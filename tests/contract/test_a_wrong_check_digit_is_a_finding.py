"""A number with a wrong check digit goes in, and something is said about it: a finding, never a refusal."""

import copy
from typing import Any

import pytest

from ledger import quality
from ledger.admission import Poster, admit
from ledger.codes import read_json
from ledger.contracts import Contracts, schemas
from ledger.fields import values
from ledger.identifiers import CHECKS

FIRM, WRONG, WRONG_INSIDE = "91140302MA0TT001XH", "91140302MA0TT001XJ", "12140300MA0TT002XT"


def coded(developer: str) -> dict[str, Any]:
    """A project with its code; what is left to choose is who builds it."""
    data = {
        "name": "示例项目", "developer": developer, "region": "140300", "class": "file", "funding": ["private"],
        "state_funded_bp": 0, "investment": 100, "tender_mandatory": False, "secret_level": "none",
    }  # fmt: skip
    return {
        "specversion": "1.0", "id": "1", "source": "urn:example:asb", "type": "project.coded.v1",
        "subject": "project:2101-140300-04-01-123456", "project": "2101-140300-04-01-123456",
        "time": "2026-01-08T10:00:00+08:00", "data": data,
    }  # fmt: skip


def found(contracts: Contracts, event: dict[str, Any]) -> list[tuple[str, str]]:
    contract = contracts.get(event["type"])
    assert contract is not None
    return [(one.pointer, one.code) for one in quality.checks(contract, event["data"])]


@pytest.mark.parametrize(
    ("developer", "said"), [(FIRM, []), (WRONG, ["check-digit"]), (WRONG_INSIDE, ["organisation-digit"])]
)
def test_an_event_with_a_wrong_check_digit_is_accepted_and_has_its_finding(
    contracts: Contracts, developer: str, said: list[str]
) -> None:
    event = coded(developer)
    post = admit(event, Poster(org="11140300MA0TT0204R", organ="ASB", via="key:test"), contracts)
    assert f"party:{developer}" in post.tags
    assert found(contracts, event) == [("/data/developer", code) for code in said]


def test_a_finding_names_the_field_in_both_languages_and_never_the_number(contracts: Contracts) -> None:
    contract = contracts.get("project.coded.v1")
    assert contract is not None
    (problem,) = quality.checks(contract, coded(WRONG)["data"])
    assert problem.zh == "“建设单位”校验位不符，请核对。"
    assert problem.en == "“Developer” has a wrong check digit."
    assert WRONG not in problem.zh + problem.en


def test_numbers_deep_in_lists_are_looked_at_each_at_its_place(contracts: Contracts) -> None:
    contract = contracts.get("catalogue.edition-published.v1")
    assert contract is not None
    items = [{"item_code": "C1.1", "name": "一", "department": one} for one in (FIRM, WRONG, "1")]
    said = quality.checks(contract, {"items": items})
    assert [(one.pointer, one.code) for one in said] == [
        ("/data/items/1/department", "check-digit"),
        ("/data/items/2/department", "length"),
    ]


def test_data_that_do_not_fit_are_passed_over_not_tripped_over(contracts: Contracts) -> None:
    contract = contracts.get("project.coded.v1")
    assert contract is not None
    strange: tuple[object, ...] = ({"developer": 7}, {"developer": None}, [], "x")
    assert [quality.checks(contract, data) for data in strange] == [[]] * 4


def test_every_check_that_a_value_type_names_exists() -> None:
    types = read_json(schemas() / "types.v1.json")["$defs"]
    named = {one["x-check"] for one in types.values() if "x-check" in one}
    assert named
    assert named <= set(CHECKS)


def test_the_examples_hold_sound_numbers(contracts: Contracts) -> None:
    assert [
        (one.type, example["title"], said)
        for one in contracts
        for example in one.raw["x-examples"]
        if (said := quality.checks(one, example["data"]))
    ] == []


def test_a_wrong_check_digit_at_every_place_of_every_contract_is_a_finding_and_no_refusal(contracts: Contracts) -> None:
    """The last character of each number of each example is changed for another of the alphabet."""
    places = 0
    for contract in contracts:
        for example in contract.raw["x-examples"]:
            for pointer, _ in contract.checked:
                for at, value in values(example["data"], pointer):
                    wrong = value[:-1] + ("A" if value[-1] != "A" else "B")
                    data = copy.deepcopy(example["data"])
                    put(data, at, wrong)
                    assert contract.problems(data) == []
                    assert [(one.pointer, one.code) for one in quality.checks(contract, data)] == [
                        (f"/data{at}", "check-digit")
                    ]
                    places += 1
    assert places > 250


def put(data: Any, pointer: str, value: str) -> None:
    *steps, last = [int(step) if step.isdigit() else step for step in pointer.split("/")[1:]]
    for step in steps:
        data = data[step]
    data[last] = value
