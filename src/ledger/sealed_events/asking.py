"""What a keeper is shown, and what it answers: canonical JSON in both directions.

    {"checkpoint": <signed note> or null, "group": "lot:A01-1#trading.bid-opened", "key": K,
     "stream":  ["<entry>", …]                        the stream's entries, from the first seal-prepared to the trigger
     "path":    ["<hex>", …]                          inclusion of the trigger
     "members": [{"entry": "<entry>", "path": […], "layer": "<base64>" or null}, …]}     member i at place i

    {"layers": ["<base64>" or null, …]}               one layer less; null where there was none, or it does not open

The stream's entries are a chain: each names the leaf hash of the one before in its link, so that an operator cannot
leave out a `seal-prepared` that moved the opening later.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.canonical import encode
from ledger.entry import Entry, parse
from ledger.errors import Broken, SealWrong

MAX_BYTES = 64_000_000
"""Bytes a request may have: some thousands of members."""


@dataclass(frozen=True, slots=True)
class Member:
    """A sealed entry, its inclusion proof, and what is left to open of it; None where its ciphertext is lost."""

    entry: Entry
    path: tuple[bytes, ...]
    layer: bytes | None


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a keeper needs to see before it opens."""

    checkpoint: str | None
    group: str
    key: str
    stream: tuple[Entry, ...]
    path: tuple[bytes, ...]
    members: tuple[Member, ...]

    @property
    def trigger(self) -> Entry:
        """The event that opens the group."""
        return self.stream[-1]

    def with_layers(self, layers: Sequence[bytes | None]) -> "Question":
        """The same question to the next keeper."""
        pairs = zip(self.members, layers, strict=True)
        members = tuple(Member(one.entry, one.path, layer) for one, layer in pairs)
        return Question(self.checkpoint, self.group, self.key, self.stream, self.path, members)

    def raw(self) -> bytes:
        """The bytes that are sent."""
        said: dict[str, Any] = {
            "checkpoint": self.checkpoint,
            "group": self.group,
            "key": self.key,
            "stream": [one.raw.decode() for one in self.stream],
            "path": [one.hex() for one in self.path],
            "members": [
                {
                    "entry": one.entry.raw.decode(),
                    "path": [hash_.hex() for hash_ in one.path],
                    "layer": _text(one.layer),
                }
                for one in self.members
            ],
        }
        return encode(said)

    @classmethod
    def parse(cls, raw: bytes) -> "Question":
        """Raises SealWrong."""
        if len(raw) > MAX_BYTES:
            raise SealWrong(f"(over {MAX_BYTES} bytes)")
        try:
            said = json.loads(raw)
            members = tuple(
                Member(parse(one["entry"].encode()), _path(one["path"]), _bytes(one["layer"]))
                for one in said["members"]
            )
            stream = tuple(parse(one.encode()) for one in said["stream"])
            found = cls(said["checkpoint"], said["group"], said["key"], stream, _path(said["path"]), members)
        except (Broken, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise SealWrong(f"(the question cannot be read: {type(fault).__name__})") from fault
        if not stream or not isinstance(said["group"], str) or not isinstance(said["checkpoint"], str | None):
            raise SealWrong("(the question names no group, or shows no stream)")
        return found


def answer(layers: Sequence[bytes | None]) -> bytes:
    """The bytes of a keeper's answer."""
    return encode({"layers": [_text(one) for one in layers]})


def read_answer(raw: bytes, count: int) -> list[bytes | None]:
    """The layers of an answer. Raises SealWrong, with the keeper's own words where it refused."""
    try:
        said = json.loads(raw)
        layers = [_bytes(one) for one in said["layers"]]
    except (ValueError, KeyError, TypeError) as fault:
        raise SealWrong(f"({raw[:300].decode('utf-8', 'replace')})") from fault
    if len(layers) != count:
        raise SealWrong(f"(the keeper answered {len(layers)} layers, {count} were asked for)")
    return layers


def _text(layer: bytes | None) -> str | None:
    return None if layer is None else b64encode(layer).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text, validate=True)


def _path(hashes: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(one) for one in hashes)
