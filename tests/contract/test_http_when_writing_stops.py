"""Read-only and told ledgers: posts are refused with the right word, and everything can still be read."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from api import door
from api.routes import posting
from api.settings import Settings
from ledger.admission import Poster
from ledger.store.postgres import Log

if TYPE_CHECKING:
    from api.services import Services
    from tests.contract.conftest import Make, Serving

OPEN = Settings(console=False)


def forge_an_entry(dsn: str) -> None:
    """Put an entry behind the last one that does not continue it, as a tamperer would."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        last = owner.execute("SELECT position, type, entry FROM ledger.entry ORDER BY position DESC LIMIT 1").fetchone()
        assert last is not None
        forged = last[2].replace(b'"position":%d' % last[0], b'"position":%d' % (last[0] + 1))
        leaf = hashlib.sha256(b"\0" + forged).digest()
        owner.execute("INSERT INTO ledger.entry VALUES (%s, %s, %s, %s)", (last[0] + 1, last[1], leaf, forged))


def damage_the_last_entry(dsn: str) -> None:
    """Change one byte of the last entry."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(
            "UPDATE ledger.entry SET entry = set_byte(entry, 60, 46)"
            " WHERE position = (SELECT max(position) FROM ledger.entry)"
        )


def test_a_writer_that_stops_for_good_leaves_the_ledger_readable(ledger: str, serving: Serving, event: Make) -> None:
    with serving(ledger, OPEN) as served:
        assert served.post(event("before")).status_code == 201
        forge_an_entry(ledger)
        for body in (event("after"), event("after"), event("bent", colour="red"), b"{"):
            answer = served.post(body)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["type"] == "urn:sunledger:problem:read-only"
        assert served.client.get("/livez").status_code == 200
        ready = served.client.get("/readyz")
        assert (ready.status_code, bool(ready.json()["reasons"])) == (503, True)
        assert served.client.get("/v1/status").json()["alarms"]
        assert served.client.get("/v1/events/2").json()["entry"]["event"]["id"] == "before"
        assert served.client.get("/v1/events?tag=lot:before").status_code == 200
        assert served.client.get("/docs").status_code == 200


def test_a_server_starts_read_only_on_a_damaged_log(ledger: str, serving: Serving, event: Make) -> None:
    with serving(ledger, OPEN) as served:
        assert served.post(event("first")).status_code == 201
        assert served.post(event("second")).status_code == 201
    damage_the_last_entry(ledger)
    with serving(ledger, OPEN) as served:
        assert served.post(event("third")).status_code == 503
        assert served.client.get("/readyz").status_code == 503
        assert served.client.get("/v1/events/2").status_code == 200


def test_a_told_ledger_takes_no_posts_unless_the_server_was_told_to(
    told_ledger: str, serving: Serving, event: Make
) -> None:
    with serving(told_ledger, OPEN) as served:
        size = served.size()
        answer = served.post(event("told"))
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:sunledger:problem:told-clock"
        assert "--told" in answer.json()["detail"]
        assert served.size() == size
        assert served.client.get("/v1/log/head").json()["clock"] == "told"


def test_a_told_ledger_records_at_the_moment_it_is_told(told_ledger: str, serving: Serving, event: Make) -> None:
    with serving(told_ledger, Settings(console=False, told=True)) as served:
        first = served.post(event("t1"), sunledger_recorded="2026-03-01T08:00:00+08:00")
        assert (first.status_code, first.json()["recorded"]) == (201, "2026-03-01T00:00:00.000000Z")
        unsaid = served.post(event("t2"))
        assert unsaid.json()["recorded"] == first.json()["recorded"]
        backwards = served.post(event("t3"), sunledger_recorded="2026-02-01T08:00:00+08:00")
        assert backwards.status_code == 422
        assert backwards.json()["problems"][0]["pointer"] == "/sunledger-recorded"
        unread = served.post(event("t4"), sunledger_recorded="yesterday")
        assert unread.status_code == 422
        assert "yesterday" not in unread.text


def test_a_refusal_on_a_told_ledger_is_dated_by_its_own_clock(told_ledger: str, serving: Serving, event: Make) -> None:
    """The machine's clock says nothing there: a refusal dated by it would lie in the simulated future."""
    with serving(told_ledger, Settings(console=False, told=True)) as served:
        served.post(event("t1"), sunledger_recorded="2026-03-01T08:00:00+08:00")
        assert served.post(event("t2", colour="red")).status_code == 422
        refused = served.since(served.size() - 1)[0]
        assert refused.type == "ledger.access-logged.v1"
        assert refused.time == refused.recorded == "2026-03-01T00:00:00.000000Z"


@pytest.mark.parametrize("strangers", [3])
def test_strangers_are_told_of_when_the_server_stops(
    ledger: str, serving: Serving, event: Make, strangers: int
) -> None:
    with serving(ledger, OPEN) as served:
        for _ in range(strangers):
            served.client.post("/v1/events", json=event("stranger"))
    with Log(ledger) as log:
        told = log.last(type="ledger.access-logged.v1")
    assert told is not None
    assert (told.data["count"], told.data["reason"], told.data["network"]) == (strangers, "unknown-key", "local")


def test_a_request_that_is_given_up_neither_takes_its_events_back_nor_stops_the_writer(
    ledger: str, serving: Serving, event: Make
) -> None:
    """A writer that finds its answer cancelled would take it for a broken invariant and stop for good."""
    with serving(ledger, OPEN) as served:
        services: Services = served.client.app.state.services  # type: ignore[attr-defined]
        poster = Poster(org="12140300MA0TT001XR", organ="PTC", via="key:test")

        async def give_up() -> None:
            posts, _ = door.posts(event("given-up"), poster, services.contracts)
            request = asyncio.create_task(posting._durable(services, posts))
            await asyncio.sleep(0)
            request.cancel()
            with suppress(asyncio.CancelledError):
                await request

        with ThreadPoolExecutor(1) as thread:  # this thread may have a loop already: the browser's
            thread.submit(asyncio.run, give_up()).result()
        assert served.post(event("after")).status_code == 201
        assert served.post(event("given-up")).status_code == 200
        assert services.alarms() == []
