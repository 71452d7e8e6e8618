"""What a stranger's document must pass, beyond what holds for each event by itself (`ledger.admission`).

An object is one post; an array is one atomic post, all or none. That nobody speaks under the ledger's own sources is
asked here, because only here it is known that the document comes from outside.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api import problems
from ledger.admission import Poster, admit, admit_all
from ledger.contracts import Contracts
from ledger.errors import Malformed, NoRight, Problem
from ledger.post import Post, Receipt

OWN_SOURCES = "urn:sunledger:"
"""Sources under which the ledger itself speaks: whoever took their ids first could keep an alert from being raised."""


def posts(
    document: Any, poster: Poster, contracts: Contracts, *, recorded: datetime | None = None
) -> tuple[list[Post], bool]:
    """The posts of a decoded document, and whether it is a single event. Raises Malformed or NoRight."""
    if not isinstance(document, list):
        _demand_own_name([document], single=True)
        return [admit(document, poster, contracts, recorded=recorded)], True
    if not document:
        raise Malformed(problems=(Problem("", "empty", "数组里没有事件。", "The array holds no event."),))
    _demand_own_name(document, single=False)
    return admit_all(document, poster, contracts, recorded=recorded), False


def answer(post: Post, receipt: Receipt) -> dict[str, Any]:
    """What a poster is told: the receipt, and what is odd about an event that was taken all the same.

    Of a sealed event also E, and the first time the disclosure of P: with its own event and seed a poster can prove
    later what stands in the entry.
    """
    told: dict[str, Any] = {
        "position": receipt.position,
        "leaf": receipt.leaf.hex(),
        "recorded": receipt.recorded,
        "duplicate": receipt.duplicate,
    }
    if receipt.erased:
        told["erased"] = True
    if receipt.sealed is not None:
        event, disclosure = receipt.sealed
        told["sealed"] = {"event": event} | ({"poster": disclosure} if disclosure else {})
    if post.findings:
        told["findings"] = [problems.shown(one) for one in post.findings]
    return told


def _demand_own_name(events: Sequence[Any], *, single: bool) -> None:
    """Raises NoRight where an event speaks under a source of the ledger's own."""
    for index, event in enumerate(events):
        source = event.get("source") if isinstance(event, Mapping) else None
        if isinstance(source, str) and source.lower().startswith(OWN_SOURCES):
            pointer = "/source" if single else f"/{index}/source"
            zh = f"以 {OWN_SOURCES} 开头的来源为台账自用。"
            en = f"Sources that begin with {OWN_SOURCES} are the ledger's own."
            raise NoRight(problems=(Problem(pointer, "own-source", zh, en),))
