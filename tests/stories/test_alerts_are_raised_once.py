"""Alerts: what the rules demand stands in the log, once; and what stands there can be recomputed."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.errors import Conflict
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections.compare import compare
from projections.dossier import ALERT
from projections.runner import Runner

Notice = Callable[..., dict[str, Any]]
Posting = Callable[..., list[Entry]]

SHORT = {"closes_at": "2025-06-14T09:00:00+08:00"}


def alerts(dsn: str) -> list[Entry]:
    with Log(dsn) as log:
        return log.find(type=ALERT)


@pytest.fixture
def warned(founded: str, notice: Notice, posting: Posting) -> str:
    """A ledger with two short publicities among three, and their alerts."""
    posting(founded, notice(1), notice(2, **SHORT), notice(3, lot=None, **SHORT))
    with Writer(founded) as writer:
        Runner(founded, writer).run_once()
    return founded


def test_each_short_publicity_gives_one_alert_that_names_its_evidence(warned: str) -> None:
    one, two = alerts(warned)
    with Log(warned) as log:
        evidence = log.entry(one.data["evidence"][0])
    assert evidence is not None
    assert (evidence.id, one.data["lots"], one.time) == ("n2", ["L2"], evidence.recorded)
    assert one.data["text_zh"].startswith("公示期 48 小时，少于 72 小时")
    assert two.data["notices"] == ["n3"]
    assert "lots" not in two.data


def test_running_again_and_rebuilding_raise_nothing_twice(warned: str) -> None:
    before = [entry.leaf for entry in alerts(warned)]
    with Writer(warned) as writer:
        Runner(warned, writer).run_once()
        Runner(warned).rebuild()
        Runner(warned, writer).run_once()
    assert [entry.leaf for entry in alerts(warned)] == before


def test_two_runners_raise_an_alert_once(founded: str, notice: Notice, posting: Posting) -> None:
    posting(founded, notice(1, **SHORT))
    Runner(founded).run_once()
    with Writer(founded) as one, Writer(founded) as two:
        Runner(founded, one).run_once()
        Runner(founded, two).run_once()
    assert len(alerts(founded)) == 1


def test_an_alert_with_the_same_id_and_other_bytes_stops_the_runner(
    founded: str, notice: Notice, posting: Posting, contracts: Contracts
) -> None:
    posting(founded, notice(1, **SHORT))
    Runner(founded).run_once()
    with psycopg.connect(founded) as conn:
        (event,) = conn.execute("SELECT event FROM views.findings WHERE alert = 1").fetchone() or ({},)
    event["data"]["text_zh"] = "另一句话"
    event["subject"] = "alert:other"
    with Writer(founded) as writer:
        writer.append([admit(event, Poster("11140300MA0TT020X7", "SYS", "system:rules"), contracts)])
        with pytest.raises(Conflict):
            Runner(founded, writer).run_once()


def test_alerts_are_counted_on_lots_and_projects(warned: str) -> None:
    with psycopg.connect(warned) as conn:
        lots: dict[str, int] = dict(conn.execute("SELECT id, alerts FROM views.lots").fetchall())
        project = conn.execute("SELECT alerts, severity FROM views.projects").fetchone()
    assert lots == {"lot:L1": 0, "lot:L2": 1, "notice:n3": 1}
    assert project == (2, "H")


def test_without_a_calendar_nothing_is_judged_and_nobody_accused(
    founded: str, notice: Notice, posting: Posting
) -> None:
    posting(founded, notice(1, opens_at="2027-06-12T09:00:00+08:00", closes_at="2027-06-13T09:00:00+08:00"))
    with Writer(founded) as writer:
        Runner(founded, writer).run_once()
    with psycopg.connect(founded) as conn:
        assert conn.execute("SELECT state, reason FROM views.publicity").fetchall() == [
            ("undeterminable", "calendar-missing")
        ]
    assert alerts(founded) == []


def test_before_an_edition_is_activated_no_rule_speaks(ledger: str, notice: Notice, posting: Posting) -> None:
    posting(ledger, notice(1, **SHORT))
    with Writer(ledger) as writer:
        Runner(ledger, writer).run_once()
    with psycopg.connect(ledger) as conn:
        assert conn.execute("SELECT state FROM views.publicity").fetchall() == [(None,)]
    assert alerts(ledger) == []


def test_an_honest_ledger_compares_equal(warned: str) -> None:
    found = compare(warned)
    assert found.ok
    assert found.position == found.head
    assert found.rows > 10


def test_a_touched_row_is_named_with_both_sides(warned: str) -> None:
    with psycopg.connect(warned) as owner:
        owner.execute("UPDATE views.parties SET firsts = 0 WHERE firsts = 3")
        owner.execute("DELETE FROM views.party_pairs__seat WHERE scope = 'lot:L1'")
    party, seat = compare(warned).differences
    assert (party.view, party.live["firsts"], party.recomputed["firsts"]) == ("parties", 0, 3)
    assert (seat.view, seat.key, seat.live) == ("party_pairs__seat", "lot:L1|1", None)


def test_a_ledger_without_views_has_none_to_differ(founded: str) -> None:
    found = compare(founded)
    assert found.ok
    assert "lots" in found.outdated


def test_views_made_by_other_files_are_named_and_not_compared(warned: str) -> None:
    with psycopg.connect(warned) as owner:
        owner.execute("UPDATE views.progress SET edition = 'old' WHERE view = 'parties'; DELETE FROM views.parties")
    found = compare(warned)
    assert (found.ok, found.outdated) == (True, ("parties",))


def test_an_alert_that_the_views_have_not_read_yet_is_not_missing(warned: str) -> None:
    with Log(warned) as log:
        last = log.find(type=ALERT)[-1].position
    Runner(warned).rebuild()
    with psycopg.connect(warned) as owner:
        owner.execute("DELETE FROM views.progress")
    Runner(warned).run_once(last - 2)
    assert compare(warned).missing == ()


def test_an_alert_not_raised_yet_is_missing(founded: str, notice: Notice, posting: Posting) -> None:
    posting(founded, notice(1, **SHORT))
    Runner(founded).run_once()
    found = compare(founded)
    assert (len(found.missing), found.ok) == (1, False)


def test_an_alert_that_no_rule_gives_is_not_reproducible(warned: str, contracts: Contracts) -> None:
    made = alerts(warned)[0].event
    forged = {**made, "id": "forged", "subject": "alert:forged", "data": {**made["data"], "alert_no": "forged"}}
    with Writer(warned) as writer:
        writer.append([admit(forged, Poster("11140300MA0TT020X7", "SYS", "system:rules"), contracts)])
    Runner(warned).run_once()
    (wrong,) = compare(warned).not_reproducible
    assert (wrong.key, wrong.live["id"], wrong.recomputed) == ("alert:forged", "forged", None)
