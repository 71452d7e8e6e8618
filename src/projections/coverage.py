"""Coverage: which event types, processes, clocks, rules and views serve each clause of the founding notice.

`schemas/coverage.json` has a line for every clause, or the reason why there is nothing to record
(`schemas/formats/coverage.md`). Most of a line is not written by hand but follows from what contracts and rulebook
claim: a contract's `x-clauses`, the clauses of a process and its steps, of a rule, and of the clock a rule reads. A
claim serves its clause and the items below it: who cites F9.6 serves F9.6.1. What is not built yet stands apart, under
`planned`.

    found = coverage.check(coverage.read(root), contracts, edition)
    found.homeless, found.stale, found.problems
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from ledger import codes
from ledger.contracts import Contracts, schemas
from ledger.errors import ContractInvalid, Problem
from projections import views
from projections.rulebook import Edition

FOLLOWS = ("events", "processes", "clocks", "rules")
"""Members of a line that follow from what contracts and rulebook claim."""

_ORDER = ("title", "x-title-en", "events", "also", "processes", "clocks", "rules", "views", "planned", "why")
_HOMES = ("events", "also", "processes", "rules", "views", "why")

Lines = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What stands in the file (`lines`), and what should (`right`); `problems` are claims that lead nowhere."""

    lines: Lines
    right: Lines
    problems: tuple[Problem, ...]

    @property
    def homeless(self) -> list[str]:
        """Clauses served by nothing that is built, without a reason."""
        return [clause for clause, line in self.right.items() if not any(line.get(name) for name in _HOMES)]

    @property
    def stale(self) -> list[str]:
        """Clauses whose line is not what contracts and rulebook claim."""
        return [clause for clause in self.right if self.lines[clause] != self.right[clause]]


def read(root: Path | None = None) -> dict[str, Any]:
    """The file of a schemas folder, by default the shipped one. Raises ContractInvalid where it breaks its form."""
    root = root or schemas()
    raw = codes.read_json(root / "coverage.json")
    form = codes.read_json(root / "formats" / "coverage.schema.json")
    for error in jsonschema_rs.Draft202012Validator(form).iter_errors(raw):
        place = "".join(f"/{step}" for step in error.instance_path)
        raise ContractInvalid(f"coverage.json#{place}: {error.message}")
    return dict(raw)


def check(raw: Mapping[str, Any], contracts: Contracts, edition: Edition) -> Coverage:
    """Compare the file with what contracts and the edition claim."""
    lines: Lines = raw["clauses"]
    claims = _claims(contracts, edition)
    built_views = {code.code: code.note for code in contracts.codes["views"].codes.values() if code.note is not None}
    known = {
        "also": {one.type.rsplit(".", 1)[0] for one in contracts},
        "rules": set(contracts.codes["rules"].codes),
        "views": set(contracts.codes["views"].codes),
    }
    right = {
        clause: _line(clause, line, claims, set(edition.rules), set(built_views)) for clause, line in lines.items()
    }
    problems = [
        _problem(f"/clauses/{clause}/{name}", f"没有 {one}", f"there is no {one}")
        for clause, line in lines.items()
        for name, one in _named(line)
        if one not in known[name]
    ]
    problems += (
        _problem(
            "/clauses", f"{name} 引用的条款 {cited} 不存在", f"the clause {cited} that {name} cites does not exist"
        )
        for (cited, name) in sorted({(cited, name) for kind in claims.values() for cited, name in kind})
        if not any(_serves(cited, clause) for clause in lines)
    )
    problems += (
        _problem("/clauses", f"没有视图 {module}", f"there is no view {module}")
        for module in sorted(built_views.values())
        if module not in views.names()
    )
    return Coverage(lines, right, tuple(problems))


def text(raw: Mapping[str, Any], right: Lines) -> str:
    """The file as it should stand, a line for each clause."""
    head = [f"  {_json(name)}: {_json(value)}" for name, value in raw.items() if name != "clauses"]
    lines = ",\n".join(f"    {_json(clause)}: {_json(line)}" for clause, line in right.items())
    return "{\n" + ",\n".join([*head, '  "clauses": {\n' + lines + "\n  }"]) + "\n}\n"


def below(clause: str, lines: Iterable[str]) -> list[str]:
    """The clause itself and the items below it; all of them for an empty one."""
    return [one for one in lines if _serves(clause, one)]


def _claims(contracts: Contracts, edition: Edition) -> dict[str, set[tuple[str, str]]]:
    """Who claims to serve which clause: kind → (clause, name)."""
    clocks = [
        (clause, name)
        for name, clock in edition.clocks.items()
        if clock.raw["rule"] in edition.rules
        for clause in edition.rules[clock.raw["rule"]].raw["clauses"]
    ]
    return {
        "events": {(clause, one.type.rsplit(".", 1)[0]) for one in contracts for clause in one.clauses},
        "processes": {(clause, name) for name, one in edition.processes.items() for clause in one.clauses()},
        "clocks": set(clocks),
        "rules": {(clause, name) for name, one in edition.rules.items() for clause in one.raw["clauses"]},
    }


def _line(
    clause: str,
    line: Mapping[str, Any],
    claims: Mapping[str, set[tuple[str, str]]],
    built_rules: set[str],
    built_views: set[str],
) -> dict[str, Any]:
    planned = line.get("planned", {})
    views_meant = sorted({*line.get("views", ()), *planned.get("views", ())})
    made: dict[str, Any] = dict(line)
    for kind in FOLLOWS:
        made[kind] = sorted({name for cited, name in claims[kind] if _serves(cited, clause)})
    made["also"] = sorted(set(line.get("also", ())) - set(made["events"]))
    made["views"] = [name for name in views_meant if name in built_views]
    open_rules = sorted({*planned.get("rules", ()), *line.get("rules", ())} - built_rules)
    open_views = [name for name in views_meant if name not in built_views]
    made["planned"] = {name: some for name, some in (("rules", open_rules), ("views", open_views)) if some}
    return {name: made[name] for name in _ORDER if made.get(name)}


def _named(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(name, one) for name in ("also", "rules", "views") for one in line.get(name, ())]
    return found + [(name, one) for name, some in line.get("planned", {}).items() for one in some]


def _serves(cited: str, clause: str) -> bool:
    return cited in ("", clause) or clause.startswith(f"{cited}.")


def _problem(pointer: str, zh: str, en: str) -> Problem:
    return Problem(f"coverage.json#{pointer}", "coverage", f"{zh}。", f"{en[0].upper()}{en[1:]}.")


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
