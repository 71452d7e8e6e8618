"""封存检查点 · Seal a checkpoint now: an entry with size, root and the last cosigned checkpoint, then a new checkpoint.

    sunledger checkpoint --data DIR              the entry `ledger.checkpoint-sealed` of kind on-demand
                                                 and, where a signer runs beside DIR, the checkpoint that covers it

The same happens by itself every hour while entries come, and every day. A program asks with `POST /v1/checkpoints`.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from api.commands.printing import console, json_line
from api.settings import Place, memory_folder, opened
from ledger.errors import CannotRun
from ledger.post import Tick
from ledger.signing import door
from ledger.store.postgres import Log
from ledger.writer import Writer


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--signer", type=Path, metavar="DIR", help="folder of the signer's memory (DATA/signer)")


def run(given: Namespace, place: Place) -> int:
    """Append the tick; then the signer's note, where one answers."""
    with opened(place) as dsn, Log(dsn, connections=1) as log, Writer(dsn) as writer:
        (receipt,) = writer.append([Tick("on-demand")])
        entry = log.entry(receipt.position)
        if entry is None:
            raise CannotRun("the entry was written and is not there")
        folder = memory_folder(place, given.signer)
        note = door.ask(folder, "checkpoint") if folder is not None and (folder / door.FILE).exists() else None
    if given.json:
        json_line({"position": receipt.position, "data": entry.data, "checkpoint": note})
        return 0
    as_of, size = entry.data["as_of"], entry.data["size"]
    console.print(f"第 {receipt.position} 条 · entry {receipt.position}: {as_of} · {size}", markup=False)
    if note is None:
        console.print("没有运行中的签名程序 · no signer runs here", style="yellow")
    else:
        sys.stdout.write(note)
    return 0
