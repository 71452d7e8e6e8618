"""The patterns by which rules are said as data. So far one of the fourteen: `interval`.

A rule file holds clauses; each names a pattern and gives it parameters (`schemas/formats/rule.md`). A pattern is a
pure step over the entries of one scope:

    step(clause, state, entry, setting) -> Step(state, outcomes)

`state` is JSON and kept by the runner for each rule, clause and scope (None at the beginning); patterns that look at
one entry alone keep it None. Checkpoints are entries too, and the only clock, so absence needs no second method. An
outcome that fired is True, one that cleared False, one that cannot be told None; the runner makes findings of True
only. A pattern reads no wall clock, no database and no other rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Protocol

from ledger.clock import parse
from projections.calendar import Calendar
from projections.clocks import Clock, Verdict, judge
from projections.predicates import ABSENT, Scene, holds, value
from projections.readings import Moment, local_day

Clause = Mapping[str, Any]
Words = Mapping[str, tuple[str, str]]


class Trigger(Protocol):
    """What a pattern needs of an entry (`ledger.entry.Entry` has it)."""

    @property
    def type(self) -> str:
        """Event type with version, e.g. `trading.candidates-publicised.v1`."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The payload."""

    @property
    def position(self) -> int:
        """Place in the log."""

    @property
    def subject(self) -> str:
        """The main stream."""

    @property
    def tags(self) -> Sequence[str]:
        """All tags, the subject among them."""

    @property
    def recorded(self) -> str:
        """When it was written down."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the law lays down around a clause: the edition's clocks, and the published calendar."""

    clocks: Mapping[str, Clock]
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pattern found. `day` is the civil day whose law applies; `positions` are the triggering entries.

    `words` fill the placeholders of the rule's text, in Chinese and in English; `facts` go into the alert as they are.
    """

    fired: bool | None
    day: date | None
    positions: tuple[int, ...]
    facts: tuple[tuple[str, str], ...] = ()
    words: Words = field(default_factory=dict)
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an entry, and what the entry completed."""

    state: Any
    outcomes: tuple[Outcome, ...] = ()


class Pattern(Protocol):
    """One of the fourteen. `words` are the placeholders it can fill; without state it looks at one entry alone."""

    words: frozenset[str]
    keeps_state: bool

    def step(self, clause: Clause, state: Any, entry: Trigger, setting: Setting) -> Step:
        """What the entry changes and completes under this clause."""


def selects(selector: Clause, entry: Trigger, scene: Scene | None = None) -> bool | None:
    """Whether a selector takes this entry: the type without its version, and `where`. None if that is unknown.

    `where` sees the scene; where none is given, the entry's data alone.
    """
    name, _, version = entry.type.rpartition(".v")
    if selector["type"] != (name if version.isdigit() else entry.type):
        return False
    return holds(selector["where"], scene or Scene(entry.data)) if "where" in selector else True


class Interval:
    """Pattern 5, `interval`: the time between two points of one entry is too short for a clock.

    `on` selects the entry, `from` and `to` are its two stated points (RFC 3339 moments, or dates), `less_than` names
    the clock whose verdict `breached` fires. `readings` names the clock's readings that travel with the verdict; they
    never fire.
    """

    words = frozenset({"between", "limit", "law"})
    keeps_state = False

    def step(self, clause: Clause, state: Any, entry: Trigger, setting: Setting) -> Step:
        """Judge the entry's period where the clause selects it; no outcome for other entries."""
        if not selects(clause["on"], entry):
            return Step(state)
        scene = Scene(entry.data)
        start, end = (moment(value(clause[name], scene)) for name in ("from", "to"))
        clock = setting.clocks[clause["less_than"]["clock"]]
        verdict = judge(clock, start, end, setting.calendar)
        shown = clause.get("readings", ())
        verdict = replace(verdict, readings=tuple(line for line in verdict.readings if line.id in shown))
        fired = {"breached": True, "met": False}.get(verdict.state)
        outcome = Outcome(
            fired, _civil_day(start), (entry.position,), _facts(clock, verdict), _words(clock, verdict), verdict
        )
        return Step(state, (outcome,))


def moment(found: Any) -> Moment | None:
    """A stated point of time: a moment (RFC 3339), a bare date, or None where the text states neither."""
    if found is ABSENT or not isinstance(found, str):
        return None
    try:
        return parse(found) if len(found) > len("2026-02-13") else date.fromisoformat(found)
    except ValueError:
        return None


def _civil_day(start: Moment | None) -> date | None:
    try:
        return None if start is None else local_day(start)
    except OverflowError:  # within hours of the first or last moment Python can name: no law is of that day
        return None


def duration(length: timedelta) -> tuple[str, str]:
    """A length in words, Chinese and English: `63 小时 30 分`, `63 h 30 min`. Fractions of a second are dropped."""
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    zh, en = [f"{hours} 小时"], [f"{hours} h"]
    if minutes or seconds:
        zh.append(f"{minutes} 分")
        en.append(f"{minutes} min")
    if seconds:
        zh.append(f"{seconds} 秒")
        en.append(f"{seconds} s")
    return " ".join(zh), " ".join(en)


def _words(clock: Clock, verdict: Verdict) -> Words:
    if verdict.seconds is not None:
        between, limit = duration(timedelta(seconds=verdict.seconds)), duration(clock.least)
    else:
        between = (f"{verdict.days} 日", f"{verdict.days} days")
        limit = (f"{clock.limit} 日", f"{clock.limit} days")
    return {"between": between, "limit": limit, "law": (clock.law, clock.law)}


def _facts(clock: Clock, verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """Facts for the alert. Nothing that depends on the calendar: publishing one must not change an alert's bytes."""
    facts = [("clock", clock.id), ("law", clock.law)]
    if verdict.seconds is not None:
        facts.append(("between_seconds", str(verdict.seconds)))
        facts.append(("limit_seconds", str(clock.least // timedelta(seconds=1))))
    elif verdict.days is not None:
        facts.append(("between_days", str(verdict.days)))
        facts.append(("limit_days", str(clock.limit)))
    return tuple(facts)


PATTERNS: dict[str, Pattern] = {"interval": Interval()}
"""Patterns this version can evaluate; a rulebook that needs another is refused when it is loaded."""
