"""A rulebook loads whole or not at all, and its digest names exactly its rules, clocks and processes."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import encode
from projections.rulebook import Edition, RulebookInvalid, assemble, load

SCHEMAS = Path(__file__).parents[3] / "schemas"
FOLDERS = {"calendars": "calendar", "clocks": "clock", "processes": "process", "rules": "rule"}
FORMS = {
    folder: json.loads((SCHEMAS / "formats" / f"{form}.schema.json").read_bytes()) for folder, form in FOLDERS.items()
}
PATHS = ("calendars/2026.json", "clocks/T12.json", "processes/fee.json", "rules/TRD-11.json")
FILES = {path: (SCHEMAS / "rulebook" / path).read_bytes() for path in PATHS}


def changed(path: str, **members: Any) -> Edition:
    value = json.loads(FILES[path]) | members
    return assemble({**FILES, path: encode(value)}, FORMS)


def test_the_digest_is_the_hash_of_one_line_a_file_as_sha256sum_prints_them() -> None:
    lines = "".join(f"{sha256(FILES[path]).hexdigest()}  {path}\n" for path in PATHS[1:])
    assert assemble(FILES, FORMS).digest == sha256(lines.encode()).hexdigest()


def test_a_byte_in_a_rule_changes_the_digest_and_another_calendar_does_not() -> None:
    digest = assemble(FILES, FORMS).digest
    respaced = FILES["rules/TRD-11.json"] + b"\n"
    assert assemble({**FILES, "rules/TRD-11.json": respaced}, FORMS).digest != digest
    assert assemble({path: FILES[path] for path in PATHS[1:]}, FORMS).digest == digest


def test_the_shipped_rulebook_loads_with_seven_calendars() -> None:
    edition = load(SCHEMAS)
    assert sorted(edition.calendars) == list(range(2020, 2027))
    assert "TRD-11" in edition.rules


@pytest.mark.parametrize(
    ("path", "members", "place"),
    [
        ("rules/TRD-11.json", {"law": []}, "rules/TRD-11.json#/law"),
        ("rules/TRD-11.json", {"surprise": 1}, "rules/TRD-11.json#"),
        ("rules/TRD-11.json", {"id": "TRD-12"}, "rules/TRD-11.json#"),
        ("rules/TRD-11.json", {"any": [{"pattern": "tally"}]}, "rules/TRD-11.json#/any/0"),
        ("rules/TRD-11.json", {"text": {"zh": "公示 {nobody}。", "en": "-"}}, "rules/TRD-11.json#/text/zh"),
        ("rules/TRD-11.json", {"severity": [{"is": "H", "if": {"eq": [1, 1]}}]}, "rules/TRD-11.json#/severity"),
        ("clocks/T12.json", {"unit": "moon"}, "clocks/T12.json#/unit"),
        ("clocks/T12.json", {"readings": []}, "rules/TRD-11.json#/any/0/readings"),
        ("processes/fee.json", {"states": []}, "processes/fee.json#/states"),
        ("processes/fee.json", {"derive": {}}, "processes/fee.json#/transitions/8/on/due"),
        ("calendars/2026.json", {"holidays": [{"date": "1 May", "name": "劳动节"}]}, "calendars/2026.json#/holidays/0"),
    ],
)
def test_a_file_that_breaks_its_form_is_refused_naming_file_and_place(
    path: str, members: dict[str, Any], place: str
) -> None:
    with pytest.raises(RulebookInvalid) as refused:
        changed(path, **members)
    assert any(problem.pointer.startswith(place) for problem in refused.value.problems)
    assert all(problem.zh and problem.en for problem in refused.value.problems)


def test_a_rule_whose_clock_is_missing_is_refused() -> None:
    with pytest.raises(RulebookInvalid, match="T12"):
        assemble({path: FILES[path] for path in PATHS if path != "clocks/T12.json"}, FORMS)


def test_a_file_that_says_a_member_twice_is_refused() -> None:
    with pytest.raises(RulebookInvalid, match="stands twice"):
        assemble({**FILES, "clocks/T12.json": b'{"id":"T12","id":"T12"}'}, FORMS)
