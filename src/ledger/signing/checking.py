"""What the signer demands of new entries before it stands for them: what everybody demands who follows a log
(`ledger.following`), and of time what its own clock says.

On a real clock `recorded` is not more than `AHEAD` ahead of the signer's own, nor more than `BEHIND` before the last
signature: nothing is dated back behind a checkpoint. Where the memory was lost, the root that was signed before must
come out again when reading passes that size. Pure functions, no file, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ledger import clock, following
from ledger.errors import Broken, WillNotSign
from ledger.following import Head
from ledger.proofs.succession import KeyChange
from ledger.proofs.tree import leaf_hash
from ledger.signing.memory import Known

CLOCKS = ("real", "told")

AHEAD = timedelta(seconds=10)
"""How far the writer's clock may be ahead of the signer's."""

BEHIND = timedelta(seconds=60)
"""How long before the last signature an entry may be recorded: a writer that got no answer sends the same sealed group
again for half a minute, and its moment stays what it was."""


def documents(known: Known, entries: Sequence[bytes]) -> list[dict[str, Any]]:
    """The entries behind `known`, parsed. Raises WillNotSign, or CannotRun for an entry of a later format."""
    try:
        return following.documents(entries, known.size + 1)
    except Broken as fault:
        raise _will_not(fault) from fault


def follow(
    known: Known,
    entries: Sequence[bytes],
    found: Sequence[dict[str, Any]],
    heads: Mapping[str, Head],
    present: datetime,
) -> tuple[Known, dict[str, Head], list[KeyChange]]:
    """What is known behind these entries, the tag heads that they moved, the changes of the log's key among them.

    found: the entries as `documents` gave them. heads: of every tag of `following.tags_of(found)`. present: the
    signer's own clock. `known` and `heads` stay as they are. Raises WillNotSign with the one reason.
    """
    if known.size == 0:
        known = _founded(known, found[0])
    leaves = [leaf_hash(raw) for raw in entries]
    moved: dict[str, Head] = {}
    changes: list[KeyChange] = []
    for part in _parts(known, len(entries)):
        try:
            step = following.read_on(known, leaves[part], found[part], {**heads, **moved})
        except Broken as fault:
            raise _will_not(fault) from fault
        now = step.known
        known = replace(known, size=now.size, leaf=now.leaf, recorded=now.recorded, edge=now.edge)
        if known.size == known.floor[0] and known.root != known.floor[1]:
            raise WillNotSign("another root was signed at this size before the memory was lost", position=known.size)
        moved |= step.moved
        changes += step.changes
    if not known.told:
        for document in found:
            _in_time(document["recorded"], known.signed_at, present, document["position"])
    return known, moved, changes


def _parts(known: Known, count: int) -> list[slice]:
    """All of them at once; in two parts where the size lies between that was signed before the memory was lost."""
    ahead = known.floor[0] - known.size
    return [slice(0, ahead), slice(ahead, count)] if 0 < ahead < count else [slice(0, count)]


def _founded(known: Known, first: dict[str, Any]) -> Known:
    """What the first entry says of the log: its name, and which clock it has for ever."""
    data = first["event"].get("data")
    if not isinstance(data, dict) or not isinstance(data.get("origin"), str) or data.get("clock") not in CLOCKS:
        raise WillNotSign("the first entry, and no other, is ledger.created", position=1)
    return replace(known, origin=data["origin"], told=data["clock"] == "told")


def _in_time(text: str, signed_at: str, present: datetime, position: int) -> None:
    recorded = clock.parse(text)
    if recorded - present > AHEAD:
        raise WillNotSign(f"recorded is {text}, ahead of the signer's clock {clock.stamp(present)}", position=position)
    if signed_at and clock.parse(signed_at) - recorded > BEHIND:
        raise WillNotSign(f"recorded is {text}, long before the checkpoint signed at {signed_at}", position=position)


def _will_not(fault: Broken) -> WillNotSign:
    return WillNotSign(fault.detail, position=fault.position)
