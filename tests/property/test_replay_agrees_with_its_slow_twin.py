"""Replay against a slow, obvious twin, over histories of every shape: late, early, equal moments, any cut."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from ledger.clock import stamp
from ledger.entry import Entry
from projections.dossier import Dossier
from projections.replay import both, known, late, true

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = 12
"""Hours within which everything happens and is recorded, so that moments often coincide."""

hours = some.integers(0, SPAN)


def at(hour: int) -> datetime:
    return BEGINNING + timedelta(hours=hour)


@some.composite
def histories(draw: some.DrawFn) -> Dossier:
    recorded = sorted(draw(some.lists(hours, max_size=8)))
    happened = draw(some.lists(hours, min_size=len(recorded), max_size=len(recorded)))
    entries = [
        Entry(3 * n + 1, {"time": stamp(at(when))}, {"lot:L": (n + 1, None)}, {}, "", stamp(at(on)), b"", bytes(32))
        for n, (on, when) in enumerate(zip(recorded, happened, strict=True))
    ]
    return Dossier("lot:L", tuple(entries))


def positions(dossier: Dossier) -> list[int]:
    return [entry.position for entry in dossier.entries]


@given(histories(), hours)
def test_known_takes_entries_one_by_one_until_one_was_recorded_later(dossier: Dossier, hour: int) -> None:
    slow = []
    for entry in dossier.entries:
        if entry.recorded > stamp(at(hour)):
            break
        slow.append(entry.position)
    assert positions(known(dossier, at(hour))) == slow


@given(histories(), hours)
def test_true_walks_through_the_hours_and_takes_what_happened_in_each(dossier: Dossier, hour: int) -> None:
    slow = [e.position for h in range(hour + 1) for e in dossier.entries if e.time == stamp(at(h))]
    assert positions(true(dossier, at(hour))) == slow


@given(histories(), hours)
def test_late_and_known_share_nothing_and_together_hold_all_that_is_true(dossier: Dossier, hour: int) -> None:
    on_file, missing = set(positions(known(dossier, at(hour)))), set(positions(late(dossier, at(hour))))
    assert not on_file & missing
    assert set(positions(true(dossier, at(hour)))) <= on_file | missing


@given(histories(), hours, hours)
def test_both_is_the_one_cut_after_the_other_in_either_order(dossier: Dossier, k: int, t: int) -> None:
    assert positions(both(dossier, at(k), at(t))) == positions(true(known(dossier, at(k)), at(t)))
    assert set(positions(both(dossier, at(k), at(t)))) == set(positions(known(true(dossier, at(t)), at(k))))


@given(histories(), hours, some.integers(0, 8))
def test_what_was_known_stays_known_whatever_is_added_later(dossier: Dossier, hour: int, cut: int) -> None:
    earlier = Dossier(dossier.tag, dossier.entries[:cut])
    if len(earlier.entries) == len(dossier.entries) or dossier.entries[cut].recorded > stamp(at(hour)):
        assert positions(known(earlier, at(hour))) == positions(known(dossier, at(hour)))


@given(histories())
def test_a_position_means_the_moment_at_which_that_entry_happened(dossier: Dossier) -> None:
    for entry in dossier.entries:
        taken = {e.position for e in dossier.entries if e.time <= entry.time}
        assert set(positions(true(dossier, entry.position))) == taken
        assert positions(known(dossier, entry.position)) == [p for p in positions(dossier) if p <= entry.position]
