"""运行状况 · Where log and views stand, which sources count, and what is wrong. Exit code 1 when there is an alarm."""

from argparse import ArgumentParser, Namespace
from typing import Any

from api.commands.printing import console, json_line, pairs, table
from api.settings import Place, opened
from api.status import status
from ledger.store.postgres import Log


def arguments(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def run(given: Namespace, place: Place) -> int:
    """Print the status."""
    with opened(place) as dsn, Log(dsn) as log:
        found = status(log, [])
    if given.json:
        json_line(found)
    else:
        _tell(found)
    return 1 if found["alarms"] else 0


def _tell(found: dict[str, Any]) -> None:
    tick = found["last_checkpoint"]
    pairs(
        {
            "台账 origin": found["origin"],
            "条目 size": found["size"],
            "根 root": found["root"],
            "视图滞后 lag": found["lag"],
            "最近检查点 last checkpoint": f"{tick['kind']} {tick['as_of']} (#{tick['position']})" if tick else "–",
        }
    )
    rows = [(one["source"], one["entries"], one["sequence"] or one.get("note", "–")) for one in found["sources"]]
    table("来源 · Sources", ("来源 source", "条目 entries", "计数 sequence"), rows)
    for alarm in found["alarms"]:
        console.print(f"■ {alarm}", style="bold red", markup=False)
