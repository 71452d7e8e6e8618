"""The moment of a dossier, as an address asks for it: canonical, cut, and late."""

from dataclasses import dataclass

import pytest

from api.console.moment import Moment, read
from ledger.entry import Entry
from ledger.errors import Malformed
from projections.dossier import Dossier

TIMES = ["2026-01-01T09:00:00+08:00", "2026-01-05T09:00:00+08:00", "2026-01-03T09:00:00+08:00"]
RECORDED = ["2026-01-01T02:00:00.000000Z", "2026-01-05T02:00:00.000000Z", "2026-01-09T02:00:00.000000Z"]


def _entry(position: int) -> Entry:
    event = {"type": "t", "source": "s", "id": str(position), "time": TIMES[position - 1], "data": {}}
    return Entry(
        position, event, {"lot:A": (position, None)}, {}, "", RECORDED[position - 1], b"", bytes([position]) * 32
    )


@dataclass(frozen=True)
class Three:
    """A log of three entries; the third happened before the second and was recorded after it."""

    def entry(self, position: int) -> Entry | None:
        return _entry(position) if 0 < position < 4 else None


DOSSIER = Dossier("lot:A", (_entry(1), _entry(2), _entry(3)))


def _shown(**query: str) -> list[int]:
    return [entry.position for entry in read(query, Three(), 3).cut(DOSSIER, Three(), 3).entries]


def test_a_position_is_canonical_and_a_date_becomes_one() -> None:
    assert read({"known": "2"}, Three(), 3) == Moment(known=2)
    assert read({"known": "2026-01-05"}, Three(), 3) == Moment(known=2, canonical=False)
    assert read({"known": "2026-01-05"}, Three(), 3).query(head="ab" * 32) == [("known", "2"), ("head", "ab" * 8)]


def test_a_position_beyond_the_head_becomes_the_head() -> None:
    assert read({"known": "999"}, Three(), 3) == Moment(known=3, canonical=False)


def test_known_shows_what_was_on_file_and_true_what_had_happened() -> None:
    assert _shown() == [1, 2, 3]
    assert _shown(known="2") == [1, 2]
    assert _shown(true="2026-01-04") == [1, 3]
    assert _shown(known="2", true="2026-01-04") == [1]


def test_late_shows_what_had_happened_and_was_not_on_file() -> None:
    assert _shown(true="2026-01-04", late="1") == [3]
    assert _shown(known="2", late="1") == [3]
    assert _shown(known="3", late="1") == []


def test_nonsense_is_refused_with_its_place() -> None:
    with pytest.raises(Malformed) as refused:
        read({"true": "yesterday"}, Three(), 3)
    assert refused.value.problems[0].pointer == "/true"
