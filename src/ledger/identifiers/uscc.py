"""统一社会信用代码, the unified social credit code of an organisation: GB 32100-2015.

    9 1 350100 M000100Y4 3
    │ │ │      │         └ check character over the first 17
    │ │ │      └ organisation code: eight characters and their own check (GB 11714)
    │ │ └ region of the registering organ: six digits
    │ └ class of body
    └ registering department: 1 机构编制, 5 民政, 9 市场监管, N 农业, Y 其他 …

Two checks, both needed:
- outer: 31 characters (no I, O, S, V, Z), value = index, weights 3^(i−1) mod 31, check (31 − Σ mod 31) mod 31;
- inner: values 0–9, A = 10 … Z = 35, weights 3 7 9 10 5 8 4 2, c = 11 − Σ mod 11, 10 written `X`, 11 written `0`.

Descriptions in circulation that return `alphabet[Σ mod 31]`, or take letters by their ASCII number, are wrong.
"""

import re

from ledger.identifiers.fault import CHECK_DIGIT, Fault

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

LENGTH = Fault("length", "不是 18 位", "does not have 18 characters")
FOREIGN = Fault("alphabet", "含有不使用的字符（I、O、S、V、Z 等）", "has a character that is not used (I, O, S, V, Z)")
BEGINNING = Fault("form", "前八位格式不符", "does not begin as it must")
ORGANISATION = Fault(
    "organisation-digit", "所含组织机构代码校验位不符", "holds an organisation code with a wrong check"
)

_BEGINNING = re.compile(r"[1-9NY][0-9A-Y][0-9]{6}", re.ASCII)


def faults(code: str) -> tuple[Fault, ...]:
    """What is wrong with a credit code; `()` when it is sound."""
    if len(code) != 18:
        return (LENGTH,)
    if not set(code) <= set(ALPHABET):
        return (FOREIGN,)
    found = [] if _BEGINNING.fullmatch(code[:8]) else [BEGINNING]
    if organisation_check(code[8:16]) != code[16]:
        found.append(ORGANISATION)
    if check_character(code[:17]) != code[17]:
        found.append(CHECK_DIGIT)
    return tuple(found)


def check_character(body: str) -> str:
    """The 18th character of the 17 before it. Raises ValueError on a character outside the alphabet."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check(body: str) -> str:
    """The 9th character of an organisation code (GB 11714) of its eight. Raises ValueError on other characters."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]
