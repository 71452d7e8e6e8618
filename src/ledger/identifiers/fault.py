"""What can be wrong with a number, as an answer and not as an exception: a wrong number is looked at, not refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an identifier: a stable code, and the end of a sentence about it in each language.

    The number itself is never part of the sentence: it may be somebody's.
    """

    code: str
    zh: str
    en: str


CHECK_DIGIT = Fault("check-digit", "校验位不符", "has a wrong check digit")
DATE = Fault("date", "所含日期不存在", "holds a date that does not exist")
