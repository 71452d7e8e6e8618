"""证据包 · Write the evidence bundle of a tag: all its entries with their proofs, to be checked by anybody, offline.

    sunledger bundle lot:A-1 -o case.zip                       as of now, with the signer's statement where it runs
    sunledger bundle lot:A-1 -o folder --known-at 2026-02-13   what was known then
    sunledger bundle lot:A-1 -o case.zip --statement FILE --readers FILE    with a mirror's statement

A folder must be new or empty. Policy and readers are taken from --policy and --readers, else from the files `policy`
and `readers` in the data folder, else from the signer's public keys. The bundle says how it is checked.
"""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from api import bundles
from api.commands.printing import console, json_line, text
from api.settings import Place, memory_folder, opened
from ledger.errors import CannotRun
from ledger.fields import tag
from ledger.proofs.bundle import EXECUTABLE, pack
from ledger.proofs.offline import verify
from ledger.store.postgres import Log
from projections import replay


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("tag", metavar="TAG", help="lot:…, party:…, project:…, notice:…, alert:…")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR|ZIP", help="a new folder, or ….zip")
    parser.add_argument("--known-at", metavar="T", help="what was on file then: a position, a date, an RFC 3339 time")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="whose word counts for a checkpoint (DATA/policy)")
    parser.add_argument("--readers", type=Path, metavar="FILE", help="whose word counts for an end (DATA/readers)")
    parser.add_argument(
        "--statement", type=Path, action="append", default=[], metavar="FILE", help="a tag-head statement; repeatable"
    )
    parser.add_argument("--memory", type=Path, metavar="DIR", help="the signer's folder (DATA/signer)")


def run(given: Namespace, place: Place) -> int:
    """Write the bundle; 0 when it stands there and its own verifier accepts it."""
    out: Path = given.output
    _demand_free(out)
    prefix, _, value = given.tag.partition(":")
    with opened(place) as dsn, Log(dsn) as log:
        beside = None if place.data is None else memory_folder(place)
        sources = bundles.sources(given.memory or beside, given.policy, given.readers, given.statement)
        known = None
        if given.known_at is not None:
            known = replay.position_at(log, replay.moment(given.known_at, "/known-at"), log.head().size)
        files = bundles.gather(log, tag(prefix, value), sources, known=known)
    _write(out, files)
    found = verify.check(files)
    if given.json:
        told = {"tag": found.tag, "entries": len(found.entries), "size": found.size, "root": found.root.hex()}
        json_line({"output": str(out), **told, "known": found.known, "end": found.end})
    else:
        console.print(text(f"{out}\n{verify.tell(found, ['policy', 'readers'])}"), soft_wrap=True)
    return 0


def _demand_free(out: Path) -> None:
    taken = out.exists() if out.suffix == ".zip" else out.is_file() or (out.is_dir() and any(out.iterdir()))
    if taken:
        raise CannotRun(f"{out}：已存在，不覆盖 · stands there already and is not overwritten")


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    """The folder or zip; a zip appears under its name only when it is whole."""
    if out.suffix == ".zip":
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = out.with_name(f"{out.name}.{os.getpid()}.new")
        fresh.write_bytes(pack(files))
        fresh.rename(out)
        return
    for name, raw in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        if name in EXECUTABLE:
            path.chmod(0o755)
