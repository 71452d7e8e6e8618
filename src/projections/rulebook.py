"""The rulebook edition in hand: rules, clocks and processes as data, checked once, named by one digest.

    digest = SHA-256 over one line a file, sorted by path:  <sha256 of the file, hex> ‖ two spaces ‖ <path> ‖ 0x0A

over `clocks/*.json`, `processes/*.json` and `rules/*.json`, paths relative to `schemas/rulebook`. Anyone can recompute
it there:

    ls clocks/*.json processes/*.json rules/*.json | LC_ALL=C sort | xargs sha256sum | sha256sum

The digest stands in every alert's identity. Calendars are not under it: each year is an edition of its own
(`schemas/formats/calendar.md`), so that publishing next year's holidays renames no alert.

Nothing wrong gets past loading: a file that breaks its form, a rule whose clock or reading does not exist, a process
with a state that cannot be reached, a text with a placeholder nobody fills, each raises `RulebookInvalid` naming file
and pointer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs

from ledger.canonical import decode
from ledger.contracts import schemas
from ledger.errors import CannotRun, NotJson, Problem
from projections.calendar import Calendar
from projections.clocks import Clock
from projections.patterns import PATTERNS
from projections.processes import Process, unsound

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_FORMS = {"calendars": "calendar", "clocks": "clock", "processes": "process", "rules": "rule"}
_UNDER_DIGEST = ("clocks/", "processes/", "rules/")


class RulebookInvalid(CannotRun):
    """规则库文件有误。 · A rulebook file is wrong."""

    code = "rulebook-invalid"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule file, understood; members as in `schemas/formats/rule.md`. `raw` is the file."""

    id: str
    title: str
    title_en: str
    law: tuple[str, ...]
    scope: str
    clauses: tuple[Mapping[str, Any], ...]
    effective_from: date
    effective_to: date | None
    raw: Mapping[str, Any]

    @classmethod
    def from_file(cls, raw: Mapping[str, Any]) -> "Rule":
        """From the file's JSON, already checked against `rule.schema.json`."""
        until = raw["effective"].get("to")
        return cls(
            id=raw["id"],
            title=raw["title"],
            title_en=raw["x-title-en"],
            law=tuple(raw["law"]),
            scope=raw["scope"],
            clauses=tuple(raw["any"]),
            effective_from=date.fromisoformat(raw["effective"]["from"]),
            effective_to=None if until is None else date.fromisoformat(until),
            raw=raw,
        )

    def in_force(self, day: date | None) -> bool:
        """Whether the rule applies to what happened on that civil day; never, where the day is unknown."""
        return (
            day is not None and self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)
        )


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: its digest (64 hex digits), rules, clocks and processes by id, and the calendar editions by year."""

    digest: str
    rules: Mapping[str, Rule]
    clocks: Mapping[str, Clock]
    processes: Mapping[str, Process]
    calendars: Mapping[int, Mapping[str, Any]]

    def calendar(self) -> Calendar:
        """The calendar made of all years in hand."""
        return Calendar.from_editions(self.calendars)


def load(root: Path | None = None) -> Edition:
    """The edition that stands in a schemas folder; by default the one this program carries. Raises RulebookInvalid."""
    root = root or schemas()
    files = {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in _FORMS
        for path in sorted((root / "rulebook" / folder).glob("*.json"))
    }
    forms = {folder: decode((root / "formats" / f"{form}.schema.json").read_bytes()) for folder, form in _FORMS.items()}
    return assemble(files, forms)


def assemble(files: Mapping[str, bytes], forms: Mapping[str, Any]) -> Edition:
    """An edition from files (path within the rulebook → bytes) and their forms (folder → JSON Schema).

    Raises RulebookInvalid with every problem found, pointers beginning with the file's path.
    """
    problems: list[Problem] = []
    parsed: dict[str, dict[str, Any]] = {folder: {} for folder in _FORMS}
    checks = {folder: jsonschema_rs.Draft202012Validator(form) for folder, form in forms.items()}
    for path in sorted(files):
        folder, _, name = path.partition("/")
        try:
            value = decode(files[path])
        except NotJson as fault:
            problems += (Problem(f"{path}#{each.pointer}", each.code, each.zh, each.en) for each in fault.problems)
            continue
        wrong = list(_form_problems(path, name, value, checks[folder]))
        problems += wrong
        if not wrong:
            parsed[folder][name.removesuffix(".json")] = value
    _stop(problems)
    clocks = {name: Clock.from_file(raw) for name, raw in parsed["clocks"].items()}
    rules = {name: Rule.from_file(raw) for name, raw in parsed["rules"].items()}
    _stop([problem for rule in rules.values() for problem in _rule_problems(rule, clocks)])
    processes = {name: Process.from_file(raw) for name, raw in parsed["processes"].items()}
    _stop(
        Problem(f"processes/{name}.json#{one.pointer}", one.code, one.zh, one.en)
        for name, process in processes.items()
        for one in unsound(process)
    )
    calendars = {int(name): raw for name, raw in parsed["calendars"].items()}
    return Edition(edition_digest(files), rules, clocks, processes, calendars)


def edition_digest(files: Mapping[str, bytes]) -> str:
    """The digest of an edition, hex; only files under `clocks/`, `processes/` and `rules/` count."""
    lines = (
        f"{sha256(files[path]).hexdigest()}  {path}\n"
        for path in sorted(files, key=str.encode)
        if path.startswith(_UNDER_DIGEST)
    )
    return sha256("".join(lines).encode()).hexdigest()


def _form_problems(path: str, name: str, value: Any, check: jsonschema_rs.Draft202012Validator) -> Iterator[Problem]:
    for error in check.iter_errors(value):
        pointer = "".join(f"/{step}" for step in error.instance_path)
        yield Problem(f"{path}#{pointer}", "form", f"不合规格：{error.message}", f"Does not fit: {error.message}")
    named = str(value.get("id", value.get("year"))) if isinstance(value, dict) else ""
    if f"{named}.json" != name:
        yield Problem(f"{path}#", "name", "文件名与编号不一致。", "The file is not named after its id or year.")


def _rule_problems(rule: Rule, clocks: Mapping[str, Clock]) -> Iterator[Problem]:
    place = f"rules/{rule.id}.json#"
    for index, clause in enumerate(rule.clauses):
        clock_id = clause["less_than"]["clock"]
        clock = clocks.get(clock_id)
        at = f"{place}/any/{index}"
        if clock is None:
            yield Problem(f"{at}/less_than/clock", "clock", f"没有时限 {clock_id}。", f"There is no clock {clock_id}.")
            continue
        unknown = sorted(set(clause.get("readings", ())) - {line[0] for line in clock.readings})
        if unknown:
            said = ", ".join(unknown)
            yield Problem(f"{at}/readings", "reading", f"该时限没有读法 {said}。", f"The clock has no reading {said}.")
    filled = frozenset.intersection(*(PATTERNS[clause["pattern"]].words for clause in rule.clauses))
    for language, text in rule.raw["text"].items():
        empty = sorted(set(PLACEHOLDER.findall(text)) - filled)
        if empty:
            said = ", ".join(empty)
            yield Problem(f"{place}/text/{language}", "text", f"无人填写 {said}。", f"Nobody fills {said}.")
    if rule.raw["severity"][-1].keys() != {"is"}:
        yield Problem(f"{place}/severity", "severity", "末级应无条件。", "The last severity must be unconditional.")


def _stop(problems: Iterable[Problem]) -> None:
    found = tuple(problems)
    if found:
        detail = "; ".join(f"{problem.pointer}: {problem.zh} {problem.en}" for problem in found)
        raise RulebookInvalid(detail, problems=found)
