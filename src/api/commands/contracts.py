"""检查事件合同、流程与条款 · Check the event contracts, the processes and the clauses: `sunledger contracts check`.

Exit code 1 when a file, an example, a type or a process is wrong, or a clause of the founding notice has no home.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass
from pathlib import Path

from api.commands.printing import console, json_line
from api.settings import Place
from ledger import contract_examples
from ledger.contracts import Contracts
from ledger.errors import ContractInvalid, Problem
from projections import coverage, process_checks, rulebook

NEEDS_NO_LEDGER = True
"""The contracts are files: neither --data nor --dsn is asked for."""

OWN = "own"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: types with a contract, of the domain and of our own; those still without; what is wrong;
    processes; clauses of the founding notice, and those without a home."""

    domain: int
    own: int
    promised: int
    examples: int
    broken_examples: int
    missing: tuple[str, ...]
    wrong: tuple[Problem, ...]
    processes: int = 0
    clauses: int = 0
    homeless: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every type of the catalogue has its contract, every clause a home, and nothing is wrong."""
        return not self.missing and not self.wrong and not self.homeless


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("what", choices=["check"], help="what to do with them")
    parser.add_argument("--schemas", type=Path, metavar="DIR", help="another schemas folder than the shipped one")


def run(given: Namespace, place: Place | None) -> int:
    """Check; 0 all is well, 1 something is wrong."""
    report = check(given.schemas)
    if given.json:
        json_line({**asdict(report), "ok": report.ok})
    else:
        tell(report)
    return 0 if report.ok else 1


def check(root: Path | None = None) -> Report:
    """Load every contract of a schemas folder and try its examples; see that processes fit and clauses have homes."""
    try:
        contracts = Contracts.load(root)
    except ContractInvalid as invalid:
        wrong = invalid.problems or (Problem("/", invalid.code, invalid.message, invalid.detail),)
        return Report(0, 0, 0, 0, 0, (), wrong)
    notes = {name: code.note for name, code in contracts.codes["event-types"].codes.items()}
    there = {one.type.rsplit(".", 1)[0] for one in contracts}
    found: list[Problem] = []
    for one in contracts:
        path = f"events/{one.type.replace('.', '/', 1)}.json"
        found += [Problem(f"{path}#{p.pointer}", p.code, p.zh, p.en) for p in contract_examples.problems(one)]
    broken = len({tuple(one.pointer.split("/")[:5]) for one in found if one.code != "variant"})
    processes, clauses, homeless = 0, 0, list[str]()
    try:
        edition = rulebook.load(root)
        covered = coverage.check(coverage.read(root), contracts, edition)
        processes, clauses, homeless = len(edition.processes), len(covered.right), covered.homeless
        found += [*process_checks.problems(edition.processes, contracts), *covered.problems]
    except (rulebook.RulebookInvalid, ContractInvalid) as invalid:
        found += invalid.problems or (Problem("/", invalid.code, invalid.message, invalid.detail),)
    return Report(
        domain=sum(notes[name] != OWN for name in there),
        own=sum(notes[name] == OWN for name in there),
        promised=sum(note != OWN for note in notes.values()),
        examples=sum(len(one.raw["x-examples"]) for one in contracts),
        broken_examples=broken,
        missing=tuple(sorted(set(notes) - there)),
        wrong=tuple(found),
        processes=processes,
        clauses=clauses,
        homeless=tuple(homeless),
    )


def tell(report: Report) -> None:
    """The report for people: how many there are, then each fault with its place."""
    of = "" if report.domain == report.promised else f" (of {report.promised})"
    console.print(f"合同 contracts: {report.domain} of the domain{of}, {report.own} of our own", markup=False)
    console.print(f"流程: {report.processes} processes", markup=False)
    console.print(
        f"示例 examples: {report.examples - report.broken_examples:,} of {report.examples:,} valid", markup=False
    )
    console.print(f"条款: {report.clauses} clauses, {len(report.homeless)} clauses without a home", markup=False)
    for clause in report.homeless:
        console.print(f"  {clause}: 无着落 without a home", markup=False, style="red")
    if report.missing:
        console.print(f"尚无合同 without a contract ({len(report.missing)}): {', '.join(report.missing)}", markup=False)
    for one in report.wrong:
        console.print(f"  {one.pointer}: {one.zh} {one.en}", markup=False, style="red")
    if report.ok:
        console.print("全部相符 · all is as it says", style="bold green")
