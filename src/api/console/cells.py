"""How a view becomes a table: which columns share a cell, and what a cell shows.

A view declares its columns and their links; this module lays them out so that a row fits a screen, and knows no view by
name. A column that another column links to is not shown beside it (the title leads to the tag). Of a text in both
languages the reader's is shown. Columns that say one thing together (`GROUPS`) share a cell where a view has them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from api.console.labels import Labels
from projections.views.page import Column, Row

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("title", ("title", "project_name")),
    ("price", ("price_kind", "price_fen", "rate_bp", "price_text")),
    ("period", ("opens_at", "closes_at")),
    ("period", ("first_time", "last_time")),
    ("alerts", ("alerts", "severity")),
)
_TO, _END = Markup(' <span class="nowrap">– '), Markup("</span>")
_NUMERIC = ("count", "fen", "position")


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of the table as shown: its head, how it is set, and the view's columns it shows."""

    shape: str
    title: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """The name of its first column, for style and tests."""
        return self.columns[0].name

    @property
    def numeric(self) -> bool:
        """Whether it is set to the right."""
        return self.shape in ("price", "alerts") or (self.shape == "plain" and self.columns[0].kind in _NUMERIC)


def layout(columns: Sequence[Column], labels: Labels) -> list[Cell]:
    """The cells of a view's rows, in the order of its columns."""
    by_name = {column.name: column for column in columns}
    shown = {column.name for column in columns if _is_shown(column, columns, labels)}
    cells: list[Cell] = []
    used: set[str] = set()
    for column in columns:
        if column.name not in shown or column.name in used:
            continue
        group = next((g for g in GROUPS if g[1][0] == column.name and all(name in by_name for name in g[1])), None)
        members = tuple(by_name[name] for name in group[1]) if group else (column,)
        used |= {member.name for member in members}
        title = labels.words(f"board.cell.{group[0]}") if group and group[0] != "title" else ""
        cells.append(Cell(group[0] if group else "plain", title or _title(column, labels), members))
    return cells


def show(cell: Cell, row: Row, labels: Labels) -> Markup | str:
    """What stands in a cell."""
    if cell.shape == "price":
        return Markup('<span class="{}">{}</span>').format(
            "breaks" if row["price_kind"] == "text" else "nowrap", labels.price(row)
        )
    if cell.shape == "period":
        first, last = (labels.moment(row[column.name]) for column in cell.columns)
        return first + _TO + last + _END if last else first
    if cell.shape == "alerts":
        count, level = (row[column.name] for column in cell.columns)
        return Markup("{} {}").format(labels.severity(level), labels.number(count) if count else "–")
    first_line = one(cell.columns[0], row, labels)
    if cell.shape == "title":
        under = one(cell.columns[1], row, labels)
        told = str(row[cell.columns[1].name] or "") in str(row[cell.columns[0].name] or "")
        return first_line if told or not under else Markup('{}<div class="under">{}</div>').format(first_line, under)
    return first_line


def one(column: Column, row: Row, labels: Labels) -> Markup | str:
    """The value of one column, as a link where the column has one."""
    value: Any = row[column.name]
    if value is None or value == "":
        return ""
    if column.kind == "ts":
        return labels.moment(value)
    if column.kind == "fen":
        return labels.money(value)
    if column.kind == "severity":
        return labels.severity(value)
    if column.kind == "position":
        return labels.position(value)
    if column.kind == "count":
        return labels.number(value)
    target = row.get(column.link) if column.link else None
    text = str(value)
    if column.kind == "code":
        text = labels.rule(text) if column.name == "rule" else labels.code(column.name, text)
    if column.kind == "tag":
        return labels.tag(target or value)
    if isinstance(target, str) and target:
        return labels.tag(target, text) if ":" in target else labels.alert(target, text)
    if column.kind == "code" and text == str(value) and not text.isalpha():
        return Markup("<code>{}</code>").format(text)
    return text


def _is_shown(column: Column, columns: Sequence[Column], labels: Labels) -> bool:
    """Not beside the column that links to it, and not in the other language."""
    stem, _, end = column.name.rpartition("_")
    if end in ("zh", "en") and any(c.name == f"{stem}_{'en' if end == 'zh' else 'zh'}" for c in columns):
        return end == labels.words.lang
    return not any(c.link == column.name and c is not column for c in columns)


def _title(column: Column, labels: Labels) -> str:
    return labels.of(column.title_zh, column.title_en)
