"""Documents: their bytes by SHA-256 and class, encrypted, beside the log and never in it.

    store = Documents(folder, keys)
    with store.coming("internal") as coming:
        coming.write(b"…")                          # as often as there is something; memory stays that of one chunk
        deposit, new = coming.keep(statement, kept)
    deposit.doc()                                   # the value that goes into an event
    deposit.event()                                 # what makes the log say that the document is held
    b"".join(store.read(deposit))                   # checked piece by piece; Broken where it was changed

    <folder>/<class>/<first two digits>/<sha256>/content       the encrypted bytes (`ledger.keeping.sealed_file`)
                                                <id>.json      one record for each deposit (`ledger.keeping.deposit`)
                                                <id>.gone      by which entry that deposit was disposed of

The same bytes in the same class are one file, however many deposits it has; each deposit has its own retention, and the
file goes with the last of them. The same bytes in another class are another file under another key: what is public for
one and secret for another must not be opened, kept or destroyed by one right. Content, then record, then entry: where
power fails in between, nothing in the log is without its file, and the same deposit again completes what is there.

The folder is trusted for nothing but being there: what was changed in it is seen (`ledger.holdings`), and what was
taken away is named by the log. Its names are hashes, so who can list it can confirm that he knows a document.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from types import TracebackType

from ledger.durable import locked, make_folder, move, remove, write_once
from ledger.errors import Broken, CannotRun, LedgerError, TooLarge
from ledger.keeping import sealed_file
from ledger.keeping.deposit import Deposit, Statement
from ledger.keeping.keys import DataKeys, KeyGone

SHA256 = re.compile(r"[0-9a-f]{64}")
_COMING = ".coming"
_CONTENT = "content"


class DocumentTooLarge(TooLarge):
    """文件超过大小上限。 · The document is over the size limit."""

    code = "document-too-large"


class Disposed(LedgerError):
    """文件已依法处置，内容不复存在。 · The document was disposed of; its content is no more."""

    code = "disposed"

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"(archive.item-disposed #{position})")


@dataclass(frozen=True, slots=True)
class Content:
    """One content in one class, as it lies in the folder."""

    cls: str
    sha256: str
    folder: Path


class Documents:
    """The store under `root`; many threads and programs on one machine may share it."""

    def __init__(self, root: Path, keys: DataKeys, *, classes: tuple[str, ...]) -> None:
        self.root, self._keys, self._classes = root, keys, classes
        make_folder(root / _COMING)
        self._sweep()

    def coming(self, cls: str, limit: int | None = None) -> "Coming":
        """A document of a class on its way in, of at most `limit` bytes. Raises CannotRun for an unknown class."""
        if cls not in self._classes:
            raise CannotRun(f"no class of secrecy: {cls}")
        return Coming(self, cls, limit)

    def deposits(self, digest: str) -> list[Deposit]:
        """All deposits of a content, in all classes, those that were disposed of too. Raises Broken."""
        found = [self._content(cls, digest) for cls in self._classes]
        return [deposit for content in found for deposit in records(content)]

    def contents(self) -> Iterator[Content]:
        """Everything in the folder, whether the log knows of it or not."""
        for cls in self._classes:
            for two in sorted(_listed(self.root / cls)):
                for digest in sorted(_listed(two)):
                    if _listed(digest):  # else somebody died who had made the folder and no more
                        yield Content(cls, digest.name, digest)

    def record_files(self, content: Content) -> list[tuple[str, bytes]]:
        """The records of a content by deposit id, as bytes, whatever they hold."""
        return [(path.stem, path.read_bytes()) for path in _listed(content.folder) if path.suffix == ".json"]

    def read(self, deposit: Deposit) -> Iterator[bytes]:
        """The content, piece by piece, the first one already checked when this returns.

        Raises Disposed, Broken where it was changed or is missing, KeyGone without its key.
        """
        gone = self.disposed_by(deposit)
        if gone is not None:
            raise Disposed(gone)
        content = self._content(deposit.said.cls, deposit.sha256)
        return sound(content, self._keys)

    def disposed_by(self, deposit: Deposit) -> int | None:
        """The position of the entry that a deposit was disposed of by; None while it is held."""
        return _gone(self._content(deposit.said.cls, deposit.sha256).folder, deposit.id)

    def check(self, content: Content) -> None:
        """Read a content to its end. Raises Broken or KeyGone."""
        for _ in sound(content, self._keys):
            pass

    def dispose(self, deposit: Deposit, position: int) -> bool:
        """End a deposit by the entry at `position`; with the last one of a content its key and its file go.

        Whether this ended it is right is decided before (`ledger.keeping.disposal`). False where it had ended already.
        """
        content = self._content(deposit.said.cls, deposit.sha256)
        with locked(content.folder):
            new = _gone(content.folder, deposit.id) is None
            if new:
                write_once(content.folder / f"{deposit.id}.gone", b"%d\n" % position)
            if all(_gone(content.folder, one.id) is not None for one in records(content)):
                self._destroy(content.folder / _CONTENT)
            return new

    def keep(self, coming: Path, header: sealed_file.Header, said: Statement, kept: str) -> tuple[Deposit, bool]:
        """Give a finished file its place and record the deposit; whether that is new. For `Coming` alone."""
        content = self._content(header.cls, header.sha256)
        make_folder(content.folder)
        with locked(content.folder):
            living = [one for one in records(content) if _gone(content.folder, one.id) is None]
            if (content.folder / _CONTENT).exists() and self._opens(content):
                self._destroy(coming)
            else:
                move(coming, content.folder / _CONTENT)
            for one in living:
                if one.said == said:
                    return one, False
            deposit = Deposit.new(header.sha256, header.size, said, kept)
            write_once(content.folder / f"{deposit.id}.json", deposit.raw())
            return deposit, True

    def begin(self, cls: str) -> tuple[Path, sealed_file.Sealing]:
        """A passing file and what writes it. For `Coming` alone."""
        name, key = self._keys.make()
        path = self.root / _COMING / name
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb+")
        flock(file, LOCK_EX)  # so that nobody sweeps it away while we live
        return path, sealed_file.Sealing(file, name, key, cls)

    def forget(self, path: Path) -> None:
        """Take a passing file away, and its key; nothing where it has found its place. For `Coming` alone."""
        self._destroy(path)

    def is_there(self, deposit: Deposit) -> bool:
        """Whether a file lies where the content of the deposit should be; `read` says whether it is sound."""
        return (self._content(deposit.said.cls, deposit.sha256).folder / _CONTENT).exists()

    def _content(self, cls: str, digest: str) -> Content:
        return Content(cls, digest, self.root / cls / digest[:2] / digest)

    def _opens(self, content: Content) -> bool:
        """Whether what lies there can still be opened: a damaged file is replaced by the sound one that came."""
        try:
            self.check(content)
        except (Broken, KeyGone):
            return False
        return True

    def _destroy(self, path: Path) -> None:
        """The key first: from then on nobody opens the file, whatever copies there are."""
        with suppress(FileNotFoundError), path.open("rb") as file:
            with suppress(Broken):
                self._keys.destroy(sealed_file.header_of(file).key)
            remove(path)

    def _sweep(self) -> None:
        """Take away what programs left that died while writing: nobody holds the lock on it any more."""
        for path in _listed(self.root / _COMING):
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                flock(file, LOCK_EX | LOCK_NB)
                self._destroy(path)


class Coming:
    """A document on its way in; leaving the block without `keep` forgets it, key and all."""

    def __init__(self, store: Documents, cls: str, limit: int | None) -> None:
        self._store, self._limit = store, limit
        self._path, self._sealing = store.begin(cls)

    def __enter__(self) -> "Coming":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None) -> None:
        self._sealing.close()
        self._store.forget(self._path)

    def write(self, piece: bytes) -> None:
        """Take the next piece. Raises DocumentTooLarge."""
        if self._limit is not None and self._sealing.size + len(piece) > self._limit:
            raise DocumentTooLarge(f"({self._limit:,} bytes)")
        self._sealing.write(piece)

    def keep(self, said: Statement, kept: str) -> tuple[Deposit, bool]:
        """End it and keep it; the deposit, and whether it is new (the same one again gives the first)."""
        return self._store.keep(self._path, self._sealing.finish(), said, kept)


def records(content: Content) -> list[Deposit]:
    """The records of a content, oldest first. Raises Broken for one that is none."""
    found = [Deposit.parse(path.read_bytes()) for path in _listed(content.folder) if path.suffix == ".json"]
    return sorted(found, key=lambda one: (one.kept, one.id))


def sound(content: Content, keys: DataKeys) -> Iterator[bytes]:
    """The pieces of a content, header and first piece checked. Raises Broken, also where it is not there; KeyGone."""
    path = content.folder / _CONTENT
    try:
        with path.open("rb") as file:
            header = sealed_file.header_of(file)
        if (header.cls, header.sha256) != (content.cls, content.sha256):
            raise Broken("文件被对调 · the file is that of another document")
        pieces = sealed_file.opened(path, keys)
        first = next(pieces)
    except FileNotFoundError as missing:
        raise Broken("文件不在 · the file is not there") from missing
    return _with(first, pieces)


def _with(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _gone(folder: Path, id: str) -> int | None:
    try:
        return int((folder / f"{id}.gone").read_text("ascii"))
    except FileNotFoundError:
        return None


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return []
