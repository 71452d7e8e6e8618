"""What process files promise about the events they name, checked against the event contracts.

A process that waits for an event that does not exist, or asks a field the event does not have, would never complain:
its step would just never come. So every event type, every pointer, every value compared with a closed list of codes
and every stream is looked up here, and `sunledger contracts check` says what does not fit.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.contracts import Contract, Contracts
from ledger.errors import Problem
from ledger.fields import Schema, every_field
from projections.processes import CLOCK, ENVELOPE, Process, unsound

_LISTS = ("last", "first", "distinct", "sum", "count")
_OF_THE_ENVELOPE = frozenset({"/time", "/recorded", "/org"})
_LOGIC = ("and", "or")


def problems(processes: Mapping[str, Process], contracts: Contracts) -> list[Problem]:
    """All that is wrong with the processes; pointers begin with the file's path in the rulebook."""
    found: list[Problem] = []
    for name, process in sorted(processes.items()):
        path = f"processes/{name}.json#"
        found += (Problem(f"{path}{one.pointer}", one.code, one.zh, one.en) for one in unsound(process))
        found += (Problem(f"{path}{at}", "process", f"{zh}。", f"{en}.") for at, zh, en in _Check(process, contracts))
        of = process.skeleton_of
        if of != process.id and not (of in processes and processes[of].skeleton):
            found.append(Problem(f"{path}/skeleton/of", "process", f"{of} 没有骨架。", f"{of} has no skeleton."))
        keeper = processes.get(of, process)
        needed = {"category"} | {stage["closed"] for stage in keeper.skeleton if "closed" in stage}
        for value in sorted(needed - process.derive.keys()) if "skeleton" in process.raw else ():
            found.append(Problem(f"{path}/skeleton", "process", f"没有派生值 {value}。", f"Nothing derives {value}."))
    return found


class _Check:
    """Walks one file; yields (pointer, Chinese, English)."""

    def __init__(self, process: Process, contracts: Contracts) -> None:
        self._process = process
        self._contracts = {one.type.rsplit(".", 1)[0]: one for one in contracts}
        self._codes = contracts.codes

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        raw = self._process.raw
        for name, selector in raw.get("with", {}).items():
            yield from self._selector(f"/with/{name}", selector)
        for name, how in raw["derive"].items():
            yield from self._derived(f"/derive/{name}", name, how)
        for number, one in enumerate(raw["transitions"]):
            place = f"/transitions/{number}"
            type_ = one["on"].get("type", CLOCK)
            if "type" in one["on"]:
                yield from self._selector(f"{place}/on", one["on"])
            for member in ("guard", "must"):
                if isinstance(one.get(member), Mapping):
                    yield from self._predicate(f"{place}/{member}", one[member], type_ if member == "guard" else None)
        for number, state in enumerate(raw["states"]):
            if isinstance(state.get("final"), Mapping):
                yield from self._predicate(f"/states/{number}/final", state["final"], None)
        for number, stage in enumerate(self._process.skeleton):
            for n, selector in enumerate(stage["proof"]):
                yield from self._selector(f"/skeleton/stages/{number}/proof/{n}", selector)
            for category, cell in stage["when"].items():
                if isinstance(cell, Mapping):
                    at = f"/skeleton/stages/{number}/when/{category}/must"
                    yield from self._predicate(at, cell["must"], None)
        if "applies" in raw:
            yield from self._predicate("/applies", raw["applies"], None)
        if self._process.each is not None:
            yield from self._selector("/instance/each", self._process.each)
            for pointer in self._process.follows:
                if not any(self._field(one.type, pointer) for one in self._process.transitions):
                    yield "/instance/follows", f"没有事件有 {pointer}", f"No event has {pointer}"

    def _derived(self, place: str, name: str, how: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        for kind in _LISTS:
            for number, source in enumerate(how.get(kind, ())):
                at = f"{place}/{kind}/{number}"
                yield from self._selector(at, source)
                if "get" in source and source["type"] in self._contracts:
                    field = self._field(source["type"], source["get"])
                    if field is None:
                        yield f"{at}/get", f"没有字段 {source['get']}", f"There is no field {source['get']}"
                    elif kind == "sum" and field.get("type") != "integer":
                        yield f"{at}/get", f"{source['get']} 不是整数", f"{source['get']} is no integer"
        before = list(self._process.derive)[: list(self._process.derive).index(name)]
        for member in ("of", "length"):
            if member in how and how[member] not in before:
                yield f"{place}/{member}", f"{how[member]} 须在前面派生", f"{how[member]} must be derived before"
        if "open" in how:
            yield from self._selector(f"{place}/open/opened", how["open"]["opened"])
            yield from self._selector(f"{place}/open/closed", how["open"]["closed"])
            refers = how["open"].get("refers")
            if refers is not None and self._field(how["open"]["closed"]["type"], refers) is None:
                yield f"{place}/open/refers", f"没有字段 {refers}", f"There is no field {refers}"

    def _selector(self, place: str, selector: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        contract = self._contracts.get(selector["type"])
        if contract is None:
            yield f"{place}/type", f"没有事件 {selector['type']}", f"There is no event {selector['type']}"
            return
        if not self._on_the_dossier(contract):
            prefix = self._process.prefix
            yield (
                f"{place}/type",
                f"{selector['type']} 不在 {prefix} 卷宗上",
                f"{selector['type']} is never on a {prefix} dossier",
            )
        if "where" in selector:
            yield from self._predicate(f"{place}/where", selector["where"], selector["type"])

    def _on_the_dossier(self, contract: Contract) -> bool:
        """Whether an event can carry the process's tag: by its stream, a tagging field, or its project."""
        prefix = self._process.prefix
        tagged = any(field.get("x-tag") == prefix for _, field in every_field(contract.raw))
        return tagged or prefix == "project" or prefix in contract.streams or contract.stream == "*"

    def _predicate(self, place: str, said: Mapping[str, Any], type_: str | None) -> Iterator[tuple[str, str, str]]:
        ((name, operands),) = said.items()
        at = f"{place}/{name}"
        if name in _LOGIC:
            for number, one in enumerate(operands):
                yield from self._predicate(f"{at}/{number}", one, type_)
            return
        if name == "not":
            yield from self._predicate(at, operands, type_)
            return
        values = [operands] if name in ("missing", "empty") else operands
        fields = []
        for number, one in enumerate(values):
            field, wrong = self._value(one, type_)
            fields.append(field)
            if wrong is not None:
                yield f"{at}/{number}", *wrong
        if len(values) == len(fields) == 2:
            for field, other in ((fields[0], values[1]), (fields[1], values[0])):
                yield from (
                    (at, f"{one} 不是该字段的值", f"{one} is no value of the field") for one in self._odd(field, other)
                )

    def _value(self, said: Any, type_: str | None) -> tuple[Schema | None, tuple[str, str] | None]:
        """The field a value reads (None where it reads none), and what is wrong with it."""
        if isinstance(said, Mapping) and "state" in said:
            name = said["state"]
            known = name in self._process.derive
            return self._source(name), None if known else (f"没有派生值 {name}", f"Nothing derives {name}")
        if not isinstance(said, Mapping):
            return None, None
        name, _, pointer = said["get"].partition("/")
        pointer = f"/{pointer}"
        if name == f"{ENVELOPE}.":
            wrong = None if pointer in _OF_THE_ENVELOPE else (f"信封没有 {pointer}", f"The envelope has no {pointer}")
            return None, wrong
        read = self._process.names.get(name.removesuffix("."), {}).get("type") if name else type_
        field = None if read is None else self._field(read, pointer)
        return field, None if field is not None else (f"没有字段 {said['get']}", f"There is no field {said['get']}")

    def _source(self, name: str) -> Schema | None:
        """The first field a derived value takes, for its list of codes."""
        how = self._process.derive.get(name, {})
        for kind in ("last", "first", "distinct"):
            for source in how.get(kind, ()):
                return self._field(source["type"], source["get"])
        return None

    def _field(self, type_: str, pointer: str) -> Schema | None:
        contract = self._contracts.get(type_)
        found = None if contract is None else contract.field(pointer)
        return found if contract is None or found is None else {**contract.value_type(found), **found}

    def _odd(self, field: Schema | None, other: Any) -> list[Any]:
        """Literals that a field with a list of codes never has."""
        if field is None or isinstance(other, Mapping):
            return []
        literals = other if isinstance(other, list) else [other]
        if "enum" in field:
            return [one for one in literals if one not in field["enum"]]
        if "x-codes" in field:
            return [one for one in literals if one not in self._codes[field["x-codes"]].codes]
        return [one for one in literals if field.get("type") == "boolean" and not isinstance(one, bool)]
