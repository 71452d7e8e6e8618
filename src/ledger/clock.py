"""The only caller of the wall clock, and the only maker of `recorded`.

Everywhere else time is data. Moments are aware datetimes; on the wire `recorded` is UTC with six digits
(`2026-11-22T01:00:00.123456Z`), and what posters claim is RFC 3339 with an offset.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from time import monotonic

from ledger.errors import Problem

BEIJING = timezone(timedelta(hours=8))
"""China Standard Time, +08:00 all year since 1991: the ledger's civil time."""

_RFC3339 = re.compile(
    r"([1-8]\d{3}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{1,9})?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (here, and nowhere else)


def ticks() -> float:
    """Seconds of a clock that never goes back: for waiting, never for recording."""
    return monotonic()


@lru_cache(maxsize=64)  # a group of entries is recorded at one moment
def stamp(moment: datetime) -> str:
    """A moment as `recorded` is written: UTC, six digits, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse(text: str) -> datetime:
    """The moment an RFC 3339 text names. Second 60 and a missing offset are refused, and so are years outside
    1000 … 8999, as in every contract: whoever reads the moment later can add a deadline to it and change its zone.

    Raises ValueError for anything else, naming the form that is wanted, never the text.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not RFC 3339 with an offset")
    day, clock, fraction, offset = match.groups()
    digits = (fraction or ".0")[1:7].ljust(6, "0")
    return datetime.fromisoformat(f"{day}T{clock}.{digits}{'+00:00' if offset in 'Zz' else offset}")


def problem(pointer: str) -> Problem:
    """What to say where a moment was wanted and something else came."""
    return Problem(
        pointer,
        "date-time",
        "应为带时区的时间（RFC 3339），例：2026-02-13T09:30:00+08:00。",
        "A moment with an offset is wanted (RFC 3339), e.g. 2026-02-13T09:30:00+08:00.",
    )
