"""Replay 时点还原: what a dossier looked like, and what had happened, at a moment.

    known(dossier, at)     entries recorded by then, in position order: what the file LOOKED like. Stable for ever.
    true(dossier, at)      entries that happened by then, all that is known today, in (time, position) order.
    both(dossier, k, t)    what was on file at k about the world up to t.
    late(dossier, at)      happened by then, recorded after: true minus known, what inspectors look for.

A moment is a position or an aware datetime. `moment` reads one from an address: `33`, `2026-02-13` (the end of that
day in China), `2026-02-13T12:57` (China) or RFC 3339 with an offset. `position_at` turns it, once, into the position
it means in a log, so that a link made of it shows the same for ever.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Protocol

from ledger import clock
from ledger.entry import Entry
from ledger.errors import Malformed, NotFound, Problem
from projections.dossier import Dossier, happened

Moment = int | datetime

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:[0-5]\d)?")


class Positions(Protocol):
    """What `position_at` asks of a log; `ledger.store.postgres.Log` answers it."""

    def entry(self, position: int) -> Entry | None:
        """Return the entry at a position, None beyond the head."""
        ...


def known(dossier: Dossier, at: Moment) -> Dossier:
    """Return the entries recorded by `at` (a position: up to and with it), in position order."""
    if isinstance(at, datetime):
        kept = [entry for entry in dossier.entries if clock.parse(entry.recorded) <= at]
    else:
        kept = [entry for entry in dossier.entries if entry.position <= at]
    return Dossier(dossier.tag, tuple(sorted(kept, key=lambda entry: entry.position)))


def true(dossier: Dossier, at: Moment) -> Dossier:
    """Return the entries with `time` ≤ `at`, in (time, position) order.

    A position stands for the moment at which that entry of the dossier happened; raises NotFound where the dossier
    does not hold it.
    """
    limit = at if isinstance(at, datetime) else _time_of(dossier, at)
    kept = [entry for entry in dossier.entries if clock.parse(entry.time) <= limit]
    return Dossier(dossier.tag, tuple(sorted(kept, key=happened)))


def both(dossier: Dossier, known_at: Moment | None, true_at: Moment | None) -> Dossier:
    """Return what was on file at `known_at` about the world up to `true_at`; None means no cut.

    The order is that of the world where `true_at` cuts, else that of the log. A position for `true_at` is looked up
    in the whole dossier, also where `known_at` leaves that entry out.
    """
    if true_at is not None and not isinstance(true_at, datetime):
        true_at = _time_of(dossier, true_at)
    seen = dossier if known_at is None else known(dossier, known_at)
    return seen if true_at is None else true(seen, true_at)


def late(dossier: Dossier, at: datetime) -> Dossier:
    """Return the entries with `time` ≤ `at` < `recorded`, in (time, position) order."""
    on_file = {entry.position for entry in known(dossier, at).entries}
    return Dossier(dossier.tag, tuple(e for e in true(dossier, at).entries if e.position not in on_file))


def moment(text: str, pointer: str = "/known") -> Moment:
    """Read a moment from an address; a blank stands for the `+` that addresses lose.

    Raises `ledger.errors.Malformed` with `pointer` for anything that is not one.
    """
    written = text.strip()
    try:
        if written.isascii() and written.isdigit() and len(written) <= 18:
            return int(written)
        if len(written) == 10:
            return datetime.combine(date.fromisoformat(written) + _DAY, time(), clock.BEIJING) - _INSTANT
        if _LOCAL.fullmatch(written):
            return datetime.fromisoformat(written).replace(tzinfo=clock.BEIJING)
        return clock.parse(written.replace(" ", "+"))
    except (ValueError, OverflowError) as fault:
        raise Malformed(
            problems=(
                Problem(
                    pointer,
                    "moment",
                    f"“{text}”不是时点：请写条目号、日期（2026-02-13）或带时区的时间。",
                    f"“{text}” is no moment: give a position, a date (2026-02-13) or a time with an offset.",
                ),
            )
        ) from fault


def position_at(log: Positions, at: Moment, head: int) -> int:
    """Return the last position recorded by `at` in a log of `head` entries, 0 before the first.

    Positions and recorded times run in the same order, so this is a binary search: 24 reads in ten million entries.
    """
    if not isinstance(at, datetime):
        return min(at, head)
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        entry = log.entry(middle)
        if entry is None:
            raise NotFound(f"(#{middle})")
        if clock.parse(entry.recorded) <= at:
            low = middle
        else:
            high = middle - 1
    return low


def _time_of(dossier: Dossier, position: int) -> datetime:
    for entry in dossier.entries:
        if entry.position == position:
            return clock.parse(entry.time)
    raise NotFound(f"(#{position} · {dossier.tag})")
