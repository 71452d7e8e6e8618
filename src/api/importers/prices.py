"""What a bidder offered, as far as the notice's text says it: an amount, a rate, words, or nothing.

    "3312590.00"  "698万元"  "¥1,200元" → fen (exact decimal arithmetic; an amount finer than one fen is `text`)
    "20.50%"  "下浮率：1.7％"  → rate  (basis points; the label stays in the text; a rate finer than 1 bp is `text`)
    "未提供"  "投标报价(元/%)"  "" → none  (the source says it has no price, or printed its column head)
    everything else → text  (several parts, unit prices, formulas: kept, not interpreted)

Nothing is guessed. The source's column is headed `元/%`, so a bare number that could be a percentage (at most
BARE_RATE, no 元, no %) is `text`: recording it as an amount would state a price nobody offered.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

BARE_RATE = Decimal(100)
"""A bare number up to this may be a rate: all such numbers of the known feed are (`98.90`, `0.96`)."""

MAX_FEN = 2**53 - 1
MAX_BP = 1_000_000

_NUMBER = r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,16})(?:\.[0-9]{1,16})?)"
_AMOUNT = re.compile(rf"(?:人民币)?(?P<sign>¥)? ?{_NUMBER} ?(?P<unit>元|万元|亿元)?(?:整)?")
_RATE_NAME = r"(?:下浮率?|折扣率?|折扣系数|折扣比例|价格系数|费率|系数)?"
_LABEL = rf"(?:投标|设计费|施工|监理)?(?:总)?(?:报价)?{_RATE_NAME}(?:报价)?[为:]? ?"
_RATE = re.compile(rf"{_LABEL}{_NUMBER} *%(?:\((?:折扣报价|价格系数|折扣率|下浮率|费率)\))?")
_HEAD = re.compile(r"(?:投标)?(?:总)?(?:报价|价格|金额)(?:\([^()0-9]*\))?")
_UNITS = {"元": 100, "万元": 1_000_000, "亿元": 10_000_000_000}


@dataclass(frozen=True, slots=True)
class Price:
    """A price: `kind` is fen, rate, text or none; `fen` and `bp` are set for fen and rate; `text` is as written."""

    kind: str
    text: str
    fen: int | None = None
    bp: int | None = None


def price(text: str) -> Price:
    """The price a text states. Never raises."""
    written = text.strip()
    plain = unicodedata.normalize("NFKC", written).strip()
    if plain in ("", "未提供") or _HEAD.fullmatch(plain):
        return Price("none", written)
    if match := _AMOUNT.fullmatch(plain):
        return _amount(match, written)
    if match := _RATE.fullmatch(plain):
        bp = _whole(_decimal(match), 100)
        if bp is not None and bp <= MAX_BP:
            return Price("rate", written, bp=bp)
    return Price("text", written)


def _amount(match: re.Match[str], written: str) -> Price:
    number, unit = _decimal(match), match["unit"]
    if unit is None and match["sign"] is None and number <= BARE_RATE:
        return Price("text", written)
    fen = _whole(number, _UNITS[unit or "元"])
    if fen is None or fen > MAX_FEN:
        return Price("text", written)
    return Price("fen", written, fen=fen)


def _decimal(match: re.Match[str]) -> Decimal:
    return Decimal(match["number"].replace(",", ""))


def _whole(number: Decimal, factor: int) -> int | None:
    """`number` × `factor` where that is a whole number, else None; exact whatever the decimal context."""
    numerator, denominator = number.as_integer_ratio()
    quotient, rest = divmod(numerator * factor, denominator)
    return None if rest else quotient
