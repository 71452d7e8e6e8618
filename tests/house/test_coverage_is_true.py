"""Every clause of the founding notice has a home, and the table of them is what contracts and rulebook claim."""

import re
from pathlib import Path

import pytest

from ledger.contracts import Contracts, schemas
from projections import coverage
from projections.rulebook import load

DOMAIN = Path(__file__).parents[2].parent / "shared" / "spec" / "domain.md"
RAW = coverage.read()


@pytest.fixture(scope="module")
def found(contracts: Contracts) -> coverage.Coverage:
    return coverage.check(RAW, contracts, load())


def test_no_clause_is_without_a_home_and_no_claim_leads_nowhere(found: coverage.Coverage) -> None:
    assert len(found.right) == 243
    assert found.homeless == []
    assert [f"{one.pointer} {one.en}" for one in found.problems] == []


def test_the_file_is_what_contracts_and_rulebook_claim(found: coverage.Coverage) -> None:
    assert found.stale == [], "run: sunledger coverage --rewrite"
    assert (schemas() / "coverage.json").read_text("utf-8") == coverage.text(RAW, found.right)


def test_the_clauses_are_those_of_the_domain() -> None:
    if not DOMAIN.is_file():
        pytest.skip("the specification is not beside the project (shared/spec/domain.md)")
    text = DOMAIN.read_text("utf-8")
    section = text[text.index("## 1. Traceability table") : text.index("## 2. Event catalogue")]
    rows = re.findall(r"^\| ([NMCXZJF][0-9][^ |–]*)", section, re.MULTILINE)
    assert list(RAW["clauses"]) == rows


def test_every_rule_of_the_catalogue_serves_a_clause(contracts: Contracts) -> None:
    lines = RAW["clauses"].values()
    named = {rule for line in lines for rule in [*line.get("rules", ()), *line.get("planned", {}).get("rules", ())]}
    assert set(contracts.codes["rules"].codes) - named == set()


def test_the_words_are_in_both_languages() -> None:
    for clause, line in RAW["clauses"].items():
        said = [line["x-title-en"], line.get("why", {}).get("en", "")]
        assert not any(re.search("[\u4e00-\u9fff]", one) for one in said), clause
