"""Addresses of tiles: one spelling each, and as wide as the log is long."""

import pytest

from ledger.proofs.failures import Unreadable
from ledger.proofs.tiles import TileRead


@pytest.mark.parametrize("index", [0, 7, 999, 1000, 1_234_067, 999_999_999_999])
@pytest.mark.parametrize("width", [1, 255, 256])
def test_an_address_is_read_back_as_its_tile(index: int, width: int) -> None:
    tile = TileRead(3, index, width)
    assert TileRead.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/67",
        "tile/00/067",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/x067",
        "tile/64/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/" + "x001/" * 40 + "000",
        "tile/0/٠٠٠",
    ],
)
def test_another_spelling_is_no_address(path: str) -> None:
    with pytest.raises(Unreadable):
        TileRead.parse(path)


def test_a_tile_is_as_wide_as_the_log_has_hashes_for_it() -> None:
    assert TileRead.at(0, 0, 3).width == 3
    assert TileRead.at(0, 1, 700).width == 256
    assert TileRead.at(0, 2, 700).width == 188
    assert TileRead.at(1, 0, 700).width == 2
    with pytest.raises(ValueError, match="no tile"):
        TileRead.at(1, 0, 255)
