"""The city as a file: NDJSON, one line an event or a tick of the clock, canonical JSON.

    {"event":{…CloudEvent…},"poster":{"org":"12140300MA0TT001XR","organ":"PTC"},"recorded":"2025-07-01T01:00:02.500000Z"}
    {"recorded":"2025-07-01T02:00:00.000000Z","root":"9f86…","size":131,"tick":"hourly"}

A ledger writes its own `ledger.checkpoint-sealed`; here a tick stands for it. `size` is the number of lines before it,
`root` the SHA-256 of the file up to there: expert draws that wait for a checkpoint draw with it. So a draw of the file
can be computed again from the file; a ledger has other roots, and a city written `--into` one draws with those.
"""

from collections import OrderedDict
from hashlib import sha256
from typing import IO

from city import moments
from city.act import Act, Tick
from city.course import MICRO
from ledger.canonical import encode

KEPT = 100
"""Roots of the last ticks that are kept: no draw waits longer than to the next."""


class Paper:
    """Writes acts and ticks; knows the digest of all it has written."""

    def __init__(self, out: IO[bytes] | None) -> None:
        self._out = out
        self._digest = sha256()
        self._roots: OrderedDict[int, bytes] = OrderedDict()
        self.lines = 0

    def act(self, act: Act) -> None:
        """Write one event."""
        self._line(encode(act.says()))

    def tick(self, tick: Tick) -> None:
        """Write one tick."""
        root = self._digest.copy().digest()
        self._roots[tick.recorded // MICRO] = root
        if len(self._roots) > KEPT:
            self._roots.popitem(last=False)
        stamp = moments.stamp(tick.recorded)
        self._line(encode({"recorded": stamp, "root": root.hex(), "size": self.lines, "tick": tick.kind}))

    def root(self, moment: int) -> bytes:
        """The root that the tick of a moment states. Raises KeyError where there was none."""
        return self._roots[moment]

    def head(self) -> int:
        """How many lines there are."""
        return self.lines or 1

    def digest(self) -> str:
        """SHA-256 of everything written so far."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Nothing is left to do; the file is whoever's who opened it."""

    def _line(self, raw: bytes) -> None:
        line = raw + b"\n"
        self._digest.update(line)
        self.lines += 1
        if self._out is not None:
            self._out.write(line)
