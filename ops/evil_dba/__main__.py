"""Makes every attack and writes the table: who noticed, and what would be missed without the signer or the witnesses.

    PYTHONPATH=ops .venv/bin/python -m evil_dba [--out FILE]

Exit code 1 when somebody was missed with everybody present, or a position was named wrongly.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from evil_dba import disclosures, protocol, rewriting, rows, structure, views
from evil_dba.stage import MIRROR, SIGNER, SIZE, VERIFY, WITNESS, Cell, Finding, Stage
from ledger.contracts import Contracts
from ledger.store import embedded
from ledger.verify import verify

CHOSEN = {
    "entry": f"position IN (1, 2, 255, 256, 257, 512, {SIZE - 1}, {SIZE}) ORDER BY position",
    "event_key": f"position IN (1, 300, {SIZE - 1}, {SIZE}) ORDER BY position",
    "tag": f"position IN (1, 301, {SIZE}) ORDER BY position, tag",
    "tile": "true ORDER BY level, idx",
    "disclosure": "true",
}
"""The rows that are attacked, in each table."""

BYTES = 2
"""At how many places a byte of each value is changed."""

HEAD = """# The evil administrator: who notices

Written by `PYTHONPATH=ops .venv/bin/python -m evil_dba`; a log of {size} entries, four published checkpoints, two
witnesses, a mirror, receipts. Each line is one kind of attack at one place (table and column from
`information_schema`, or position); *n* is how often it was made, at different rows or bytes. Each cell names the first
who notices: `verify` alone, with nothing outside the database; else the signer, a witness, a mirror, or whoever holds a
receipt, a bundle or a policy. **missed** = nobody is left who would.

Where `verify` notices a changed row alone it named the first bad position exactly; a policy or a setting has no
position. Where it cannot, since the whole log was sealed again, the mirror named it exactly, and roots held elsewhere
bound it.

{total} attacks in {lines} kinds and places; with everybody present {missed} missed, {wrong} positions named wrongly.
Without the signer {without_signer} are missed, without witnesses and mirrors {without_witnesses}.

| attack | place | n | with everybody | without the signer | without witnesses and mirrors |
|---|---|--:|---|---|---|
"""


def main() -> int:
    """Run all, print as it goes, write the table."""
    parser = argparse.ArgumentParser(prog="evil_dba", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results.md", help="where the table goes")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="evil-dba-") as folder:
        server = embedded.start(Path(folder) / "db")
        try:
            found = list(told(everything(server, Path(folder))))
        finally:
            server.stop()
    missed = [cell for cell in found if cell.caught() is None]
    wrong = [cell for cell in found if cell.caught() is not None and not cell.right]
    for cell in (*missed, *wrong):
        print(f"{'MISSED' if cell in missed else 'WRONG'}  {cell.attack} @ {cell.place}: {cell.noticed}")
    given.out.write_text(page(found), "utf-8")
    print(f"{len(found)} attacks, {len(missed)} missed, {len(wrong)} positions wrong → {given.out}")
    return 1 if missed or wrong else 0


def everything(server: embedded.Server, folder: Path) -> Iterator[Cell]:
    """Every attack on one stage, and those on views on a ledger of their own."""
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(b"CREATE DATABASE evil_views")
    dsn = server.database("evil_views")
    views.prepare(dsn)
    yield from views.cells(dsn)
    stage = Stage(server, Contracts.load(), folder / "stage")
    yield from protocol.cells(stage)
    yield from disclosures.cells(stage)
    yield from rewriting.cells(stage)
    yield from structure.cells(stage)
    yield from byte_by_byte(stage)
    stage.close()


def byte_by_byte(stage: Stage) -> Iterator[Cell]:
    """Bytes, rows and swaps, undone one after another on one copy."""
    with stage.scene() as scene, psycopg.connect(scene.dsn, autocommit=True) as owner:
        attacks = (
            rows.byte_attacks(owner, CHOSEN, BYTES) + rows.row_attacks(owner, CHOSEN) + rows.swap_attacks(owner, CHOSEN)
        )
        for attack in attacks:
            rows.exchange(owner, attack.table, attack.taken, attack.put)
            verdict = verify(scene.dsn, vault=scene.vault)
            rows.exchange(owner, attack.table, attack.put, attack.taken)
            what = "byte changed" if attack.what.startswith("byte ") else attack.what
            what = "two rows swapped" if what.endswith(" swapped") else what
            cell = Cell(what, f"ledger.{attack.table}{'.' if attack.column else ''}{attack.column or ''}", None)
            first = verdict.faults[0] if verdict.faults else None
            cell.noticed[VERIFY] = Finding(first.position, first.sentence_en) if first is not None else None
            cell.right = attack.right(verdict.faults)
            yield cell


def told(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Each cell, printed as it comes."""
    for cell in cells:
        finding = next((found for found in cell.noticed.values() if found), None)
        print(f"{cell.caught() or 'MISSED':8} {cell.attack} @ {cell.place}: {finding.words[:100] if finding else ''}")
        yield cell


def page(found: list[Cell]) -> str:
    """The table as Markdown: equal lines once, with how often."""
    lines = Counter((cell.attack, cell.place, *map(str, _columns(cell))) for cell in found)
    rows_ = "".join(f"| {' | '.join(key[:2])} | {count} | {' | '.join(key[2:])} |\n" for key, count in lines.items())
    return (
        rows_
        and HEAD.format(
            size=SIZE,
            total=len(found),
            lines=len(lines),
            missed=sum(cell.caught() is None for cell in found),
            wrong=sum(not cell.right for cell in found),
            without_signer=sum(cell.caught(SIGNER) is None for cell in found),
            without_witnesses=sum(cell.caught(WITNESS, MIRROR) is None for cell in found),
        )
        + rows_
    )


def _columns(cell: Cell) -> Iterator[str]:
    for absent in ((), (SIGNER,), (WITNESS, MIRROR)):
        yield cell.caught(*absent) or "**missed**"


if __name__ == "__main__":
    sys.exit(main())
