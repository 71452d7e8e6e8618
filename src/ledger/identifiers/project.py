"""投资项目代码, the code of an investment project, in both forms that are met: only their shape can be looked at.

    new   2101-140300-04-01-123456   year and month – region – guiding department – kind – random 5 and check 1
    old   2017-440300-48-03-102345   year           – region – industry           – kind – serial 6

New: 发改投资〔2020〕1439号, GB/T 40058-2021, in force 2021-08-01. How its last digit is computed is not published, so
it is not checked. Both forms fit one pattern: where the last two digits of the first group are no month the code is
old; `2012` can be December 2020 or the year 2012, and stays *ambiguous* unless the day it was given settles it.
"""

import re
from datetime import date
from typing import Literal

from ledger.identifiers.fault import Fault

Form = Literal["new", "old", "ambiguous"]

SHAPE = Fault(
    "form", "不合投资项目代码的格式（4-6-2-2-6 位数字）", "does not have the shape of a project code (4-6-2-2-6 digits)"
)

_SHAPE = re.compile(r"([0-9]{4})-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}", re.ASCII)
_OLD_YEARS = range(2000, 2022)
"""Years of the old form: until the standard of the new one was in force (GB/T 40058-2021)."""


def faults(code: str) -> tuple[Fault, ...]:
    """What is wrong with the shape of a project code; `()` when it has one of the two forms."""
    return () if form(code) else (SHAPE,)


def form(code: str, given_on: date | None = None) -> Form | None:
    """Which form a project code has; None when neither. `given_on`: the day the project got it, where that is known."""
    found = _SHAPE.fullmatch(code)
    if found is None:
        return None
    group = int(found[1])
    new, old = 1 <= group % 100 <= 12, group in _OLD_YEARS
    if new and old and given_on is not None:
        settled = (group == (given_on.year % 100) * 100 + given_on.month, group == given_on.year)
        new, old = settled if any(settled) else (new, old)
    if new and old:
        return "ambiguous"
    return "new" if new else "old" if old else None
