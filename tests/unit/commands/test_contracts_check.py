"""`sunledger contracts check` says how many contracts there are, and names each thing that is wrong with them."""

import json
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.commands import contracts as command
from ledger.contracts import Contracts, schemas

Change = Callable[[dict[str, Any]], None]


def given(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.arguments(parser)
    return parser.parse_args(["check", *arguments])


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the schemas, to be broken."""
    return shutil.copytree(schemas(), tmp_path / "schemas")


def changed(root: Path, change: Change) -> None:
    path = root / "events" / "catalogue" / "edition-drafted.v1.json"
    raw = json.loads(path.read_text("utf-8"))
    change(raw)
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")  # noqa: TID251  (a file, nothing hashed)


def test_the_shipped_contracts_hold_and_what_is_missing_is_named(contracts: Contracts) -> None:
    report = command.check()
    there = {one.type.rsplit(".", 1)[0] for one in contracts}
    assert report.wrong == ()
    assert report.broken_examples == 0
    assert report.domain + report.own == len(contracts)
    assert set(report.missing) == set(contracts.codes["event-types"].codes) - there
    assert report.promised == 165
    assert report.processes == 19


def test_the_exit_code_is_one_as_long_as_a_type_has_no_contract(capsys: pytest.CaptureFixture[str]) -> None:
    report = command.check()
    assert command.run(given(), None) == int(bool(report.missing))
    shown = capsys.readouterr().out
    assert f"{report.domain} of the domain" in shown
    assert f"{report.own} of our own" in shown
    assert "19 processes" in shown
    assert "0 clauses without a home" in shown
    assert all(name in shown.replace("\n", "") for name in report.missing[:3])


def test_nothing_missing_and_nothing_wrong_is_well() -> None:
    assert command.Report(165, 14, 165, 400, 0, (), ()).ok


BREAKS: dict[str, tuple[Change, str, str]] = {
    "data that do not fit": (lambda raw: raw["x-examples"][0]["data"].pop("items"), "/0/data/items", "required"),
    "a tag too many": (lambda raw: raw["x-examples"][0]["tags"].append("party:1"), "/0/tags", "tags"),
    "an organ without the right": (lambda raw: raw["x-examples"][1].update(organ="GOV"), "/1/organ", "no-right"),
    "another stream": (
        lambda raw: raw["x-examples"][0].update(subject="lot:1", tags=["lot:1"]),
        "/0/subject",
        "stream",
    ),
    "a variant without an example": (lambda raw: raw["x-examples"].pop(), "", "variant"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_an_example_that_is_wrong_is_named_with_its_place(
    name: str, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, place, code = BREAKS[name]
    changed(copied, change)
    report = command.check(copied)
    pointer = f"events/catalogue/edition-drafted.v1.json#/x-examples{place}"
    assert [(one.pointer, one.code) for one in report.wrong] == [(pointer, code)]
    assert report.broken_examples == (0 if code == "variant" else 1)
    assert command.run(given("--schemas", str(copied)), None) == 1
    assert pointer in capsys.readouterr().out.replace("\n", "")


def test_a_file_that_is_no_contract_is_named_and_the_exit_code_is_one(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(copied, lambda raw: raw.update({"x-tier": "Z"}))
    assert command.run(given("--json", "--schemas", str(copied)), None) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [one["pointer"] for one in told["wrong"]] == ["events/catalogue/edition-drafted.v1.json#/x-tier"]


def test_a_process_that_does_not_fit_the_contracts_is_named(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / "rulebook" / "processes" / "fee.json"
    path.write_text(path.read_text("utf-8").replace('"type": "fee.remitted"', '"type": "fee.sent"'), "utf-8")
    assert command.run(given("--schemas", str(copied)), None) == 1
    assert "processes/fee.json#/transitions/4/on/type" in capsys.readouterr().out.replace("\n", "")


def test_a_rulebook_that_does_not_load_is_named(copied: Path) -> None:
    (copied / "rulebook" / "processes" / "fee.json").write_text("{}", "utf-8")
    assert {one.pointer.partition("#")[0] for one in command.check(copied).wrong} == {"processes/fee.json"}


def test_a_clause_without_a_home_is_named_and_the_exit_code_is_one(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied / "coverage.json"
    raw = json.loads(path.read_text("utf-8"))
    del raw["clauses"]["M1"]["why"]
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")  # noqa: TID251  (a file, nothing hashed)
    assert command.run(given("--schemas", str(copied)), None) == 1
    shown = capsys.readouterr().out
    assert "243 clauses, 1 clauses without a home" in shown
    assert "M1: 无着落" in shown
