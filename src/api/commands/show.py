"""查看条目或卷宗 · Show an entry (a position) or a dossier (a tag such as lot:… or party:…), now or at a moment."""

from argparse import ArgumentParser, Namespace

import orjson

from api.commands.printing import console, json_line, pairs, table
from api.settings import Place, opened
from ledger.entry import Entry
from ledger.errors import NotFound
from ledger.fields import tag
from ledger.store.postgres import Log
from projections import dossier, replay


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("what", metavar="POSITION|TAG", help="17, lot:…, party:…, notice:…, alert:…")
    parser.add_argument("--known", help="what was on file then: a position, a date, or an RFC 3339 time")
    parser.add_argument("--true", help="what had happened by then")


def run(given: Namespace, place: Place) -> int:
    """Show one entry, or one dossier."""
    with opened(place) as dsn, Log(dsn) as log:
        if given.what.isascii() and given.what.isdecimal():
            found = log.entry(int(given.what)) if len(given.what) < 17 else None
            if found is None:
                raise NotFound(f"(#{given.what})")
            _entry(found, as_json=given.json)
        else:
            _dossier(log, given)
    return 0


def _entry(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        json_line({"position": entry.position, "leaf": entry.leaf.hex(), "entry": orjson.Fragment(entry.raw)})
        return
    pairs(
        {
            "条目 position": entry.position,
            "叶哈希 leaf": entry.leaf.hex(),
            "前项 prev": entry.prev,
            "类型 type": entry.type,
            "发生 time": entry.time,
            "入账 recorded": entry.recorded,
        }
    )
    console.print_json(entry.raw.decode())


def _dossier(log: Log, given: Namespace) -> None:
    size = log.head().size
    prefix, _, value = given.what.partition(":")
    whole = dossier.load(log, tag(prefix, value), until=size)
    if not whole.entries:
        raise NotFound(f"({given.what})")
    known = None if given.known is None else replay.position_at(log, replay.moment(given.known, "/known"), size)
    true = None if given.true is None else replay.moment(given.true, "/true")
    cut = replay.both(whole, known, true)
    if given.json:
        positions = [entry.position for entry in cut.entries]
        json_line({"tag": cut.tag, "position": size, "state": cut.state(), "entries": positions})
        return
    rows = [(entry.position, entry.type, entry.time, entry.recorded) for entry in cut.entries]
    table(f"{cut.tag} · {len(rows)}", ("条目", "类型", "发生", "入账"), rows)
