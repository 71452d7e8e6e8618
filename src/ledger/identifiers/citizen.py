"""公民身份号码, the number of a citizen: GB 11643.

    110105 19491231 002 X
    │      │        │   └ check: MOD 11-2 (ISO 7064) over the first 17
    │      │        └ serial; odd for men, even for women
    │      └ date of birth
    └ region of first registration, as it was called then

Weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, Σ mod 11 = 0 … 10 gives 1 0 X 9 8 7 6 5 4 3 2: the same sum. Whether the
region is (still) on the list is another question with its own answer (`region`): lists change, numbers do not.

No entry of the log holds such a number. It is checked where it is typed in, looked up in the vault, and shown masked.
"""

import re
from datetime import date

from ledger.identifiers.fault import CHECK_DIGIT, DATE, Fault
from ledger.identifiers.iso7064 import DIGITS_AND_X, check_character

FORM = Fault("form", "应为 17 位数字加一位校验", "is not 17 digits and a check")

_FORM = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)


def faults(number: str) -> tuple[Fault, ...]:
    """What is wrong with a citizen number, its region left aside; `()` when it is sound."""
    if not _FORM.fullmatch(number):
        return (FORM,)
    found = [] if check_character(number[:17], DIGITS_AND_X) == number[17] else [CHECK_DIGIT]
    if birth_date(number) is None:
        found.append(DATE)
    return tuple(found)


def birth_date(number: str) -> date | None:
    """Date of birth of a number of the right form; None where it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def region(number: str) -> str:
    """The six digits of the region of first registration."""
    return number[:6]


def mask(number: str) -> str:
    """The number as it may be shown: first four and last four characters; nothing of a shorter one."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else "*" * len(number)
