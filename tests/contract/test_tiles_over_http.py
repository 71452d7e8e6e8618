"""The log as tiles over HTTP: the same bytes as exported, and as made by the definition; who may read them; caching."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.settings import Settings
from ledger.errors import Broken, CannotRun
from ledger.exporting import export
from ledger.folder import Folder
from ledger.mirroring.verifying import verify
from ledger.post import Post
from ledger.proofs.checkpoint import Checkpoint, sign
from ledger.proofs.keys import PrivateKey
from ledger.proofs.policy import NONE, Log, Policy
from ledger.store import checkpoints, postgres
from ledger.store.tiles import root_at
from ledger.writer import Writer

KEY = PrivateKey.of(bytes(32), "simulated.test.example/log")
POSTER = {"org": "12140300MA0TT030XR", "via": "key:test"}
SIZE = 530


def publish(dsn: str, size: int) -> str:
    """A signed checkpoint of the log's own tree at a size."""
    with postgres.Log(dsn) as log, psycopg.connect(dsn, autocommit=True) as owner:
        note = sign(Checkpoint(KEY.vkey.name, size, root_at(log, size)), KEY)
        checkpoints.publish(owner, size, note)
    return note


@pytest.fixture
def filled(told_ledger: str) -> str:
    """A ledger of 530 entries, published up to 520."""
    with Writer(told_ledger) as writer:
        posts = []
        for number in range(2, SIZE + 1):
            subject = f"lot:{number % 7}"
            event = {
                "specversion": "1.0", "id": str(number), "source": "urn:example:ptc", "type": "test.happened.v1",
                "subject": subject, "time": "2026-02-13T09:30:00+08:00", "data": {"text": f"entry {number}"},
            }  # fmt: skip
            posts.append(Post.of(event, tags=(subject, "source:urn:example:ptc"), poster=POSTER))
        writer.append(posts)
    publish(told_ledger, 520)
    return told_ledger


@pytest.fixture
def web(filled: str, serving: Callable[..., Any]) -> Iterator[Any]:
    with serving(filled, Settings(console=False)) as served:
        yield served


def entries_of(dsn: str, size: int) -> list[bytes]:
    with psycopg.connect(dsn) as db:
        rows = db.execute("SELECT entry FROM ledger.entry WHERE position <= %s ORDER BY position", (size,)).fetchall()
    return [row[0] for row in rows]


def by_definition(entries: list[bytes]) -> dict[str, bytes]:
    """Every file of a log of fewer than 65,536 entries."""
    leaves = [sha256(b"\0" + entry).digest() for entry in entries]
    found = {}
    for index in range(0, len(leaves), 256):
        some, width = leaves[index : index + 256], len(leaves[index : index + 256])
        name = f"{index // 256:03}" + ("" if width == 256 else f".p/{width}")
        found[f"tile/0/{name}"] = b"".join(some)
        bundle = entries[index : index + 256]
        found[f"tile/entries/{name}"] = b"".join(len(one).to_bytes(2, "big") + one for one in bundle)
    roots = [mth(leaves[at : at + 256]) for at in range(0, len(leaves) - 255, 256)]
    if roots:
        found[f"tile/1/000.p/{len(roots)}"] = b"".join(roots)
    return found


def mth(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_http_export_and_the_definition_give_the_same_bytes(web: Any, tmp_path: Path) -> None:
    due = by_definition(entries_of(web.dsn, 520))
    assert export(web.log, Folder(tmp_path)).size == 520
    exported = files(tmp_path)
    note = exported.pop("checkpoint").decode()
    assert note == web.client.get("/checkpoint").text
    assert exported == due
    key = {"Authorization": f"Bearer {web.key}"}
    assert {path: web.client.get(f"/{path}", headers=key).content for path in due} == due


def test_hash_tiles_are_public_and_may_be_kept_for_ever(web: Any) -> None:
    for path in ("tile/0/000", "tile/0/002.p/8", "tile/0/002.p/1", "tile/1/000.p/2", "tile/1/000.p/1"):
        answer = web.client.get(f"/{path}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "application/octet-stream"
    assert web.client.head("/tile/0/000").headers["content-length"] == "8192"
    assert web.client.get("/tile/0/002.p/1").content == web.client.get("/tile/0/002.p/8").content[:32]


def test_entries_need_a_readers_key(web: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer slk_" + "A" * 43}, {"Authorization": "Basic x"}):
        answer = web.client.get("/tile/entries/000", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "cache-control" not in answer.headers
    answer = web.client.get("/tile/entries/000", headers={"Authorization": f"Bearer {web.key}"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/002.p/9", "tile/0/002", "tile/0/003.p/1", "tile/1/000", "tile/1/000.p/3", "tile/2/000.p/1",
        "tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256", "tile/00/000", "tile/64/000", "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/000/", "tile/0", "tile/", "tile/entries/002", "tile/entries/002.p/9", "tile/entries/0",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ],
)  # fmt: skip
def test_what_no_checkpoint_covers_is_not_there(web: Any, path: str) -> None:
    answer = web.client.get(f"/{path}", headers={"Authorization": f"Bearer {web.key}"})
    assert answer.status_code == 404
    assert "cache-control" not in answer.headers


def test_an_export_goes_on_and_never_writes_a_full_tile_again(filled: str, tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with postgres.Log(filled) as log:
        export(log, folder)
        full = [path for path in tmp_path.rglob("*") if path.is_file() and ".p" not in str(path)]
        before = {path: path.stat().st_mtime_ns for path in full if path.name != "checkpoint"}
        assert export(log, folder).files == 1, "the checkpoint alone"
        publish(filled, SIZE)
        assert export(log, folder).files == 3, "a partial tile, its entries, the checkpoint"
    due = by_definition(entries_of(filled, SIZE))
    found = files(tmp_path)
    assert {path: found[path] for path in due} == due
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert verify(tmp_path, Policy((Log(KEY.vkey),), (), (), NONE)).ok


def test_an_export_of_a_changed_database_is_refused(filled: str, tmp_path: Path) -> None:
    with postgres.Log(filled) as log, psycopg.connect(filled, autocommit=True) as owner:
        entry = owner.execute("SELECT entry FROM ledger.entry WHERE position = 300").fetchone()
        owner.execute("UPDATE ledger.entry SET entry = set_byte(entry, 20, 65) WHERE position = 300")
        with pytest.raises(Broken, match="entry 300") as refused:
            export(log, Folder(tmp_path))
        assert refused.value.position == 300
        assert not (tmp_path / "checkpoint").exists()
        owner.execute("UPDATE ledger.entry SET entry = %s WHERE position = 300", (entry[0] if entry else b"",))
        export(log, Folder(tmp_path))
        owner.execute("UPDATE ledger.tile SET hashes = set_byte(hashes, 40, 0) WHERE level = 0 AND idx = 1")
        with pytest.raises(Broken, match="entry 258"):
            export(log, Folder(tmp_path / "again"))
        with postgres.Log(filled) as fresh, pytest.raises(Broken, match="do not lead to the root"):
            export(fresh, Folder(tmp_path / "anew"))


def test_an_export_into_another_logs_folder_is_refused(filled: str, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text(sign(Checkpoint(KEY.vkey.name, 300, bytes(32)), KEY))
    with postgres.Log(filled) as log, pytest.raises(Broken, match="no part of this log"):
        export(log, Folder(tmp_path))
    (tmp_path / "checkpoint").write_text(sign(Checkpoint(KEY.vkey.name, 600, bytes(32)), KEY))
    with postgres.Log(filled) as log, pytest.raises(Broken, match="no part of this log"):
        export(log, Folder(tmp_path))


def test_nothing_is_exported_before_something_is_published(told_ledger: str, tmp_path: Path) -> None:
    with postgres.Log(told_ledger) as log, pytest.raises(CannotRun, match="no checkpoint"):
        export(log, Folder(tmp_path))
