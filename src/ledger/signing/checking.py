"""What the signer demands of each new entry before it stands for it: pure functions, no file, no clock.

1. the bytes are one canonical entry of a format known here, the first and no other `ledger.created`;
2. its position is the next one, and `prev` the leaf hash of the entry before;
3. `recorded` is not before the last entry's; on a real clock also not more than `AHEAD` ahead of the signer's own, nor
   more than `BEHIND` before the last signature: nothing is dated back behind a checkpoint;
4. each link continues its tag: the next ordinal, and the leaf hash of the tag's entry before.

Leaf hash, tree and tag heads are computed here, from bytes; a column or a table is never asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from ledger import clock
from ledger.errors import CannotRun, WillNotSign
from ledger.proofs.tree import leaf_hash
from ledger.sealing import FIRST_TYPE
from ledger.signing.memory import Head, Known
from ledger.verification.form import Newer, canonical, demand_known, moment, shaped

AHEAD = timedelta(seconds=10)
"""How far the writer's clock may be ahead of the signer's."""

BEHIND = timedelta(seconds=60)
"""How long before the last signature an entry may be recorded: a writer that got no answer sends the same sealed group
again for half a minute, and its moment stays what it was."""


def tags_of(entries: Sequence[bytes]) -> set[str]:
    """The tags of all entries that can be read: those whose heads `follow` needs."""
    return {tag for raw in entries for tag in _links(raw)}


def follow(
    known: Known, entries: Sequence[bytes], heads: Mapping[str, Head], present: datetime
) -> tuple[Known, dict[str, Head]]:
    """What is known behind these entries, and the tag heads that they moved. `known` and `heads` stay as they are.

    heads: of every tag of `tags_of(entries)`. present: the signer's own clock. Raises WillNotSign with the one reason,
    or CannotRun for an entry of a later format.
    """
    moved: dict[str, Head] = {}
    edge, size, leaf, recorded = known.edge.copy(), known.size, known.leaf, known.recorded
    origin, told = known.origin, known.told
    for raw in entries:
        position = size + 1
        document = _document(raw, position)
        if position == 1:
            origin, told = str(document["event"]["data"]["origin"]), document["event"]["data"]["clock"] == "told"
        if document["position"] != position:
            raise WillNotSign(f"position {document['position']} stands in it, {position} was due", position=position)
        if document["prev"] != leaf.hex():
            raise WillNotSign("prev is not the leaf hash of the entry before", position=position)
        _in_time(document["recorded"], recorded, known.signed_at, None if told else present, position)
        leaf, recorded = leaf_hash(raw), document["recorded"]
        for tag, link in document["links"].items():
            ordinal, before = moved.get(tag) or heads[tag]
            if link != [ordinal + 1, before]:
                raise WillNotSign(f"the link of {tag} does not continue its chain", position=position)
            moved[tag] = (ordinal + 1, leaf.hex())
        edge.append(leaf)
        size = position
        if size == known.floor[0] and edge.root() != known.floor[1]:
            raise WillNotSign("another root was signed at this size before the memory was lost", position=size)
    return replace(known, origin=origin, told=told, size=size, leaf=leaf, recorded=recorded, edge=edge), moved


def _document(raw: bytes, position: int) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
        if isinstance(document, dict):
            demand_known(document)
    except orjson.JSONDecodeError as fault:
        raise WillNotSign("the bytes are no JSON", position=position) from fault
    except Newer as newer:
        raise CannotRun(f"entry {position} is of a later format and wants a newer signer") from newer
    if not isinstance(document, dict) or not shaped(document) or not canonical(document, raw):
        raise WillNotSign("the bytes are no canonical entry", position=position)
    data = document["event"].get("data")
    if (document["event"]["type"] == FIRST_TYPE) != (position == 1) or (position == 1 and not _founds(data)):
        raise WillNotSign("the first entry, and no other, is ledger.created", position=position)
    return document


def _founds(data: object) -> bool:
    return isinstance(data, dict) and isinstance(data.get("origin"), str) and data.get("clock") in ("real", "told")


def _in_time(text: str, last: str, signed_at: str, present: datetime | None, position: int) -> None:
    recorded = moment(text)
    if recorded is None or text < last:
        raise WillNotSign(f"recorded is {text}, before the last entry's or no moment", position=position)
    if present is None:
        return
    if recorded - present > AHEAD:
        raise WillNotSign(f"recorded is {text}, ahead of the signer's clock {clock.stamp(present)}", position=position)
    if signed_at and clock.parse(signed_at) - recorded > BEHIND:
        raise WillNotSign(f"recorded is {text}, long before the checkpoint signed at {signed_at}", position=position)


def _links(raw: bytes) -> Mapping[str, object]:
    try:
        links = orjson.loads(raw)["links"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}  # `follow` says what is wrong with it
    return links if isinstance(links, dict) else {}
