"""销毁保密内容 · Erase what an entry keeps secret: the keys of a manifest's digests, by order of two organisations.

    sunledger vault list 4410 > manifest         digests of an entry, each with the place of its member
    sunledger erase manifest --entry 4410 --basis "…" --approve slk_… --approve slk_…

The manifest is digests, one a line, sorted; of lines with more on them the first word counts. The two keys are of two
persons of two organisations, one of them the supervision office (ASB). Entries and proofs stay as they are. Until the
key epoch ends, a copy of the vault can still read what was erased; the answer says until when.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import psycopg

from api.auth import Keys
from api.commands.printing import console, json_line
from api.erasing import Order, erase
from api.settings import Place, opened
from api.vaults import vault_of
from ledger.contracts import Contracts
from ledger.erasure import Manifest
from ledger.errors import CannotRun
from ledger.store.postgres import Log
from ledger.writer import Writer


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("manifest", type=Path, metavar="FILE", help="digests, one a line")
    parser.add_argument("--entry", type=int, required=True, metavar="N", help="position of the entry that hides them")
    parser.add_argument("--basis", required=True, metavar="TEXT", help="the legal basis, as the log will state it")
    parser.add_argument("--approve", action="append", default=[], metavar="KEY", help="key of one who approves; twice")


def run(given: Namespace, place: Place) -> int:
    """Carry the order out."""
    lines = given.manifest.read_text("utf-8").splitlines()
    manifest = Manifest.of(line.split()[0] for line in lines if line.strip())
    with opened(place) as dsn:
        vault = vault_of(dsn, place.vault, make=False)
        if vault is None:
            raise CannotRun("这里没有密钥库 · no vault stands here; name it with --vault")
        with Log(dsn) as log, Writer(dsn, vault=vault) as writer, psycopg.connect(dsn, autocommit=True) as owner:
            keys = Keys(log)
            approvals = tuple(keys.poster(f"Bearer {key}") for key in given.approve)
            order = Order(manifest, given.entry, given.basis, approvals)
            done = erase(order, log, owner, writer, Contracts.load(), vault)
    if given.json:
        json_line({"position": done.position, "keys": done.keys, "in_copies_until": done.in_copies_until})
        return 0
    console.print(
        f"已销毁 {done.keys} 个密钥（#{done.position}）；密钥库的旧副本在 {done.in_copies_until} 之前仍可读 · "
        f"{done.keys} keys deleted (#{done.position}); copies of the vault can read until {done.in_copies_until}",
        markup=False,
    )
    return 0
