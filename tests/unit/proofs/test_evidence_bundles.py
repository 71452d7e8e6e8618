"""Evidence bundles: what cannot hold is not made, the zip is always the same bytes, the verifier stands alone."""

import ast
import io
import json
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.proofs import bundle
from ledger.proofs.bundle import NotProvable, pack
from ledger.proofs.keys import PrivateKey
from ledger.proofs.offline import texts, verify

if TYPE_CHECKING:
    from tests.conftest import CaseFile

DOSSIER = 500


@pytest.fixture(scope="module")
def case(case_file: "type[CaseFile]") -> "CaseFile":
    return case_file(30)


@pytest.fixture(scope="module")
def dossier(case_file: "type[CaseFile]") -> "CaseFile":
    return case_file(3 * DOSSIER)


def without(files: dict[str, bytes], first: int, last: int | None, *names: str) -> dict[str, bytes]:
    """Without some lines of entries and proofs, and without some files."""
    kept = {name: raw for name, raw in files.items() if name not in names}
    for name in ("entries", "proofs"):
        rows = files[name].splitlines(keepends=True)
        del rows[first:last]
        kept[name] = b"".join(rows)
    return kept


def told(files: dict[str, bytes]) -> tuple[str, str | None, str]:
    found = verify.check(files)
    return found.verdict, found.refused.code if found.refused else None, found.end


def write(files: dict[str, bytes], folder: Path) -> Path:
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def test_what_is_removed_from_a_dossier_of_500_is_seen(dossier: "CaseFile") -> None:
    """The middle is seen alone; the end only where somebody states it, and the mirror's word beats the operator's."""
    whole, both = dossier.bundle(), ("statements/1", "statements/2")
    assert len(whole["entries"].splitlines()) == DOSSIER
    shorter = dossier.statement(dossier.HEADS, ordinal=DOSSIER - 10).encode()
    earlier = dossier.statement(dossier.READER, ordinal=DOSSIER - 10, size=3 * DOSSIER - 29).encode()
    assert told(whole) == ("holds", None, "read")
    assert told(without(whole, 249, 250, *both)) == ("refused", "history", "nobody")
    assert told(without(whole, -1, None)) == ("refused", "statement", "nobody")
    assert told(without(whole, -10, None) | {"statements/1": shorter}) == ("refused", "statement", "word")
    assert told(without(whole, -10, None, *both) | {"statements/1": earlier}) == ("refused", "statement", "nobody")
    assert told(without(whole, -10, None, *both) | {"statements/1": shorter}) == ("holds", None, "word")
    assert told(without(whole, -1, None, *both)) == ("holds", None, "nobody")


def test_a_bundle_that_would_not_hold_is_not_made(case: "CaseFile") -> None:
    stranger = PrivateKey.of(bytes([9] * 32), "stranger.example")
    for statement, step in (
        (case.statement(stranger), "statement"),
        (case.statement(case.READER, ordinal=3), "statement"),
        ("nothing\n", "statement"),
    ):
        with pytest.raises(NotProvable) as refused:
            case.bundle(statement)
        assert refused.value.step == step
        assert "·" in str(refused.value)
    with pytest.raises(NotProvable, match="known position"):
        case.bundle(known=31)
    with pytest.raises(ValueError, match="no file name"):
        bundle.build(
            case.tag,
            [case.entries[index] for index in case.mine],
            case.proofs(),
            case.checkpoint(),
            case.policy(),
            rules={"../escape": b""},
        )


def test_the_zip_is_the_same_bytes_each_time(case: "CaseFile") -> None:
    packed = pack(case.bundle())
    assert packed == pack(dict(reversed(case.bundle().items())))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(case.bundle())
        assert archive.getinfo("verify.py").external_attr >> 16 == 0o755


def test_the_verifier_runs_alone_from_folder_and_zip(case: "CaseFile", tmp_path: Path) -> None:
    """Isolated, away from the repository, where `ledger` cannot be imported."""
    folder = write(case.bundle(), tmp_path / "case")
    (tmp_path / "case.zip").write_bytes(pack(case.bundle()))
    mine: list[str | Path] = [sys.executable, "-I", folder / "verify.py"]
    blocked = (
        "import runpy, sys; sys.modules['ledger'] = None; del sys.argv[0]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    cases: list[tuple[list[str | Path], int]] = [
        (mine, 0),
        ([*mine, tmp_path / "case.zip"], 0),
        ([sys.executable, "-I", "-c", blocked, folder / "verify.py"], 0),
        ([*mine, tmp_path / "nowhere"], 2),
        ([*mine, folder / "entries"], 1),
    ]
    for command, code in cases:
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == code, ran.stdout + ran.stderr
    said = subprocess.run([*mine, "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(said.stdout) == {"verdict": "holds", "code": None, "end": "read", "entries": 10}


def test_the_verifier_is_python_3_9_and_imports_the_standard_library_and_cryptography_only() -> None:
    module = ast.parse(texts()["verify.py"], feature_version=(3, 9))
    imported = {node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names | {"cryptography"}
    later = {"match_args", "slots", "strict", "kw_only"}
    assert not {node.arg for node in ast.walk(module) if isinstance(node, ast.keyword)} & later


def test_keys_of_the_holder_refuse_a_bundle_that_was_forged_whole(case: "CaseFile", tmp_path: Path) -> None:
    """Everything made anew under the forger's own keys agrees with itself; not with what the holder knows."""
    folder = write(case.bundle(), tmp_path / "case")
    other = PrivateKey.of(bytes([8] * 32), case.ORIGIN)
    (tmp_path / "policy").write_text(f"log {other.vkey.text}\nquorum none\n", "utf-8")
    (tmp_path / "readers").write_text("# nobody\n", "utf-8")
    for option, code in (("--policy", "checkpoint"), ("--readers", "statement")):
        ran = subprocess.run(
            [sys.executable, "-I", folder / "verify.py", option, tmp_path / option[2:]],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 1
        assert f"✗ {code}" in ran.stdout
        assert f"{option[2:]}, " not in ran.stdout


def test_the_verifier_prints_who_signed_what(case: "CaseFile") -> None:
    said = verify.tell(verify.check(case.bundle(known=14)), ["policy", "readers"])
    assert "经营者自称 · the operator's word: example.com/log/case/heads+" in said
    assert "由其通读 · read by: mirror.example/audit+" in said
    assert f"见证 witness    audit ({case.WITNESSES[0].vkey.text})" in said
    assert "2026-02-13T16:26:40Z" in said
    assert "known at #14: 4" in said
    assert "compare the keys" in said
    assert said.endswith("verdict holds · end read\n")


def test_a_verifier_says_that_a_history_without_statement_may_be_cut(case: "CaseFile") -> None:
    files = {name: raw for name, raw in case.bundle().items() if not name.startswith("statements/")}
    assert "it may be cut" in verify.tell(verify.check(files), [])


def test_a_zip_that_is_damaged_is_refused(case: "CaseFile", tmp_path: Path) -> None:
    packed = pack(case.bundle())
    for number, raw in enumerate((packed[:-30], packed.replace(b'"position":3,', b'"position":4,', 1), b"PK")):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(raw)
        with pytest.raises(verify.Refused, match="format"):
            verify.load(path)


def test_the_report_repeats_the_facts_and_carries_no_markup_of_others(case_file: "type[CaseFile]") -> None:
    case = case_file(9, "lot:<script>alert(1)</script>")
    page = case.bundle()["report.html"].decode()
    assert "<script" not in page
    assert page.count("<tr><td>") >= 3
    assert all(leaf.hex() in page for leaf in (case.leaves[index] for index in case.mine))
    assert "It proves nothing by itself" in page
    assert "由其通读" in page


def test_the_recipe_by_hand_gives_the_leaf_hash_and_checks_the_signature(case: "CaseFile", tmp_path: Path) -> None:
    folder = write(case.bundle(), tmp_path / "case")
    (recipe,) = re.findall(r"^```sh\n(.*?)^```$", texts()["README.md"].decode(), re.DOTALL | re.MULTILINE)
    ran = subprocess.run(["bash", "-euc", recipe], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if "rawin" in ran.stderr or "not found" in ran.stderr:
        pytest.skip("openssl 3 is not installed")
    assert ran.returncode == 0, ran.stderr
    assert sha256(b"\0" + case.entries[case.mine[0]]).hexdigest() in ran.stdout
    assert "Signature Verified Successfully" in ran.stdout
