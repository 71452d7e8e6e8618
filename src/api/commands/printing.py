"""How commands print: JSON when asked, tables for people otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

console = Console(highlight=False)


def json_line(value: Any) -> None:
    """One JSON value on standard output."""
    print(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode())


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    console.print(made)


def pairs(values: Mapping[str, object]) -> None:
    """Names and values, one a line."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        console.print(f"{name:<{width}}  {value}", markup=False)
