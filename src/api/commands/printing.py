"""How commands print: JSON when asked, tables for people otherwise.

What is printed comes from strangers' files: it is never read as markup, and control characters are shown, not obeyed.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 200
"""Columns where nobody looks: a table that goes into a file is not folded for a narrow window."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)


class Report(Protocol):
    """What a piece of work calls to tell how far it is."""

    def __call__(self, done: int, total: int, what: str = ...) -> None:
        """So much of so much is done, of `what`."""
        ...


def json_line(value: Any) -> None:
    """One JSON value on standard output."""
    print(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode())


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people."""
    made = Table(title=Text(title), title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(text(cell) for cell in row))
    console.print(made)


def pairs(values: Mapping[str, object]) -> None:
    """Names and values, one a line."""
    width = max(map(cell_len, values), default=0)
    for name, value in values.items():
        console.print(Text(name + " " * (width + 2 - cell_len(name))) + text(value), soft_wrap=True)


@contextmanager
def progress_bar(task: str, *, quiet: bool) -> Iterator[Report]:
    """A bar that goes away when the work is done; nothing where nobody looks. Gives what to call with the progress."""
    with Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        one = bar.add_task(task, total=None)

        def report(done: int, total: int, what: str = task) -> None:
            bar.update(one, completed=done, total=total, description=what)

        yield report


def text(value: object) -> Text:
    """A value as it may be printed: control characters become `�`, line ends stay."""
    return Text("".join(one if one.isprintable() or one == "\n" else "�" for one in str(value)))
