"""When a notice was open: the text of a publicity period as two moments of Beijing time.

    "2026年02月02日 17时00分至2026年02月05日 17时00分"
    → "2026-02-02T17:00:00+08:00", "2026-02-05T17:00:00+08:00"

24时00分 is the midnight that ends the day. Days must exist in the calendar and the end must come after the start; how
long a period has to be is a rule's business, never the reader's.
"""

import re
import unicodedata
from datetime import datetime, timedelta

from api.importers.faults import unusable
from ledger.clock import BEIJING

_MOMENT = r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日([0-9]{1,2})时([0-9]{1,2})分(?:([0-9]{1,2})秒)?"
_PERIOD = re.compile(rf"{_MOMENT}(?:起|止)?(?:至|到|-|—|~){_MOMENT}止?")


def period(text: str, path: str) -> tuple[str, str]:
    """Start and end as RFC 3339 with +08:00; `path` says where the text stood.

    Raises Unusable: bad-period where it is not two real moments, period-reversed where it ends no later than it starts.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    match = _PERIOD.fullmatch(plain) if len(plain) <= 100 else None
    if match is None:
        raise unusable(path, "bad-period", text)
    parts = match.groups(default="0")
    try:
        opens, closes = _moment(parts[:6]), _moment(parts[6:])
    except (ValueError, OverflowError) as fault:
        raise unusable(path, "bad-period", text) from fault
    if closes <= opens:
        raise unusable(path, "period-reversed", text)
    return opens.isoformat(), closes.isoformat()


def _moment(parts: tuple[str, ...]) -> datetime:
    year, month, day, hour, minute, second = map(int, parts)
    if (hour, minute, second) == (24, 0, 0):
        return datetime(year, month, day, tzinfo=BEIJING) + timedelta(days=1)
    return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
