"""The chain: whatever is not the very next entry stops the reading, at its position."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.canonical import encode
from ledger.entry import NO_LEAF, Entry, parse, seal
from ledger.errors import Broken
from ledger.proofs.tree import Edge
from projections import chain as chains
from projections.chain import CHECKPOINT, Chain


def log(count: int, checkpoint_at: int | None = None, root: str | None = None) -> list[Entry]:
    """A small log of one lot, honest but for the root that is asked for."""
    entries: list[Entry] = []
    edge, leaf, head = Edge(), NO_LEAF, None
    for position in range(1, count + 1):
        event: dict[str, Any] = {"type": "x.y.v1", "data": {"n": position}}
        if position == checkpoint_at:
            data = {"size": position - 1, "root": root or edge.root().hex()}
            event = {"type": CHECKPOINT, "data": data}
        raw, leaf = seal(
            encode(event),
            position=position,
            links={"lot:L1": (position, head)},
            poster={},
            prev=leaf,
            recorded="2026-01-01T00:00:00.000000Z",
        )
        head = leaf.hex()
        edge.append(leaf)
        entries.append(parse(raw))
    return entries


def test_the_root_is_that_of_the_merkle_log_at_every_size() -> None:
    chain, edge = Chain(), Edge()
    assert chain.root() == edge.root()
    for entry in log(300):
        chain.take([entry])
        edge.append(entry.leaf)
        assert chain.root() == edge.root()


def test_reading_goes_on_where_it_was_left() -> None:
    entries, chain = log(20), Chain()
    chain.take(entries[:13])
    resumed = Chain.resume(chain.position, chain.leaf, chain.saved())
    resumed.take(entries[13:])
    chain.take(entries[13:])
    assert (resumed.root(), resumed.leaf, resumed.position) == (chain.root(), chain.leaf, 20)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entries: entries.pop(4),
        lambda entries: entries.insert(4, entries[3]),
        lambda entries: entries.__setitem__(slice(4, 6), [entries[5], entries[4]]),
        lambda entries: entries.__setitem__(4, replace(entries[4], prev="0" * 64)),
        lambda entries: entries.__setitem__(4, replace(entries[4], links={"lot:L1": (6, entries[3].leaf.hex())})),
        lambda entries: entries.__setitem__(4, replace(entries[4], links={"lot:L1": (5, "0" * 64)})),
        lambda entries: entries.__setitem__(4, replace(entries[4], links={"lot:L2": (2, None)})),
    ],
    ids=["deleted", "doubled", "swapped", "other prev", "ordinal skipped", "link to another", "link to nothing"],
)
def test_what_does_not_hang_together_stops_at_its_position(spoil: Any) -> None:
    entries = log(9)
    spoil(entries)
    with pytest.raises(Broken) as broken:
        Chain().take(entries)
    assert broken.value.position == 5


def test_bytes_that_were_changed_break_the_next_link() -> None:
    entries = log(9)
    entries[4] = parse(entries[4].raw.replace(b'"n":5', b'"n":6'))
    with pytest.raises(Broken) as broken:
        Chain().take(entries)
    assert broken.value.position == 6


def test_a_checkpoint_with_another_root_is_not_believed() -> None:
    Chain().take(log(9, checkpoint_at=7))
    with pytest.raises(Broken) as broken:
        Chain().take(log(9, checkpoint_at=7, root="0" * 64))
    assert broken.value.position == 7


def test_memory_of_tags_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "TAGS_REMEMBERED", 3)
    chain = Chain()
    chain.take(log(5))
    for number, entry in enumerate(log(5), 1):
        chain._links(replace(entry, links={f"lot:other{number}": (1, None)}))
    assert len(chain.heads) == 3


def test_a_progress_row_that_does_not_fit_its_position_is_refused() -> None:
    with pytest.raises(Broken):
        Chain.resume(3, NO_LEAF, bytes(32))
