"""The city into a ledger: founded for it on a told clock, every event through the same door as any post.

The ledger's origin begins with `simulated.`; its `recorded` are the city's. Posts go in groups, and a tick is the
ledger's own `ledger.checkpoint-sealed`, whose root the expert draws of the city take.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.founding import Founding, found
from api.settings import Place, reached
from api.vaults import vault_of
from city import moments
from city.act import Act
from city.act import Tick as CityTick
from city.course import MICRO
from city.world import City
from ledger.admission import Poster, admit
from ledger.errors import Broken
from ledger.post import SYSTEM_SOURCE, Post, Tick
from ledger.store.postgres import Log
from ledger.writer import Writer

ORIGIN = "simulated.city.example/log"
REGION = "140300"
VIA = "system:city"
AT_ONCE = 500
"""Posts that are committed together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return _EPOCH + timedelta(microseconds=micros)


@contextmanager
def into(data: Path, city: City) -> Iterator["Ledger"]:
    """A new ledger in a folder, while it is written into. Raises CannotRun where another stands there."""
    begin = moment(moments.at(city.size.first) * MICRO)
    with reached(Place(data, None), make=True) as dsn:
        found(dsn, city.contracts, Founding(ORIGIN, REGION, city.organ("ASB").org, told=begin))
        with Log(dsn) as log, Writer(dsn, vault=vault_of(dsn, data / "vault")) as writer:
            yield Ledger(city, log, writer)


class Ledger:
    """Writes acts through the door, in groups. Raises Malformed or NoRight: no act of the city may be refused."""

    def __init__(self, city: City, log: Log, writer: Writer) -> None:
        self._city, self._log, self._writer = city, log, writer
        self._waiting: list[Post | Tick] = []

    def act(self, act: Act) -> None:
        """Admit one event."""
        poster = Poster(act.seat.org, act.seat.organ, VIA)
        self._wait(admit(act.event, poster, self._city.contracts, recorded=moment(act.recorded)))

    def tick(self, tick: CityTick) -> None:
        """One tick of the rules' clock."""
        self._wait(Tick(tick.kind, moment(tick.recorded)))

    def root(self, moment: int) -> bytes:
        """The root that the tick of a moment states. Raises Broken where the ledger has no such tick."""
        self._write()
        position = self._log.position_of(SYSTEM_SOURCE, f"tick-{moments.stamp(moment * MICRO)}")
        entry = self._log.entry(position) if position is not None else None
        if entry is None:
            raise Broken(f"no tick at {moments.text(moment)}")
        return bytes.fromhex(str(entry.data["root"]))

    def head(self) -> int:
        """The position of the newest entry."""
        self._write()
        return self._log.head().size

    def close(self) -> None:
        """Write what waits."""
        self._write()

    def _wait(self, post: Post | Tick) -> None:
        self._waiting.append(post)
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.append(self._waiting)
            self._waiting = []
