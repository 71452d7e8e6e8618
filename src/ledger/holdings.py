"""The documents that the log says are held: every file re-hashed, every record compared with the entry that fixes it.

    found = audit(log, store, size, root)
    found.faults[0].position       # the first entry that refers to the document that is missing or was changed

A document that is only referred to (by hash, never deposited here) is no fault; one that was lawfully disposed of must
not be there any more. The log is read a second time for this; the root over what was read is compared with that of the
verification, so nobody can show another log for it. Memory grows with the number of deposits, not with the log.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ledger.documents import Content, Documents
from ledger.entry import Entry
from ledger.errors import Broken
from ledger.keeping.deposit import HELD_TYPE, Deposit, is_record_of
from ledger.keeping.disposal import TYPES, Standing
from ledger.keeping.keys import KeyGone
from ledger.proofs.tree import Edge
from ledger.store.postgres import Log

MOST = 100
"""Faults that are named."""

PAGE = 1000

_A_DOCUMENT = b'"media_type"'
_KEY_GONE = (
    "密钥不在或无法解开，内容无法核对",
    "its key is gone or cannot be unwrapped; the content cannot be checked",
)
_NO_RECORD = ("存放记录不在", "the record of the deposit is not there")
_OTHER_RECORD = ("存放记录与账载哈希不符", "the record of the deposit does not have the hash that the log holds")


@dataclass(frozen=True, slots=True)
class DocumentFault:
    """A held document that is missing or was changed: its deposit, the first entry that refers to it, what is wrong."""

    document: str
    position: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found. `waiting`: disposed of in the log, still there; `unlogged`: there, and no entry says so."""

    held: int
    checked: int
    disposed: int
    waiting: tuple[str, ...] = ()
    unlogged: tuple[str, ...] = ()
    faults: tuple[DocumentFault, ...] = ()
    more: bool = False

    @property
    def ok(self) -> bool:
        """Whether every document that must be there is there, unchanged."""
        return not self.faults


Progress = Callable[[str, int, int], None]


def audit(log: Log, store: Documents, size: int, root: bytes, progress: Progress | None = None) -> Audit:
    """Check the documents of the first `size` entries of a log, whose root is `root`.

    Raises Broken where the log shows other entries than those that have the root.
    """
    report = progress or _silent
    there = _there(store)
    known = {deposit.sha256 for deposit, _ in there.values() if deposit} | set(_stated(log))
    standing, first = _read(_entries(log), known, size, root, report)
    judge = _Judge(store, standing, first)
    for done, id in enumerate(standing.held, 1):
        judge.weigh(id, *there.get(id, (None, None)))
        report("document", done, len(standing.held))
    return Audit(
        len(standing.held),
        judge.checked,
        judge.disposed,
        tuple(judge.waiting),
        tuple(sorted(set(there) - set(standing.held))),
        tuple(judge.faults[:MOST]),
        len(judge.faults) > MOST,
    )


def _entries(log: Log) -> Iterator[Entry]:
    after = 0
    while found := log.entries(after, PAGE):
        yield from found
        after = found[-1].position


def _stated(log: Log) -> Iterator[str]:
    """The hashes that held entries state: an entry may refer to a document before it comes into our keeping."""
    after = 0
    while found := log.find(type=HELD_TYPE, after=after, limit=PAGE):
        yield from (str(entry.data["doc"]["sha256"]) for entry in found if "doc" in entry.data)
        after = found[-1].position


def _silent(what: str, done: int, total: int) -> None:
    """No progress is wanted."""


def documents_in(data: Any) -> Iterator[dict[str, Any]]:
    """Every value of type `doc` in a payload."""
    if isinstance(data, dict):
        if "media_type" in data and isinstance(data.get("sha256"), str):
            yield data
        for value in data.values():
            yield from documents_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from documents_in(value)


_There = dict[str, tuple[Deposit | None, Content | None]]


def _there(store: Documents) -> _There:
    """What lies in the folder, by deposit id; None for a record that cannot be read."""
    found: _There = {}
    for content in store.contents():
        for id, raw in store.record_files(content):
            try:
                found[id] = (Deposit.parse(raw), content)
            except Broken:
                found[id] = (None, content)
    return found


def _read(
    entries: Iterable[Entry], known: set[str], size: int, root: bytes, progress: Progress
) -> tuple[Standing, dict[str, int]]:
    """Where the documents of the log stand, and by hash the first entry that refers to one that we keep."""
    standing, first, edge = Standing(), dict[str, int](), Edge()
    for entry in entries:
        edge.append(entry.leaf)
        if entry.type in TYPES:
            standing.take(entry)
        if _A_DOCUMENT in entry.raw:
            for doc in documents_in(entry.data):
                if doc["sha256"] in known:
                    first.setdefault(doc["sha256"], entry.position)
        if edge.size == size:
            break
        if edge.size % 1000 == 0:
            progress("documents", edge.size, size)
    if edge.size != size or edge.root() != root:
        raise Broken("the log showed other entries when it was read again for its documents")
    return standing, first


class _Judge:
    """Weighs one deposit after the other; a content of several deposits is read once."""

    def __init__(self, store: Documents, standing: Standing, first: dict[str, int]) -> None:
        self._store, self._standing, self._first = store, standing, first
        self._read: dict[tuple[str, str], tuple[str, str] | None] = {}
        self.checked = self.disposed = 0
        self.waiting: list[str] = []
        self.faults: list[DocumentFault] = []

    def weigh(self, id: str, deposit: Deposit | None, content: Content | None) -> None:
        """One deposit that the log has."""
        held = self._standing.held[id]
        if id in self._standing.released:
            self.disposed += 1
            if deposit is not None and self._store.disposed_by(deposit) is None:
                self.waiting.append(id)
            return
        if content is None:
            self._fault(id, _NO_RECORD)
        elif deposit is None or not is_record_of(deposit, {"document": id, "record_sha256": held.record}):
            self._fault(id, _OTHER_RECORD)
        else:
            wrong = self._content(content)
            self.checked += wrong is None
            if wrong is not None:
                self._fault(id, wrong, deposit.sha256)

    def _content(self, content: Content) -> tuple[str, str] | None:
        name = (content.cls, content.sha256)
        if name not in self._read:
            try:
                self._store.check(content)
                self._read[name] = None
            except KeyGone:
                self._read[name] = _KEY_GONE
            except Broken as wrong:
                zh, _, en = wrong.detail.partition(" · ")
                self._read[name] = (zh, en)
        return self._read[name]

    def _fault(self, id: str, what: tuple[str, str], digest: str | None = None) -> None:
        held = self._standing.held[id]
        digest = digest or held.digest
        position = min(held.position, self._first.get(digest or "", held.position))
        self.faults.append(DocumentFault(id, position, *what))
