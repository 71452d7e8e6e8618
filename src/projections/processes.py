"""Processes: how a lot, a case, a fee should go, as state machines in data (`schemas/formats/process.md`).

A process file says in which states a matter can be, which event leads from one to the next, which of these steps may
not be left out (`must`, ▲) and which may come beside others (`parallel`, ∥). Nothing here stops an event: the ledger
records what happened, and `projections.conformance` says how it differs from what should have.

States stand in the file in the order in which a regular matter passes them. A transition that leads back, or off the
regular way (failure, suspension, withdrawal), is marked `aside`: it is never assumed to have happened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.errors import Problem

CLOCK = "ledger.checkpoint-sealed"
"""The event by which time passes: a due date of a process is over at the first one that says so."""

STAY, BACK = "same", "back"
"""Words for `to`: the state stays; the state returns to where it was before it was last put aside."""

ENVELOPE = "entry"
"""The name by which predicates see the envelope of the entry itself: `{"get": "entry./time"}`, `/recorded`, `/org`."""

Must = bool | Mapping[str, Any]
"""True, False, or the predicate under which a step may not be left out."""


def bare(type_: str) -> str:
    """An event type without its version."""
    name, _, version = type_.rpartition(".v")
    return name if version.isdigit() else type_


@dataclass(frozen=True, slots=True)
class State:
    """One state: code and titles; `final` where the matter may end in it (or the predicate under which it may)."""

    code: str
    title: str
    title_en: str
    initial: bool
    final: Must


@dataclass(frozen=True, slots=True)
class Transition:
    """One step. `frm` is empty for what opens the matter; `due` names a derived date instead of an event."""

    id: str
    title: str
    title_en: str
    frm: tuple[str, ...]
    on: Mapping[str, Any]
    to: str
    must: Must
    parallel: bool
    aside: bool
    guard: Mapping[str, Any] | None
    before: tuple[str, ...]
    clauses: tuple[str, ...]

    @property
    def type(self) -> str:
        """The event type that makes it happen, without version; the clock's where a date does."""
        return str(self.on.get("type", CLOCK))

    @property
    def due(self) -> str | None:
        """The derived date whose passing makes it happen."""
        return self.on.get("due")

    @property
    def moves(self) -> bool:
        """Whether it leads from one named state to another."""
        return self.to not in (STAY, BACK)


@dataclass(frozen=True)
class Process:
    """A process file, understood. `raw` is the file."""

    id: str
    title: str
    title_en: str
    prefix: str
    each: Mapping[str, Any] | None
    follows: tuple[str, ...]
    applies: Mapping[str, Any] | None
    names: Mapping[str, Mapping[str, Any]]
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    derive: Mapping[str, Mapping[str, Any]]
    raw: Mapping[str, Any]

    @classmethod
    def from_file(cls, raw: Mapping[str, Any]) -> "Process":
        """From the file's JSON, already checked against `process.schema.json`."""
        instance = raw["instance"]
        return cls(
            id=raw["id"],
            title=raw["title"],
            title_en=raw["x-title-en"],
            prefix=instance["prefix"],
            each=instance.get("each"),
            follows=tuple(instance.get("follows", ())),
            applies=raw.get("applies"),
            names=raw.get("with", {}),
            states={one["code"]: _state(one) for one in raw["states"]},
            transitions=tuple(_transition(one) for one in raw["transitions"]),
            derive=raw["derive"],
            raw=raw,
        )

    @cached_property
    def rank(self) -> Mapping[str | None, int]:
        """Each state's place in the order of a regular matter; None, before it is opened, is the first."""
        return {None: -1} | {code: number for number, code in enumerate(self.states)}

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Transition, ...]]:
        """The transitions that wait for an event type, in the order of the file."""
        types = dict.fromkeys(one.type for one in self.transitions)
        return {name: tuple(one for one in self.transitions if one.type == name) for name in types}

    @cached_property
    def orderly(self) -> tuple[Transition, ...]:
        """The steps that say what they come before."""
        return tuple(one for one in self.transitions if one.before)

    @cached_property
    def derived_by(self) -> Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]:
        """Event type → the derived values it can change, in the order of the file."""
        touching = {name: set(_types(how)) for name, how in self.derive.items()}
        for name, how in self.derive.items():  # a value may rest on one that stands before it
            touching[name] |= touching.get(how.get("of") or how.get("length", ""), set())
        types = dict.fromkeys(type_ for some in touching.values() for type_ in sorted(some))
        return {
            type_: tuple((name, how) for name, how in self.derive.items() if type_ in touching[name]) for type_ in types
        }

    @cached_property
    def proofs_by(self) -> Mapping[str, tuple[tuple[str, int, Mapping[str, Any]], ...]]:
        """Event type → the proofs of the skeleton it can be: stage, number of the proof, selector."""
        proofs = [(stage["id"], number, one) for stage in self.skeleton for number, one in enumerate(stage["proof"])]
        types = dict.fromkeys(one["type"] for *_, one in proofs)
        return {type_: tuple(each for each in proofs if each[2]["type"] == type_) for type_ in types}

    @cached_property
    def skeleton(self) -> tuple[Mapping[str, Any], ...]:
        """The stages of the coverage skeleton; empty where there is none, or another process keeps it."""
        return tuple(self.raw.get("skeleton", {}).get("stages", ()))

    def clauses(self) -> frozenset[str]:
        """The clauses of the founding notice that the process or one of its steps answers."""
        return frozenset(self.raw["clauses"]).union(*(one.clauses for one in self.transitions))

    @property
    def skeleton_of(self) -> str:
        """The process that keeps the skeleton for this one; itself where no other does."""
        return str(self.raw.get("skeleton", {}).get("of", self.id))

    def forward(self, state: str | None) -> Iterator[tuple[Transition, str]]:
        """The regular steps out of a state, each with the later state it leads to."""
        for one in self.transitions:
            starts = state in one.frm if one.frm else state is None
            if starts and one.moves and not one.aside and one.due is None and self.rank[one.to] > self.rank[state]:
                yield one, one.to

    def ahead(self, state: str | None) -> frozenset[str | None]:
        """The state and all that regular steps can still lead to."""
        found: set[str | None] = {state}
        for code in sorted(self.rank, key=self.rank.__getitem__):
            if code in found:
                found.update(to for _, to in self.forward(code))
        return frozenset(found)


def unsound(process: Process) -> Iterator[Problem]:
    """What is wrong with a process in itself; pointers are within its file."""
    yield from _states(process)
    ids = [one.id for one in process.transitions]
    for number, one in enumerate(process.transitions):
        place = f"/transitions/{number}"
        if one.id in ids[:number]:
            yield _problem(f"{place}/id", f"步骤 {one.id} 重复", f"the step {one.id} stands twice")
        for code in [*one.frm, *([one.to] if one.moves else [])]:
            if code not in process.states:
                yield _problem(place, f"没有状态 {code}", f"there is no state {code}")
        for other in one.before:
            if other not in ids:
                yield _problem(f"{place}/before", f"没有步骤 {other}", f"there is no step {other}")
        if one.due is not None and one.due not in process.derive:
            yield _problem(f"{place}/on/due", f"没有派生值 {one.due}", f"nothing derives {one.due}")
        if one.must is not False and not one.moves and not one.before:
            yield _problem(
                place, "不改变状态的必经步骤须写明在谁之前", "a ▲ that changes no state must say what it comes before"
            )
        if not one.aside and one.moves and any(process.rank.get(one.to, 0) < process.rank.get(c, 0) for c in one.frm):
            yield _problem(place, "回退的步骤须标 aside", "a step that leads back must be marked aside")


def _states(process: Process) -> Iterator[Problem]:
    opened = {one.to for one in process.transitions if not one.frm}
    reached: set[str] = set()
    waiting = sorted(opened)
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += (one.to for one in process.transitions if state in one.frm and one.moves)
    for code, state_ in process.states.items():
        if code not in reached:
            yield _problem("/states", f"无法到达状态 {code}", f"the state {code} cannot be reached")
        if state_.initial != (code in opened):
            yield _problem("/states", f"{code} 的 initial 与步骤不符", f"initial of {code} is not what the steps say")
    if not any(state_.final is not False for state_ in process.states.values()):
        yield _problem("/states", "没有终态", "no state is final")


def _types(how: Mapping[str, Any]) -> Iterator[str]:
    """The event types that a derived value looks at itself."""
    for kind in ("last", "first", "distinct", "sum", "count"):
        yield from (source["type"] for source in how.get(kind, ()))
    yield from (how["open"][end]["type"] for end in ("opened", "closed") if "open" in how)


def _problem(pointer: str, zh: str, en: str) -> Problem:
    return Problem(pointer, "process", f"{zh}。", f"{en[0].upper()}{en[1:]}.")


def _state(raw: Mapping[str, Any]) -> State:
    return State(raw["code"], raw["title"], raw["x-title-en"], raw.get("initial", False), raw.get("final", False))


def _transition(raw: Mapping[str, Any]) -> Transition:
    return Transition(
        id=raw["id"],
        title=raw["title"],
        title_en=raw["x-title-en"],
        frm=tuple(raw["from"]),
        on=raw["on"],
        to=raw["to"],
        must=raw.get("must", False),
        parallel=raw.get("parallel", False),
        aside=raw.get("aside", False),
        guard=raw.get("guard"),
        before=tuple(raw.get("before", ())),
        clauses=tuple(raw.get("clauses", ())),
    )
