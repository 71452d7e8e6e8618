"""条款与台账的对应 · Which events, processes, rules and views serve each clause of the founding notice.

Exit code 1 when a clause has no home, or when `schemas/coverage.json` is not what contracts and rulebook claim.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.commands.printing import console, json_line, table
from api.settings import Place
from ledger.contracts import Contracts, schemas
from ledger.errors import CannotRun
from projections import coverage, rulebook

NEEDS_NO_LEDGER = True
"""The clauses are files: neither --data nor --dsn is asked for."""


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("clause", nargs="?", help="one clause with the items below it, e.g. M20 or F8.7")
    parser.add_argument("--schemas", type=Path, metavar="DIR", help="another schemas folder than the shipped one")
    parser.add_argument(
        "--rewrite", action="store_true", help="write coverage.json anew from what contracts and rulebook claim"
    )


def run(given: Namespace, place: Place | None) -> int:
    """Print; 0 every clause has a home and the file is true, 1 otherwise."""
    root = given.schemas or schemas()
    raw = coverage.read(root)
    found = coverage.check(raw, Contracts.load(root), rulebook.load(root))
    if given.rewrite:
        (root / "coverage.json").write_text(coverage.text(raw, found.right), "utf-8")
        found = coverage.Coverage(found.right, found.right, found.problems)
    lines = {clause: found.right[clause] for clause in coverage.below(given.clause or "", found.right)}
    if not lines:
        raise CannotRun(f"没有条款 {given.clause} · there is no clause {given.clause}")
    ok = not (found.homeless or found.stale or found.problems)
    if given.json:
        wrong = [f"{one.pointer}: {one.zh} {one.en}" for one in found.problems]
        told = {"clauses": lines, "homeless": found.homeless, "stale": found.stale, "problems": wrong, "ok": ok}
        json_line(told)
    else:
        tell(found, lines)
    return 0 if ok else 1


def tell(found: coverage.Coverage, lines: Mapping[str, Mapping[str, Any]]) -> None:
    """The table for people, then what is wrong."""
    columns = ("条款", "要求", "demands", "事件 events", "流程 processes", "规则 rules", "视图 views", "计划中 planned")
    table(f"条款覆盖 coverage: {len(lines)}", columns, [(clause, *_row(line)) for clause, line in lines.items()])
    reasons = sum("why" in line for line in lines.values())
    console.print(
        f"{len(lines)} 条 clauses: {len(found.homeless)} 条无着落 without a home, {reasons} 条附理由 with a reason",
        markup=False,
    )
    for clause in found.homeless:
        console.print(f"  {clause}: 无着落 without a home", markup=False, style="red")
    for clause in found.stale:
        said = "与合同、规则库不符，请运行 not what contracts and rulebook claim; run sunledger coverage --rewrite"
        console.print(f"  {clause}: {said}", markup=False, style="red")
    for one in found.problems:
        console.print(f"  {one.pointer}: {one.zh} {one.en}", markup=False, style="red")


def _row(line: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of a clause; events that record it without citing it stand in brackets."""
    events = [*line.get("events", ()), *(f"({one})" for one in line.get("also", ()))]
    planned = [one for some in line.get("planned", {}).values() for one in some]
    if "why" in line:
        events.append(f"— {line['why']['zh']} {line['why']['en']}")
    rules = [*line.get("rules", ()), *line.get("clocks", ())]
    cells = (events, line.get("processes", ()), rules, line.get("views", ()), planned)
    return (line["title"], line["x-title-en"], *(" ".join(cell) for cell in cells))
