"""Views: what stands in them is what the entries say, however the runner came by them."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from ledger.errors import Broken, Malformed
from projections import views
from projections.runner import Runner

Notice = Callable[..., dict[str, Any]]
Posting = Callable[..., Any]


def whole(dsn: str) -> dict[str, list[Any]]:
    """Every row of every table of the views."""
    with psycopg.connect(dsn) as conn:
        named = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'views' ORDER BY 1").fetchall()
        return {
            name: conn.execute(f"SELECT * FROM views.{name} ORDER BY 1, 2".encode()).fetchall() for (name,) in named
        }


def rows(dsn: str, view: str, **asked: Any) -> list[dict[str, Any]]:
    module = views.get(view)
    assert module is not None
    with psycopg.connect(dsn, autocommit=True) as conn:
        return module.page(conn, **asked).rows


@pytest.fixture
def storied(founded: str, notice: Notice, posting: Posting) -> str:
    """A ledger with a few notices: a re-tender, a correction, a consortium, several sections, a short publicity."""
    posting(
        founded,
        notice(1),
        notice(
            2,
            ("b", "a"),
            lot="L1",
            round=2,
            opens_at="2025-07-01T09:00:00+08:00",
            closes_at="2025-07-04T09:00:00+08:00",
        ),
        notice(3, ("a", ("b", "d")), lot="L3", project="P2"),
        notice(
            4,
            ("a", "c"),
            lot="L3",
            project="P2",
            opens_at="2025-06-20T09:00:00+08:00",
            correction=True,
            publication=2,
            closes_at="2025-06-25T09:00:00+08:00",
        ),
        notice(5, ("e", "f"), lot=None),
        notice(6, ("a", "g"), closes_at="2025-06-14T09:00:00+08:00"),
        notice(7, ("a", "e"), lot="L1", opens_at="2025-01-02T09:00:00+08:00", closes_at="2025-01-07T09:00:00+08:00"),
    )
    return founded


def test_a_lot_shows_its_latest_notice_and_counts_its_rounds(storied: str) -> None:
    Runner(storied).run_once()
    lot = next(row for row in rows(storied, "lots") if row["id"] == "lot:L1")
    assert (lot["rounds"], lot["publications"], lot["candidates"]) == (2, 3, 2)
    assert lot["opens_at"] == "2025-07-01T09:00:00+08:00"
    assert (lot["first_name"], lot["price_fen"], lot["verdict"]) == ("示例b公司", 1_000_000, "met")


def test_a_notice_with_several_sections_has_a_row_of_its_own(storied: str) -> None:
    Runner(storied).run_once()
    assert "notice:n5" in {row["id"] for row in rows(storied, "lots")}


def test_a_correction_replaces_what_firms_were_counted_for(storied: str) -> None:
    Runner(storied).run_once()
    counted = {row["name"]: (row["candidacies"], row["firsts"]) for row in rows(storied, "parties")}
    assert counted["示例d公司"] == (0, 0)
    assert counted["示例a公司"] == (4, 3)


def test_firms_of_one_consortium_do_not_meet(founded: str, notice: Notice, posting: Posting) -> None:
    posting(founded, notice(1, (("a", "b"), "c")))
    Runner(founded).run_once()
    pairs = {(row["a_name"], row["b_name"]) for row in rows(founded, "party_pairs")}
    assert pairs == {("示例a公司", "示例c公司"), ("示例b公司", "示例c公司")}


def test_a_publicity_of_two_days_is_a_breach_and_one_of_four_is_met(storied: str) -> None:
    Runner(storied).run_once()
    states = {row["id"]: (row["state"], row["minutes"]) for row in rows(storied, "publicity")}
    assert states["notice:n6"] == ("breached", 2880)
    assert states["notice:n1"] == ("met", 5760)


def test_views_do_not_depend_on_where_batches_end(storied: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Runner(storied).run_once()
    at_once = whole(storied)
    monkeypatch.setattr("projections.runner.BATCH", 1)
    Runner(storied).rebuild()
    assert whole(storied) == at_once


def test_views_run_in_steps_equal_views_run_at_once(storied: str) -> None:
    runner = Runner(storied)
    for until in range(1, 30):
        runner.run_once(until)
    stepped = whole(storied)
    Runner(storied).rebuild()
    assert whole(storied) == stepped


def test_a_view_that_is_dropped_in_catches_up_alone(storied: str) -> None:
    Runner(storied).run_once()
    before = whole(storied)
    with psycopg.connect(storied) as owner:
        owner.execute("DROP TABLE views.lots; DELETE FROM views.progress WHERE view = 'lots'")
    Runner(storied).run_once()
    assert whole(storied) == before


def test_a_view_made_by_other_files_is_rebuilt(storied: str) -> None:
    Runner(storied).run_once()
    before = whole(storied)
    with psycopg.connect(storied) as owner:
        owner.execute("UPDATE views.progress SET edition = 'old' WHERE view = 'parties'; DELETE FROM views.parties")
    Runner(storied).run_once()
    assert whole(storied) == before


def test_a_view_whose_files_are_gone_is_dropped(storied: str) -> None:
    Runner(storied).run_once()
    with psycopg.connect(storied) as owner:
        owner.execute("ALTER TABLE views.lots RENAME TO plots")
        owner.execute("UPDATE views.progress SET view = 'plots' WHERE view = 'lots'")
    Runner(storied).run_once()
    assert "plots" not in whole(storied)
    assert len(rows(storied, "lots")) == 4


def test_following_outlives_a_lost_connection(founded: str, notice: Notice, posting: Posting) -> None:
    runner, stop = Runner(founded), Event()
    runner.run_once()
    thread = Thread(target=runner.follow, args=(stop,))
    thread.start()
    with psycopg.connect(founded, autocommit=True) as owner:
        waited = Event()
        for _ in range(100):
            lost = owner.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
            if lost and lost[0] >= 3:
                break
            waited.wait(0.1)
    posting(founded, notice(1))
    for _ in range(150):
        if rows(founded, "lots"):
            break
        waited.wait(0.1)
    stop.set()
    thread.join(10)
    assert [row["id"] for row in rows(founded, "lots")] == ["lot:L1"]
    assert runner.failure is None


def test_a_page_goes_on_where_the_last_one_ended(storied: str) -> None:
    Runner(storied).run_once()
    lots = views.get("lots")
    assert lots is not None
    seen, after = [], None
    with psycopg.connect(storied, autocommit=True) as conn:
        while True:
            page = lots.page(conn, after=after, limit=2)
            assert (page.total, page.position) == (4, lots.page(conn, limit=1).position)
            seen += [row["id"] for row in page.rows]
            if (after := page.next) is None:
                break
    assert seen == ["lot:L1", "lot:L3", "notice:n5", "lot:L6"]
    assert [row["id"] for row in rows(storied, "lots", newest=True)] == seen[::-1]


def test_filters_select_by_kind_of_column(storied: str) -> None:
    Runner(storied).run_once()
    assert [r["id"] for r in rows(storied, "lots", filters={"rounds": "2.."})] == ["lot:L1"]
    assert [r["id"] for r in rows(storied, "lots", filters={"verdict": "breached,running"})] == ["lot:L6"]
    assert [r["id"] for r in rows(storied, "lots", filters={"q": "L3 公"})] == ["lot:L3"]
    assert [r["id"] for r in rows(storied, "lots", filters={"opens_at": "2025-07-01..2025-07-02"})] == ["lot:L1"]
    assert rows(storied, "lots", filters={"title": "100%"}) == []


@pytest.mark.parametrize(
    "asked", [{"filters": {"nothing": "1"}}, {"filters": {"rounds": "x"}}, {"after": "x"}, {"limit": 0}]
)
def test_a_question_that_makes_no_sense_is_refused_with_its_place(founded: str, asked: dict[str, Any]) -> None:
    Runner(founded).run_once()
    with pytest.raises(Malformed) as refused:
        rows(founded, "lots", **asked)
    assert refused.value.problems[0].pointer == f"/{next(iter(asked.get('filters', asked)))}"


def test_every_view_answers_one_row_and_says_none_where_there_is_none(storied: str) -> None:
    Runner(storied).run_once()
    with psycopg.connect(storied, autocommit=True) as conn:
        for view in views.all_views():
            for row in view.page(conn).rows:
                found = view.one(conn, row["id"])
                assert found is not None
                assert row.items() <= found.items()
            assert view.one(conn, "nothing") is None


def test_a_break_in_the_chain_stops_the_runner_before_the_bad_entry(storied: str) -> None:
    with psycopg.connect(storied) as owner:
        size = owner.execute("SELECT max(position) FROM ledger.entry").fetchone()
        assert size is not None
        owner.execute(
            "UPDATE ledger.entry SET entry = convert_to(replace(convert_from(entry, 'UTF8'), 'L3', 'L9'), 'UTF8')"
            " WHERE position = %s",
            (size[0] - 4,),
        )
    with pytest.raises(Broken) as broken:
        Runner(storied).run_once()
    assert broken.value.position in (size[0] - 4, size[0] - 3)
    assert rows(storied, "lots") == []


def test_following_shows_a_new_entry_within_moments(founded: str, notice: Notice, posting: Posting) -> None:
    runner, stop = Runner(founded), Event()
    runner.run_once()
    thread = Thread(target=runner.follow, args=(stop,))
    thread.start()
    posting(founded, notice(1))
    waited = Event()
    for _ in range(100):
        if rows(founded, "lots"):
            break
        waited.wait(0.1)
    stop.set()
    thread.join(10)
    assert [row["id"] for row in rows(founded, "lots")] == ["lot:L1"]
    assert runner.failure is None
