"""A program dies while it takes a document in: before and after each of its durable steps.

Whoever comes next finds the document whole, or nothing of it; sweeps what was left; and the same deposit again ends in
the same state as if nobody had died.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.documents import Documents
from ledger.keeping.deposit import Statement
from ledger.keeping.keys import VaultKeys
from ledger.vault import Vault

CONTENT = bytes(range(256)) * 400
SAID = Statement("report", "internal", "15y", "application/pdf", "12140300MA0TT001XR", "PTC")
STEPS = 12
"""At least so many durable steps a deposit has: keys, folders, content, record."""

DYING = """
import os, sys
from pathlib import Path
from ledger.documents import Documents
from ledger.keeping.deposit import Statement
from ledger.keeping.keys import VaultKeys
from ledger.vault import Vault

def dying(step, count, after):
    def counted(*given, **named):
        count[0] -= 1
        if count[0] == 0 and not after:
            os._exit(9)
        done = step(*given, **named)
        if count[0] == 0:
            os._exit(9)
        return done
    return counted

def live(folder, count, after):
    vault = Vault.make(folder / "vault", "ab" * 32)
    store = Documents(folder / "documents", VaultKeys(vault), classes=("public", "internal"))
    os.fsync, os.replace, os.rename = (dying(one, count, after) for one in (os.fsync, os.replace, os.rename))
    with store.coming("internal") as coming:
        coming.write(bytes(range(256)) * 400)
        coming.keep(Statement("report", "internal", "15y", "application/pdf", "12140300MA0TT001XR", "PTC"),
                    "2026-01-01T00:00:00.000000Z")
    os._exit(0)

step, code = 0, 9
while code == 9:
    step += 1
    child = os.fork()
    if child == 0:
        live(Path(sys.argv[1]) / str(step), [step], sys.argv[2] == "after")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(step, code)
"""
"""Lives through one deposit again and again, each time one step longer, until it comes through."""


def deposit(store: Documents) -> str:
    with store.coming("internal") as coming:
        coming.write(CONTENT)
        return coming.keep(SAID, "2026-01-01T00:00:00.000000Z")[0].sha256


def files(folder: Path) -> tuple[int, int, int]:
    """How many contents, records and keys there are."""
    kept = [path for path in folder.rglob("*") if path.is_file()]
    return (
        sum(path.name == "content" for path in kept),
        sum(path.suffix == ".json" and "documents" in path.parts for path in kept),
        sum(path.parent.name == "named" and not path.name.startswith(".") for path in kept),
    )


@pytest.mark.fault
@pytest.mark.parametrize("when", ["before", "after"])
def test_death_at_any_step_leaves_nothing_half_done(when: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path), when], capture_output=True, timeout=120, check=True
    )
    steps, code = map(int, ran.stdout.split())
    assert (code, steps > STEPS) == (0, True)
    whole = 0
    for step in range(1, steps + 1):
        folder = tmp_path / str(step)
        vault = Vault.make(folder / "vault", "ab" * 32)
        store = Documents(folder / "documents", VaultKeys(vault), classes=("public", "internal"))
        assert os.listdir(folder / "documents" / ".coming") == []
        for content in store.contents():
            store.check(content)
            whole += 1
        contents, records, keys = files(folder)
        assert records <= contents <= keys <= contents + 1, step
        (kept,) = store.deposits(deposit(store))
        assert b"".join(store.read(kept)) == CONTENT
        assert files(folder)[:2] == (1, 1)
        assert os.listdir(folder / "documents" / ".coming") == []
    assert 0 < whole < steps
