"""密钥库 · The vault: `vault status`, `vault list N` (what entry N keeps secret, by place), `vault close-epoch`.

`close-epoch` wraps all living keys anew and destroys the old wrapping key; from then on no copy of the vault reads what
was erased before. `serve` does it by itself when an epoch has had its 30 days.
"""

from argparse import ArgumentParser, Namespace

from api.commands.printing import console, json_line
from api.erasing import epoch_event
from api.settings import Place, opened
from api.vaults import vault_of
from ledger import clock, secrecy
from ledger.contracts import Contracts
from ledger.errors import CannotRun, NotFound
from ledger.store.postgres import Log
from ledger.vault import Vault
from ledger.writer import Writer


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("status", help="周期 · the epoch, and what was erased in it")
    listing = acts.add_parser(
        "list", help="某条目的保密项，不显示内容 · what an entry keeps secret, without its content"
    )
    listing.add_argument("entry", type=int, metavar="N", help="position of the entry")
    acts.add_parser("close-epoch", help="结束本周期 · end the epoch now")


def run(given: Namespace, place: Place) -> int:
    """Tell, list, or close."""
    with opened(place) as dsn:
        vault = vault_of(dsn, place.vault, make=False)
        if vault is None:
            raise CannotRun("这里没有密钥库 · no vault stands here; name it with --vault")
        if given.act == "status":
            open_ = vault.epochs.open()
            json_line({"epoch": open_.number, "began": open_.began, "erased": vault.epochs.erased()})
        elif given.act == "list":
            with Log(dsn) as log:
                _list(given.entry, log, vault, as_json=given.json)
        else:
            _close(dsn, vault, as_json=given.json)
    return 0


def _list(position: int, log: Log, vault: Vault, *, as_json: bool) -> None:
    entry = log.entry(position)
    if entry is None:
        raise NotFound(f"(#{position})")
    texts = {row.digest: vault.show(row) for row in log.disclosures(secrecy.digests(entry.event))}
    for pointer, held in secrecy.hidden(entry.event):
        for digest in held:
            text = texts.get(digest)
            name = secrecy.read(text)[1] if isinstance(text, str) else None
            if as_json:
                json_line({"digest": digest, "object": pointer, "name": name})
            else:
                console.print(f"{digest} {pointer}/{name or '?'}", markup=False, soft_wrap=True)


def _close(dsn: str, vault: Vault, *, as_json: bool) -> None:
    closed = vault.turn(clock.now())
    with Log(dsn) as log, Writer(dsn) as writer:
        last = log.entry(log.head().size)
        present = clock.now() if last is None else clock.parse(last.recorded)
        post = epoch_event(vault, log, Contracts.load(), present)
        position = writer.append([post])[0].position if post is not None else None
    told = {"epoch": closed.epoch.number, "living": closed.living, "erased": closed.erased, "position": position}
    if as_json:
        json_line(told)
    else:
        console.print(
            f"第 {closed.epoch.number} 期已关闭：{closed.living} 个密钥重新包装，{closed.erased} 个已销毁 · "
            f"epoch {closed.epoch.number} is closed: {closed.living} keys wrapped anew, {closed.erased} erased",
            markup=False,
        )
