"""`verify` over a folder of tiles: every changed file is found and named, in the words used for a database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import CannotRun
from ledger.mirror import Mirror
from ledger.mirroring.source import FolderSource
from ledger.mirroring.verifying import verify
from ledger.proofs.policy import Policy
from ledger.verification.limits import Limits
from ledger.verification.verdict import Kind

SIZE = 700


@pytest.fixture
def kept(pen: Any, tmp_path: Path, policy: Policy) -> Path:
    """A mirror of 700 entries: two full tiles of leaves, a partial one, and one above them."""
    pen.write(SIZE)
    pen.publish()
    mirror = Mirror(tmp_path / "mirror", policy)
    mirror.step(FolderSource(pen.folder))
    mirror.close()
    return tmp_path / "mirror"


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_a_folder_without_a_memory_is_verified_too(pen: Any, policy: Policy) -> None:
    pen.write(SIZE)
    pen.publish()
    verdict = verify(pen.folder, policy)
    assert (verdict.ok, verdict.size, verdict.root) == (True, SIZE, pen.root())
    assert verdict.sentence_en == "intact up to 700 (compared with log.example/city)"


@pytest.mark.parametrize(
    "limits", [Limits(), Limits(tags=3, sorted_bytes=2000)], ids=["in memory", "by way of the disk"]
)
def test_an_honest_mirror_is_found_so_within_any_memory(kept: Path, policy: Policy, limits: Limits) -> None:
    verdict = verify(kept, policy, limits=limits)
    assert (verdict.ok, verdict.size, verdict.faults) == (True, SIZE, ())


@pytest.mark.parametrize(
    ("file", "at", "position", "column"),
    [
        ("tile/entries/000", 40, 1, "entry"),
        ("tile/entries/001", 40, 257, "entry"),
        ("tile/entries/002.p/188", -3, 700, "entry"),
        ("tile/0/000", 0, 1, "leaf"),
        ("tile/0/001", 32 * 255, 512, "leaf"),
        ("tile/0/002.p/188", 32 * 187 + 5, 700, "leaf"),
    ],
)
def test_a_flipped_bit_in_an_entry_or_leaf_is_named(
    kept: Path, policy: Policy, file: str, at: int, position: int, column: str
) -> None:
    flip(kept / file, at)
    verdict = verify(kept, policy)
    assert [(one.position, one.kind) for one in verdict.faults] == [(position, Kind.CHANGED)]
    assert verdict.faults[0].column == column
    assert file.partition(".p/")[0] in verdict.sentence_en
    assert verdict.sentence_en.startswith(f"broken; position {position}: ledger.entry.{column} was changed")


def test_a_flipped_bit_in_a_tile_above_the_leaves_is_named(kept: Path, policy: Policy) -> None:
    flip(kept / "tile/1/000.p/2", 33)
    verdict = verify(kept, policy)
    assert [(one.table, one.position) for one in verdict.faults] == [("tile", 1)]
    assert "tile/1/000.p/2" in verdict.sentence_en


def test_a_flipped_length_is_found_at_its_entry(kept: Path, policy: Policy) -> None:
    flip(kept / "tile/entries/001", 0)
    assert verify(kept, policy).faults[0].position == 257


@pytest.mark.parametrize(
    ("file", "position"), [("tile/entries/000", 1), ("tile/entries/001", 257), ("tile/entries/002.p/188", 513)]
)
def test_a_missing_bundle_is_named(kept: Path, policy: Policy, file: str, position: int) -> None:
    (kept / file).unlink()
    verdict = verify(kept, policy)
    assert (verdict.faults[0].position, verdict.faults[0].kind) == (position, Kind.DELETED)


@pytest.mark.parametrize(("file", "position"), [("tile/0/000", 1), ("tile/0/002.p/188", 513), ("tile/1/000.p/2", 1)])
def test_a_missing_tile_is_named(kept: Path, policy: Policy, file: str, position: int) -> None:
    (kept / file).unlink()
    verdict = verify(kept, policy)
    assert (verdict.faults[0].table, verdict.faults[0].position) == ("tile", position)
    assert verdict.faults[0].kind is Kind.DELETED


def test_entries_cut_off_with_all_their_files_are_missed_by_the_checkpoint(
    pen: Any, kept: Path, policy: Policy, twin: Callable[[list[bytes], int], dict[str, bytes]]
) -> None:
    for name in ("tile/entries/002.p/188", "tile/0/002.p/188"):
        (kept / name).unlink()
    for path, raw in twin(pen.entries, 690).items():
        (kept / path).parent.mkdir(parents=True, exist_ok=True)
        (kept / path).write_bytes(raw)
    verdict = verify(kept, policy)
    assert not verdict.ok
    assert verdict.faults[0].position == 513


def test_a_history_rewritten_in_every_file_contradicts_the_signed_checkpoint(
    pen: Any, kept: Path, tmp_path: Path, policy: Policy, twin: Callable[[list[bytes], int], dict[str, bytes]]
) -> None:
    other = pen.copy(tmp_path / "other", 600)
    other.write(100, text="another history")
    for path, raw in twin(other.entries, SIZE).items():
        (kept / path).write_bytes(raw)
    (kept / "mirror.sqlite").unlink()
    verdict = verify(kept, policy)
    assert [one.kind for one in verdict.faults] == [Kind.CONTRADICTED]
    assert "not the one held by log.example/city" in verdict.sentence_en
    assert verdict.root == other.root()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE head SET ordinal = ordinal + 1 WHERE tag = 'lot:3'",
        "UPDATE head SET leaf = replace(leaf, 'a', 'b') WHERE tag = 'lot:3'",
        "DELETE FROM head WHERE tag = 'lot:3'",
        "INSERT INTO head VALUES ('lot:33', 1, '00')",
    ],
)
@pytest.mark.parametrize(
    "limits", [Limits(), Limits(tags=3, sorted_bytes=2000)], ids=["in memory", "by way of the disk"]
)
def test_a_changed_head_of_a_tag_is_named(kept: Path, policy: Policy, damage: str, limits: Limits) -> None:
    with closing(sqlite3.connect(kept / "mirror.sqlite")) as memory, memory:
        memory.execute(damage)
    verdict = verify(kept, policy, limits=limits)
    assert [one.table for one in verdict.faults] == ["tag"]
    assert "lot:3" in verdict.sentence_en


def test_a_wrong_link_that_was_sealed_is_named(pen: Any, policy: Policy) -> None:
    pen.write(300)
    pen.write(1, links={"lot:2": [999, "00" * 32]})
    pen.write(10)
    pen.publish()
    verdict = verify(pen.folder, policy)
    assert verdict.faults[0].position == 301
    assert verdict.faults[0].kind is Kind.SEALED_WRONG


def test_an_entry_that_names_another_position_is_named(pen: Any, policy: Policy) -> None:
    pen.write(20)
    pen.write(1, position=99)
    pen.write(5)
    pen.publish()
    assert verify(pen.folder, policy).faults[0].position == 21


def test_a_checkpoint_that_nobody_trusted_has_signed_is_no_ground_for_a_verdict(kept: Path, policy: Policy) -> None:
    note = (kept / "checkpoint").read_text()
    (kept / "checkpoint").write_text(note.replace("700\n", "701\n"))
    with pytest.raises(CannotRun, match="checkpoint"):
        verify(kept, policy)
    (kept / "checkpoint").unlink()
    with pytest.raises(CannotRun, match="no checkpoint"):
        verify(kept, policy)
