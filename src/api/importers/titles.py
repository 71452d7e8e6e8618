"""What a notice's title says about itself: which round of tendering, which publication, which section.

    "甲路工程（二标段）监理(第2次招标)中标候选人公示第3次公示"
    → round 2, publication 3, section "甲路工程（二标段）监理", project "甲路工程监理"

Marks are read, never inferred: 二次 inside a name (二次供水) is no mark, and a title cut off in the middle of one
(`(第2次...`) has none.
"""

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_N = r"(?P<n>[0-9]{1,2}|[一二两三四五六七八九十])"
_TENDER = r"(?:公开)?(?:招标|采购|比选|磋商|谈判|询价|竞价)"
_ROUNDS = (
    re.compile(rf"\((?:第)?{_N}次(?:{_TENDER})?\)"),
    re.compile(rf"第{_N}次{_TENDER}"),
    re.compile(rf"{_N}次{_TENDER}(?=\Z|\()"),
    re.compile(r"\((?P<n>[2-9])\)(?=\Z)"),
)
_PUBLICATION = re.compile(rf"\(?第{_N}次(?:中标候选人)?公示\)?")
_LEFT_OVER = re.compile(rf"第{_N}次\Z")
_CORRECTION = re.compile(r"\(更正\)|更正(?:公示|公告)?")
_SUFFIX = re.compile(r"(?:中标|成交)候选人公示")
_NUMERAL = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}|[A-Z]|[IVX]{1,4})"
_SECTION = re.compile(
    rf"(?P<open>\()?(?:第?(?P<a>{_NUMERAL})号?(?:标段|标包|合同段|包|标(?![段准识杆志牌的]))|(?:标段|标包)(?P<b>{_NUMERAL}))(?(open)\))"
)
_SEVERAL = re.compile(
    rf"{_NUMERAL}(?:标段)?[、,至到~-]第?{_NUMERAL}(?:标段|标包|包)|[0-9二两三四五六七八九十]个(?:标段|标包|包)|各标段"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What title and name say: `round` of tendering and `publication` from 1, whether it is a `correction`, the
    `section` without marks of either, the `project` without section marks, and whether `several` sections are named.
    """

    round: int
    publication: int
    correction: bool
    section: str
    project: str
    several: bool


def marks(title: str, name: str) -> Marks:
    """The marks of a notice with this title and this project-and-section name. Never raises."""
    plain_title, plain_name = _plain(title), _plain(name)
    publications = [_number(match["n"]) for text in (plain_title, plain_name) for match in _PUBLICATION.finditer(text)]
    section = _SUFFIX.sub("", _CORRECTION.sub("", _LEFT_OVER.sub("", _PUBLICATION.sub("", plain_name))))
    for pattern in _ROUNDS:
        section = pattern.sub("", section)
    section = section or plain_name
    return Marks(
        round=_round(plain_title) or _round(plain_name) or 1,
        publication=max(publications, default=1),
        correction=bool(_CORRECTION.search(plain_title) or _CORRECTION.search(plain_name)),
        section=section,
        project=_SECTION.sub("", section) or section,
        several=_several(section),
    )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _round(text: str) -> int | None:
    text = _PUBLICATION.sub("", text)
    text = _SUFFIX.sub("", _CORRECTION.sub("", text))
    found = [_number(match["n"]) for pattern in _ROUNDS for match in pattern.finditer(text)]
    return max(found, default=None)


def _several(section: str) -> bool:
    named = {match["a"] or match["b"] for match in _SECTION.finditer(section)}
    return len(named) > 1 or _SEVERAL.search(section) is not None


def _number(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else max(int(text), 1)
