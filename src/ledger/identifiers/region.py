"""行政区划代码, the code of a region: GB/T 2260, six digits, two each for province, city and county.

    140000 山西省 ⊃ 140300 阳泉市 ⊃ 140321 平定县

What a region is called, and which there are, is data (`schemas/codes/regions.json`) and changes; here is only the form.
"""

import re

from ledger.identifiers.fault import Fault

FORM = Fault("form", "应为六位行政区划代码", "is not a region code of six digits")

_FORM = re.compile(r"[1-8][1-9](?:0000|(?!00)[0-9]{4})", re.ASCII)


def faults(code: str) -> tuple[Fault, ...]:
    """What is wrong with the form of a region code; `()` when it has it."""
    return () if _FORM.fullmatch(code) else (FORM,)


def parent(code: str) -> str | None:
    """The region that holds this one; None of a province."""
    if code.endswith("0000"):
        return None
    return f"{code[:2]}0000" if code.endswith("00") else f"{code[:4]}00"


def within(code: str, area: str) -> bool:
    """Whether `code` is `area` or lies in it."""
    at: str | None = code
    while at is not None and at != area:
        at = parent(at)
    return at is not None
