"""Values and predicates of rule files, three-valued (`schemas/formats/rule.md`).

A value is a literal, or `{"get": "/pointer"}` into the data of the entry that triggers the rule, or
`{"get": "name./pointer"}` into the data of an entry the clause has named, or `{"state": name}`, a value that the fold
of a process has derived (`schemas/formats/process.md`). A predicate is one member,
`{"eq": [value, value]}` and so on. The answer is True, False or None: *unknown*, when a needed value is absent or two
values cannot be compared. Unknown neither fires a rule nor clears anyone; only `missing` asks about absence itself.

Nothing here can be extended from a rule file: whoever needs more writes the rule in Python.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ledger.clock import parse


class _Absent:
    """What a pointer gives that leads nowhere: no value, and equal to nothing."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clause can see: the data of the trigger and of the entries it has named, and what a process derived."""

    trigger: Data
    named: Mapping[str, Data] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


def value(expression: Any, scene: Scene) -> Any:
    """The value of an expression, ABSENT where its pointer leads nowhere."""
    if not isinstance(expression, Mapping):
        return expression
    if "state" in expression:
        return scene.state.get(expression["state"], ABSENT)
    name, slash, path = expression["get"].partition("/")
    data = scene.named.get(name.removesuffix("."), ABSENT) if name else scene.trigger
    return pointed(data, slash + path)


def pointed(data: Any, pointer: str) -> Any:
    """What an RFC 6901 pointer names in `data`, or ABSENT."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(data, Mapping) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isascii() and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            return ABSENT
    return data


def holds(predicate: Mapping[str, Any], scene: Scene) -> bool | None:
    """Whether a predicate is true, false or unknown (None)."""
    ((name, operands),) = predicate.items()
    if name == "and":
        return _all([holds(each, scene) for each in operands])
    if name == "or":
        return _not(_all([_not(holds(each, scene)) for each in operands]))
    if name == "not":
        return _not(holds(operands, scene))
    if name == "missing":
        return value(operands, scene) is ABSENT
    if name == "empty":
        found = value(operands, scene)
        return len(found) == 0 if isinstance(found, (str, list, Mapping)) else None
    left, right = (value(each, scene) for each in operands)
    return None if left is ABSENT or right is ABSENT else _COMPARISONS[name](left, right)


def _all(answers: list[bool | None]) -> bool | None:
    """Kleene's "and": one False decides; else one unknown leaves it unknown."""
    if False in answers:
        return False
    return None if None in answers else True


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _equal(left: Any, right: Any) -> bool | None:
    a, b = _alike(left), _alike(right)
    return a == b if type(a) is type(b) else None


def _less(left: Any, right: Any) -> bool | None:
    a, b = _alike(left), _alike(right)
    comparable = type(a) is type(b) and isinstance(a, (int, str, datetime)) and not isinstance(a, bool)
    return bool(a < b) if comparable else None


def _in(item: Any, members: Any) -> bool | None:
    if not isinstance(members, list):
        return None
    answers = [_equal(item, member) for member in members]
    return True if True in answers else None if None in answers else False


def _alike(found: Any) -> Any:
    """Moments are compared as moments, not as text: 09:00+08:00 is 01:00Z."""
    if isinstance(found, str):
        try:
            return parse(found)
        except ValueError:
            return found
    return found


_COMPARISONS: dict[str, Callable[[Any, Any], bool | None]] = {
    "eq": _equal,
    "ne": lambda left, right: _not(_equal(left, right)),
    "lt": _less,
    "le": lambda left, right: _not(_less(right, left)),
    "gt": lambda left, right: _less(right, left),
    "ge": lambda left, right: _not(_less(left, right)),
    "in": _in,
    "not_in": lambda left, right: _not(_in(left, right)),
    "contains": lambda left, right: _in(right, left),
}
