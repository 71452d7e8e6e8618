"""A city is told to a ledger: every event is admitted, what is sealed opens, and the log is sound."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.settings import Settings
from city.act import Act, Pause
from city.course import Course, Life
from city.into import written
from city.kinds import Kind
from city.lives.lots import tender
from city.merge import stream
from city.posting import Posting, keys_in
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


def test_a_city_is_posted_by_each_poster_with_a_key_of_its_own(
    ledger: str, contracts: Contracts, tmp_path: Path
) -> None:
    wish = Wish(events=80)
    city = city_of(wish, contracts)
    with TestClient(make_app(ledger, Settings(console=False, vault=tmp_path / "vault"))) as client:

        def send(body: bytes, key: str) -> tuple[int, bytes]:
            media = "application/cloudevents-batch+json"
            headers = {"Authorization": f"Bearer {key}", "Content-Type": media}
            answer = client.post("/v1/events", content=body, headers=headers)
            return answer.status_code, answer.content

        sink = Posting(city, send, keys_in(ledger))
        tell(city, wish, sink)
    with Log(ledger) as log:
        posted = [entry for entry in log.entries(0, 10_000) if entry.source.startswith("urn:city:")]
    assert len(posted) == 80 - sink.left_out > 70
    assert {entry.poster["via"][:4] for entry in posted} == {"key:"}
    assert len({entry.poster["org"] for entry in posted}) > 4
