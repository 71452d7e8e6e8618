"""A city is told to a ledger: every event is admitted, what is sealed opens, and the log is sound."""

from pathlib import Path

import pytest

from city.act import Act, Pause
from city.course import Course, Life
from city.into import written
from city.kinds import Kind
from city.lives.lots import tender
from city.merge import stream
from city.telling import Wish, city_of, tell
from city.trading.ways import SMOOTH
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.store.postgres import Log
from ledger.verify import verify


@pytest.mark.slow
def test_the_first_events_and_a_whole_lot_stand_in_a_sound_ledger(
    dsn: str, tmp_path: Path, contracts: Contracts
) -> None:
    def lot(course: Course) -> Life:
        course.until(course.now + 8 * 86_400)
        yield Pause(course.now)
        yield from tender(course, way=SMOOTH)

    wish = Wish(events=2_000)
    city = city_of(wish, contracts)
    with written(dsn, tmp_path, city) as ledger:
        city.root, city.head = ledger.root, ledger.head
        posted = 0
        for one in stream(city, [Kind("lot", lot, 1, 1, opening=True)]):
            if isinstance(one, Act):
                ledger.act(one)
                posted += 1
            else:
                ledger.tick(one)
        ledger.close()
    assert posted > 60
    with Log(dsn) as log:
        types = [entry.type for entry in log.entries(0, 100_000)]
    assert types.count("trading.bid-submitted.v1") == types.count("trading.bid-decrypted.v1") >= 3
    assert types.count("draw.conducted.v1") == 1
    assert verify(dsn).ok


def test_the_door_refuses_nothing_of_the_first_thousands_of_a_city(contracts: Contracts) -> None:
    class Door:
        """Admits and forgets."""

        def __init__(self) -> None:
            self.admitted = 0
            self.findings: list[str] = []

        def act(self, act: Act) -> None:
            if act.sealed and city.facts[act.type].body:
                return  # sealed to one body for ever: this edition has no place for it
            post = admit(act.event, Poster(act.seat.org, act.seat.organ, "session:city"), contracts)
            self.findings += [f"{act.type} {finding}" for finding in post.findings]
            self.admitted += 1

        def tick(self, tick: object) -> None:
            """Nothing to admit."""

        def root(self, moment: int) -> bytes:
            return moment.to_bytes(32)

        def head(self) -> int:
            return self.admitted + 1

        def close(self) -> None:
            """Nothing waits."""

    wish = Wish(events=5_000)
    city = city_of(wish, contracts)
    door = Door()
    assert tell(city, wish, door) == 5_000
    assert door.admitted > 4_900
    assert door.findings == []
