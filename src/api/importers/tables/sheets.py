"""The rows of a file, as cells with the line they stand in: CSV in the encodings of the country, and xlsx.

    sheet = read(path, sheet=None, encoding=None)
    sheet.rows[0]                      # Line(1, (Cell("合同编号"), Cell("合同价（万元）")))

The whole file is read before anything is done with it, so a file that is damaged half-way does nothing by halves.
"""

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from api.importers.tables.cells import Cell, of_text, of_value
from ledger.errors import CannotRun

ENCODINGS = ("utf-8", "gb18030")
"""Tried in this order where nothing is said; a byte-order mark says it all."""

SEPARATORS = (",", "\t", ";", "|", "，")
MOST_BYTES = 200_000_000
"""Of a file; of an xlsx, what it unfolds to."""

MOST_CELL = 1_000_000
"""Characters a cell of a CSV may have; an entry holds far fewer."""

_DAMAGED = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, IndexError,
    SyntaxError, OverflowError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl raises for a file that is not what it says, XML that does not end among it (a SyntaxError)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: the number of the line it begins in, from 1, and its cells."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return all(cell.blank for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the name of its file and sheet, and its rows."""

    name: str
    rows: tuple[Line, ...]


def read(path: Path, *, sheet: str | None = None, encoding: str | None = None, separator: str | None = None) -> Sheet:
    """The table in a file. Raises CannotRun with the reason where it cannot be read, OSError where it is not there."""
    if path.stat().st_size > MOST_BYTES:
        raise CannotRun(f"{path.name}: 文件过大 · the file is too large ({MOST_BYTES:,} bytes)")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook(path, sheet)
    if path.suffix.lower() == ".xls":
        raise CannotRun(f"{path.name}: 请另存为 .xlsx · save it as .xlsx, the old form is not read")
    return Sheet(path.name, tuple(_csv(path.read_bytes(), path.name, encoding, separator)))


def _csv(raw: bytes, name: str, encoding: str | None, separator: str | None) -> Iterator[Line]:
    text = _decoded(raw, name, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text))
    csv.field_size_limit(MOST_CELL)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise CannotRun(f"{name}: 第 {number} 行 · line {number}: {fault}") from fault
        yield Line(number, tuple(map(of_text, cells)))


def _decoded(raw: bytes, name: str, encoding: str | None) -> str:
    """The text; bytes that are none stay as surrogates and are a fault of their cell, not of the file."""
    for mark, marked in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(marked, "replace" if marked == "utf-16" else "surrogateescape")
    if encoding is not None:
        try:
            return raw.decode(encoding, "surrogateescape")
        except LookupError as fault:
            raise CannotRun(f"{name}: 不认识编码 · unknown encoding {encoding}") from fault
    texts = [raw.decode(one, "surrogateescape") for one in ENCODINGS]
    return min(texts, key=lambda text: sum("\udc80" <= one <= "\udcff" for one in text))


def _separator(text: str) -> str:
    """What the first line that has anything is parted by most often."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)


def _workbook(path: Path, sheet: str | None) -> Sheet:
    try:
        _demand_modest(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts that openpyxl does not read: pictures, checks of what is typed
            values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            formulas = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
            name = _chosen(values, path.name, sheet)
            rows = tuple(_lines(values[name], formulas[name]))
            values.close()
            formulas.close()
    except _DAMAGED as fault:
        told = f"{type(fault).__name__}: {fault}"[:200]
        raise CannotRun(f"{path.name}: 不是可读的 xlsx 文件 · not a readable xlsx file ({told})") from fault
    return Sheet(f"{path.name}#{name}", rows)


def _demand_modest(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
            raise CannotRun(f"{path.name}: 解压后过大 · it unfolds to too much ({MOST_BYTES:,} bytes)")


def _chosen(book: Any, name: str, wanted: str | None) -> str:
    """The sheet asked for, or the only one that holds anything."""
    names = [one.title for one in book.worksheets]
    if wanted is not None:
        if wanted not in names:
            raise CannotRun(f"{name}: 没有工作表 · no sheet {wanted}; {', '.join(names)}")
        return wanted
    filled = [one for one in names if any(cell is not None for row in _values(book[one]) for cell in row)]
    if len(filled) != 1:
        told = ", ".join(filled) or "–"
        raise CannotRun(f"{name}: 请在映射中写明 sheet · say in the map which sheet: {told}")
    return str(filled[0])


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what the file says of its own size is often wrong
    yield from sheet.iter_rows(values_only=True)


def _lines(values: Any, formulas: Any) -> Iterator[Line]:
    values.reset_dimensions()
    formulas.reset_dimensions()
    pairs = zip_longest(values.iter_rows(), formulas.iter_rows(), fillvalue=())
    for number, (stored, written) in enumerate(pairs, 1):
        yield Line(number, tuple(_cell(*pair) for pair in zip_longest(stored, written)))


def _cell(stored: Any, written: Any) -> Cell:
    value = getattr(stored, "value", None)
    formula = getattr(written, "data_type", "") == "f"
    if getattr(stored, "data_type", "") == "e":
        return Cell(str(value), fault="bad-formula")
    return of_value(value, str(getattr(stored, "number_format", "") or ""), formula=formula)
