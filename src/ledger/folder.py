"""A folder of static resources: the files that any web server can serve as a log (C2SP tlog-tiles v0.1.0).

    checkpoint   tile/0/000   tile/0/001.p/17   tile/entries/000 …

A file is written under a passing name, brought to the disk and then renamed, so nobody ever reads half of one. A tile
that stands there is never written again: what once existed does not change, and another content under the same name is
an alarm, not an update. `checkpoint` alone is replaced, after everything that it covers.
"""

import os
from pathlib import Path

from ledger.durable import sync_folder
from ledger.errors import Broken, CannotRun
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE

CHECKPOINT = "checkpoint"


class Folder:
    """Reads and writes the resources under `root`; one program at a time writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._unsettled: set[Path] = set()

    def read(self, path: str) -> bytes | None:
        """The bytes of a resource; None where there is none. Raises CannotRun when it cannot be read."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as fault:
            raise CannotRun(f"({self.root / path}: {fault.strerror})") from fault

    def hashes(self, tile: TileRead) -> bytes | None:
        """The first `width` hashes of a tile, from its own file or the full tile's; None where neither is there."""
        return _prefix(self.read(tile.path) or self.read(full(tile).path), 32 * tile.width)

    def keep(self, path: str, raw: bytes) -> bool:
        """Write a tile that is not there yet; True if it was written. Raises Broken where it is there and differs."""
        target = self.root / path
        if target.exists():
            if target.read_bytes() != raw:
                raise Broken(
                    f"{path}: 已存在的内容不同，不覆盖 · stands there with other content, and is not overwritten"
                )
            return False
        self._write(target, raw)
        return True

    def publish(self, note: str) -> None:
        """Bring all that was written to the disk, then put the checkpoint in its place."""
        self.settle()
        self._write(self.root / CHECKPOINT, note.encode())
        self.settle()

    def settle(self) -> None:
        """Bring the names of what was written to the disk."""
        for folder in self._unsettled:
            sync_folder(folder)
        self._unsettled.clear()

    def drop_partials(self, tile: TileRead, path: str) -> None:
        """Take the partial tiles away that a full one at `path` has replaced."""
        folder = self.root / f"{path}.p"
        if tile.width == TILE and folder.is_dir():
            for partial in folder.iterdir():
                partial.unlink()
            folder.rmdir()

    def _write(self, target: Path, raw: bytes) -> None:
        try:
            self._make(target.parent)
            passing = target.with_name(f".{target.name}.new")
            with passing.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            passing.replace(target)
        except OSError as fault:
            raise CannotRun(f"({target}: {fault.strerror})") from fault
        self._unsettled.add(target.parent)

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, remembering each whose names changed."""
        if not folder.is_dir():
            if folder != self.root:
                self._make(folder.parent)
            folder.mkdir(parents=True, exist_ok=True)
            self._unsettled.add(folder.parent)


def full(tile: TileRead) -> TileRead:
    """The tile when it is full."""
    return TileRead(tile.level, tile.index, TILE)


def _prefix(raw: bytes | None, length: int) -> bytes | None:
    return None if raw is None or len(raw) < length else raw[:length]
