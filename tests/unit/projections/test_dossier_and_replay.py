"""The dossier and its replay, on entries made by hand."""

from datetime import datetime
from typing import Any

import pytest

from ledger.clock import BEIJING, parse
from ledger.entry import Entry
from ledger.errors import Malformed, NotFound
from projections.dossier import Dossier, fold, load
from projections.replay import both, known, late, moment, position_at, true

LOT = "lot:L1"


def entry(
    position: int, time: str, recorded: str, type_: str = "trading.candidates-publicised.v1", **data: Any
) -> Entry:
    event: dict[str, Any] = {
        "id": f"e{position}",
        "source": "urn:x",
        "type": type_,
        "subject": f"notice:n{position}",
        "time": time,
    }
    candidates = [{"rank": 1, "party": "A", "party_name": "甲", "price_kind": "none"}]
    payload = {"opens_at": time, "closes_at": time, "candidates": candidates, **data}
    links: dict[str, tuple[int, str | None]] = {LOT: (position, None), f"notice:n{position}": (1, None)}
    event |= {"data": payload, "project": "P1"}
    return Entry(position, event, links, {}, "0" * 64, recorded, b"", bytes(32))


PROMPT = entry(3, "2025-06-10T09:00:00+08:00", "2025-06-10T01:00:30.000000Z", title="第一次")
LATE = entry(5, "2025-06-09T09:00:00+08:00", "2025-06-12T01:00:00.000000Z", title="补录")
RETENDER = entry(8, "2025-06-11T09:00:00+08:00", "2025-06-12T02:00:00.000000Z", title="第二次", round=2)
DOSSIER = Dossier(LOT, (PROMPT, LATE, RETENDER))


class Kept:
    """A log of three entries among ten positions."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def find(self, *, tag: str | None = None, after: int = 0, limit: int = 200) -> list[Entry]:
        return [e for e in DOSSIER.entries if e.position > after and tag in e.tags][:limit]

    def entry(self, position: int) -> Entry | None:
        self.asked.append(position)
        return entry(position, "2025-06-10T00:00:00Z", f"2025-06-{position:02}T00:00:00.000000Z")


def positions(dossier: Dossier) -> list[int]:
    return [e.position for e in dossier.entries]


def test_a_dossier_is_loaded_whole_or_up_to_a_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.dossier.READ_AT_ONCE", 2)
    assert positions(load(Kept(), LOT)) == [3, 5, 8]
    assert positions(load(Kept(), LOT, until=5)) == [3, 5]
    assert load(Kept(), "lot:none").entries == ()


def test_the_state_shows_the_notice_that_happened_last_not_the_one_recorded_last() -> None:
    assert fold(LOT, (RETENDER, LATE))["title"] == "第二次"
    assert DOSSIER.state()["rounds"] == 2
    assert DOSSIER.state()["publications"] == 3
    assert DOSSIER.state()["first_time"] == LATE.time


def test_an_empty_dossier_has_a_state_too() -> None:
    state = Dossier(LOT, ()).state()
    assert (state["entries"], state["title"], state["rounds"], state["candidates"]) == (0, None, 0, [])


def test_a_party_sees_how_often_it_was_first() -> None:
    state = fold("party:A", (PROMPT, RETENDER))
    assert (state["name"], state["candidacies"], state["firsts"]) == ("甲", 2, 2)


def test_known_is_what_was_recorded_by_then() -> None:
    assert positions(known(DOSSIER, parse("2025-06-11T00:00:00+08:00"))) == [3]
    assert positions(known(DOSSIER, 5)) == [3, 5]
    assert positions(known(DOSSIER, parse(LATE.recorded))) == [3, 5]


def test_true_is_what_had_happened_by_then_in_the_order_of_the_world() -> None:
    assert positions(true(DOSSIER, parse("2025-06-10T09:00:00+08:00"))) == [5, 3]
    assert positions(true(DOSSIER, 8)) == [5, 3, 8]


def test_late_is_what_had_happened_and_was_not_on_file() -> None:
    assert positions(late(DOSSIER, parse("2025-06-11T12:00:00+08:00"))) == [5, 8]


def test_both_readings_together_tell_what_was_on_file_about_the_world() -> None:
    assert positions(both(DOSSIER, 5, parse("2025-06-09T12:00:00+08:00"))) == [5]
    assert positions(both(DOSSIER, 3, 8)) == [3]
    assert positions(both(DOSSIER, None, None)) == [3, 5, 8]


def test_a_position_outside_the_dossier_names_no_moment_of_the_world() -> None:
    with pytest.raises(NotFound):
        true(DOSSIER, 4)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("33", 33),
        ("2026-02-13", datetime(2026, 2, 13, 23, 59, 59, 999999, tzinfo=BEIJING)),
        ("2020-12-18T09:00", datetime(2020, 12, 18, 9, tzinfo=BEIJING)),
        ("2026-02-13T12:57:00+08:00", datetime(2026, 2, 13, 12, 57, tzinfo=BEIJING)),
        ("2026-02-13T12:57:00 08:00", datetime(2026, 2, 13, 12, 57, tzinfo=BEIJING)),
    ],
)
def test_a_moment_is_a_position_a_day_or_a_time(text: str, meant: int | datetime) -> None:
    assert moment(text) == meant


@pytest.mark.parametrize("text", ["", "heute", "-1", "2026-02-30", "2026-13", "9" * 40, "９９", "9999-12-31"])
def test_what_is_no_moment_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        moment(text, "/true")
    assert refused.value.problems[0].pointer == "/true"


@pytest.mark.parametrize(
    ("at", "position"),
    [
        ("2025-05-31", 0),
        ("2025-06-01", 1),
        ("2025-06-04T07:59:59+08:00", 3),
        ("2025-06-04T08:00:00+08:00", 4),
        ("2026-01-01", 10),
    ],
)
def test_a_time_becomes_the_last_position_recorded_by_then(at: str, position: int) -> None:
    log = Kept()
    assert position_at(log, moment(at), 10) == position
    assert len(log.asked) <= 4
    assert position_at(log, 99, 10) == 10
