"""Predicates are true, false or unknown; unknown comes of what is absent and what cannot be compared."""

from typing import Any

import pytest

from projections.predicates import ABSENT, Scene, holds, pointed, value

SCENE = Scene(
    {"n": 3, "text": "甲", "at": "2026-02-13T09:00:00+08:00", "list": ["a", 1], "none": None, "deep": {"a/b": [7]}},
    {"award": {"n": 5}},
)
N, TEXT, GONE = {"get": "/n"}, {"get": "/text"}, {"get": "/gone"}


@pytest.mark.parametrize(
    ("predicate", "answer"),
    [
        ({"eq": [N, 3]}, True),
        ({"eq": [N, 4]}, False),
        ({"eq": [N, "3"]}, None),
        ({"eq": [GONE, GONE]}, None),
        ({"ne": [N, 4]}, True),
        ({"ne": [GONE, 4]}, None),
        ({"lt": [N, {"get": "award./n"}]}, True),
        ({"le": [N, 3]}, True),
        ({"gt": [N, 3]}, False),
        ({"ge": [N, 3]}, True),
        ({"lt": [N, TEXT]}, None),
        ({"lt": [True, False]}, None),
        ({"eq": [{"get": "/at"}, "2026-02-13T01:00:00Z"]}, True),
        ({"lt": [{"get": "/at"}, "2026-02-13T01:00:01Z"]}, True),
        ({"in": ["a", {"get": "/list"}]}, True),
        ({"in": ["b", ["a", "c"]]}, False),
        ({"in": ["b", {"get": "/list"}]}, None),
        ({"not_in": ["b", ["a", "c"]]}, True),
        ({"contains": [{"get": "/list"}, 1]}, True),
        ({"contains": [TEXT, "甲"]}, None),
        ({"missing": GONE}, True),
        ({"missing": {"get": "/none"}}, False),
        ({"empty": TEXT}, False),
        ({"empty": N}, None),
        ({"and": [{"eq": [N, 3]}, {"eq": [GONE, 1]}]}, None),
        ({"and": [{"eq": [N, 4]}, {"eq": [GONE, 1]}]}, False),
        ({"or": [{"eq": [N, 3]}, {"eq": [GONE, 1]}]}, True),
        ({"or": [{"eq": [N, 4]}, {"eq": [GONE, 1]}]}, None),
        ({"not": {"eq": [GONE, 1]}}, None),
        ({"not": {"eq": [N, 4]}}, True),
    ],
)
def test_a_predicate_is_true_false_or_unknown(predicate: dict[str, Any], answer: bool | None) -> None:
    assert holds(predicate, SCENE) is answer


def test_a_pointer_reads_names_indexes_and_escapes_and_says_when_it_leads_nowhere() -> None:
    assert pointed(SCENE.trigger, "/deep/a~1b/0") == 7
    assert pointed(SCENE.trigger, "/list/1") == 1
    for pointer in ("/list/2", "/list/-1", "/list/x", "/text/0", "/none/a"):
        assert pointed(SCENE.trigger, pointer) is ABSENT
    assert value({"get": "nobody./n"}, SCENE) is ABSENT
    assert value({"get": "award./n"}, SCENE) == 5
