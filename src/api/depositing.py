"""What is said of a document that is deposited, looked at before a byte of it is kept.

A deposit is filled in by hand, and decides who may read the document and how long it is kept: so unlike an event it is
refused until class and retention are codes we know. Nothing has a default.
"""

import re
from collections.abc import Mapping

from ledger.admission import Poster
from ledger.codes import CodeList
from ledger.errors import Malformed, Problem
from ledger.keeping.deposit import Statement

_KIND = re.compile(r"[!-~]{1,64}")
_MEDIA = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_NUMBER = re.compile(r"\S{1,64}")


def statement(
    lists: Mapping[str, CodeList],
    poster: Poster,
    *,
    kind: str,
    cls: str,
    retention: str,
    media: str,
    lot: str | None,
    case: str | None,
) -> Statement:
    """The statement, when all of it can be understood. Raises Malformed naming each parameter that cannot."""
    problems = [
        _one_of(name, list(lists[listed].codes))
        for name, value, listed in (("class", cls, "secrecy"), ("retention", retention, "retention"))
        if value not in lists[listed].codes
    ]
    if _KIND.fullmatch(kind) is None:
        zh, en = "文件种类应为可见 ASCII 字符。", "A kind of document is written in visible ASCII characters."
        problems.append(Problem("/kind", "kind", zh, en))
    if _MEDIA.fullmatch(media) is None:
        zh, en = "内容类型应如 application/pdf。", "A media type is written like application/pdf."
        problems.append(Problem("/media-type", "media-type", zh, en))
    for name, value in (("lot", lot), ("case", case)):
        if value is not None and (_NUMBER.fullmatch(value) is None or not value.isprintable()):
            zh, en = "编号为 1–64 个字符，不含空白。", "A number has 1 to 64 characters and no blanks."
            problems.append(Problem(f"/{name}", "code", zh, en))
    if problems:
        raise Malformed(problems=tuple(problems))
    return Statement(kind, cls, retention, media, poster.org, poster.organ, lot, case)


def _one_of(name: str, known: list[str]) -> Problem:
    listed = ", ".join(known)
    return Problem(f"/{name}", "enum", f"应为下列之一：{listed}。", f"Must be one of: {listed}.")
