"""A mirror reads a log from a folder: what it keeps, what it refuses, what it says of a tag."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import clock, mirror
from ledger.errors import Broken, CannotRun
from ledger.mirror import Mirror
from ledger.mirroring.source import FolderSource
from ledger.mirroring.verifying import verify
from ledger.proofs import taghead
from ledger.proofs.keys import PrivateKey
from ledger.proofs.policy import Policy

OWN = PrivateKey.of(bytes(range(100, 132)), "mirror.example/audit")


@pytest.fixture
def mine(tmp_path: Path, policy: Policy) -> Iterator[Mirror]:
    opened = Mirror(tmp_path / "mirror", policy)
    yield opened
    opened.close()


def files(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: raw for name, raw in found.items() if name.startswith("tile/")}


def test_a_mirror_keeps_the_files_and_the_heads_of_a_log_that_grows(
    pen: Any, mine: Mirror, policy: Policy, twin: Callable[[list[bytes], int], dict[str, bytes]]
) -> None:
    for size in (1, 2, 255, 256, 257, 513, 700):
        pen.write(size - len(pen.entries))
        pen.publish()
        assert mine.step(FolderSource(pen.folder)).size == size
        assert mine.memory.known().root == pen.root()
        kept, due = files(mine.folder.root), twin(pen.entries, size)
        assert {name: kept[name] for name in due} == due
        assert mine.memory.heads(pen.heads) == pen.heads
        assert mine.alarms() == []
        assert verify(mine.folder.root, policy).ok
    full = {name for name in files(mine.folder.root) if ".p/" not in name}
    assert not any(f"{name}.p/" in other for name in full for other in files(mine.folder.root)), (
        "partials were replaced"
    )


def test_a_mirror_goes_on_where_it_was_interrupted(
    pen: Any, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "PIECE_TILES", 1)
    pen.write(1000)
    pen.publish()
    seen: list[int] = []

    def stop(done: int, _: int) -> None:
        seen.append(done)
        if done == 512:
            raise KeyboardInterrupt

    first = Mirror(tmp_path / "mirror", policy)
    with pytest.raises(KeyboardInterrupt):
        first.step(FolderSource(pen.folder), stop)
    with pytest.raises(CannotRun, match="not read up to a checkpoint"):
        first.head("lot:1", OWN)
    first.close()
    again = Mirror(tmp_path / "mirror", policy)
    assert again.memory.known().size == 512
    again.step(FolderSource(pen.folder), lambda done, _: seen.append(done))
    assert seen == [256, 512, 768, 1000]
    assert again.memory.known().root == pen.root()
    again.close()
    assert verify(tmp_path / "mirror", policy).ok


def test_a_mirror_of_a_mirror_is_the_same(pen: Any, mine: Mirror, tmp_path: Path, policy: Policy) -> None:
    pen.write(600)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    other = Mirror(tmp_path / "other", policy)
    other.step(FolderSource(mine.folder.root))
    assert files(tmp_path / "other") == files(mine.folder.root)
    other.close()


def test_an_older_checkpoint_of_the_same_history_is_no_alarm(pen: Any, mine: Mirror) -> None:
    pen.write(300)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    pen.put("checkpoint", pen.note(260).encode())
    mine.step(FolderSource(pen.folder))
    assert (mine.memory.known().size, mine.alarms()) == (300, [])


@pytest.mark.parametrize("at", [1, 130, 256, 257, 299, 300])
def test_a_changed_entry_is_refused_by_its_position(
    pen: Any, mine: Mirror, at: int, twin: Callable[[list[bytes], int], dict[str, bytes]]
) -> None:
    pen.write(300)
    pen.publish()
    changed = list(pen.entries)
    changed[at - 1] = changed[at - 1].replace(b"example", b"Example")
    for path, raw in twin(changed, 300).items():
        if path.startswith("tile/entries/"):
            pen.put(path, raw)
    with pytest.raises(Broken, match=f"entry {at} ") as refused:
        mine.step(FolderSource(pen.folder))
    assert refused.value.position == at
    assert mine.memory.known().size == 0, "nothing is kept that has not passed"
    assert len(mine.alarms()) == 1
    pen.publish()
    mine.step(FolderSource(pen.folder))
    assert mine.alarms() == [], "what was damaged on the way is no lasting alarm"


@pytest.mark.parametrize("at", [1, 255, 300])
def test_an_entry_changed_together_with_its_hashes_is_refused(
    pen: Any, mine: Mirror, at: int, twin: Callable[[list[bytes], int], dict[str, bytes]]
) -> None:
    """Tiles and entries fit together; the chain, and the signed root, say no."""
    pen.write(300)
    pen.publish()
    changed = list(pen.entries)
    changed[at - 1] = changed[at - 1].replace(b"key:test", b"key:test2")
    for path, raw in twin(changed, 300).items():
        pen.put(path, raw)
    with pytest.raises(Broken) as refused:
        mine.step(FolderSource(pen.folder))
    assert refused.value.position == (at + 1 if at < 300 else 1)
    assert mine.memory.known().size == 0


@pytest.mark.parametrize(("first", "grown"), [(5, 0), (200, 100), (257, 0), (300, 300), (2, 1)])
def test_a_rewritten_log_is_refused_and_its_checkpoint_kept(
    pen: Any, mine: Mirror, tmp_path: Path, first: int, grown: int
) -> None:
    """Re-chained and signed anew from a position on; longer than what was read, or just as long."""
    pen.write(400)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    other = pen.copy(tmp_path / "rewritten", first - 1)
    other.write(400 - first + 1 + grown, text="another history")
    other.publish()
    with pytest.raises(Broken, match="two histories") as refused:
        mine.step(FolderSource(other.folder))
    assert refused.value.position == first
    assert mine.memory.known().root == pen.root()
    kept = list((mine.folder.root / "evidence").iterdir())
    assert [one.read_text() for one in kept] == [other.note()]
    mine.step(FolderSource(pen.folder))
    assert len(mine.alarms()) == 1, "two signed histories are an alarm for ever"
    assert "evidence" in mine.alarms()[0]


def test_a_log_set_back_to_another_history_is_refused(pen: Any, mine: Mirror, tmp_path: Path) -> None:
    pen.write(400)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    other = pen.copy(tmp_path / "shorter", 299)
    other.write(1, text="another history")
    other.publish()
    with pytest.raises(Broken, match="first difference: position 300"):
        mine.step(FolderSource(other.folder))


LIES: list[tuple[dict[str, Any], str]] = [
    ({"links": {"lot:2": [9, "00" * 32]}}, "link of lot:2"),
    ({"links": {"lot:2": [1, None]}}, "link of lot:2"),
    ({"links": {"lot:new": [2, "00" * 32]}}, "link of lot:new"),
    ({"prev": "00" * 32}, "prev"),
    ({"position": 7}, "position 7 stands"),
    ({"recorded": "2025-01-01T00:00:00.000000Z"}, "recorded"),
    ({"recorded": "2026-01-01T00:30:00Z"}, "form of an entry"),
    ({"links": {"lot:2": [1, 5]}}, "link of lot:2"),
    ({"links": {"lot:new": ["1", None]}}, "link of lot:new"),
    ({"links": {"lot:new": [True, None]}}, "link of lot:new"),
    ({"v": 1.0}, "form of an entry"),
    ({"event": {"id": "x", "source": "y", "type": "ledger.created.v1"}}, "no other, is ledger.created"),
    ({"event": {"data": {"root": "00", "size": 29}, "id": "x", "source": "y", "type": "ledger.checkpoint-sealed.v1"}},
     "size or root"),
    ({"event": {"data": {"price": 1.5}, "id": "x", "source": "y", "type": "test.v1"}}, "canonical"),
]  # fmt: skip


@pytest.mark.parametrize(("lie", "told"), LIES, ids=lambda value: str(value)[:30])
def test_what_was_sealed_wrong_is_refused_although_the_log_signs_it(
    pen: Any, mine: Mirror, lie: dict[str, Any], told: str
) -> None:
    pen.write(29)
    pen.write(1, **lie)
    pen.write(2)
    pen.publish()
    with pytest.raises(Broken, match=told) as refused:
        mine.step(FolderSource(pen.folder))
    assert refused.value.position == 30


def test_an_entry_of_a_later_format_is_not_called_broken(pen: Any, mine: Mirror) -> None:
    pen.write(29)
    pen.write(1, v=2)
    pen.publish()
    with pytest.raises(CannotRun, match="newer format"):
        mine.step(FolderSource(pen.folder))
    assert mine.alarms() == []


def test_a_log_of_another_name_or_key_is_refused(pen: Any, mine: Mirror) -> None:
    pen.write(3)
    pen.publish()
    pen.put("checkpoint", pen.note(key=PrivateKey.of(bytes(32), "log.example/city")).encode())
    with pytest.raises(Broken, match="cannot be accepted"):
        mine.step(FolderSource(pen.folder))
    pen.put("checkpoint", pen.note(key=PrivateKey.of(bytes(32), "log.example/other")).encode())
    with pytest.raises(Broken, match="cannot be accepted"):
        mine.step(FolderSource(pen.folder))


@pytest.mark.parametrize("gone", ["tile/entries/000.p/3", "tile/0/000.p/3"])
def test_a_missing_file_is_named(pen: Any, mine: Mirror, gone: str) -> None:
    pen.write(3)
    pen.publish()
    (pen.folder / gone).unlink()
    with pytest.raises(Broken, match="missing") as refused:
        mine.step(FolderSource(pen.folder))
    assert refused.value.position == 1


def test_a_statement_where_a_history_ends_is_signed_by_the_mirror(pen: Any, mine: Mirror) -> None:
    pen.write(300)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    head, by = taghead.verify(mine.head("lot:3", OWN), [OWN.vkey])
    assert (head.origin, head.size, head.root, head.tag) == ("log.example/city", 300, pen.root(), "lot:3")
    assert (head.ordinal, head.leaf.hex()) == pen.heads["lot:3"]
    assert [good.key.name for good in by] == ["mirror.example/audit"]
    never, _ = taghead.verify(mine.head("lot:never", OWN), [OWN.vkey])
    assert (never.ordinal, never.leaf) == (0, bytes(32))
    with pytest.raises(CannotRun, match="a tag is"):
        mine.head("no tag", OWN)


def test_no_statement_is_made_about_a_broken_log(pen: Any, mine: Mirror, tmp_path: Path) -> None:
    pen.write(30)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    other = pen.copy(tmp_path / "rewritten", 20)
    other.write(20, text="another history")
    other.publish()
    with pytest.raises(Broken):
        mine.step(FolderSource(other.folder))
    with pytest.raises(Broken, match="no statement"):
        mine.head("lot:3", OWN)


def test_a_log_that_stands_still_is_told(pen: Any, mine: Mirror) -> None:
    pen.write(3)
    pen.publish()
    mine.step(FolderSource(pen.folder))
    note = mine.memory.watched().note
    mine.memory.saw(note, clock.stamp(clock.now() - timedelta(hours=24)))
    assert mine.alarms() == []
    since = clock.stamp(clock.now() - timedelta(hours=25, seconds=1))
    mine.memory.saw(note, since)
    mine.step(FolderSource(pen.folder))
    assert mine.alarms() == [f"自 {since} 起没有检查点 · no checkpoint since {since}"]
    pen.write()
    pen.publish()
    mine.step(FolderSource(pen.folder))
    assert mine.alarms() == []


def test_a_folder_mirrors_one_log_only(pen: Any, mine: Mirror, tmp_path: Path, policy: Policy) -> None:
    other = Policy.parse(f"log {PrivateKey.of(bytes(32), 'other.example').vkey.text}\nquorum none\n")
    with pytest.raises(CannotRun, match=r"a mirror of log\.example/city"):
        Mirror(mine.folder.root, other)
    both = Policy((*policy.logs, *other.logs), (), (), "none")
    with pytest.raises(CannotRun, match="one log"):
        Mirror(tmp_path / "both", both)


def test_two_programs_do_not_write_one_mirror(pen: Any, mine: Mirror, policy: Policy) -> None:
    pen.write(3)
    pen.publish()
    other = Mirror(mine.folder.root, policy)
    known = mine.memory.known()
    other.step(FolderSource(pen.folder))
    with pytest.raises(CannotRun, match="another program"):
        mine.memory.move(known.size, known, {})
    other.close()
