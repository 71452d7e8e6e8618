"""Bars: how many of a whole, one line each, with the number written out."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.console.charts import ink

WIDTH, ROW, NUMBER = 600, 26, 52
_HAN, _LATIN = 13, 7
"""Width of a character at 13 px; a label is never cut."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: what is counted, how many; `strong` for the line that matters."""

    label: str
    count: int
    strong: bool = False


@dataclass(frozen=True, slots=True)
class BarTexts:
    """Title and description of the chart."""

    title: str
    desc: str


def bars(lines: Sequence[Bar], whole: int, texts: BarTexts) -> Markup:
    """Lines over a common scale from 0 to `whole`."""
    label = max((_width(bar.label) for bar in lines), default=0)
    room = WIDTH - label - NUMBER - 12
    drawn: list[Markup] = []
    for number, bar in enumerate(lines):
        y = number * ROW
        fill = ink.ALARM if bar.strong else ink.PRIMARY
        drawn += [
            ink.text(label, y + 17, bar.label, anchor="end", fill=ink.INK, size=13, bold=bar.strong),
            ink.box(label + 10, y + 6, room, 14, ink.PALE),
            ink.box(label + 10, y + 6, round(room * bar.count / whole) if whole else 0, 14, fill),
            ink.text(WIDTH, y + 17, f"{bar.count:,}", anchor="end", fill=ink.INK, size=13, bold=bar.strong),
        ]
    return ink.frame("bars", WIDTH, ROW * len(lines), texts.title, texts.desc, drawn)


def _width(said: str) -> int:
    return sum(_LATIN if character.isascii() else _HAN for character in said) + 4
