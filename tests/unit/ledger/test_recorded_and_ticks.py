"""Who says when: `recorded` on a real and on a told clock, and the ticks of the rules' clock (decisions 1 and 7)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ledger import clock
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.entry import parse
from ledger.errors import CannotRun, ClockBehind
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Post, Tick
from ledger.sealing import TICK_TAGS, TICK_TYPE, Group, Sealer
from ledger.store.append import Appender
from ledger.store.postgres import Log
from ledger.tip import TipKeeper
from ledger.writer import Writer

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""Noon in Beijing."""

POSTER = {"org": "12140300MA0TT030XR", "via": "key:test"}


@dataclass
class Machine:
    """The machine's clock, in the hand of a test."""

    present: datetime = NOON

    def now(self) -> datetime:
        return self.present


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The wall clock is set by the test; everything else is real."""
    found = Machine()
    monkeypatch.setattr(clock, "now", found.now)
    return found


def a_post(id: str, recorded: datetime | None = None, type_: str = "test.happened.v1") -> Post:
    event = {"id": id, "source": "urn:example:ptc", "type": type_}
    return Post(type_, "urn:example:ptc", id, encode(event), (), POSTER, recorded)


def created(recorded: datetime | None = None) -> Post:
    return a_post("created", recorded, "ledger.created.v1")


def fresh(*, ticking: bool = True) -> Sealer:
    found = Sealer(ticking=ticking)
    found.heads = dict.fromkeys(TICK_TAGS, (0, None))
    return found


def sealer(*posts: Post | Tick, ticking: bool = True) -> Sealer:
    found = fresh(ticking=ticking)
    found.seal(posts)
    return found


def types(group: Group) -> list[str]:
    return [parse(raw).type for raw in group.rows.entries]


def kinds(group: Group) -> list[str]:
    return [entry.data["kind"] for entry in map(parse, group.rows.entries) if entry.type == TICK_TYPE]


# -- a real clock --


def test_a_real_clock_stamps_with_the_present(machine: Machine) -> None:
    one = sealer(created())
    machine.present += timedelta(microseconds=1)
    assert one.seal([a_post("a")]).receipts[0].recorded == "2026-03-02T04:00:00.000001Z"


def test_a_post_that_names_a_moment_on_a_real_clock_is_refused_and_changes_nothing(machine: Machine) -> None:
    one = sealer(created())
    before = one.tip.copy()
    with pytest.raises(CannotRun, match="real"):
        one.seal([a_post("a"), a_post("b", NOON)])
    assert one.tip == before


def test_a_machine_a_little_behind_repeats_the_last_moment(machine: Machine) -> None:
    one = sealer(created())
    machine.present -= timedelta(seconds=10)
    assert one.seal([a_post("a")]).receipts[0].recorded == clock.stamp(NOON)


def test_a_machine_far_behind_stops_writing_until_it_is_right_again(machine: Machine) -> None:
    one = sealer(created())
    machine.present -= timedelta(seconds=10, microseconds=1)
    with pytest.raises(ClockBehind):
        one.seal([a_post("a")])
    machine.present = NOON
    assert one.seal([a_post("a")]).receipts[0].position == 2


# -- a told clock --


def test_a_told_clock_takes_the_moment_of_each_post_and_repeats_it_where_none_is_named(machine: Machine) -> None:
    one = sealer(created(NOON))
    later = NOON + timedelta(days=30)
    stamps = [receipt.recorded for receipt in one.seal([a_post("a", later), a_post("b"), a_post("c", later)]).receipts]
    assert stamps == [clock.stamp(later)] * 3


def test_a_told_clock_never_goes_back_and_a_refused_group_leaves_no_trace(machine: Machine) -> None:
    one = sealer(created(NOON))
    before, heads = one.tip.copy(), dict(one.heads)
    with pytest.raises(CannotRun, match="never goes back"):
        one.seal([a_post("a", NOON + timedelta(hours=1)), a_post("b", NOON)])
    assert (one.tip, one.heads) == (before, heads)


def test_a_told_clock_never_ticks_by_itself(machine: Machine) -> None:
    one = sealer(created(NOON))
    machine.present += timedelta(days=400)
    assert types(one.seal([a_post("a", NOON + timedelta(days=400))])) == ["test.happened.v1"]
    assert not one.day_is_over()


def test_a_city_writes_its_ticks_where_it_wants_them(machine: Machine) -> None:
    one = sealer(created(NOON))
    group = one.seal([Tick("daily", NOON + timedelta(days=1)), a_post("a", NOON + timedelta(days=2))])
    assert types(group) == [TICK_TYPE, "test.happened.v1"]
    assert len(group.receipts) == 2


# -- the clock of the rules --


def test_a_tick_comes_with_the_first_post_an_hour_after_the_last(machine: Machine) -> None:
    one = sealer(created())
    machine.present += timedelta(minutes=59, seconds=59)
    assert types(one.seal([a_post("a")])) == ["test.happened.v1"]
    machine.present += timedelta(seconds=1)
    group = one.seal([a_post("b"), a_post("c")])
    assert types(group) == [TICK_TYPE, "test.happened.v1", "test.happened.v1"]
    assert [receipt.position for receipt in group.receipts] == [4, 5], "receipts belong to the posts alone"
    assert types(one.seal([a_post("d")])) == ["test.happened.v1"]


def test_the_first_tick_of_a_civil_day_is_the_daily_one(machine: Machine) -> None:
    one = sealer(created())
    found = []
    for hours in (3, 8, 4, 1, 8):  # 15:00, 23:00, 03:00 and 04:00 next day, 12:00
        machine.present += timedelta(hours=hours)
        found += kinds(one.seal([a_post(str(hours))]))
    assert found == ["hourly", "hourly", "daily", "hourly", "hourly"]


def test_a_tick_states_size_and_root_of_what_stands_before_it(machine: Machine) -> None:
    one = sealer(created(), a_post("a"))
    root = one.tip.edge.root().hex()
    machine.present += timedelta(hours=2)
    tick = parse(one.seal([a_post("b")]).rows.entries[0])
    assert tick.data == {"as_of": clock.stamp(machine.present), "kind": "hourly", "root": root, "size": 2}
    assert (tick.recorded, tick.source, tick.subject) == (tick.data["as_of"], SYSTEM_SOURCE, LEDGER_TAG)


def test_a_tick_fits_its_contract(machine: Machine, contracts: Contracts) -> None:
    one = sealer(created())
    machine.present += timedelta(hours=2)
    tick = parse(one.seal([]).rows.entries[0])
    contract = contracts.get(TICK_TYPE)
    assert contract is not None
    assert contract.problems(tick.data) == []
    assert contract.tags(tick.event) == sorted(TICK_TAGS)


def test_as_of_never_stands_still(machine: Machine) -> None:
    one = sealer(created())
    machine.present += timedelta(minutes=1)
    one.seal([Tick("on-demand")])
    with pytest.raises(CannotRun, match="as_of"):
        one.seal([Tick("on-demand")])
    machine.present += timedelta(microseconds=1)
    assert kinds(one.seal([Tick("on-demand")])) == ["on-demand"]


def test_a_tick_that_is_asked_for_takes_the_place_of_the_one_that_is_due(machine: Machine) -> None:
    one = sealer(created())
    machine.present += timedelta(days=1)
    assert kinds(one.seal([Tick("daily")])) == ["daily"]


def test_a_writer_told_not_to_tick_does_not(machine: Machine) -> None:
    one = sealer(created(), ticking=False)
    machine.present += timedelta(days=2)
    assert types(one.seal([a_post("a")])) == ["test.happened.v1"]
    assert not one.day_is_over()


def test_who_follows_a_log_from_its_first_entry_ticks_an_hour_after_it(machine: Machine) -> None:
    entries = [parse(raw) for raw in fresh().seal([created(), a_post("a")]).rows.entries]
    second = fresh()
    second.follow(entries)
    machine.present += timedelta(hours=1)
    assert kinds(second.seal([a_post("b")])) == ["hourly"]


def test_taking_a_group_back_leaves_the_sealer_as_it_was(machine: Machine) -> None:
    one = sealer(created(), *[a_post(f"f{n}") for n in range(252)])
    before, heads = one.tip.copy(), dict(one.heads)
    machine.present += timedelta(hours=2)
    group = one.seal([a_post("a"), a_post("b"), a_post("c")])
    assert group.rows.tiles, "the group fills a tile"
    first = group.rows.entries
    one.take_back(group)
    assert (one.tip, one.heads) == (before, heads)
    again = one.seal([a_post("a"), a_post("b"), a_post("c")])
    assert (again.rows.entries, again.rows.tiles) == (first, group.rows.tiles)


def test_an_empty_log_takes_nothing_but_its_first_entry() -> None:
    with pytest.raises(CannotRun, match="init"):
        Sealer(ticking=True).seal([a_post("a")])


# -- on a real log --


def test_a_day_without_posts_ticks_once_whoever_writes(ledger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    appender = Appender(ledger)
    idle = TipKeeper(ledger, appender, ticks=True)
    assert idle.daily_tick() is None, "the day is not over"
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(days=1))
    with Writer(ledger) as other:
        other.append([Tick("daily")])
    assert idle.daily_tick() is None, "the other writer's tick was read first"
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(days=2))
    group = idle.daily_tick()
    assert group is not None
    assert kinds(group) == ["daily"]
    idle.close()
    appender.connection.close()


def test_an_idle_writer_writes_the_tick_of_the_day(ledger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.writer.IDLE_SECONDS", 0.05)
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(days=1))
    with Writer(ledger), Log(ledger) as log:
        until = clock.ticks() + 10
        while log.count(type=TICK_TYPE) == 0:
            assert clock.ticks() < until, "no tick came"
        until = clock.ticks() + 0.3
        while clock.ticks() < until:
            assert log.count(type=TICK_TYPE) == 1, "one a day"
