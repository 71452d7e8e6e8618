"""What a reader sees of a value: money, dates, codes, hashes, tags, levels; beside `charts` the only maker of markup.

A label never loses anything: money is shortened to 万元 only where no fen is lost, a hash that is cut ends in `…` and
stands in full on the page of its entry, and a code without a title is shown as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from markupsafe import Markup, escape

from api.console import urls
from api.console.language import Words
from ledger import clock
from ledger.contracts import Contracts
from projections.judge import shipped

SHAPES = {"C": "■", "H": "▲", "M": "◆", "L": "●"}
"""A shape beside the word of a severity: colour is never the only sign."""

HASH_GROUP, HASH_SHOWN = 8, 12
_WAN_FEN, _WAN_CENT_FEN = 1_000_000, 10_000
_LISTS = {"price_kind": "price-kinds", "severity": "severities", "rule": "rules", "attestation": "attestation"}
"""Columns of views whose codes stand in a code list of another name."""


class Keeper(Protocol):
    """Who keeps documents, as far as a reader without a key is concerned."""

    def public(self, digest: str) -> bool:
        """Whether anybody may read the document with this hash."""
        ...

    def disposed_by(self, digest: str) -> int | None:
        """The entry that a public document was disposed of by."""
        ...


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels in one language."""

    words: Words
    contracts: Contracts
    keeper: Keeper | None = None

    def of(self, zh: str | None, en: str | None) -> str:
        """Of a title in both languages, the reader's."""
        return self.words.pick(zh, en)

    def type(self, type_: str) -> str:
        """The title of an event type; the type itself where it has no contract."""
        contract = self.contracts.get(type_)
        return type_ if contract is None else self.of(contract.title, contract.title_en)

    def code(self, name: str, code: object) -> str:
        """A code by its list (or the column that holds it); the console's own word; else the code as it is."""
        if code is None:
            return ""
        found = self.contracts.codes.get(_LISTS.get(name, name))
        known = found.codes.get(str(code)) if found is not None else None
        if known is not None:
            return self.of(known.title, known.title_en)
        return self.words.get(f"code.{name}.{code}") or self.words.get(f"code.{code}") or str(code)

    def rule(self, rule: str) -> str:
        """A rule by its number and title: that of the edition at hand, else of the catalogue."""
        known = shipped().edition.rules.get(rule)
        title = self.of(known.title, known.title_en) if known is not None else self.code("rules", rule)
        return rule if title == rule else f"{rule} {title}"

    def number(self, value: int) -> str:
        """A count, with commas between thousands."""
        return f"{value:,}"

    def money(self, fen: int) -> str:
        """Money from fen: 万元 where nothing is lost and the reader reads Chinese, else 元 with both decimals."""
        if self.words.lang == "zh" and abs(fen) >= _WAN_FEN and fen % _WAN_CENT_FEN == 0:
            return f"{_decimals(fen // _WAN_CENT_FEN)} 万元"
        return self.yuan(fen)

    def yuan(self, fen: int) -> str:
        """Money from fen in 元, as evidence and forms state it."""
        return self.words("unit.yuan", amount=_decimals(fen))

    def rate(self, bp: int) -> str:
        """A rate from basis points, in per cent with two decimals."""
        return f"{_decimals(bp)}%"

    def price(self, price: Mapping[str, Any]) -> str:
        """A candidate's price by its kind: money, rate, the words of the notice, or that there is none."""
        kind = price.get("price_kind")
        if kind == "fen" and price.get("price_fen") is not None:
            return self.money(int(price["price_fen"]))
        if kind == "rate" and price.get("rate_bp") is not None:
            return self.rate(int(price["rate_bp"]))
        if kind == "text" and price.get("price_text"):
            return str(price["price_text"])
        return self.code("price-kinds", kind) if kind else ""

    def moment(self, text: str | datetime | None, *, seconds: bool = False) -> Markup:
        """A moment in the ledger's civil time, `2026-02-13 12:57`; the exact text stands in `datetime`."""
        if text is None or text == "":
            return Markup("")
        moment = read_moment(text)
        if moment is None:
            return Markup("<span>{}</span>").format(str(text))
        local = moment.astimezone(clock.BEIJING)
        shown = local.isoformat(" ", "seconds" if seconds else "minutes").removesuffix("+08:00")
        return _made(f'<time datetime="{local.isoformat()}">{shown}</time>')

    def plain_moment(self, text: str | datetime | None, *, seconds: bool = False) -> str:
        """A moment as text alone, with its offset."""
        moment = read_moment(text) if text else None
        if moment is None:
            return str(text or "")
        return (
            moment.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M") + " +08:00"
        )

    def hash(self, digest: str | bytes, *, full: bool = False) -> Markup:
        """A hash in groups of eight; the first twelve digits alone unless asked for in full."""
        text = digest.hex() if isinstance(digest, bytes) else digest
        shown = text if full else text[:HASH_SHOWN]
        groups = [shown[i : i + HASH_GROUP] for i in range(0, len(shown), HASH_GROUP)]
        inner = Markup("").join(Markup("<span>{}</span>").format(group) for group in groups)
        more = Markup("") if full or len(text) <= HASH_SHOWN else Markup("<span>…</span>")
        return Markup('<code class="hash">{}{}</code>').format(inner, more)

    def document(self, digest: str) -> Markup:
        """The hash of a document, with a link where anybody may read it, or the entry it was disposed of by."""
        shown = self.hash(digest, full=True)
        if self.keeper is None:
            return shown
        if self.keeper.public(digest):
            return Markup('{} <a href="{}">{}</a>').format(shown, urls.document(digest), self.words("entry.document"))
        gone = self.keeper.disposed_by(digest)
        return (
            shown
            if gone is None
            else Markup("{} {} {}").format(shown, self.words("entry.disposed"), self.position(gone))
        )

    def severity(self, code: str | None) -> Markup:
        """A level as a badge with shape and word; nothing for no level."""
        if not code:
            return Markup("")
        return Markup('<span class="badge level-{}"><span aria-hidden="true">{}</span> {}</span>').format(
            code if code in SHAPES else "L", SHAPES.get(code, "●"), self.code("severities", code)
        )

    def kind(self, tag: str) -> str:
        """What a tag names: 标段, 项目, 主体 …"""
        prefix = tag.partition(":")[0]
        return self.words.get(f"kind.{prefix}") or prefix

    def tag(self, tag: str | None, text: str | None = None) -> Markup:
        """A tag as a link to its dossier; `text` instead of the tag itself where there is something better to read."""
        if not tag:
            return Markup("")
        if text:
            return _made(f'<a href="{escape(urls.dossier(tag))}">{escape(text)}</a>')
        return _made(f'<a class="tag" href="{escape(urls.dossier(tag))}"><code>{escape(tag)}</code></a>')

    def alert(self, id_: str, text: str) -> Markup:
        """An alert as a link, by what it says."""
        return _made(f'<a href="{escape(urls.alert(id_))}">{escape(text)}</a>')

    def position(self, position: int | None) -> Markup:
        """A position as a link to its entry."""
        if not position:
            return Markup("")
        return _made(f'<a class="position" href="{urls.entry(position)}">#{position}</a>')

    def late(self, days: int) -> str:
        """How long after it happened something was recorded."""
        return self.words("late.days", n=days) if days else self.words("late.hours")

    def span(self, seconds: int) -> str:
        """A length of time in hours and minutes."""
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        return self.words("unit.hours_minutes", h=hours, m=minutes) if minutes else self.words("unit.hours", h=hours)


def read_moment(text: str | datetime) -> datetime | None:
    """The moment a text states, None where it states none (an entry may say what it likes)."""
    if isinstance(text, datetime):
        return text
    try:
        return clock.parse(text)
    except ValueError:
        return None


def _made(html: str) -> Markup:
    """HTML made here of digits and escaped text; three times as fast as `Markup.format`, for what fills long tables."""
    return Markup(html)  # noqa: S704  (every part is made of digits or was escaped by the caller)


def _decimals(hundredths: int) -> str:
    sign = "-" if hundredths < 0 else ""
    whole, part = divmod(abs(hundredths), 100)
    return f"{sign}{whole:,}.{part:02}"


def lag(happened: str, recorded: str) -> timedelta:
    """How long after it happened something was recorded; nothing where it is not told, or was recorded at once."""
    first, then = read_moment(happened), read_moment(recorded)
    return max(then - first, timedelta()) if first is not None and then is not None else timedelta()
