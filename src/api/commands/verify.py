"""Re-hash every stored byte, rebuild chain, links and tiles, recompute views and alerts. Exit code 1 when broken."""

from argparse import ArgumentParser, Namespace

from rich.progress import Progress

from api import verification
from api.commands.printing import console, json_line, table
from api.settings import Place, opened


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--log-only", action="store_true", help="the log alone, without views and alerts")
    parser.add_argument("--deep", action="store_true", help="read every position as the API reads it, not a sample")


def run(given: Namespace, place: Place) -> int:
    """Verify; 0 consistent, 1 broken."""
    with opened(place) as dsn:
        done = verifying(dsn, log_only=given.log_only, deep=given.deep, quiet=given.json)
    if given.json:
        json_line(done.as_json())
    else:
        tell(done)
    return 0 if done.ok else 1


def verifying(dsn: str, *, log_only: bool, deep: bool, quiet: bool) -> verification.Verification:
    """Verify with a progress bar unless `quiet`."""
    with Progress(console=console, disable=quiet, transient=True) as bar:
        task = bar.add_task("核验 · verifying", total=None)
        return verification.run(
            dsn,
            log_only=log_only,
            deep=deep,
            progress=lambda done, size: bar.update(task, completed=done, total=size),
        )


def tell(done: verification.Verification) -> None:
    """The verdict for people, with every fault found."""
    style = "bold green" if done.ok else "bold red"
    console.print(f"{done.log.zh} · {done.log.en}", style="bold green" if done.log.ok else "bold red")
    console.print(f"已核验 {done.log.size:,} 条 entries · 根 root {done.log.root.hex()}")
    if done.log.faults:
        rows = [(one.table, one.column, one.position or "–", one.zh, one.en) for one in done.log.faults]
        table("改动或损坏 · Faults", ("表", "列", "条目", "说明", "in English"), rows)
    if done.views is not None:
        agree = "视图与预警可由台账重算得到" if done.views.ok else "视图或预警与台账不符"
        console.print(f"{agree} · views and alerts {'agree' if done.views.ok else 'differ'}", style=style)
        for difference in done.views.differences[:20]:
            sides = f"{difference.live} ≠ {difference.recomputed}"
            console.print(f"  {difference.view} {difference.key}: {sides}", markup=False)
        for missing in done.views.missing[:20]:
            console.print(f"  缺预警 missing alert {missing}", markup=False)
        for odd in done.views.not_reproducible[:20]:
            console.print(f"  预警不可重现 not reproducible {odd}", markup=False)
