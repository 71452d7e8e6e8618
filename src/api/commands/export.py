"""导出 · Write the log as files that any web server can serve: checkpoint, hash tiles, entry bundles.

`export tiles DIR` again adds what is new since; no full tile is ever written twice. The files are those of the HTTP
addresses of the same names, and `sunledger mirror DIR …` reads them as it reads a server.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from api.commands.printing import console, json_line, progress_bar
from api.settings import Place, opened
from ledger.exporting import export
from ledger.folder import Folder
from ledger.store.postgres import Log


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("what", choices=["tiles"], help="tiles: checkpoint, hashes and entries, as C2SP tlog-tiles")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to write")


def run(given: Namespace, place: Place) -> int:
    """Export up to the newest published checkpoint."""
    with opened(place) as dsn, Log(dsn) as log, progress_bar("写出 · tiles", quiet=given.json) as bar:
        done = export(log, Folder(given.folder), progress=bar)
    if given.json:
        json_line({"size": done.size, "root": done.root.hex(), "files": done.files})
    else:
        console.print(
            f"已导出至检查点 {done.size:,} · exported up to the checkpoint; files {done.files:,}", markup=False
        )
    return 0
