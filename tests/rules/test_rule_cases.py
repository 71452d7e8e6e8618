"""Every case under `tests/rules/<ID>/`: these entries, then exactly these findings, for the reason given in `why`.

A case names the calendars in hand (`published`, or a list of years), the entries, and what is expected: `findings`
(members compared as far as they are written), and for rules with a clock its `state`, `reason`, `working_days` and the
ids of the `readings` that hold. `state: null` means that the rule says nothing of the entry.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from projections.calendar import Calendar
from projections.evaluation import evaluate, outcomes
from projections.patterns import Setting
from projections.rulebook import load

HERE = Path(__file__).parent
EDITION = load(HERE.parents[1] / "schemas")
CASES = sorted(HERE.glob("*/*.json"))


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """An entry as a case writes it: as much as a rule may look at."""

    position: int
    type: str
    subject: str
    data: dict[str, Any]
    tags: tuple[str, ...]
    recorded: str = "2026-11-22T01:00:00.000000Z"


def _name(case: Path) -> str:
    return f"{case.parent.name}-{case.stem}"


@pytest.mark.parametrize("path", CASES, ids=_name)
def test_the_case_gives_exactly_the_findings_it_names(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    years = EDITION.calendars if case["calendars"] == "published" else case["calendars"]
    calendar = Calendar.from_editions({year: EDITION.calendars[year] for year in years})
    entries = [CaseEntry(**{**entry, "tags": tuple(entry["tags"])}) for entry in case["entries"]]
    found = [asdict(one) for entry in entries for one in evaluate(EDITION, calendar, entry)]
    found = [one for one in found if one["rule"] == path.parent.name]
    expected = case["expect"]["findings"]
    assert [
        {name: _plain(one[name]) for name in wanted} for one, wanted in zip(found, expected, strict=False)
    ] == expected
    assert len(found) == len(expected), case["why"]
    if "state" in case["expect"]:
        _check_verdict(path.parent.name, entries[-1], calendar, case["expect"])


def _check_verdict(rule: str, entry: CaseEntry, calendar: Calendar, expect: dict[str, Any]) -> None:
    said = [outcome.verdict for _, outcome in outcomes(EDITION.rules[rule], entry, Setting(EDITION.clocks, calendar))]
    verdict = said[-1] if said else None
    assert (verdict.state if verdict else None) == expect["state"]
    if verdict is None:
        return
    assert verdict.reason == expect.get("reason")
    if "working_days" in expect:
        assert verdict.working_days == expect["working_days"]
    if "readings" in expect:
        assert list(verdict.holding()) == expect["readings"]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("path", CASES, ids=_name)
def test_a_case_says_why_in_chinese_and_english_and_is_named_for_what_it_shows(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    kind = path.stem.split("-")[0]
    assert kind in {"hit", "miss", "edge"}
    assert not case["why"].isascii()
    assert any(char.isascii() and char.isalpha() for char in case["why"])
    if kind != "edge":
        assert bool(case["expect"]["findings"]) == (kind == "hit")
