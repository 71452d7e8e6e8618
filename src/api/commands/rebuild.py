"""重建全部视图 · Build every view anew from the log, beside the live ones, and swap: readers never see half."""

from argparse import ArgumentParser, Namespace

from api.commands.printing import console, json_line
from api.commands.project import projecting
from api.settings import Place, opened


def arguments(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def run(given: Namespace, place: Place) -> int:
    """Rebuild all views."""
    with opened(place) as dsn:
        reached = projecting(dsn, quiet=given.json, rebuild=True)
    if given.json:
        json_line({"position": reached})
    else:
        console.print(f"视图已重建，截至第 {reached:,} 号条目 · views rebuilt up to entry {reached:,}")
    return 0
