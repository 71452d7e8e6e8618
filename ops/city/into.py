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
from ledger import seals as simulated
from ledger.admission import Poster, admit
from ledger.errors import Broken, Malformed, NoRight
from ledger.post import SYSTEM_SOURCE, Post, Tick
from ledger.store.postgres import Log
from ledger.writer import Writer

ORIGIN = "simulated.city.example/log"
REGION = "140300"
PERSON, MACHINE = "session:city", "key:city"
"""How a keyed event and a machine's came: rules on lateness give a person a working day, a machine five minutes."""

AT_ONCE = 500
"""Posts that are committed together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return _EPOCH + timedelta(microseconds=micros)


@contextmanager
def into(data: Path, city: City) -> Iterator["Ledger"]:
    """A new ledger in a folder, while it is written into. Raises CannotRun where another stands there."""
    with reached(Place(data, None), make=True) as dsn, written(dsn, data, city) as ledger:
        yield ledger


@contextmanager
def written(dsn: str, data: Path, city: City) -> Iterator["Ledger"]:
    """The ledger of a city, founded at `dsn` with vault and keepers under `data`, while it is written into."""
    begin = moment(moments.at(city.size.first) * MICRO)
    found(dsn, city.contracts, Founding(ORIGIN, REGION, city.organ("ASB").org, told=begin))
    vault = vault_of(dsn, data / "vault")
    if vault is None:
        raise Broken("a ledger in a folder has its vault beside it")
    seals = simulated.seals(city.contracts, vault, data / "keepers")
    with Log(dsn) as log, Writer(dsn, vault=vault, seals=seals) as writer:
        yield Ledger(city, log, writer)


class Ledger:
    """Writes acts through the door, in groups. Raises Broken where one is refused: no act of the city may be."""

    def __init__(self, city: City, log: Log, writer: Writer) -> None:
        self._city, self._log, self._writer = city, log, writer
        self._waiting: list[Post | Tick] = []

    def act(self, act: Act) -> None:
        """Admit one event."""
        via = PERSON if self._city.facts[act.type].keyed else MACHINE
        poster = Poster(act.seat.org, act.seat.organ, via)
        try:
            post = admit(act.event, poster, self._city.contracts, recorded=moment(act.recorded))
        except (Malformed, NoRight) as refused:
            told = "; ".join(f"{one.pointer} {one.en}" for one in refused.problems)
            raise Broken(f"the city's {act.type} {act.event['id']} is refused: {told}") from refused
        self._wait(post)

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
