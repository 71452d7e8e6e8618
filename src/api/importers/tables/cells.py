"""A cell as people read it, whichever file it stood in: text, an exact decimal number, a day, a moment, yes or no.

Nothing is computed in binary. Excel keeps a number as a binary fraction and shows at most 15 digits of it: the number
read here is the decimal with at most 15 digits that was typed and is shown, `1.1` and not `1.1000000000000001`. A whole
number of more digits has lost its end when it was typed into a cell that is not text; that is said, never guessed.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

SHOWN_DIGITS = 15
_SHOWN = Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `text` is what stands there for people; of the others at most one is set.

    `lost`: a number whose last digits are not known. `percent`: a number shown with a per cent sign, 0.985 as 98.5%.
    `fault`: a reason why nothing can be read, of `api.importers.faults.REASONS`.
    """

    text: str
    number: Decimal | None = None
    day: date | None = None
    moment: datetime | None = None
    truth: bool | None = None
    percent: bool = False
    lost: bool = False
    fault: str | None = None

    @property
    def blank(self) -> bool:
        """Whether nobody wrote anything here."""
        return not self.text and self.fault is None


EMPTY = Cell("")


def of_text(text: str) -> Cell:
    """A cell of text; blanks around it are nobody's meaning. What was no character of the encoding is a fault."""
    stripped = text.strip()
    if any("\udc80" <= one <= "\udcff" for one in stripped):
        shown = stripped.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return Cell(shown, fault="undecodable")
    return Cell(stripped) if stripped else EMPTY


def of_value(value: object, number_format: str, *, formula: bool = False) -> Cell:
    """A cell of a worksheet by the value that is stored for it; `formula`: one that should have a value."""
    if value is None:
        return Cell("", fault="formula-without-value") if formula else EMPTY
    if isinstance(value, bool):
        return Cell("是" if value else "否", truth=value)
    if isinstance(value, int | float):
        return _of_number(Decimal(repr(value)), percent="%" in number_format)
    if isinstance(value, datetime):
        whole_day = value.time() == time()
        if whole_day:
            return Cell(value.date().isoformat(), day=value.date())
        return Cell(value.isoformat(" ", "seconds"), moment=value)
    if isinstance(value, date):
        return Cell(value.isoformat(), day=value)
    if isinstance(value, time | timedelta):
        return Cell(str(value))
    return of_text(str(value))


def plain(text: str) -> str:
    """A text without full-width forms and blanks, for comparing and for numbers."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _of_number(stored: Decimal, *, percent: bool) -> Cell:
    if not stored.is_finite():
        return Cell(str(stored), fault="bad-number")
    shown = _SHOWN.create_decimal(stored)
    lost = shown == shown.to_integral_value() and shown.adjusted() >= SHOWN_DIGITS
    text = format((stored if lost else shown).normalize(), "f") if shown else "0"
    return Cell(text, number=shown, percent=percent, lost=lost)
