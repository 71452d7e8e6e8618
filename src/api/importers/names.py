"""Who bid: the normal form of a name, the identity made from it, and the firms of a consortium.

A notice gives names and no credit codes, so an organisation is `name-<16 hex of SHA-256 of its normal form>` until its
code is known. The normal form (NFKC, no blanks, one kind of bracket) exists for this identity only; the name itself is
kept as written.

    甲建设（云岭）有限公司、乙设计有限公司联合体      → two firms, 甲建设（云岭）有限公司 leads
    成员：乙设计有限公司；牵头人：甲建设有限公司      → two firms, 甲建设有限公司 leads

Where nothing says 联合体, a text is split only if every part ends as organisations' names do; 和 and 与 split only
after 公司 or 院, because both occur inside names.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

NAME_LIMIT = 120
"""Longer texts are not repeated whole: the longest consortium of the known feed has 91 characters, and what is longer
is a paragraph of the notice that slipped into the table, with names and telephone numbers of natural persons."""

_BRACKETS = str.maketrans("[]{}【】〔〕〖〗", "()()()()()")
_MARK = r"(?:联合体)?(?:牵头人|牵头方|牵头单位|牵头|主办人|主办方|主|成员单位|成员方|成员|成)[一二三四五六七八九十0-9]*"
_BEFORE = re.compile(rf"\s*(?:\({_MARK}\)\s*:?|{_MARK}\s*:|联合体\s*:)\s*")
_AFTER = re.compile(rf"\s*\({_MARK}\)\s*\Z")
_TAIL = re.compile(r"\s*(?:组成的?)?(?:\(联合体\)|联合体)\s*\Z")
_SEPARATOR = re.compile(
    r"[、,;/+&|\n]|(?<=公司)\s+(?=\S{4})|(?<=公司)(?:联合(?!体)|和|与|及|暨)(?=\S{4})|(?<=[究计测]院)(?:和|与|及)(?=\S{4})"
)
_ORGANISATION = re.compile(r".{2,}(?:公司|院|大学|集团|事务所|研究所|中心|厂|局|合作社|队|\))\Z", re.DOTALL)
_OPENING, _CLOSING = "(", ")"


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation: its name as written, and its identity."""

    name: str
    party: str


@dataclass(frozen=True, slots=True)
class Bidder:
    """Who stands behind one line: `name` as written (shortened beyond NAME_LIMIT), `party` the bidder or the leading
    firm, `members` every firm of a consortium, the lead first; empty for a single firm."""

    name: str
    party: str
    members: tuple[Firm, ...] = ()


def normal(text: str) -> str:
    """The normal form: NFKC, without blanks and invisible characters, all brackets round."""
    folded = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf"))


def name_id(text: str) -> str:
    """`name-` and the first 16 hex digits of SHA-256 of the normal form in UTF-8."""
    return f"name-{sha256(normal(text).encode()).hexdigest()[:16]}"


def bidder(text: str) -> Bidder:
    """The bidder a text names; the text must not be blank. Never raises."""
    written = text.strip()
    firms = _firms(written)
    name = written if len(written) <= NAME_LIMIT else written[: NAME_LIMIT - 1] + "…"
    if not firms:
        return Bidder(name, name_id(written))
    return Bidder(name, firms[0].party, tuple(firms) if len(firms) > 1 else ())


def _firms(text: str) -> list[Firm]:
    """The distinct firms of a consortium, lead first; none where the text is one name, or no name at all."""
    folded = "".join(_fold(char) for char in text)
    if "。" in text:
        return []
    start, end = _inside(folded)
    marked = "联合体" in folded or _BEFORE.match(folded, start, end) or _AFTER.search(folded, start, end)
    if tail := _TAIL.search(folded, start, end):
        end = tail.start()
    found: dict[str, Firm] = {}
    leading: list[str] = []
    for first, last in _parts(folded, start, end):
        name, leads = _unmarked(folded, text, first, last)
        if not normal(name) or len(name) > NAME_LIMIT or not (marked or _ORGANISATION.match(name)):
            if marked and not normal(name):
                continue
            return []
        party = name_id(name)
        found.setdefault(party, Firm(name, party))
        if leads:
            leading.append(party)
    if not marked and len(found) < 2:
        return []
    return sorted(found.values(), key=lambda firm: firm.party not in leading[:1])


def _fold(char: str) -> str:
    """A full-width sign as its narrow twin, one character for one, so that places in both texts agree."""
    narrow = unicodedata.normalize("NFKC", char)
    return narrow if len(narrow) == 1 else char


def _inside(folded: str) -> tuple[int, int]:
    """The span without one pair of brackets around the whole text."""
    if folded.startswith(_OPENING) and folded.endswith(_CLOSING) and _OPENING not in folded[1:]:
        return 1, len(folded) - 1
    return 0, len(folded)


def _parts(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans between separators that stand outside brackets."""
    begin = start
    for match in _SEPARATOR.finditer(folded, start, end):
        before = folded[begin : match.start()]
        if before.count(_OPENING) <= before.count(_CLOSING):
            yield begin, match.start()
            begin = match.end()
    yield begin, end


def _unmarked(folded: str, text: str, first: int, last: int) -> tuple[str, bool]:
    """A part's name as written without its consortium marks, and whether a mark says that it leads."""
    marks = ""
    if before := _BEFORE.match(folded, first, last):
        marks, first = before[0], before.end()
    if after := _AFTER.search(folded, first, last):
        marks, last = marks + after[0], after.start()
    return text[first:last].strip(), "牵头" in marks or "主" in marks
