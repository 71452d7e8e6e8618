"""A strip of days: a stated period, the least that the law asks, and the days on which offices are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from markupsafe import Markup

from api.console.charts import ink

CIVIL = timezone(timedelta(hours=8))
WIDTH, TOP, HEIGHT, BAR = 820, 34, 46, 18
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, the name of its weekday, and whether offices work; None where no calendar says."""

    day: date
    weekday: str
    working: bool | None


@dataclass(frozen=True, slots=True)
class Strip:
    """What is drawn: from `opens` to `closes`; `least` is the earliest end allowed; `short` where it falls short."""

    opens: datetime
    closes: datetime
    least: datetime
    days: tuple[Day, ...]
    short: bool


@dataclass(frozen=True, slots=True)
class StripTexts:
    """What is written: title, description, both ends, the least, the length inside, and the name of closed days."""

    title: str
    desc: str
    opens: str
    closes: str
    least: str
    inside: str
    closed: str


def strip(shown: Strip, texts: StripTexts) -> Markup:
    """The strip; the bar stands on a row of days, closed days shaded and named."""
    start = datetime.combine(shown.days[0].day, time(), CIVIL)
    whole = timedelta(days=len(shown.days))

    def at(moment: datetime) -> int:
        return round((moment - start) / whole * WIDTH)

    y = TOP + (HEIGHT - BAR) // 2
    opens, closes, least = at(shown.opens), at(shown.closes), at(shown.least)
    fill = ink.ALARM if shown.short else ink.PRIMARY
    drawn = [*_days(shown.days, texts), ink.box(opens, y, closes - opens, BAR, fill)]
    if shown.short:
        drawn.append(ink.box(closes, y, least - closes, BAR, ink.ALARM_PALE, stroke=ink.ALARM, dashed=True))
    wide = closes - opens > 12 * len(texts.inside)
    if wide:
        drawn.append(ink.text((opens + closes) // 2, y + 13, texts.inside, anchor="middle", fill="#ffffff", bold=True))
    drawn += [
        ink.line(least, TOP - 10, least, TOP + HEIGHT, ink.INK, 2),
        ink.text(_kept(least), TOP - 15, texts.least, anchor=_anchor(least), fill=ink.INK, bold=True),
    ]
    return ink.frame("strip", WIDTH, TOP + HEIGHT + 40, texts.title, texts.desc, drawn)


def _days(days: Sequence[Day], texts: StripTexts) -> list[Markup]:
    """The row of days; where they are many, every other or every third is named."""
    width = WIDTH / len(days)
    every = 1 if width >= 58 else 2 if width >= 30 else 5
    drawn: list[Markup] = []
    for number, one in enumerate(days):
        left, right = round(number * width), round((number + 1) * width)
        drawn.append(ink.box(left, TOP, right - left, HEIGHT, ink.PALE if one.working is False else "#ffffff"))
        drawn.append(ink.line(left, TOP, left, TOP + HEIGHT))
        if number % every == 0:
            middle = (left + right) // 2
            named = f"{one.weekday}·{texts.closed}" if one.working is False else one.weekday
            drawn.append(ink.text(middle, TOP + HEIGHT + 16, one.day.strftime("%m-%d"), anchor="middle"))
            drawn.append(ink.text(middle, TOP + HEIGHT + 32, named, anchor="middle", size=11))
    drawn += [
        ink.line(WIDTH - 1, TOP, WIDTH - 1, TOP + HEIGHT),
        ink.line(0, TOP, WIDTH, TOP),
        ink.line(0, TOP + HEIGHT, WIDTH, TOP + HEIGHT),
    ]
    return drawn


def _anchor(x: int) -> str:
    return "end" if x > WIDTH - 60 else "start" if x < 60 else "middle"


def _kept(x: int) -> int:
    return min(max(x, 0), WIDTH)
