"""Proofs of every leaf and between all sizes up to 300 leaves, against a slow twin that is the recursion of RFC 6962.

The twin knows no tiles, no ranges and no loop: it is the definition, with a memory so that it ends today.
"""

from functools import cache, lru_cache
from hashlib import sha256
from random import Random

import pytest

from ledger.proofs import build, check
from ledger.proofs.failures import ProofFailed
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import EMPTY_ROOT, TILE, Edge, leaf_hash, perfect_root, split

LARGEST = 300
LARGE = 70_000


@cache
def leaf(number: int) -> bytes:
    return leaf_hash(str(number).encode())


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end])."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return leaf(start)
    middle = start + largest_power_below(end - start)
    return sha256(b"\x01" + mth(start, middle) + mth(middle, end)).digest()


def path(number: int, start: int, end: int) -> list[bytes]:
    """PATH(number, D[start:end])."""
    if end - start == 1:
        return []
    k = largest_power_below(end - start)
    if number < k:
        return [*path(number, start, start + k), mth(start + k, end)]
    return [*path(number - k, start + k, end), mth(start, start + k)]


def proof(old: int, start: int, end: int, whole: bool = True) -> list[bytes]:
    """SUB(old, D[start:end], whole)."""
    if old == end - start:
        return [] if whole else [mth(start, end)]
    k = largest_power_below(end - start)
    if old <= k:
        return [*proof(old, start, start + k, whole), mth(start + k, end)]
    return [*proof(old - k, start + k, end, False), mth(start, start + k)]


def largest_power_below(count: int) -> int:
    power = 1
    while 2 * power < count:
        power *= 2
    return power


@lru_cache(maxsize=8)
def levels(size: int) -> list[list[bytes]]:
    """All hashes of each level of tiles, in a log of `size` leaves."""
    rows = [[leaf(number) for number in range(size)]]
    while len(rows[-1]) >= TILE:
        row = rows[-1]
        rows.append([perfect_root(row[i : i + TILE]) for i in range(0, len(row) - TILE + 1, TILE)])
    return rows


def fetch(plan: build.Plan, everything: list[list[bytes]]) -> dict[tuple[int, int], bytes]:
    """Exactly the hashes that the plan names, and no more."""
    return {
        tile.id: b"".join(everything[tile.level][TILE * tile.index : TILE * tile.index + tile.width])
        for tile in plan.tiles
    }


def most_tiles(size: int) -> int:
    """2·⌈log256 size⌉, and one for a log of a single entry."""
    levels_needed = 1
    while 256**levels_needed < size:
        levels_needed += 1
    return 2 * levels_needed


def test_every_leaf_of_every_tree_has_the_twins_path_and_it_holds() -> None:
    everything = levels(LARGEST)
    for size in range(1, LARGEST + 1):
        root = mth(0, size)
        for index in range(size):
            plan = build.inclusion(index, size)
            made = plan.compute(fetch(plan, everything))
            assert made == path(index, 0, size), (index, size)
            assert len(plan.tiles) <= most_tiles(size)
            check.inclusion(leaf(index), index, size, made, root)


def test_every_pair_of_sizes_has_the_twins_proof_and_it_holds() -> None:
    everything = levels(LARGEST)
    for new in range(1, LARGEST + 1):
        root = mth(0, new)
        for old in range(1, new + 1):
            plan = build.consistency(old, new)
            made = plan.compute(fetch(plan, everything))
            assert made == proof(old, 0, new), (old, new)
            assert len(plan.tiles) <= most_tiles(new)
            check.consistency(old, mth(0, old), new, root, made)


def test_every_root_is_the_twins_and_the_edges() -> None:
    edge, everything = Edge(), levels(LARGEST)
    assert build.root(0).compute({}) == [EMPTY_ROOT]
    for size in range(1, LARGEST + 1):
        edge.append(leaf(size - 1))
        plan = build.root(size)
        assert plan.compute(fetch(plan, everything)) == [mth(0, size)] == [edge.root()]


def sampled() -> list[tuple[int, int]]:
    """Pairs (smaller, larger) of sizes up to 70,000: around every edge of a tile, and some anywhere."""
    draw = Random(6962)
    corners = [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, LARGE - 1, LARGE]
    pairs = [(a, b) for a in corners for b in corners if a <= b]
    for _ in range(60):
        a, b = sorted((draw.randint(1, LARGE), draw.randint(1, LARGE)))
        pairs.append((a, b))
    return pairs


def test_sampled_proofs_over_three_levels_of_tiles_hold() -> None:
    everything = levels(LARGE)
    for old, new in sampled():
        for plan, twin in (
            (build.inclusion(old - 1, new), path(old - 1, 0, new)),
            (build.consistency(old, new), proof(old, 0, new)),
        ):
            assert plan.compute(fetch(plan, everything)) == twin, (old, new)
            assert len(plan.tiles) <= most_tiles(new), (old, new)
        check.inclusion(leaf(old - 1), old - 1, new, path(old - 1, 0, new), mth(0, new))
        check.consistency(old, mth(0, old), new, mth(0, new), proof(old, 0, new))


def test_a_plan_asks_for_tiles_as_wide_as_they_are_at_that_size() -> None:
    assert build.inclusion(0, 1).tiles == ()
    assert build.inclusion(2, 3).tiles == (TileRead(0, 0, 3),)
    assert build.inclusion(700, 70_000).tiles == (
        TileRead(0, 2, 256),
        TileRead(0, 273, 112),
        TileRead(1, 0, 256),
        TileRead(1, 1, 17),
    )
    assert build.root(70_000).tiles == (TileRead(0, 273, 112), TileRead(1, 1, 17), TileRead(2, 0, 1))


def test_a_later_wider_tile_serves_as_well() -> None:
    """A tile only ever grows at its end, so a proof for an old size can be made of today's tiles."""
    plan = build.inclusion(3, 280)
    wider = {tile.id: b"".join(levels(LARGEST)[tile.level][TILE * tile.index :]) for tile in plan.tiles}
    assert plan.compute(wider) == path(3, 0, 280)


def test_a_missing_or_short_tile_is_the_callers_mistake() -> None:
    plan = build.inclusion(0, 300)
    given = fetch(plan, levels(LARGEST))
    with pytest.raises(ValueError, match=r"tile \(0, 1\)"):
        plan.compute({id_: hashes for id_, hashes in given.items() if id_ != (0, 1)})
    with pytest.raises(ValueError, match=r"tile \(0, 1\)"):
        plan.compute(given | {(0, 1): given[0, 1][:-1]})


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_plan_for_a_leaf_outside_the_log(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        build.inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_there_is_no_plan_between_sizes_that_do_not_follow(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        build.consistency(old, new)
    with pytest.raises(ValueError, match="no log"):
        build.root(-1)


def test_a_leaf_proves_no_other_place_and_no_other_size() -> None:
    """Two sizes may share a path for a leaf; then only the root tells them apart, and it does."""
    for size in range(1, 20):
        for index in range(size):
            made = path(index, 0, size)
            for other_index, other_size in [(index + 1, size), (index - 1, size), (index, size + 1), (size, size)]:
                root = mth(0, other_size)
                with pytest.raises(ProofFailed):
                    check.inclusion(leaf(index), other_index, other_size, made, root)


def test_what_is_refused_has_one_message_and_both_roots() -> None:
    good, root, wrong = path(1, 0, 5), mth(0, 5), mth(0, 4)
    with pytest.raises(ProofFailed) as refused:
        check.inclusion(leaf(1), 1, 5, good, wrong)
    assert (refused.value.claimed, refused.value.computed) == (wrong, root)
    messages = {str(refused.value)}
    for index, size, hashes in [(5, 5, good), (-1, 5, good), (1, 5, good[:-1]), (1, 5, [*good, root]), (1, 5, [b""])]:
        with pytest.raises(ProofFailed) as refused:
            check.inclusion(leaf(1), index, size, hashes, root)
        messages.add(str(refused.value))
    assert len(messages) == 1


@pytest.mark.parametrize(
    ("old", "new", "hashes"),
    [
        (0, 5, []),
        (0, 5, [bytes(32)]),
        (6, 5, []),
        (3, 5, []),
        (4, 8, []),
        (3, 5, [b"\0" * 31] * 4),
        (5, 5, [bytes(32)]),
    ],
)
def test_a_consistency_proof_of_the_wrong_shape_fails(old: int, new: int, hashes: list[bytes]) -> None:
    with pytest.raises(ProofFailed):
        check.consistency(old, mth(0, max(old, 0)), new, mth(0, new), hashes)


def test_a_root_of_a_longer_or_shorter_log_is_not_that_of_the_stated_size() -> None:
    """A root does not name its size; the length of the path does, as far as it can."""
    with pytest.raises(ProofFailed):
        check.inclusion(leaf(1), 0, 1, [leaf(0)], mth(0, 2))
    with pytest.raises(ProofFailed):
        check.consistency(2, mth(0, 2), 5, mth(0, 4), proof(2, 0, 4))
    with pytest.raises(ProofFailed):
        check.consistency(2, mth(0, 2), 4, mth(0, 8), proof(2, 0, 8))


def test_equal_sizes_hold_with_equal_roots_only() -> None:
    check.consistency(5, mth(0, 5), 5, mth(0, 5), [])
    with pytest.raises(ProofFailed):
        check.consistency(5, mth(0, 5), 5, mth(0, 4), [])


def test_a_history_that_was_rewritten_is_not_consistent() -> None:
    """The proof is honest for the new log; the old root is of entries that are not there any more."""
    leaves = [leaf(number) for number in range(7)]
    forged = Edge.over([leaf(99), *leaves[1:3]]).root()
    with pytest.raises(ProofFailed) as refused:
        check.consistency(3, forged, 7, mth(0, 7), proof(3, 0, 7))
    assert refused.value.claimed == forged
    assert refused.value.computed == mth(0, 3)


def test_a_root_of_the_wrong_length_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        check.inclusion(leaf(0), 0, 1, [], b"")
    with pytest.raises(ValueError, match="32 bytes"):
        check.consistency(1, mth(0, 1), 2, b"", [leaf(1)])


def test_the_twin_itself_is_what_the_edge_computes() -> None:
    assert mth(0, 300) == Edge.over(leaf(number) for number in range(300)).root()
    assert split(b"".join([leaf(0), leaf(1)])) == [leaf(0), leaf(1)]
