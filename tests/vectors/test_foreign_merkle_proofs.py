"""Proofs made, and damaged, by an independent implementation: our verifier agrees with every expected result.

The files come from transparency-dev/merkle (Apache-2.0) and stand beside the project in `shared/data/merkle`. Where
they do not, the test is skipped and says so.
"""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from ledger.proofs import check
from ledger.proofs.failures import ProofFailed

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "merkle"


def cases(kind: str) -> list[tuple[str, dict[str, Any]]]:
    if not FOLDER.exists():
        pytest.skip("the foreign proofs are not beside the project (shared/data/merkle)")
    found = sorted((FOLDER / kind).rglob("*.json"))
    return [(str(path.relative_to(FOLDER)), json.loads(path.read_text("utf-8"))) for path in found]


def decoded(case: dict[str, Any], *names: str) -> list[bytes]:
    return [b64decode(case[name]) for name in names]


def holds(case: dict[str, Any]) -> bool:
    """Whether our verifier accepts. Leaf and roots of a wrong length it calls the caller's mistake."""
    path = [b64decode(hash_) for hash_ in case["proof"] or []]
    try:
        if "leafIdx" in case:
            leaf, root = decoded(case, "leafHash", "root")
            check.inclusion(leaf, case["leafIdx"], case["treeSize"], path, root)
        else:
            old_root, new_root = decoded(case, "root1", "root2")
            check.consistency(case["size1"], old_root, case["size2"], new_root, path)
    except ProofFailed:
        return False
    except ValueError:
        assert any(len(value) != 32 for name in ("leafHash", "root", "root1", "root2") for value in field(case, name))
        return False
    return True


def field(case: dict[str, Any], name: str) -> list[bytes]:
    return [b64decode(case[name])] if name in case else []


@pytest.mark.parametrize(("kind", "least"), [("inclusion", 50), ("consistency", 40)])
def test_every_foreign_proof_is_judged_as_its_authors_judged_it(kind: str, least: int) -> None:
    judged = cases(kind)
    assert len(judged) >= least
    assert {case["wantErr"] for _, case in judged} == {True, False}
    assert [name for name, case in judged if holds(case) == case["wantErr"]] == []
