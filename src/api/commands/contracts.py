"""检查事件合同与流程 · Check the event contracts and the processes: `sunledger contracts check`.

Exit code 1 when a file, an example, a type or a process is wrong.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass
from pathlib import Path

from api.commands.printing import console, json_line
from api.settings import Place
from ledger import contract_examples
from ledger.contracts import Contracts
from ledger.errors import ContractInvalid, Problem
from projections import process_checks, rulebook

NEEDS_NO_LEDGER = True
"""The contracts are files: neither --data nor --dsn is asked for."""

OWN = "own"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: types with a contract, of the domain and of our own; those still without; processes; what is
    wrong."""

    domain: int
    own: int
    promised: int
    examples: int
    broken_examples: int
    missing: tuple[str, ...]
    wrong: tuple[Problem, ...]
    processes: int = 0

    @property
    def ok(self) -> bool:
        """Whether every type of the catalogue has its contract and nothing is wrong."""
        return not self.missing and not self.wrong


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
    """Load every contract of a schemas folder, try its examples, and see that the processes fit."""
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
    try:
        processes = rulebook.load(root).processes
        misfits = process_checks.problems(processes, contracts)
    except rulebook.RulebookInvalid as invalid:
        processes, misfits = {}, list(invalid.problems)
    found += (Problem(f"rulebook/{one.pointer}", one.code, one.zh, one.en) for one in misfits)
    return Report(
        domain=sum(notes[name] != OWN for name in there),
        own=sum(notes[name] == OWN for name in there),
        promised=sum(note != OWN for note in notes.values()),
        examples=sum(len(one.raw["x-examples"]) for one in contracts),
        broken_examples=broken,
        missing=tuple(sorted(set(notes) - there)),
        wrong=tuple(found),
        processes=len(processes),
    )


def tell(report: Report) -> None:
    """The report for people: how many there are, then each fault with its place."""
    of = "" if report.domain == report.promised else f" (of {report.promised})"
    console.print(f"合同 contracts: {report.domain} of the domain{of}, {report.own} of our own", markup=False)
    console.print(f"流程 processes: {report.processes}", markup=False)
    console.print(
        f"示例 examples: {report.examples - report.broken_examples:,} of {report.examples:,} valid", markup=False
    )
    if report.missing:
        console.print(f"尚无合同 without a contract ({len(report.missing)}): {', '.join(report.missing)}", markup=False)
    for one in report.wrong:
        console.print(f"  {one.pointer}: {one.zh} {one.en}", markup=False, style="red")
    if report.ok:
        console.print("全部相符 · all is as it says", style="bold green")
