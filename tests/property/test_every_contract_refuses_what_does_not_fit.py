"""Every contract, at every place of its examples: what does not fit is refused, naming place, what is wanted and given.

Not drawn by chance: each member of each example is left out, given another type, a value that is no code, a number with
a point, and a companion nobody knows. What the contract calls secret is masked, wherever it stands.
"""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ledger.canonical import decode, encode
from ledger.contracts import Contract, Contracts
from ledger.errors import MASK, NotJson, Problem
from ledger.fields import SECRET, Schema
from ledger.sentences import shown

LOADED = Contracts.load()
EACH = pytest.mark.parametrize("contract", list(LOADED), ids=LOADED.types)
Path = tuple[str | int, ...]
PLANTED = "PLANTED-13800138000"


def places(value: Any, here: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every member and item, at any depth; a reference (`{source, id}`) is one value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner if not isinstance(value, dict) or value.keys() != {"source", "id"} else ():
        yield (*here, name), item
        yield from places(item, (*here, name))


def pointer(path: Path) -> str:
    return "/data" + "".join(f"/{step}" for step in path)


def changed(data: Any, path: Path, value: Any) -> Any:
    """A copy with another value at a place."""
    made = copy.deepcopy(data)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return made


def field(contract: Contract, path: Path) -> Schema:
    """The field at a place with what its value type says."""
    found = contract.field("/" + "/".join(map(str, path))) if path else contract.raw
    assert found is not None, path
    return {**contract.value_type(found), **found}


def secret(contract: Contract, path: Path) -> bool:
    """Whether a place may hold a secret: by the class of the nearest field that has one, or of any around it."""
    classes = [contract.raw["x-secrecy"]]
    for depth in range(1, len(path) + 1):
        classes.append(field(contract, path[:depth]).get("x-secrecy", classes[-1]))
    return "x-sealed" in contract.raw or any(isinstance(one, dict) or one in SECRET for one in classes)


def of_another_type(one: Schema) -> Any:
    """A value that no field of this type takes."""
    return [PLANTED] if one.get("type") in ("string", "integer", "boolean") or "oneOf" in one else PLANTED


def examples(contract: Contract) -> list[Any]:
    return [example["data"] for example in contract.raw["x-examples"]]


def said_well(problem: Problem, planted: str = PLANTED) -> None:
    """In both languages, and no sentence repeats a value."""
    assert re.search("[\u4e00-\u9fff]", problem.zh)
    assert problem.en.isascii() or re.search("[A-Za-z]", problem.en)
    assert planted not in problem.zh + problem.en


@EACH
def test_a_required_member_left_out_is_asked_for_where_it_should_stand(contract: Contract) -> None:
    for data in examples(contract):
        for path, value in [((), data), *places(data)]:
            for name in field(contract, path).get("required", ()) if isinstance(value, dict) else ():
                without = {member: item for member, item in value.items() if member != name}
                problems = contract.problems(changed(data, path, without) if path else without)
                (problem,) = (one for one in problems if one.pointer == pointer((*path, name)))
                assert (problem.code, problem.given) == ("required", None)
                said_well(problem)


@EACH
def test_a_value_of_another_type_is_refused_with_what_was_given_or_a_mask(contract: Contract) -> None:
    for data in examples(contract):
        for path, _ in places(data):
            wrong = of_another_type(field(contract, path))
            problems = contract.problems(changed(data, path, wrong))
            assert {one.pointer for one in problems} == {pointer(path)}
            assert {one.given for one in problems} == {MASK if secret(contract, path) else shown(wrong)}
            for problem in problems:
                said_well(problem)


@EACH
def test_a_value_that_is_no_code_is_refused_with_the_codes(contract: Contract) -> None:
    for data in examples(contract):
        for path, _ in places(data):
            codes = field(contract, path).get("enum")
            if codes is not None:
                (problem,) = contract.problems(changed(data, path, PLANTED))
                assert (problem.pointer, problem.code) == (pointer(path), "enum")
                assert problem.given == (MASK if secret(contract, path) else f'"{PLANTED}"')
                assert all(code in problem.zh and code in problem.en for code in map(str, codes))
                said_well(problem)


@EACH
def test_a_member_nobody_knows_is_refused_at_every_depth_and_masked(contract: Contract) -> None:
    for data in examples(contract):
        for path, value in [((), data), *places(data)]:
            if isinstance(value, dict) and "oneOf" not in field(contract, path):
                more = {**value, "nobody_knows": PLANTED}
                (problem,) = contract.problems(changed(data, path, more) if path else more)
                assert (problem.pointer, problem.code) == (pointer((*path, "nobody_knows")), "additionalProperties")
                assert problem.given == MASK
                said_well(problem)


@EACH
def test_a_number_with_a_point_is_refused_where_it_stands_without_its_digits(contract: Contract) -> None:
    for data in examples(contract):
        for path, value in places(data):
            if isinstance(value, int) and not isinstance(value, bool):
                body = encode({"data": changed(data, path, PLANTED)}).replace(f'"{PLANTED}"'.encode(), b"3.0")
                with pytest.raises(NotJson) as refused:
                    decode(body)
                (problem,) = refused.value.problems
                assert (problem.pointer, problem.code, problem.given) == (pointer(path), "number", "•.•")
                said_well(problem, "3.0")


def test_there_is_something_to_try_of_each_kind() -> None:
    """The tests above are not empty: how many places of each kind the examples have."""
    tried = [
        (contract, path, value) for contract in LOADED for data in examples(contract) for path, value in places(data)
    ]
    assert len(tried) > 4500
    assert sum(isinstance(value, int) and not isinstance(value, bool) for *_, value in tried) > 500
    assert sum("enum" in field(contract, path) for contract, path, _ in tried) > 400
    assert sum(secret(contract, path) for contract, path, _ in tried) > 300
