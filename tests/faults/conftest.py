"""What the fault tests share: posts without ceremony, and a checker that shares no code with the writer.

The checker walks the stored bytes and recomputes everything that an entry states about its neighbours. It knows only
SHA-256, JSON and SQL, so a mistake in `ledger.sealing` cannot hide in it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from ledger.post import Post

POSTER = {"org": "12140300MA0TT030XR", "via": "key:test"}


def make_post(id: str, *tags: str, source: str = "urn:example:ptc", text: str = "", **more: Any) -> Post:
    """A small post; the writer never looks into the event, so no contract is needed."""
    subject = tags[0] if tags else f"lot:{id}"
    event = {
        "specversion": "1.0", "id": id, "source": source, "type": "test.happened.v1", "subject": subject,
        "time": "2026-02-13T09:30:00+08:00", "data": {"text": text},
    }  # fmt: skip
    return Post.of(event, tags=tuple(sorted({subject, f"source:{source}", *tags})), poster=POSTER, **more)


@dataclass(slots=True)
class Walked:
    """What the checker saw: per (source, id) the position, and every leaf in order."""

    positions: dict[tuple[str, str], int] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.leaves)


def walk(dsn: str) -> Walked:
    """Recompute the whole log from its bytes; any difference is an AssertionError."""
    seen, last_recorded = Walked(), ""
    heads: dict[str, tuple[int, str | None]] = {}
    tags_wanted: set[tuple[str, int, int]] = set()
    types: dict[int, str] = {}
    with psycopg.connect(dsn) as db:
        previous = bytes(32)
        for position, type_, leaf, raw in db.execute("SELECT * FROM ledger.entry ORDER BY position"):
            entry = json.loads(raw)
            assert position == entry["position"] == seen.size + 1, "no gap, no double"
            assert entry["prev"] == previous.hex(), f"#{position} continues #{position - 1}"
            previous = sha256(b"\0" + raw).digest()
            assert leaf == previous, f"the leaf of #{position}"
            assert type_ == entry["event"]["type"]
            assert entry["recorded"] >= last_recorded
            last_recorded, types[position] = entry["recorded"], type_
            for tag, (ordinal, before) in entry["links"].items():
                assert (ordinal - 1, before) == heads.get(tag, (0, None)), f"the link of {tag} at #{position}"
                heads[tag] = (ordinal, previous.hex())
                tags_wanted.add((tag, position, ordinal))
            key = (entry["event"]["source"], entry["event"]["id"])
            assert key not in seen.positions, f"{key} stands twice"
            seen.positions[key] = position
            seen.leaves.append(previous)
        assert set(db.execute("SELECT tag, position, ordinal FROM ledger.tag").fetchall()) == tags_wanted
        keys = {(source, id): at for source, id, at in db.execute("SELECT * FROM ledger.event_key").fetchall()}
        assert keys == seen.positions
        assert dict(db.execute("SELECT (level, idx)::text, hashes FROM ledger.tile").fetchall()) == _tiles(seen.leaves)
    return seen


def _tiles(hashes: list[bytes]) -> dict[str, bytes]:
    found, level = {}, 0
    while len(hashes) >= 256:
        full = [hashes[i : i + 256] for i in range(0, len(hashes) - 255, 256)]
        found.update({f"({level},{index})": b"".join(tile) for index, tile in enumerate(full)})
        hashes = [_root(tile) for tile in full]
        level += 1
    return found


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    half = len(hashes) // 2
    return sha256(b"\1" + _root(hashes[:half]) + _root(hashes[half:])).digest()


@pytest.fixture
def post() -> Callable[..., Post]:
    """`post(id, *tags, text=…)`: a small post."""
    return make_post


@pytest.fixture
def checked() -> Callable[[str], Walked]:
    """`checked(dsn)`: walks the whole log and asserts everything; gives what it saw."""
    return walk
