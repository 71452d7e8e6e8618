"""Finding a group in the log: how it stands, who its members are, and, on a told clock, opening it at once.

The writer asks here before it seals. What it asks with is a function of its own: it knows which head the answer is true
for (`ledger.tip`). On a told clock an opening stands in the same commit as its trigger: there is no signer to wait for,
and nothing that happens later in the simulation may come before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ledger.entry import Entry, parse
from ledger.errors import Broken, CannotRun, SealWrong
from ledger.post import Post, Receipt
from ledger.sealed_events import forms, opening
from ledger.sealed_events.states import Seals
from ledger.store.append import Rows
from ledger.store.postgres import DISCLOSED
from ledger.vault import Locked

Ask = Callable[[bytes, Any], list[tuple[Any, ...]]]
"""SQL and its values, to rows."""

_TAGGED = b"""
SELECT tag.tag, entry.entry FROM ledger.tag JOIN ledger.entry ON entry.position = tag.position
WHERE tag.tag = ANY (%s::text[] COLLATE "C") ORDER BY entry.position
"""


def learn(
    seals: Seals, streams: Sequence[str], ask: Callable[[Mapping[str, list[str]]], list[tuple[Any, ...]]]
) -> None:
    """How the groups of these streams stand. `ask` takes the values of `store/sql/sealed.sql`."""
    rows = ask({"streams": list(streams), "types": list(seals.telling), "tokens": []})
    told = sorted(((int(at), str(name), bytes(raw)) for what, name, at, raw in rows if what == "told"))
    for stream in streams:
        seals.learn(stream, [parse(raw) for _, name, raw in told if name == stream])
    searched = [group for stream in streams for group in seals.on(stream) if seals.states[group].prepared]
    while searched:
        tokens = {group: seals.tokens(group, seals.states[group].members + 1) for group in searched}
        rows = ask({"streams": [], "types": [], "tokens": [tag for tags in tokens.values() for tag in tags]})
        found = {name for what, name, *_ in rows if what == "token"}
        for group, tags in tokens.items():
            last = max((number for tag, number in tags.items() if tag in found), default=0)
            if last:
                seals.states[group] = replace(seals.states[group], members=last)
        searched = [group for group, tags in tokens.items() if found.issuperset(tags)]


def members_of(
    seals: Seals, group: str, count: int, ask: Ask, rows: Rows | None = None, hidden: Sequence[Locked] = ()
) -> tuple[list[Entry], list[tuple[Entry, bytes | None]]]:
    """The entries of a group's stream, and its members with their ciphertexts, in order.

    `rows` and `hidden`: what is being sealed and not written yet. Raises Broken where a member is not found.
    """
    stream, _ = forms.parts_of(group)
    tags = [forms.tag_of(forms.token(seals.key(group), number)) for number in range(1, count + 1)]
    found = [(str(tag), parse(bytes(raw))) for tag, raw in ask(_TAGGED, ([stream, *tags],))]
    if rows is not None:
        wanted = {stream, *tags}
        places = [at for at, tag in enumerate(rows.tags) if tag in wanted]
        found += [(rows.tags[at], parse(rows.entries[rows.tag_positions[at] - rows.size - 1])) for at in places]
    by_tag = dict(found)
    if any(tag not in by_tag for tag in tags):
        raise Broken(f"a member of {group} is not found by its tag")
    entries = [by_tag[tag] for tag in tags]
    stored = {row.digest: row.ciphertext for row in hidden}
    stored |= {str(row[0]): bytes(row[3]) for row in ask(DISCLOSED.encode(), ([entry.id for entry in entries],))}
    return [entry for tag, entry in found if tag == stream], [(entry, stored.get(entry.id)) for entry in entries]


def open_at_once(
    seals: Seals,
    group: str,
    found: tuple[Sequence[Entry], Sequence[tuple[Entry, bytes | None]]],
    trigger: Receipt,
    recorded: datetime,
    organ: str,
) -> list[Post]:
    """What opens a group behind its trigger on a told clock. Raises CannotRun where a keeper refuses."""
    stream = [entry for entry in found[0] if entry.position <= trigger.position]
    asked = opening.question(seals, group, stream, found[1])
    try:
        plaintexts = opening.ask(seals.keepers, asked)
    except SealWrong as refused:
        raise CannotRun(f"a keeper refuses to open {group}: {refused.detail}") from refused
    return opening.openings(seals, asked, plaintexts, organ, recorded)
