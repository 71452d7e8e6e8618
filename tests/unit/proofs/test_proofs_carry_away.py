"""The proofs package stands alone, and its manual is true."""

import ast
import doctest
import sys
from pathlib import Path

import pytest

import ledger.proofs

MODULES = sorted(Path(ledger.proofs.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_of_the_proofs_imports_the_standard_library_and_cryptography_only(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"cryptography"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            name = node.module or ""
            assert name.split(".")[0] in allowed or name.startswith("ledger.proofs")
        elif isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] in allowed for alias in node.names)


def test_the_manual_of_the_package_runs() -> None:
    result = doctest.testmod(ledger.proofs, raise_on_error=True)
    assert result.attempted >= 8


def test_no_module_of_the_proofs_opens_files_or_asks_the_clock() -> None:
    banned = {"open", "pathlib", "os", "time", "datetime", "socket", "urllib"}
    for path in MODULES:
        names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
        assert not names & banned
