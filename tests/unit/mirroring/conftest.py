"""A log written by hand into a folder: no database, no code of the product but the sealing of one entry.

The `Pen` writes entries, tiles and signed checkpoints, honest or not. Its tiles are made by the recursion of RFC 6962,
slowly and obviously, so a mistake in `ledger.proofs.tree` cannot hide in it.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.proofs.keys import PrivateKey
from ledger.proofs.note import sign
from ledger.proofs.policy import NONE, Log, Policy

ORIGIN = "log.example/city"
KEY = PrivateKey.of(bytes(range(32)), ORIGIN)


def leaf_of(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


@cache
def mth(leaves: tuple[bytes, ...]) -> bytes:
    """The root over leaf hashes, by the definition."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def address(index: int) -> str:
    """`x001/x234/067`."""
    digits = f"{index:03}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def resources(entries: list[bytes], size: int) -> dict[str, bytes]:
    """Every tile and bundle of a log at a size: full ones, and the partial ones at the right edge."""
    found: dict[str, bytes] = {}
    hashes, level = [leaf_of(entry) for entry in entries[:size]], 0
    while hashes:
        for index in range(0, len(hashes), 256):
            some = hashes[index : index + 256]
            name = address(index // 256) + ("" if len(some) == 256 else f".p/{len(some)}")
            found[f"tile/{level}/{name}"] = b"".join(some)
            if level == 0:
                bundle = entries[index : min(index + 256, size)]
                found[f"tile/entries/{name}"] = b"".join(len(one).to_bytes(2, "big") + one for one in bundle)
        hashes = [mth(tuple(hashes[at : at + 256])) for at in range(0, len(hashes) - 255, 256)]
        level += 1
    return found


class Pen:
    """Entries, and what is published of them under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[bytes] = []
        self.heads: dict[str, tuple[int, str | None]] = {}

    def copy(self, folder: Path, size: int | None = None) -> "Pen":
        """The same log, or its first entries, to be written on in another way."""
        other = Pen(folder)
        for raw in self.entries[:size]:
            other.take(raw)
        return other

    def take(self, raw: bytes) -> None:
        """An entry as it is."""
        self.entries.append(raw)
        document = json.loads(raw)
        for tag, (ordinal, _) in document["links"].items():
            self.heads[tag] = (ordinal, leaf_of(raw).hex())

    def write(self, count: int = 1, text: str = "", **changes: Any) -> None:
        """More entries; `changes` put another value in the place of a member."""
        for _ in range(count):
            position = len(self.entries) + 1
            tags = [f"lot:{position % 7}", "source:urn:example:ptc"]
            event: dict[str, Any] = {"id": str(position), "source": "urn:example:ptc", "type": "test.happened.v1"}
            event |= {"data": {"text": text or f"entry {position}"}, "specversion": "1.0", "subject": tags[0]}
            if position == 1:
                event |= {"type": "ledger.created.v1", "data": {"clock": "told", "origin": ORIGIN}}
            document = {
                "event": event,
                "links": {tag: self.link(tag) for tag in tags},
                "position": position,
                "poster": {"org": "12140300MA0TT030XR", "via": "key:test"},
                "prev": leaf_of(self.entries[-1]).hex() if self.entries else "0" * 64,
                "recorded": f"2026-01-01T00:{position // 60 % 60:02}:{position % 60:02}.000000Z",
                "v": 1,
            }
            if position >= 3600:
                document["recorded"] = "2026-01-01T00:59:59.000000Z"
            self.take(orjson.dumps(document | changes, option=orjson.OPT_SORT_KEYS))

    def link(self, tag: str) -> list[int | str | None]:
        ordinal, leaf = self.heads.get(tag, (0, None))
        return [ordinal + 1, leaf]

    def root(self, size: int | None = None) -> bytes:
        return mth(tuple(leaf_of(entry) for entry in self.entries[:size]))

    def note(self, size: int | None = None, key: PrivateKey = KEY) -> str:
        """The signed checkpoint of a size."""
        size = len(self.entries) if size is None else size
        return sign(f"{ORIGIN}\n{size}\n{b64encode(self.root(size)).decode()}\n", key)

    def publish(self, size: int | None = None) -> None:
        """Everything of a size, with its checkpoint."""
        size = len(self.entries) if size is None else size
        for path, raw in resources(self.entries, size).items():
            self.put(path, raw)
        self.put("checkpoint", self.note(size).encode())

    def put(self, path: str, raw: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)


@pytest.fixture
def policy() -> Policy:
    """The log's key, and no witness."""
    return Policy((Log(KEY.vkey),), (), (), NONE)


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    """A log in a folder, not begun."""
    return Pen(tmp_path / "log")


@pytest.fixture
def twin() -> Callable[[list[bytes], int], dict[str, bytes]]:
    """`twin(entries, size)`: every file of a log, made by the definition."""
    return resources
