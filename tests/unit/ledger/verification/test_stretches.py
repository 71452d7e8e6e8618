"""A stretch is believed exactly when each of its rows would be, and its rows are cut where they were joined."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import encode
from ledger.clock import parse
from ledger.proofs.tree import Edge
from ledger.verification.stored import Piece
from ledger.verification.stretch import sound

BEFORE = "ab" * 32
RECORDED = "2026-03-02T01:00:00.000001Z"
FIRST = 41


def entry(position: int, prev: str, data: object = None, /, **other: object) -> dict[str, Any]:
    event = {"data": data or {}, "id": str(position), "source": "urn:a", "type": "trading.bid-opened.v1"}
    return {
        "event": event,
        "links": {},
        "position": position,
        "poster": {},
        "prev": prev,
        "recorded": RECORDED,
        "v": 1,
    } | other


def chained(count: int, data: object = None) -> list[bytes]:
    raws: list[bytes] = []
    prev = BEFORE
    for number in range(count):
        raws.append(encode(entry(FIRST + number, prev, data)))
        prev = sha256(b"\0" + raws[-1]).hexdigest()
    return raws


def piece(raws: list[bytes]) -> Piece:
    leaves = [sha256(b"\0" + raw).digest() for raw in raws]
    return Piece(list(range(FIRST, FIRST + len(raws))), [b"trading.bid-opened.v1"] * len(raws), leaves, raws, raws)


def believed(one: Piece) -> bool:
    return sound(one, FIRST - 1, BEFORE, parse(RECORDED)) is not None


def test_an_honest_stretch_gives_every_document_with_its_leaf() -> None:
    raws = chained(3, {"text": '公示 "v":1},{"event":{ 期', "list": [1, {"v": 1}]})
    found = sound(piece(raws), FIRST - 1, BEFORE, parse(RECORDED))
    assert found is not None
    assert [encode(document) for document, _, _ in found] == raws
    assert [(leaf, raw) for _, leaf, raw in found] == list(zip(piece(raws).leaves, raws, strict=True))


@given(st.integers(0, 2), st.data())
def test_one_changed_bit_anywhere_is_not_believed(row: int, data: st.DataObject) -> None:
    raws = chained(3)
    bit = data.draw(st.integers(0, 8 * len(raws[row]) - 1))
    changed = bytearray(raws[row])
    changed[bit // 8] ^= 1 << bit % 8
    raws[row] = bytes(changed)
    true = piece(chained(3))
    assert not believed(true._replace(raws=raws))
    if row < 2:
        assert not believed(piece(raws)), "not even where every leaf was written anew: the next prev tells"


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": 40},
        {"prev": "cd" * 32},
        {"recorded": "2026-03-02T01:00:00.000000Z"},
        {"recorded": "2026-03-02T01:00:00Z"},
        {"v": 2},
        {"extra": 1},
        {"poster": {"rate": 1.5}},
        {"poster": {"rate": 1e300}},
    ],
    ids=["position", "prev", "earlier", "form-of-time", "version", "member", "point", "exponent"],
)
def test_what_one_row_may_not_say_no_stretch_may(wrong: dict[str, object]) -> None:
    assert believed(piece([encode(entry(FIRST, BEFORE))]))
    assert not believed(piece([encode(entry(FIRST, BEFORE, **wrong))]))


def test_rows_cut_at_another_comma_are_not_believed() -> None:
    """The joined bytes are the same canonical array, but the rows are not its entries."""
    inner = {"list": [{"v": 1}, {"event": {}, "v": 1}]}
    whole = chained(2, inner)
    joined = b",".join(whole)
    cut = joined.index(b'{"v":1},{"event":{}') + len(b'{"v":1}')
    assert not believed(piece([joined[:cut], joined[cut + 1 :]]))
    assert not believed(piece([joined, b""]))


def test_two_halves_of_an_entry_and_two_entries_in_one_row_do_not_make_up_for_each_other() -> None:
    """Three rows, three entries in the array, every `prev` the hash of the row before: and no row is an entry."""
    whole = encode(entry(FIRST, BEFORE, {"list": [{"v": 1}, {"event": {}, "v": 1}]}))
    cut = whole.index(b'{"v":1},{"event":{}') + len(b'{"v":1}')
    halves = [whole[:cut], whole[cut + 1 :]]
    prevs = [sha256(b"\0" + half).hexdigest() for half in halves]
    both = b",".join(encode(entry(FIRST + 1 + number, prev)) for number, prev in enumerate(prevs))
    assert not believed(piece([*halves, both]))


@given(st.lists(st.integers(0, 700), max_size=6))
def test_a_tree_grown_by_many_leaves_is_the_tree_grown_by_one(counts: list[int]) -> None:
    many, one = Edge(), Edge()
    for count in counts:
        leaves = [sha256(bytes([count % 256, n % 256])).digest() for n in range(count)]
        assert many.extend(leaves) == [tile for leaf in leaves for tile in one.append(leaf)]
    assert (many.size, many.levels) == (one.size, one.levels)
    assert many.root() == one.root()
