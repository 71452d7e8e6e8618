"""Published and hand-made numbers, each with what must be said about it, and every sound one shown to python-stdnum."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import ric as foreign_ric
from stdnum.cn import uscc as foreign_uscc
from stdnum.iso7064 import mod_37_2 as foreign_mod_37_2

from ledger.contracts import Contracts
from ledger.identifiers import CHECKS, citizen, deal, iso7064, project, region, uscc

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "identifiers" / "identifiers.json").read_text("utf-8")
)


def each(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "vector", VECTORS[kind], ids=[f"{n} {one['number']}" for n, one in enumerate(VECTORS[kind], 1)]
    )


def codes(kind: str, number: str) -> list[str]:
    return [fault.code for fault in CHECKS[kind](number)]


@each("uscc")
def test_a_credit_code_has_exactly_these_faults(vector: dict[str, Any]) -> None:
    assert codes("uscc", vector["number"]) == vector["faults"]


@each("uscc")
def test_a_credit_code_is_judged_as_another_library_does_which_leaves_the_inner_check_out(
    vector: dict[str, Any],
) -> None:
    ours = [code for code in vector["faults"] if code != "organisation-digit"]
    assert foreign_uscc.is_valid(vector["number"]) == (ours == [])


def test_the_weights_of_a_credit_code_are_those_of_the_standard() -> None:
    assert uscc.WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    assert uscc.check_character("91350100M000100Y4") == "3"


@each("citizen")
def test_a_citizen_number_has_exactly_these_faults(vector: dict[str, Any]) -> None:
    assert codes("citizen", vector["number"]) == vector["faults"]


def test_check_digit_and_region_of_a_citizen_number_are_two_results() -> None:
    """The other library refuses a number whose region is no longer listed; the number's own check is right."""
    old = "440524188001010014"
    assert citizen.faults(old) == ()
    assert foreign_ric.calc_check_digit(old) == old[-1]
    assert not foreign_ric.is_valid(old)
    assert region.faults(citizen.region(old)) == ()


def test_a_citizen_number_is_shown_by_its_ends_only() -> None:
    assert citizen.mask("11010519491231002X") == "1101**********002X"
    assert citizen.mask("1101") == "****"


@each("deal")
def test_a_deal_code_has_exactly_these_faults(vector: dict[str, Any]) -> None:
    assert codes("deal", deal.normal(vector["number"], vector.get("kind", ""))) == vector["faults"]


@each("deal")
def test_the_check_of_a_deal_code_is_what_another_library_computes(vector: dict[str, Any]) -> None:
    code = deal.normal(vector["number"], vector.get("kind", ""))
    if "form" not in vector["faults"]:
        assert foreign_mod_37_2.is_valid(code) == ("check-digit" not in vector["faults"])


def test_mod_37_2_gives_the_published_example() -> None:
    assert iso7064.check_character("G123489654321", iso7064.ALPHANUMERIC_AND_STAR) == "Y"


def test_the_kind_of_a_deal_is_covered_by_its_check() -> None:
    without = deal.normal("123100007847653857-20161012-000015")
    assert iso7064.check_character(without, iso7064.ALPHANUMERIC_AND_STAR) == "M"
    assert iso7064.check_character(f"A02{without}", iso7064.ALPHANUMERIC_AND_STAR) == "Q"


@each("project")
def test_a_project_code_has_this_form(vector: dict[str, Any]) -> None:
    given = date.fromisoformat(vector["given_on"]) if "given_on" in vector else None
    assert project.form(vector["number"], given) == vector["form"]
    assert codes("project", vector["number"]) == vector["faults"]


@each("region")
def test_a_region_code_has_this_form_and_lies_in_that_region(vector: dict[str, Any]) -> None:
    assert codes("region", vector["number"]) == vector["faults"]
    if not vector["faults"]:
        assert region.parent(vector["number"]) == vector["parent"]


def test_a_county_lies_in_its_city_and_its_province_and_nowhere_else() -> None:
    assert [region.within("140321", area) for area in ("140321", "140300", "140000")] == [True, True, True]
    assert [region.within("140321", area) for area in ("140322", "140400", "130000")] == [False, False, False]


def test_every_region_of_the_code_list_has_the_form(contracts: Contracts) -> None:
    wrong = [code for code in contracts.codes["regions"].codes if region.faults(code)]
    assert wrong == []
