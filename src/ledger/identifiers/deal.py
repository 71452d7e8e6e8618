"""统一交易标识码, the code of one deal on a public-resource trading platform: 36 characters.

    A02 - 123100007847653857 - 20161012 - 000015 - Q
    │     │                    │          │        └ check: MOD 37-2 (ISO 7064), may be `*`
    │     │                    │          └ serial
    │     │                    └ date
    │     └ credit code of the platform
    └ kind of deal (A 工程建设, B 土地/矿业权, C 国有产权, D 政府采购 …)

公共资源交易平台系统数据规范 V2.0 (发改办法规〔2018〕1156号). The check covers the first 35 characters, **the kind
included, the hyphens not**. Platforms show the code with four hyphens, or without the kind (33 characters): `normal`
brings both to one form; the text as received is stored beside it. One generator in use computes the weights with an
overflow, so a wrong check character alone says little about a deal.
"""

import re
from datetime import date

from ledger.identifiers.fault import CHECK_DIGIT, DATE, Fault
from ledger.identifiers.iso7064 import ALPHANUMERIC_AND_STAR, check_character

FORM = Fault(
    "form",
    "应为 36 位：类别 3、平台代码 18、日期 8、序号 6、校验 1",
    "is not 36 characters of kind, platform, date, serial",
)

_FORM = re.compile(r"[A-Z][0-9]{2}[0-9A-Z]{18}[0-9]{8}[0-9A-Z]{6}[0-9A-Z*]", re.ASCII)
WITHOUT_KIND = 33


def normal(text: str, kind: str = "") -> str:
    """A deal code without hyphens; one of 33 characters gets `kind` (`A01` …) in front."""
    plain = text.replace("-", "").strip()
    return kind + plain if len(plain) == WITHOUT_KIND else plain


def faults(code: str) -> tuple[Fault, ...]:
    """What is wrong with a deal code in its normal form; `()` when it is sound. A right check on no date is wrong."""
    if not _FORM.fullmatch(code):
        return (FORM,)
    found = [] if check_character(code[:35], ALPHANUMERIC_AND_STAR) == code[35] else [CHECK_DIGIT]
    day = code[21:29]
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        found.append(DATE)
    return tuple(found)
