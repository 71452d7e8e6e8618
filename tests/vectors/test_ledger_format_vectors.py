"""The tree, byte for byte as published: vectors of RFC 6962's test log, and a slow twin written from the RFC's text."""

from base64 import b64decode
from hashlib import sha256

import pytest

from ledger.proofs.tree import EMPTY_ROOT, TILE, Edge, leaf_hash, node_hash, split

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
WORDS = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"
TEST_LOG = WORDS.split()
TEST_LOG_ROOTS = {
    3: "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=",
    15: "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=",
}

SMALL = 300
"""Every size up to here is compared with the slow twin: past one full tile."""

LARGE = 70_000
"""Past the first full tile of level 1 (65,536 leaves)."""


def slow_root(hashes: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it, recursively, over leaf hashes."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + slow_root(hashes[:k]) + slow_root(hashes[k:])).digest()


def numbered(count: int) -> list[bytes]:
    return [leaf_hash(str(n).encode()) for n in range(count)]


def test_the_empty_log_has_the_hash_of_nothing() -> None:
    assert Edge().root() == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in LEAVES[:size]]
    assert Edge.over(leaves).root().hex() == ROOTS[size - 1]


@pytest.mark.parametrize("size", [3, 15])
def test_the_roots_of_the_test_log_come_out(size: int) -> None:
    leaves = [leaf_hash(entry.encode()) for entry in TEST_LOG[:size]]
    assert Edge.over(leaves).root() == b64decode(TEST_LOG_ROOTS[size])


def test_leaf_and_node_hashes_never_meet() -> None:
    assert leaf_hash(b"two").hex() == b64decode("qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU=").hex()
    left, right = numbered(2)
    assert node_hash(left, right) != leaf_hash(left + right)


def test_every_root_up_to_past_a_tile_is_that_of_the_slow_twin() -> None:
    leaves, edge = numbered(SMALL), Edge()
    for size, leaf in enumerate(leaves, 1):
        edge.append(leaf)
        assert edge.size == size
        assert edge.root() == slow_root(leaves[:size]), size


def tile_elements(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """Every full tile of a log, from its definition: element i of tile n at level l covers 256^l leaves."""
    found, level, row = {}, 0, leaves
    while len(row) >= TILE:
        full = [row[at : at + TILE] for at in range(0, len(row) - TILE + 1, TILE)]
        found.update({(level, n): b"".join(tile) for n, tile in enumerate(full)})
        row = [slow_root(tile) for tile in full]
        level += 1
    return found


def test_every_full_tile_is_filled_once_at_the_entry_that_completes_it() -> None:
    leaves, edge, found = numbered(LARGE), Edge(), {}
    for size, leaf in enumerate(leaves, 1):
        for tile in edge.append(leaf):
            assert (tile.index + 1) * TILE ** (tile.level + 1) == size
            assert (tile.level, tile.index) not in found
            found[tile.level, tile.index] = tile.hashes
    assert found == tile_elements(leaves)
    assert (1, 0) in found
    assert edge.root() == slow_root(leaves)


def test_an_edge_is_taken_up_again_from_what_is_stored_at_any_size() -> None:
    leaves = numbered(LARGE)
    tiles, edge = tile_elements(leaves), Edge()
    around = {n * TILE**2 // 2 + d for n in range(3) for d in (-257, -256, -255, -1, 0, 1, 255, 256, 257)}
    chosen = {*range(0, 1200, 7), *range(250, 262), *range(0, LARGE, 997), *around, 65_535, 65_536, 65_537, LARGE}
    for size in range(LARGE + 1):
        if size in chosen:
            loose = leaves[size - size % TILE : size]
            needed = {
                (level, index): tiles[level, index]
                for level, first in Edge.missing(size)
                for index in range(first, size // TILE ** (level + 1))
            }
            again = Edge.resume(size, loose, needed)
            assert again.root() == edge.root(), size
            assert _without_empty(again) == _without_empty(edge), size
            moved = edge.copy()
            more = leaves[size : size + 1] or [leaf_hash(b"more")]
            assert [again.append(leaf) for leaf in more] == [moved.append(leaf) for leaf in more]
            assert again.root() == moved.root()
        if size < LARGE:
            edge.append(leaves[size])


def test_a_copy_moves_alone() -> None:
    edge = Edge.over(numbered(10))
    before = edge.root()
    edge.copy().append(leaf_hash(b"more"))
    assert (edge.size, edge.root()) == (10, before)


def test_a_tile_splits_into_its_hashes() -> None:
    leaves = numbered(TILE)
    assert split(b"".join(leaves)) == leaves


def _without_empty(edge: Edge) -> list[list[bytes]]:
    levels = [list(row) for row in edge.levels]
    while levels and not levels[-1]:
        levels.pop()
    return levels
