"""The examples on the pages of processes and of coverage are what the forms allow, and do what the pages say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from ledger.contracts import schemas
from projections.conformance import fold
from projections.processes import Process, unsound

FORMATS = schemas() / "formats"


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as far as a process looks at it."""

    position: int
    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    subject: str = "drawing:1"
    tags: tuple[str, ...] = ("drawing:1",)
    time: str = "2026-03-02T09:00:00+08:00"
    recorded: str = "2026-03-02T01:00:01.000000Z"
    source: str = "urn:example:drawings"
    id: str = "1"
    poster: Mapping[str, Any] = field(default_factory=dict)


def example(page: str) -> dict[str, Any]:
    """The page's example, which fits its form."""
    text = (FORMATS / f"{page}.md").read_text("utf-8").split("```json\n")[1].split("```")[0]
    value: dict[str, Any] = json.loads(text)
    form = json.loads((FORMATS / f"{page}.schema.json").read_text("utf-8"))
    assert [error.message for error in jsonschema_rs.Draft202012Validator(form).iter_errors(value)] == []
    return value


def test_the_drawing_of_the_page_is_certified_too_early() -> None:
    process = Process.from_file(example("process"))
    assert list(unsound(process)) == []
    opinion = {"conforms_norms": True}
    said = [
        Said(1, "drawing.submitted.v1"),
        Said(2, "drawing.certificate-issued.v1"),
        Said(3, "drawing.opinion-issued.v1", opinion),
    ]
    (early,) = fold(process, said[:2])
    assert [(step.id, step.status, step.passed_at) for step in early.steps()] == [
        ("submit", "present", None),
        ("conform", "skipped", 2),
    ]
    (whole,) = fold(process, said)
    assert whole.state == "certified"
    assert [(taken.step, taken.order) for taken in whole.taken] == [
        ("submit", "regular"),
        ("certify", "ahead"),
        ("conform", "behind"),
    ]
    assert [step.status for step in whole.steps()] == ["present", "late"]


def test_the_lines_of_the_coverage_page_are_lines_of_the_file() -> None:
    shown = example("coverage")
    whole = json.loads((schemas() / "coverage.json").read_text("utf-8"))
    assert {name: shown[name] for name in shown if name != "clauses"} == {
        name: whole[name] for name in whole if name != "clauses"
    }
    for clause, line in shown["clauses"].items():
        assert (line["title"], line["x-title-en"]) == (
            whole["clauses"][clause]["title"],
            whole["clauses"][clause]["x-title-en"],
        )
