"""What whoever follows a log demands of each new entry: pure functions, no file, no clock, no word of anybody.

1. the bytes are one canonical entry of a format known here; the first, and no other, is `ledger.created`, of this log;
2. its position is the next one, and `prev` the leaf hash of the entry before;
3. `recorded` is not before the last entry's;
4. each link continues its tag: the next ordinal, and the leaf hash of the tag's entry before;
5. a `ledger.checkpoint-sealed` states the size and the root that were there before it;
6. a `ledger.key-changed` can be read; whether its keys are right is asked by whoever knows keys.

Hashes are made here, from bytes; a column or a table is never asked. The signer (`ledger.signing.checking`) demands of
time what its own clock says, besides; a mirror (`ledger.mirror`) asks whether the log's signer stands for the result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import orjson

from ledger import clock
from ledger.entry import NO_LEAF
from ledger.errors import Broken, CannotRun
from ledger.proofs import succession
from ledger.proofs.failures import ProofError
from ledger.proofs.succession import KeyChange
from ledger.proofs.tree import Edge, Tile
from ledger.sealing import FIRST_TYPE, TICK_TYPE
from ledger.verification.form import Newer, canonical, demand_known, moment, shaped

Head = tuple[int, str | None]
"""A tag's last ordinal and the leaf hash there in hex; (0, None) for a tag that never occurred."""

NEVER: Head = (0, None)


@dataclass(frozen=True, slots=True)
class Known:
    """The log as far as it was read: its name, size, last leaf and `recorded`, and its right edge."""

    origin: str = ""
    size: int = 0
    leaf: bytes = NO_LEAF
    recorded: str = ""
    edge: Edge = field(default_factory=Edge)

    @property
    def root(self) -> bytes:
        """The Merkle root over all that was read."""
        return self.edge.root()


@dataclass(frozen=True, slots=True)
class Step:
    """What reading on gave: what is known then, the tag heads that moved, the tiles that were filled, changed keys."""

    known: Known
    moved: dict[str, Head]
    tiles: list[Tile]
    changes: list[KeyChange]


def documents(entries: Sequence[bytes], first: int) -> list[dict[str, Any]]:
    """The entries, the first at position `first`, parsed and of the right form. Raises Broken, CannotRun."""
    return [_document(raw, position) for position, raw in enumerate(entries, first)]


def tags_of(found: Sequence[dict[str, Any]]) -> set[str]:
    """The tags of all these entries: those whose heads `read_on` needs."""
    return {tag for document in found for tag in document["links"]}


def read_on(known: Known, leaves: Sequence[bytes], found: Sequence[dict[str, Any]], heads: Mapping[str, Head]) -> Step:
    """Read on behind `known`, which stays as it is.

    leaves: the hashes of the bytes that `found` was parsed from. heads: those that are not NEVER, of `tags_of(found)`.
    Raises Broken, naming the first position that does not fit.
    """
    edge, size, leaf, recorded = known.edge.copy(), known.size, known.leaf, known.recorded
    moved: dict[str, Head] = {}
    tiles: list[Tile] = []
    changes: list[KeyChange] = []
    for next_leaf, document in zip(leaves, found, strict=True):
        position = size + 1
        if document["position"] != position:
            _broken(
                position, f"第 {document['position']} 条占其位 · position {document['position']} stands in its place"
            )
        if document["prev"] != leaf.hex():
            _broken(position, "prev 不是前一条的哈希 · its prev is not the leaf hash of the entry before")
        if document["recorded"] < recorded:  # one form, so texts sort as moments do
            _broken(position, "recorded 早于前一条 · its recorded is before the last entry's")
        leaf, recorded = next_leaf, document["recorded"]
        name = leaf.hex()
        for tag, link in document["links"].items():
            last, before = moved.get(tag) or heads.get(tag, NEVER)
            if link != [last + 1, before] or type(link[0]) is not int:
                _broken(position, f"标签「{tag}」的链接接不上 · the link of {tag} does not continue its chain")
            moved[tag] = (last + 1, name)
        _own_event(document["event"], position, known.origin, edge)
        if (change := _key_change(document, position)) is not None:
            changes.append(change)
        tiles += edge.append(leaf)
        size = position
    return Step(Known(known.origin, size, leaf, recorded, edge), moved, tiles, changes)


def _document(raw: bytes, position: int) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        _broken(position, "不是条目 · no entry")
    try:
        demand_known(document)
    except Newer as fault:
        raise CannotRun(
            f"第 {position} 条的格式较新 · entry {position} is of a newer format; update this program"
        ) from fault
    if not shaped(document) or moment(document["recorded"]) is None:
        _broken(position, "不合条目的格式 · not of the form of an entry")
    if not canonical(document, raw):
        _broken(position, "字节不是规范形式 · its bytes are not in canonical form")
    return document


def _own_event(event: dict[str, Any], position: int, origin: str, edge: Edge) -> None:
    """The ledger's own events: who it is, and what stood before a checkpoint of its clock."""
    data = event.get("data")
    said = data if isinstance(data, dict) else {}
    if (event.get("type") == FIRST_TYPE) != (position == 1):
        _broken(position, "第一条且仅第一条应为 ledger.created · the first entry, and no other, is ledger.created")
    if position == 1 and said.get("origin") != origin:
        _broken(position, "第一条所称的台账不是检查点所称的 · the first entry is of another log than the checkpoint")
    if event.get("type") == TICK_TYPE and (said.get("size"), said.get("root")) != (position - 1, edge.root().hex()):
        _broken(position, "所载的条数或根不是其前各条的 · its size or root is not that of the entries before it")


def _key_change(document: dict[str, Any], position: int) -> KeyChange | None:
    try:
        change = succession.read(document)
        if change is not None:
            clock.parse(change.both_until)
    except (ProofError, ValueError) as fault:
        _broken(position, f"不是更换密钥的条目 · no change of a key: {fault}")
    return change


def _broken(position: int, what: str) -> NoReturn:
    raise Broken(f"第 {position} 条 · position {position}: {what}", position=position)
