"""The walls that no linter builds: what every file under `src` keeps, whoever wrote it."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))
SOURCES = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".sql", ".css", ".js", ".html"))
CLOCK = ROOT / "src" / "ledger" / "clock.py"
LONGEST = 400
LONGEST_ALONE = 600
ALONE = {f"ledger/proofs/offline/{name}" for name in ("verify.py", "verify.html")}
"""A stranger carries each of these away as one file, whole: they cannot be cut in two."""

WALL_CLOCK = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}
"""What reads the machine's clock, by the name it is read from."""

SQL_CLOCK = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)

EACH_MODULE = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "src")))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@EACH_MODULE
def test_a_module_says_what_it_is(path: Path) -> None:
    told = ast.get_docstring(tree(path)) or ""
    assert len(told) >= 20, f"{path.name} has no docstring that helps a newcomer"


@EACH_MODULE
def test_a_module_has_no_assert(path: Path) -> None:
    """They vanish under -O; what must hold is raised."""
    assert [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Assert)] == []


@EACH_MODULE
def test_a_module_swallows_no_error(path: Path) -> None:
    """A handler for everything raises again, or at the very outside logs the trace."""
    swallowing = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and not _tells(node)
    ]
    assert swallowing == []


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException"))


def _tells(handler: ast.ExceptHandler) -> bool:
    return any(
        isinstance(inner, ast.Raise) or (isinstance(inner, ast.Attribute) and inner.attr == "exception")
        for inner in ast.walk(handler)
    )


def test_a_swallowed_error_is_recognised() -> None:
    silent, logged = (
        next(
            node
            for node in ast.walk(ast.parse(f"try:\n    x\nexcept Exception:\n    {body}"))
            if isinstance(node, kind)
        )
        for body, kind in (("pass", ast.ExceptHandler), ("log.exception('x')", ast.ExceptHandler))
    )
    assert _catches_everything(silent)
    assert not _tells(silent)
    assert _tells(logged)


@EACH_MODULE
def test_only_the_clock_reads_the_clock(path: Path) -> None:
    found = list(wall_clock_calls(tree(path)))
    assert bool(found) == (path == CLOCK), f"lines {found}: time is data, ask ledger.clock"


def test_a_reading_of_the_clock_is_recognised() -> None:
    shapes = ("import time\ntime.time()", "from time import time\ntime()", "import datetime as d\nd.datetime.now()")
    assert [list(wall_clock_calls(ast.parse(shape))) for shape in shapes] == [[2], [1], [2]]
    assert list(wall_clock_calls(ast.parse("from ledger import clock\nclock.now()"))) == []


def wall_clock_calls(module: ast.Module) -> Iterator[int]:
    """Lines that read the wall clock, or import a function that does."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            names = WALL_CLOCK["time"] if node.module == "time" else set()
            if any(alias.name in names for alias in node.names):
                yield node.lineno
        elif isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in WALL_CLOCK.get(owner, ()):
                yield node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_file_is_not_too_long(path: Path) -> None:
    """A file past the ceiling usually holds two ideas: find the second and name it."""
    ceiling = LONGEST_ALONE if str(path.relative_to(ROOT / "src")) in ALONE else LONGEST
    assert len(path.read_text("utf-8").splitlines()) <= ceiling


def test_no_statement_asks_the_database_for_the_time() -> None:
    asking = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in SOURCES
        if path.suffix == ".sql"
        for match in SQL_CLOCK.finditer(re.sub("--.*", "", path.read_text("utf-8")))
    ]
    in_python = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r"\bSELECT\b|\bINSERT\b|\bUPDATE\b", node.value) and SQL_CLOCK.search(node.value)
    ]
    assert asking + in_python == []


def test_only_the_store_and_the_verifier_speak_sql_to_the_log() -> None:
    """A statement that names a table of the log stands in `ledger`; others ask `ledger.store.postgres.Log`."""
    table = re.compile(r"\b(?:INTO|UPDATE|DELETE\s+FROM|TRUNCATE)\s+ledger\.\w", re.IGNORECASE)
    writing = [
        str(path.relative_to(ROOT / "src"))
        for path in SOURCES
        if path.suffix in (".py", ".sql") and table.search(path.read_text("utf-8"))
    ]
    assert writing == ["ledger/store/sql/append.sql"]


def test_database_functions_of_the_event_sourcing_package_are_off() -> None:
    """With them its own inserts take no lock, and a reader that follows loses events."""
    name = "POSTGRES_ENABLE_DB_FUNCTIONS"
    setting = re.compile(name + r"""["']?\]?\s*(?:[=:]|,\s*["'])""")
    files = [*MODULES, *(path for path in (ROOT / "ops").rglob("*") if path.is_file()), ROOT / ".ci" / "run"]
    texts = [path.read_text("utf-8", errors="replace") for path in files if "__pycache__" not in path.parts]
    assert [text for text in texts if setting.search(text)] == []
    assert name not in os.environ
    assert setting.search(f'os.environ["{name}"] = "y"')
    assert setting.search(f"export {name}=y")
