"""Where a log is read from: a server, or a folder of the same files (C2SP tlog-tiles v0.1.0).

Nothing that a source gives is believed here; what it means is checked by whoever asked.
"""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ledger.errors import Broken, CannotRun, Unknown
from ledger.folder import CHECKPOINT, Folder, full
from ledger.proofs.failures import Unreadable
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE
from ledger.store.resources import entries_path, parted

TIMEOUT_SECONDS = 30
MOST_BYTES = 20_000_000
"""More than any resource can have: 256 entries of 65,535 bytes."""


class Source(Protocol):
    """Gives the bytes of a resource by its path, and None where there is none. Raises CannotRun, Unknown."""

    def read(self, path: str) -> bytes | None:
        """The bytes."""

    def close(self) -> None:
        """Give the connection back."""


class FolderSource:
    """A folder that `export` or another mirror writes."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise CannotRun(f"{root}: 没有这个文件夹 · there is no such folder")
        self._folder = Folder(root)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file."""
        return self._folder.read(path)

    def close(self) -> None:
        """Nothing to give back."""


class HttpSource:
    """A log's server; `key` is a reader's (`slk_…`), wanted for entries."""

    def __init__(self, url: str, key: str | None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise CannotRun(f"({url}: http://…, https://…)")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._address, self._prefix = parts.netloc, parts.path.rstrip("/")
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._connection: HTTPConnection | None = None

    def read(self, path: str) -> bytes | None:
        """The body of `GET <prefix>/<path>`."""
        kept = self._connection is not None
        try:
            status, body = self._get(path)
        except (OSError, HTTPException) as fault:
            self.close()
            if not kept:
                raise CannotRun(f"{self._address}: {type(fault).__name__}: {fault}") from fault
            return self.read(path)  # a kept connection may have been closed meanwhile
        if status == 200:
            return body
        if status == 404:
            return None
        if status in (401, 403):
            raise Unknown(f"({path}: {status}; --key slk_…)")
        raise CannotRun(f"{self._address}/{path}: HTTP {status}")

    def _get(self, path: str) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self._kind(self._address, timeout=TIMEOUT_SECONDS)
        self._connection.request("GET", f"{self._prefix}/{path}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read(MOST_BYTES)
        if not answer.isclosed():
            self.close()
            raise CannotRun(f"{self._address}/{path}: over {MOST_BYTES} bytes")
        return answer.status, body

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def source_of(place: str, key: str | None) -> Source:
    """The source that a URL or a folder names."""
    return HttpSource(place, key) if "://" in place else FolderSource(Path(place))


def checkpoint(source: Source) -> bytes:
    """The newest checkpoint's note. Raises CannotRun where none is published."""
    raw = source.read(CHECKPOINT)
    if raw is None:
        raise CannotRun("还没有已公布的检查点 · no checkpoint is published there yet")
    return raw


def hashes(source: Source, tile: TileRead) -> bytes:
    """The first `width` hashes of a tile; from the full one where the partial one is gone. Raises Broken."""
    raw = _either(source, tile.path, full(tile).path)
    if raw is None or len(raw) < 32 * tile.width or len(raw) % 32:
        raise Broken(
            f"{tile.path}: 缺失或过短 · missing or too short", position=1 + (tile.index * TILE << 8 * tile.level)
        )
    return raw[: 32 * tile.width]


def entries(source: Source, tile: TileRead) -> list[bytes]:
    """The first `width` entries of a bundle. Raises Broken."""
    first = 1 + tile.index * TILE
    path = entries_path(tile)
    raw = _either(source, path, entries_path(full(tile)))
    if raw is None:
        raise Broken(f"{path}: 缺失 · missing", position=first)
    try:
        found = parted(raw)
    except Unreadable as fault:
        raise Broken(f"{path}: {fault}", position=first) from fault
    if len(found) < tile.width:
        raise Broken(f"{path}: 只有 {len(found)} 条 · only {len(found)} entries", position=first + len(found))
    return found[: tile.width]


def _either(source: Source, path: str, complete: str) -> bytes | None:
    found = source.read(path)
    return source.read(complete) if found is None and path != complete else found
