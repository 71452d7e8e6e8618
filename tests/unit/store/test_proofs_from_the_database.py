"""Proofs out of the database's tiles and newest leaves, checked against roots computed without it.

The log is laid down as rows: leaves and full tiles of 66,400 entries, so that there are three levels. Entry bytes are
left out; a proof needs none.
"""

import gc
import weakref
from collections.abc import Iterator

import psycopg
import pytest

from ledger.errors import Broken, NotFound
from ledger.proofs import check
from ledger.proofs.failures import ProofFailed
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import Edge, Tile, leaf_hash
from ledger.store import tiles
from ledger.store.postgres import Log

SIZE = 66_400
LEAVES = [leaf_hash(str(number).encode()) for number in range(SIZE)]
SIZES = [1, 2, 255, 256, 257, 700, 65_535, 65_536, 65_537, 66_303, SIZE]


def roots() -> dict[int, bytes]:
    edge, found = Edge(), {}
    for size, leaf in enumerate(LEAVES, 1):
        edge.append(leaf)
        if size in SIZES:
            found[size] = edge.root()
    return found


ROOTS = roots()


def lay_down(dsn: str, start: int, end: int) -> None:
    """Rows of the entries behind position `start` up to `end`, and of the tiles that they fill."""
    edge, full = Edge.over(LEAVES[:start]), list[Tile]()
    for leaf in LEAVES[start:end]:
        full += edge.append(leaf)
    with psycopg.connect(dsn, autocommit=True) as owner, owner.transaction():
        with owner.cursor().copy("COPY ledger.entry FROM STDIN") as copy:
            for position in range(start, end):
                copy.write_row((position + 1, "test", LEAVES[position], b""))
        with owner.cursor().copy("COPY ledger.tile FROM STDIN") as copy:
            for tile in full:
                copy.write_row((tile.level, tile.index, tile.hashes))


@pytest.fixture
def log(dsn: str) -> Iterator[Log]:
    lay_down(dsn, 0, SIZE)
    with Log(dsn) as opened:
        yield opened


def test_every_proof_from_the_database_holds(log: Log) -> None:
    for size in SIZES:
        assert tiles.root_at(log, size) == ROOTS[size]
        for position in [position for position in (*SIZES, size // 2, size - 3) if 1 <= position <= size]:
            path = tiles.inclusion_proof(log, position, size)
            check.inclusion(LEAVES[position - 1], position - 1, size, path, ROOTS[size])
        for old in [old for old in SIZES if old <= size]:
            check.consistency(old, ROOTS[old], size, ROOTS[size], tiles.consistency_proof(log, old, size))


def test_a_proof_follows_a_log_that_grows(dsn: str) -> None:
    """First the edge is read whole, then moved on leaf by leaf, over the end of a tile; old sizes stay provable."""
    with Log(dsn) as log:
        for before, size in [(0, 255), (255, 256), (256, 257), (257, 700)]:
            lay_down(dsn, before, size)
            check.inclusion(LEAVES[size - 1], size - 1, size, tiles.inclusion_proof(log, size, size), ROOTS[size])
            for earlier in [known for known in SIZES if known <= size]:
                path = tiles.inclusion_proof(log, 1, earlier)
                check.inclusion(LEAVES[0], 0, earlier, path, ROOTS[earlier])


def test_a_log_that_grows_far_at_once_is_followed(dsn: str) -> None:
    with Log(dsn) as log:
        lay_down(dsn, 0, 257)
        assert tiles.root_at(log, 257) == ROOTS[257]
        lay_down(dsn, 257, SIZE)
        assert tiles.root_at(log, SIZE) == ROOTS[SIZE]


def test_there_is_no_proof_for_a_size_the_log_has_not_reached(dsn: str) -> None:
    lay_down(dsn, 0, 257)
    with Log(dsn) as log:
        for known in (False, True):
            with pytest.raises(NotFound, match="258 > 257"):
                tiles.inclusion_proof(log, 258, 258)
            with pytest.raises(NotFound, match="258 > 257"):
                tiles.consistency_proof(log, 258, 258)
            with pytest.raises(NotFound):
                tiles.read_tiles(log, [TileRead(0, 1, 2)])
            assert known or tiles.root_at(log, 257) == ROOTS[257]
        with pytest.raises(ValueError, match="no leaf"):
            tiles.inclusion_proof(log, 0, 257)
        with pytest.raises(ValueError, match="no leaf"):
            tiles.inclusion_proof(log, 258, 257)


def test_a_tile_is_read_as_wide_as_it_is_asked_for(log: Log) -> None:
    wanted = [TileRead(0, 3, 256), TileRead(0, 3, 256), TileRead(0, 259, 96), TileRead(1, 1, 2), TileRead(2, 0, 1)]
    found = tiles.read_tiles(log, wanted)
    assert found[0, 3] == b"".join(LEAVES[768:1024])
    assert found[0, 259] == b"".join(LEAVES[66_304:])
    assert found[1, 1] == Edge.over(LEAVES[65_536:65_792]).root() + Edge.over(LEAVES[65_792:66_048]).root()
    assert found[2, 0] == Edge.over(LEAVES[:65_536]).root()
    assert tiles.read_tiles(log, [TileRead(0, 3, 5)])[0, 3] == b"".join(LEAVES[768:773])
    assert tiles.read_tiles(log, []) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM ledger.tile WHERE level = 0 AND idx = 0",
        "UPDATE ledger.tile SET hashes = substr(hashes, 1, 100) WHERE level = 0 AND idx = 0",
    ],
)
def test_a_tile_that_is_missing_or_short_is_told_as_broken(dsn: str, log: Log, damage: str) -> None:
    assert tiles.root_at(log, SIZE) == ROOTS[SIZE]
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(damage.encode())
    with pytest.raises(Broken, match="tile 0/0"):
        tiles.inclusion_proof(log, 3, SIZE)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM ledger.tile WHERE level = 0 AND idx = 257",
        "DELETE FROM ledger.tile WHERE level = 1 AND idx = 0",
        "UPDATE ledger.tile SET hashes = '' WHERE level = 0 AND idx = 257",
        "DELETE FROM ledger.entry WHERE position = 66390",
    ],
)
def test_an_edge_with_a_hole_is_told_as_broken(dsn: str, log: Log, damage: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(damage.encode())
    with pytest.raises(Broken):
        tiles.root_at(log, SIZE)


def test_a_hole_is_not_remembered_when_it_is_mended(dsn: str, log: Log) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(b"DELETE FROM ledger.entry WHERE position = 66390")
        with pytest.raises(Broken, match="behind position 66304"):
            tiles.root_at(log, SIZE)
        owner.execute("INSERT INTO ledger.entry VALUES (66390, 'test', %s, '')", (LEAVES[66_389],))
    assert tiles.root_at(log, SIZE) == ROOTS[SIZE]


def test_a_changed_tile_gives_a_proof_that_does_not_hold(dsn: str, log: Log) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(b"UPDATE ledger.tile SET hashes = set_byte(hashes, 40, 0) WHERE level = 0 AND idx = 0")
    path = tiles.inclusion_proof(log, 3, SIZE)
    with pytest.raises(ProofFailed):
        check.inclusion(LEAVES[2], 2, SIZE, path, ROOTS[SIZE])


def test_what_is_remembered_of_a_log_goes_with_it(dsn: str) -> None:
    lay_down(dsn, 0, 2)
    log = Log(dsn)
    tiles.root_at(log, 2)
    log.close()
    gone = weakref.ref(log)
    del log
    gc.collect()
    assert gone() is None
