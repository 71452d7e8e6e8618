"""Whatever its size, and however it arrives, a document comes back as it was; any harm to its file is noticed."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.documents import Documents
from ledger.errors import Broken
from ledger.keeping.deposit import Deposit, Statement
from ledger.keeping.keys import KeyGone
from ledger.keeping.sealed_file import CHUNK_BYTES


class Keys:
    """Data keys in memory: a peer of the vault."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def make(self) -> tuple[str, bytes]:
        name = os.urandom(16).hex()
        self._keys[name] = os.urandom(32)
        return name, self._keys[name]

    def open(self, name: str) -> bytes:
        if name not in self._keys:
            raise KeyGone()
        return self._keys[name]

    def destroy(self, name: str) -> None:
        self._keys.pop(name, None)


SIZES = st.one_of(
    st.integers(0, 5),
    st.builds(lambda n, off: max(0, n * CHUNK_BYTES + off), st.integers(0, 3), st.integers(-2, 2)),
    st.integers(0, 300_000),
)


@pytest.fixture(scope="module")
def store() -> Iterator[Documents]:
    with TemporaryDirectory(prefix="sunledger-documents-") as folder:
        yield Documents(Path(folder), Keys(), classes=("public",))


def keep(store: Documents, raw: bytes, pieces: list[int]) -> Deposit:
    at = 0
    with store.coming("public") as coming:
        for size in pieces:
            coming.write(raw[at : at + size])
            at += size
        coming.write(raw[at:])
        said = Statement("other", "public", "none", "text/plain", "ORG", "PTC")
        return coming.keep(said, "2026-01-01T00:00:00.000000Z")[0]


def file_of(store: Documents, deposit: Deposit) -> Path:
    return store.root / "public" / deposit.sha256[:2] / deposit.sha256 / "content"


@settings(max_examples=60, deadline=None)
@given(size=SIZES, pieces=st.lists(st.integers(0, 150_000), max_size=5))
def test_any_content_in_any_pieces_comes_back(store: Documents, size: int, pieces: list[int]) -> None:
    raw = os.urandom(size)
    deposit = keep(store, raw, pieces)
    got = list(store.read(deposit))
    assert b"".join(got) == raw
    assert max(map(len, got)) <= CHUNK_BYTES
    assert deposit.size == size


@settings(max_examples=60, deadline=None)
@given(size=SIZES, data=st.data())
def test_any_harm_to_a_file_is_noticed_before_its_end(store: Documents, size: int, data: st.DataObject) -> None:
    deposit = keep(store, os.urandom(size), [])
    path = file_of(store, deposit)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    harmed = data.draw(
        st.sampled_from(
            [
                whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :],
                whole[:at],
                whole[:at] + whole[at + 1 :],
                whole + b"\0",
            ]
        )
    )
    path.write_bytes(harmed)
    given_out: list[bytes] = []
    with pytest.raises((Broken, KeyGone)):
        given_out.extend(store.read(deposit))
    path.write_bytes(whole)
    assert sum(map(len, given_out)) < max(size, 1), "never taken for whole"
