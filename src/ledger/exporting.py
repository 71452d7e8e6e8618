"""The log written as a folder of tiles, up to the newest published checkpoint (`ledger.folder` for the files).

Nothing is written that does not lead to the checkpoint's root: the root is computed from the tiles first, and each
entry is hashed against its tile. The checkpoint is written last, so whoever reads the folder finds all that it covers.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import Broken, CannotRun
from ledger.folder import CHECKPOINT, Folder
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import ProofError
from ledger.proofs.note import Note
from ledger.proofs.tree import EMPTY_ROOT
from ledger.store import checkpoints, resources
from ledger.store.postgres import Log
from ledger.store.tiles import root_at

Progress = Callable[[int, int], None]
"""Told how many entries are written, of how many."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Size and root that the folder now has, and how many files were written."""

    size: int
    root: bytes
    files: int


def export(log: Log, folder: Folder, *, progress: Progress | None = None) -> Exported:
    """Write what the folder has not yet. Raises CannotRun where nothing is published, Broken where things differ."""
    note = checkpoints.newest(log)
    if note is None:
        raise CannotRun("还没有已公布的检查点 · no checkpoint is published yet; `sunledger signer` makes them")
    wanted = _checkpoint(note, "the published checkpoint")
    if wanted.size and root_at(log, wanted.size) != wanted.root:
        raise Broken("the database's tiles do not lead to the root of the published checkpoint", position=wanted.size)
    old = _standing(log, folder, wanted)
    files = 0
    for tile in resources.tiles_between(old, wanted.size):
        files += folder.keep(tile.path, resources.hashes(log, tile))
        folder.drop_partials(tile, tile.path)
        if tile.level == 0:
            path = resources.entries_path(tile)
            files += folder.keep(path, resources.bundle(log, tile))
            folder.drop_partials(tile, path)
            if progress is not None:
                progress(resources.covers(tile), wanted.size)
    folder.publish(note)
    return Exported(wanted.size, wanted.root, files + 1)


def _standing(log: Log, folder: Folder, wanted: Checkpoint) -> int:
    """The size that the folder has. Raises Broken where it is no beginning of the log."""
    raw = folder.read(CHECKPOINT)
    if raw is None:
        return 0
    before = _checkpoint(raw, f"{folder.root / CHECKPOINT}")
    root = root_at(log, before.size) if 0 < before.size <= wanted.size else EMPTY_ROOT
    if (before.origin, before.root) != (wanted.origin, root) or before.size > wanted.size:
        raise Broken(
            f"{folder.root}: 其中的检查点（{before.size}）不是本台账的历史 · "
            f"the checkpoint there, of {before.size}, is no part of this log's history",
            position=before.size,
        )
    return before.size


def _checkpoint(raw: bytes | str, what: str) -> Checkpoint:
    try:
        return Checkpoint.parse(Note.parse(raw).text)
    except ProofError as fault:
        raise Broken(f"({what}: {fault})") from fault
