"""生成视图 · Bring the views to the head of the log, and raise the alerts that are due."""

from argparse import ArgumentParser, Namespace

from api.commands.printing import console, json_line, progress_bar
from api.settings import Place, opened
from ledger.writer import Writer
from projections.runner import Runner


def arguments(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def run(given: Namespace, place: Place) -> int:
    """Project what is new."""
    with opened(place) as dsn:
        reached = projecting(dsn, quiet=given.json)
    if given.json:
        json_line({"position": reached})
    else:
        console.print(f"视图截至第 {reached:,} 号条目 · views stand at entry {reached:,}")
    return 0


def projecting(dsn: str, *, quiet: bool = False, rebuild: bool = False) -> int:
    """Run the projections once over what is new, or over everything anew; returns the position reached."""
    task = "重建视图 · rebuilding" if rebuild else "生成视图 · projecting"
    with Writer(dsn) as writer, progress_bar(task, quiet=quiet) as progress:
        runner = Runner(dsn, writer)
        if rebuild:
            runner.rebuild(progress=progress)
        return runner.run_once(progress=progress)
