"""`sunledger coverage` prints who serves each clause, and is not content with a file that is not true."""

import json
import re
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.commands import coverage as command
from ledger.contracts import schemas
from ledger.errors import CannotRun, ContractInvalid

Change = Callable[[dict[str, Any]], None]


def given(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.arguments(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the schemas, to be broken."""
    return shutil.copytree(schemas(), tmp_path / "schemas")


def changed(root: Path, change: Change) -> None:
    path = root / "coverage.json"
    raw = json.loads(path.read_text("utf-8"))
    change(raw["clauses"])
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")  # noqa: TID251  (a file, nothing hashed)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = command.run(given("--json", *arguments), None)
    return code, json.loads(capsys.readouterr().out)


def test_a_clause_is_shown_with_the_items_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = told(capsys, "F8.7")
    assert code == 0
    assert list(found["clauses"]) == ["F8.7", "F8.7.1", "F8.7.2", "F8.7.3", "F8.7.4"]
    assert found["clauses"]["F8.7.4"]["processes"] == ["works"]
    assert "quality.report-issued" in found["clauses"]["F8.7.4"]["events"]


def test_people_get_a_table_with_reasons_and_plans(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(given("M4"), None) == 0
    shown = capsys.readouterr().out
    assert "Principle" in shown
    assert "LED-01" in shown
    assert "0 条无着落" in shown


def test_all_clauses_are_shown_when_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(told(capsys)[1]["clauses"]) == 243


def test_a_clause_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(CannotRun, match="Q1"):
        command.run(given("Q1"), None)


def without_a_reason(clauses: dict[str, Any]) -> None:
    del clauses["M1"]["why"]


def a_plan_only(clauses: dict[str, Any]) -> None:
    clauses["M1"] = {"title": "目的", "x-title-en": "Purpose", "planned": {"rules": ["LED-01"]}}


def an_event_left_out(clauses: dict[str, Any]) -> None:
    clauses["F7.1"]["events"] = ["drawing.submitted"]


def a_rule_that_is_built_among_the_plans(clauses: dict[str, Any]) -> None:
    clauses["M32.p1"]["planned"]["rules"].append("TRD-11")


def a_rule_nobody_knows(clauses: dict[str, Any]) -> None:
    clauses["M1"]["planned"] = {"rules": ["XXX-01"]}


def a_clause_that_is_cited_left_out(clauses: dict[str, Any]) -> None:
    del clauses["F7.1"]


@pytest.mark.parametrize(
    ("change", "member", "said"),
    [
        (without_a_reason, "homeless", "M1"),
        (a_plan_only, "homeless", "M1"),
        (an_event_left_out, "stale", "F7.1"),
        (a_rule_that_is_built_among_the_plans, "stale", "M32.p1"),
        (a_rule_nobody_knows, "problems", "XXX-01"),
        (a_clause_that_is_cited_left_out, "problems", "F7.1 that drawing.certificate-issued cites"),
    ],
)
def test_a_file_that_is_not_true_is_named_and_the_exit_code_is_one(
    change: Change, member: str, said: str, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(copied, change)
    code, found = told(capsys, "--schemas", str(copied))
    assert code == 1
    assert any(said in one for one in found[member])


def test_people_are_told_what_is_wrong(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for change in (without_a_reason, an_event_left_out, a_rule_nobody_knows):
        changed(copied, change)
    assert command.run(given("--schemas", str(copied), "F7"), None) == 1
    shown = capsys.readouterr().out
    assert all(said in shown for said in ("There is no XXX-01", "F7.1: 与合同", "M1: 无着落"))


def test_the_file_is_rewritten_from_what_is_claimed(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = (copied / "coverage.json").read_text("utf-8")
    changed(copied, an_event_left_out)
    assert told(capsys, "--rewrite", "--schemas", str(copied))[0] == 0
    assert (copied / "coverage.json").read_text("utf-8") == right


def test_a_new_rule_moves_from_the_plans_when_the_file_is_rewritten(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = copied / "rulebook" / "rules"
    rule = json.loads((rules / "TRD-11.json").read_text("utf-8")) | {"id": "TRD-16", "clauses": ["M33"]}
    (rules / "TRD-16.json").write_text(json.dumps(rule, ensure_ascii=False), "utf-8")  # noqa: TID251  (as above)
    assert told(capsys, "--schemas", str(copied))[1]["stale"] == ["M32.p1", "M33"]
    told(capsys, "--rewrite", "--schemas", str(copied))
    clauses = told(capsys, "--schemas", str(copied))[1]["clauses"]
    assert clauses["M33"]["rules"] == ["TRD-16"]
    assert "TRD-16" not in clauses["M32.p1"]["planned"]["rules"]


def test_a_file_that_breaks_its_form_is_refused_with_its_place(copied: Path) -> None:
    changed(copied, lambda clauses: clauses["F7.1"].update(events=[]))
    with pytest.raises(ContractInvalid, match=re.escape("clauses/F7.1/events")):
        command.run(given("--schemas", str(copied)), None)
