"""运行状况 · Where log, views, witnesses stand, what is wrong. Exit code 1 when there is an alarm."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from api.commands.printing import console, json_line, pairs, table
from api.settings import Place, memory_folder, opened
from api.signing import signer_alarms
from api.status import silence, status
from ledger.store.postgres import Log


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--signer", type=Path, metavar="DIR", help="folder of the signer's memory (DATA/signer)")


def run(given: Namespace, place: Place) -> int:
    """Print the status."""
    with opened(place) as dsn, Log(dsn) as log:
        created = log.entry(1)
        told = created is not None and created.data["clock"] == "told"
        alarms = signer_alarms(log, memory_folder(place, given.signer), None, told=told)
        found = status(log, alarms + silence(log, created))
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
    if found["witnesses"]:
        witnesses = [(one["name"], one["state"], one["since"], one["size"]) for one in found["witnesses"]]
        table("见证 · Witnesses", ("见证 witness", "状态 state", "自 since", "见证至 cosigned"), witnesses)
    for alarm in found["alarms"]:
        console.print(f"■ {alarm}", style="bold red", markup=False)
