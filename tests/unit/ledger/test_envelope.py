"""The envelope of a submission: which attributes must be there, which may, and what each may hold."""

from typing import Any

import pytest

from ledger import cloudevent

SOUND: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "urn:example:ptc",
    "type": "trading.notice-published.v1",
    "subject": "lot:E1403000123001",
    "time": "2026-01-16T09:00:00+08:00",
    "data": {},
}
MORE: dict[str, Any] = {
    "sequence": "17", "project": "2101-140300-04-01-123456", "person": "p" + "0" * 25, "confirmer": "p" + "z" * 25,
    "role": "handler", "attestation": "transcribed", "edition": "2026-01", "correlation": "411",
    "causation": "urn:example:ptc#e-0", "datacontenttype": "application/json",
}  # fmt: skip

WRONG: dict[str, list[Any]] = {
    "specversion": ["0.3", 1, None, "1"],
    "id": ["", "a b", "编号", "x" * 129, 1, None, "a\n", "a\x7f"],
    "source": ["", "a b", "系统", "x" * 129, ["urn:example"]],
    "type": ["", "a b", 1],
    "subject": ["", "lot: 1", "标段", "x" * 129],
    "time": ["2026-01-16", "2026-01-16T09:00:00", 1768525200, None, "2026-01-16T09:00:60+08:00"],
    "data": [None, [], "text", 1],
    "sequence": ["0", "01", "-1", 1, "1.0", "１", "1" * 19],
    "project": ["", "a b", "x" * 101, 1],
    "person": ["p1", "P" + "0" * 25, "q" + "0" * 25, "张三", "p" + "0" * 26],
    "confirmer": ["p1", None],
    "role": ["", "经办", "x" * 65],
    "attestation": ["", "Direct", None, [], {}],
    "edition": ["", " ", "x" * 65],
    "correlation": ["0", "a", "a#", "#b", "a#b c", 411],
    "causation": ["-1", "1.5", "a # b"],
    "datacontenttype": ["text/plain", "application/json; charset=utf-8", None],
}


def test_a_sound_envelope_has_no_problems_with_or_without_the_optional_attributes() -> None:
    assert cloudevent.problems(SOUND) == []
    assert cloudevent.problems(SOUND | MORE) == []
    assert set(WRONG) == set(SOUND | MORE), "every attribute is tried below"


@pytest.mark.parametrize("name", cloudevent.REQUIRED)
def test_each_required_attribute_is_missed(name: str) -> None:
    found = cloudevent.problems({key: value for key, value in SOUND.items() if key != name})
    assert [(one.pointer, one.code) for one in found] == [(f"/{name}", "required")]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_by_its_pointer_in_two_languages(name: str) -> None:
    for value in WRONG[name]:
        found = cloudevent.problems(SOUND | MORE | {name: value})
        assert [(one.pointer, one.code) for one in found] == [(f"/{name}", "attribute")], value
        assert all(name in one.zh and name in one.en for one in found)


@pytest.mark.parametrize("name", ["seed", "dataschema", "data_base64", "Type", "recorded", "编号", ""])
def test_an_attribute_nobody_knows_is_refused(name: str) -> None:
    assert [one.pointer for one in cloudevent.problems(SOUND | {name: "x"})] == [f"/{name}"]


def test_the_pointer_of_an_odd_name_is_escaped() -> None:
    assert [one.pointer for one in cloudevent.problems(SOUND | {"a/b~c": 1})] == ["/a~1b~0c"]


@pytest.mark.parametrize("event", [None, [], "text", 1, True])
def test_what_is_no_object_is_no_event(event: object) -> None:
    assert [(one.pointer, one.code) for one in cloudevent.problems(event)] == [("", "type")]


def test_everything_wrong_is_said_at_once() -> None:
    assert {one.pointer for one in cloudevent.problems({"id": 1, "extra": 1})} == {
        "/specversion", "/source", "/type", "/subject", "/time", "/data", "/id", "/extra",
    }  # fmt: skip
