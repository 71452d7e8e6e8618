"""The rulebook as a whole: every rule cites a law, is tried both ways, and answers the same twice."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from projections.evaluation import evaluate
from projections.patterns import PATTERNS
from projections.readings import READINGS
from projections.rulebook import PLACEHOLDER, load

ROOT = Path(__file__).parents[2]
EDITION = load(ROOT / "schemas")
LAWS = ROOT / ".." / "shared" / "data" / "laws"
RULES = sorted(EDITION.rules)


@dataclass(frozen=True, slots=True)
class Tried:
    """An entry of a case."""

    position: int
    type: str
    subject: str
    data: dict[str, Any]
    tags: tuple[str, ...]
    recorded: str = ""


def _entries(rule: str) -> list[Tried]:
    cases = sorted((ROOT / "tests" / "rules" / rule).glob("*.json"))
    said = [json.loads(case.read_text(encoding="utf-8")) for case in cases]
    return [Tried(**{**entry, "tags": tuple(entry["tags"])}) for case in said for entry in case["entries"]]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_cites_a_law_by_article(rule: str) -> None:
    assert all(re.search("第.+条", law) for law in EDITION.rules[rule].law)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_hit_and_a_miss(rule: str) -> None:
    kinds = {case.stem.split("-")[0] for case in (ROOT / "tests" / "rules" / rule).glob("*.json")}
    assert {"hit", "miss"} <= kinds


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_answers_the_same_twice_and_after_loading_again(rule: str) -> None:
    again = load(ROOT / "schemas")
    for entry in _entries(rule):
        first = evaluate(EDITION, EDITION.calendar(), entry)
        assert first == evaluate(EDITION, EDITION.calendar(), entry)
        assert [one.id for one in first] == [one.id for one in evaluate(again, again.calendar(), entry)]


@pytest.mark.parametrize("rule", RULES)
def test_the_two_texts_of_a_rule_give_the_same_facts(rule: str) -> None:
    text = EDITION.rules[rule].raw["text"]
    assert set(PLACEHOLDER.findall(text["zh"])) == set(PLACEHOLDER.findall(text["en"]))


def test_cases_belong_to_rules_that_exist() -> None:
    assert {folder.name for folder in (ROOT / "tests" / "rules").iterdir() if re.match("[A-Z]", folder.name)} == set(
        RULES
    )


def test_every_clock_names_a_rule_of_this_edition_or_none() -> None:
    assert all(clock.raw["rule"] is None or clock.raw["rule"] in EDITION.rules for clock in EDITION.clocks.values())


def test_the_forms_allow_exactly_the_patterns_and_readings_that_the_code_knows() -> None:
    rule = json.loads((ROOT / "schemas" / "formats" / "rule.schema.json").read_text())
    clock = json.loads((ROOT / "schemas" / "formats" / "clock.schema.json").read_text())
    assert rule["$defs"]["clause"]["properties"]["pattern"]["enum"] == list(PATTERNS)
    assert clock["properties"]["readings"]["items"]["properties"]["id"]["enum"] == list(READINGS)


@pytest.mark.skipif(not LAWS.exists(), reason="the law texts are not beside the project")
@pytest.mark.parametrize("clock", sorted(EDITION.clocks))
def test_a_clock_quotes_its_article_word_for_word(clock: str) -> None:
    for law in EDITION.clocks[clock].raw["law"]:
        text = (LAWS / f"{law['name']}({law['version']}).md").read_text(encoding="utf-8")
        assert f"{law['article']} {law['text']}" in text.replace("\u3000", " ")
