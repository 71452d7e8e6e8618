"""Whatever goes wrong, every poster gets an answer, the right one, and the log goes on or stops for a reason."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from ledger import clock
from ledger.errors import Broken, ClockBehind, Conflict, LedgerError
from ledger.post import AppendCondition, Post, Receipt, Wanted
from ledger.store.append import Appender
from ledger.tip import Overtaken, TipKeeper
from ledger.waiting import Waiting
from ledger.writer import Writer

MakePost = Callable[..., Post]
Check = Callable[[str], Any]
PATIENCE = 10


@contextmanager
def position_held(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner holds position n+1 without committing it: whoever appends must wait until the block ends."""
    with psycopg.connect(dsn) as owner:
        owner.execute("INSERT INTO ledger.entry SELECT max(position) + 1, 'held', '\\x00', '\\x00' FROM ledger.entry")
        yield owner
        owner.rollback()


def waits_for_a_lock(dsn: str) -> int:
    """The pid of the backend that waits for position n+1."""
    with psycopg.connect(dsn, autocommit=True) as db:
        until = monotonic() + PATIENCE
        while monotonic() < until:
            found = db.execute(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchall()
            if found:
                return int(found[0][0])
            sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_poster_who_walks_away_does_not_stop_the_writer(ledger: str, post: MakePost) -> None:
    with Writer(ledger) as writer:
        with position_held(ledger):
            answer = writer.post([post("left")])
            waits_for_a_lock(ledger)
            answer.cancel()
        assert writer.append([post("stayed")])[0].position == 3
        assert writer.failure is None


def test_everyone_in_hand_is_told_when_the_writer_stops(ledger: str, post: MakePost) -> None:
    with Writer(ledger) as writer:
        writer.append([post("a")])
        with psycopg.connect(ledger) as owner:
            owner.execute("DELETE FROM ledger.entry WHERE position = 2")
        answers = [writer.post([post(f"b{n}")]) for n in range(5)]
        for answer in answers:
            assert isinstance(answer.exception(PATIENCE), Broken)
        with pytest.raises(Broken):
            writer.append([post("c")])


def test_a_log_that_was_cut_behind_the_writers_back_takes_nothing_more(ledger: str, post: MakePost) -> None:
    """Every tag is remembered, so nothing is looked up: the statement itself must refuse."""
    with Writer(ledger) as writer:
        writer.append([post("a", "lot:1"), post("b", "lot:1")])
        with psycopg.connect(ledger) as owner:
            owner.execute("DELETE FROM ledger.entry WHERE position = 3")
        assert isinstance(writer.post([post("c", "lot:1")]).exception(PATIENCE), Broken)
    with psycopg.connect(ledger) as owner:
        assert owner.execute("SELECT max(position) FROM ledger.entry").fetchone() == (2,)


def test_a_changed_head_row_stops_the_writer_instead_of_spinning_it(ledger: str, post: MakePost) -> None:
    with Writer(ledger) as writer:
        writer.append([post("a")])
        with psycopg.connect(ledger) as owner:
            owner.execute("UPDATE ledger.entry SET leaf = '\\x00' WHERE position = 2")
        assert isinstance(writer.post([post("b")]).exception(PATIENCE), Broken)


def test_a_row_whose_bytes_name_another_position_stops_the_writer(ledger: str, post: MakePost) -> None:
    with Writer(ledger) as writer:
        writer.append([post("a")])
        with psycopg.connect(ledger) as owner:
            owner.execute(
                "INSERT INTO ledger.entry SELECT position + 1, type, leaf, entry FROM ledger.entry WHERE position = 2"
            )
        assert isinstance(writer.post([post("b")]).exception(PATIENCE), Broken)


def test_a_commit_that_no_standby_confirmed_is_looked_for_before_it_is_acknowledged(
    ledger: str, post: MakePost, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(ledger, autocommit=True) as owner, Writer(ledger) as writer:
        try:
            owner.execute("ALTER SYSTEM SET synchronous_standby_names = 'nowhere'")
            owner.execute("SELECT pg_reload_conf()")
            sleep(0.5)
            answer = writer.post([post("a")])
            until = monotonic() + PATIENCE
            while not answer.done() and monotonic() < until:
                owner.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                sleep(0.05)
        finally:
            owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
            owner.execute("SELECT pg_reload_conf()")
        assert [receipt.position for receipt in answer.result(PATIENCE)] == [2]
        assert "standby" in caplog.text


@pytest.mark.parametrize("careful", [False, True])
def test_the_same_event_twice_at_once_gets_one_receipt(
    ledger: str, post: MakePost, checked: Check, careful: bool
) -> None:
    with Writer(ledger) as writer:
        with position_held(ledger):
            writer.post([post("first")])
            waits_for_a_lock(ledger)
            answers = [writer.post([post("twin")], careful=careful) for _ in range(3)]
        got = [answer.result(PATIENCE)[0] for answer in answers]
    assert [one.position for one in got] == [3, 3, 3]
    assert sorted(one.duplicate for one in got) == [False, True, True]
    assert checked(ledger).size == 3


@pytest.mark.parametrize("careful", [False, True])
def test_a_repeat_of_what_is_on_its_way_gets_the_first_receipt(ledger: str, post: MakePost, careful: bool) -> None:
    with Writer(ledger) as writer:
        with position_held(ledger):
            first = writer.post([post("twin")])
            waits_for_a_lock(ledger)
            second = writer.post([post("twin")], careful=careful)
            other = writer.post([post("twin", text="other")], careful=careful)
        assert first.result(PATIENCE)[0].position == 2
        assert (second.result(PATIENCE)[0].position, second.result(PATIENCE)[0].duplicate) == (2, True)
        assert isinstance(other.exception(PATIENCE), Conflict)


def test_one_repeat_does_not_send_the_others_one_by_one(ledger: str, post: MakePost, checked: Check) -> None:
    """A real clock stamps a group once: the stamps count the groups."""
    with Writer(ledger) as writer:
        with position_held(ledger):
            writer.post([post("first")])
            waits_for_a_lock(ledger)
            answers = [writer.post([post(str(n % 40))]) for n in range(41)]
        got = [answer.result(PATIENCE)[0] for answer in answers]
    assert got[40].position == got[0].position
    assert got[40].duplicate
    assert len({receipt.recorded for receipt in got}) <= 2
    assert checked(ledger).size == 42


def test_an_array_that_names_one_event_twice_gets_one_receipt_twice(
    ledger: str, post: MakePost, checked: Check
) -> None:
    with Writer(ledger) as writer:
        got = writer.append([post("a"), post("b"), post("a")])
        assert [(one.position, one.duplicate) for one in got] == [(2, False), (3, False), (2, True)]
        again = writer.append([post("b"), post("c"), post("b"), post("c")])
        assert [(one.position, one.duplicate) for one in again] == [(3, True), (4, False), (3, True), (4, True)]
    assert checked(ledger).size == 4


def test_an_array_with_one_conflict_leaves_nothing_behind(ledger: str, post: MakePost, checked: Check) -> None:
    with Writer(ledger) as writer:
        writer.append([post("known")])
        for array in ([post("new"), post("known", text="other")], [post("new"), post("new", text="other")]):
            for careful in (False, True):
                answer = writer.post(array, careful=careful)
                assert isinstance(answer.exception(PATIENCE), Conflict)
    assert checked(ledger).size == 2


def test_a_repeat_with_a_condition_gets_the_first_receipt(ledger: str, post: MakePost) -> None:
    """Its own event would fail the condition; a repeat asks for nothing new."""
    only_once = AppendCondition((Wanted(tags=("lot:1",)),))
    with Writer(ledger) as writer:
        first = writer.append([post("a", "lot:1")], only_once)[0]
        again = writer.append([post("a", "lot:1")], only_once)[0]
    assert (again.position, again.duplicate) == (first.position, True)


def test_a_backend_that_is_ended_under_a_commit_costs_nobody_the_answer(
    ledger: str, post: MakePost, checked: Check
) -> None:
    """FATAL is no refusal: the outcome is unknown, and asked again."""
    with Writer(ledger) as writer:
        with position_held(ledger) as owner:
            answer = writer.post([post("a")], careful=True)
            pid = waits_for_a_lock(ledger)
            owner.execute("SELECT pg_terminate_backend(%s)", (pid,))
            while waits_for_a_lock(ledger) == pid:
                sleep(0.01)
        assert answer.result(PATIENCE)[0].position == 2
    assert checked(ledger).size == 2


def test_a_writer_whose_connections_were_ended_while_overtaken_goes_on(
    ledger: str, post: MakePost, checked: Check
) -> None:
    with Writer(ledger) as writer, Writer(ledger) as other:
        writer.append([post("a")])
        other.append([post("b")])
        writer._tip.contest()
        with psycopg.connect(ledger, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        until = monotonic() + PATIENCE
        receipts: list[Receipt] = []
        while not receipts:
            assert monotonic() < until, "the writer does not come back"
            with suppress(LedgerError):
                receipts = writer.append([post("c")])
        assert receipts[0].position == 4
    assert checked(ledger).size == 4


def test_a_look_up_under_a_commit_learns_nothing_from_the_writer_that_overtakes_it(ledger: str, post: MakePost) -> None:
    """Sealed: 2, 3, 4. Meanwhile another writer's #2 carries lot:x. What #2 says is not what our #5 may build on."""
    appender = Appender(ledger)
    keeper = TipKeeper(ledger, appender, ticks=False)

    def waiting(one: Post) -> Waiting:
        return Waiting([one], None, Future())

    ours = [waiting(post(f"ours-{n}")) for n in range(3)]
    keeper.know(ours)
    keeper.sealer.seal([one.posts[0] for one in ours])
    with Writer(ledger) as other:
        other.append([post("theirs", "lot:x")])
    with pytest.raises(Overtaken):
        keeper.know([waiting(post("next", "lot:x"))])
    keeper.close()
    appender.connection.close()


def test_two_writers_that_meet_on_the_same_tags_stay_friends(ledger: str, post: MakePost, checked: Check) -> None:
    """Always new tags, used by both at once: look-ups run while commits are on their way."""

    def write(who: int) -> None:
        with Writer(ledger) as writer:
            answers = [writer.post([post(f"{who}-{n}", f"lot:{n // 2}", f"party:{n}")]) for n in range(300)]
            for answer in answers:
                try:
                    answer.result(60)
                except LedgerError as fault:
                    wrong.append(fault)

    wrong: list[LedgerError] = []
    threads = [threading.Thread(target=write, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert checked(ledger).size == 601


def test_posts_of_one_poster_keep_their_order_when_overtaken(told_ledger: str, post: MakePost) -> None:
    """On a told clock the order is visible: a later moment that went in first would get the earlier one refused."""
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    never = AppendCondition((Wanted(tags=("lot:nowhere",)),))
    with Writer(told_ledger) as writer, Writer(told_ledger) as other:
        writer.append([post("known", "lot:1", recorded=moment)])
        other.append([post("theirs", recorded=moment)])
        answers = [
            writer.post([post(f"p{n}", "lot:1", recorded=moment + timedelta(hours=n))], never if n % 2 else None)
            for n in range(6)
        ]
        assert [answer.result(PATIENCE)[0].position for answer in answers] == [4, 5, 6, 7, 8, 9]


def test_a_clock_that_is_set_back_refuses_and_does_not_stop(
    ledger: str, post: MakePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Writer(ledger) as writer:
        writer.append([post("a")])
        true = clock.now
        monkeypatch.setattr(clock, "now", lambda: true() - timedelta(seconds=60))
        with pytest.raises(ClockBehind):
            writer.append([post("b")])
        monkeypatch.setattr(clock, "now", lambda: true() - timedelta(seconds=5))
        assert writer.append([post("b")])[0].position == 3


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM ledger.tile",
        "UPDATE ledger.tile SET hashes = substring(hashes FROM 33)",
        "DELETE FROM ledger.entry WHERE position = 270",
        "UPDATE ledger.entry SET entry = '\\x7b7d' WHERE position = 301",
        "UPDATE ledger.entry SET entry = '\\x7b7d' WHERE position = 1",
        "UPDATE ledger.entry SET leaf = '\\x00' WHERE position = 301",
    ],
)
def test_a_writer_does_not_start_on_a_log_with_a_piece_missing(ledger: str, post: MakePost, damage: str) -> None:
    with Writer(ledger) as writer:
        writer.append([post(str(n)) for n in range(300)])
    with psycopg.connect(ledger) as owner:
        owner.execute(damage.encode())
    with pytest.raises(Broken):
        Writer(ledger)
