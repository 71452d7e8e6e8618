"""Verifies a folder of tiles from its own bytes: the same walk, the same words as for a database (`ledger.verify`).

    entries   tile/entries/…        the column `entry`; what stands there is hashed, never believed
    leaves    tile/0/…              the column `leaf`
    tiles     tile/1/…, tile/2/…    the table `tile`, and what is partial at the right edge
    heads     mirror.sqlite         the table `tag`: of each tag the last ordinal and leaf; where there is a memory

One pass, in the order of positions; memory stays flat. At the end size and root are compared with the checkpoint in
the folder, which the log's key has signed: that is what the keeper of this folder could not have made.
"""

from collections import deque
from collections.abc import Callable
from hashlib import sha256
from itertools import count, zip_longest
from pathlib import Path
from tempfile import TemporaryFile

import orjson

from ledger.entry import NO_LEAF, SEALED_TYPE
from ledger.errors import CannotRun
from ledger.folder import CHECKPOINT, Folder, full
from ledger.mirroring.memory import Memory
from ledger.proofs import build
from ledger.proofs.checkpoint import Signed
from ledger.proofs.failures import ProofError, Unreadable
from ledger.proofs.policy import Policy
from ledger.proofs.succession import extended
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE, Edge, split
from ledger.store.resources import entries_path, parted, tiles_between
from ledger.verification.examine import examine
from ledger.verification.faults import Blame, Faults, TooMany
from ledger.verification.form import Newer
from ledger.verification.limits import Limits
from ledger.verification.links import Links
from ledger.verification.outside import Outside, Record, told
from ledger.verification.quiet import without_collector
from ledger.verification.seals import Check
from ledger.verification.stored import Piece, Stored
from ledger.verification.twins import Twins
from ledger.verification.verdict import Fault, Kind, State, Verdict
from ledger.verification.walk import Walk

Progress = Callable[[str, int, int], None]


class _Unkept(Twins):
    """A table that a folder of tiles does not have: nothing is demanded of it."""

    def __init__(self) -> None:
        super().__init__(lambda _: [], lambda _: b"", Limits())

    def demand(self, rows: list[bytes]) -> None:
        """Nothing."""


def verify(root: Path, policy: Policy, *, progress: Progress | None = None, limits: Limits | None = None) -> Verdict:
    """Verify a mirror or an exported folder. Raises CannotRun where it has no checkpoint that the policy accepts."""
    folder = Folder(root)
    memory = Memory.standing(root)
    try:
        signed = _checkpoint(folder, extended(policy, memory.changes()) if memory is not None else policy)
        total = max(signed.checkpoint.size, memory.known().size if memory is not None else 0)
        walked = _Walked(folder, total, memory, limits or Limits(), Outside(_records(signed)))
        walked.run(progress)
    finally:
        if memory is not None:
            memory.close()
    return walked.verdict()


class _Walked:
    """One verification: the walk over the folder's files and what it found."""

    def __init__(self, folder: Folder, total: int, memory: Memory | None, limits: Limits, outside: Outside) -> None:
        self._folder, self._total, self._memory = folder, total, memory
        self._limits = limits
        self._links = Links(limits)
        self._outside = outside
        self._newer: int | None = None
        self.faults = Faults()
        self.state = State.CONSISTENT
        self.size, self.root = 0, Edge().root()

    def run(self, progress: Progress | None) -> None:
        """Every entry; then, if nothing is wrong with those, the tiles above them, the heads, and the signed root."""
        twins: dict[str, Twins] = {"tile": _Unkept(), "tag": _Unkept(), "event_key": _Unkept()}

        def report(done: int) -> None:
            if progress is not None:
                progress("entry", done, self._total)

        with TemporaryFile() as digests, Check(self._limits.sorted_bytes) as seals:
            walk = Walk(_Rows(self._folder, self._total), twins, self.faults, self._links, digests, seals)
            walk.outside = self._outside
            try:
                with without_collector():
                    walk.run(examine, report)
                other = self._other_head(walk.size)
                for position, tag, ordinal, due, before in self._links.torn():
                    if not self.faults.unknown(position):
                        walk.torn_link(position, tag, ordinal, due, before)
                if walk.size < self._total:
                    zh, en = f"缺第 {walk.size + 1} 至 {self._total} 条。", f"Missing: {walk.size + 1}–{self._total}."
                    self.faults.entry(None, walk.size + 1, Kind.DELETED, zh, en)
                if not self.faults.blames and walk.edge is not None:
                    self._tiles(walk.edge)
                    self.faults.blames += [*other, *self._outside.blames(walk.size)]
                    walk.judge_seals()
            except Newer:
                self.state, self._newer = State.NEWER, walk.size + 1
            except TooMany:
                self.state = State.BROKEN
            self.size, self.root = walk.size, walk.root

    def verdict(self) -> Verdict:
        """Everything found, by position."""
        faults = tuple(_with_file(one.final()) for one in sorted(self.faults.blames, key=lambda one: one.position))
        agreeing = self._outside.agreeing
        state = State.BROKEN if faults else self.state
        return Verdict(
            State.INTACT if state is State.CONSISTENT and agreeing else state,
            self.size,
            self.root,
            faults,
            self.faults.more,
            self._newer,
            {"entry": self.size},
            agreeing[-1][1] if agreeing else 0,
            told(agreeing),
        )

    def _tiles(self, edge: Edge) -> None:
        """The files above the leaves, and the partial ones, are those of these entries."""
        for tile in tiles_between(0, self._total):
            found = self._folder.hashes(tile)
            due = self._due(tile, edge)
            if found != due:
                kind = Kind.DELETED if found is None else Kind.CHANGED
                first = 1 + (TILE * tile.index << 8 * tile.level)
                self._blame("tile", None, first, kind, f"文件 {tile.path}。", f"File {tile.path}.")

    def _due(self, tile: TileRead, edge: Edge) -> bytes:
        """A tile, made from what was checked: the row of the edge, else the roots of the tiles below."""
        if tile.width < TILE:
            return b"".join(edge.levels[tile.level])
        if tile.level == 0:
            return self._folder.hashes(tile) or b""  # its leaves were compared with the entries one by one
        below = (TileRead(tile.level - 1, TILE * tile.index + index, TILE) for index in range(TILE))
        return b"".join(_root_of(self._folder.hashes(one) or b"") for one in below)

    def _other_head(self, size: int) -> list[Blame]:
        """The first tag whose kept head is not what the entries say."""
        if self._memory is None or self._memory.known().size != size:
            return []
        for kept, due in zip_longest(self._memory.all_heads(), self._links.ends()):
            if kept != due:
                tag = min(one[0] for one in (kept, due) if one is not None)
                zh, en = f"标签「{tag}」的末端与条目不符。", f"The head kept of {tag} is not what the entries say."
                return [Blame("tag", None, size, Kind.CHANGED, zh, en)]
        return []

    def _blame(self, table: str, column: str | None, position: int, kind: Kind, zh: str, en: str) -> None:
        self.faults.blames.append(Blame(table, column, position, kind, zh, en))


def _records(signed: Signed) -> list[Record]:
    """Who stands for the checkpoint's root: the log's signer, and the witnesses that cosigned."""
    good = (*signed.log, *signed.cosigned)
    return [(one.key.name, signed.checkpoint.size, signed.checkpoint.root) for one in good]


def _checkpoint(folder: Folder, policy: Policy) -> Signed:
    raw = folder.read(CHECKPOINT)
    if raw is None:
        raise CannotRun(f"{folder.root / CHECKPOINT}: 没有检查点 · there is no checkpoint")
    try:
        return policy.verify(raw)
    except ProofError as fault:
        raise CannotRun(f"{folder.root / CHECKPOINT}: {fault}") from fault


class _Rows:
    """The entries of the bundles as rows, each with the leaf that its tile states; missing ones are left out."""

    def __init__(self, folder: Folder, total: int) -> None:
        self._folder, self._total = folder, total
        self._index = 0
        self._singly: deque[Stored] = deque()

    def piece(self) -> Piece | None:
        """The next bundle, where all of it and all its leaves are there."""
        if self._singly or TILE * self._index >= self._total:
            return None
        tile, stated, raws = self._next()
        if stated is None or len(raws) != tile.width:
            self._later(tile, stated, raws)
            return None
        first = TILE * tile.index + 1
        return Piece(list(range(first, first + len(raws))), None, split(stated), raws, raws)

    def again(self, piece: Piece) -> None:
        """The bundle's entries come singly now."""
        self._singly.extend(map(_row, piece.positions, piece.raws, piece.leaves))

    def __next__(self) -> Stored:
        while not self._singly:
            if TILE * self._index >= self._total:
                raise StopIteration
            self._later(*self._next())
        return self._singly.popleft()

    def _next(self) -> tuple[TileRead, bytes | None, list[bytes]]:
        tile = TileRead.at(0, self._index, self._total)
        self._index += 1
        return tile, self._folder.hashes(tile), _entries(self._folder, tile)

    def _later(self, tile: TileRead, stated: bytes | None, raws: list[bytes]) -> None:
        leaves = split(stated) if stated is not None else [b""] * tile.width
        self._singly.extend(map(_row, count(TILE * tile.index + 1), raws, leaves))


def _entries(folder: Folder, tile: TileRead) -> list[bytes]:
    """The entries of a bundle as far as they can be told apart."""
    raw = folder.read(entries_path(tile)) or folder.read(entries_path(full(tile))) or b""
    try:
        return parted(raw)[: tile.width]
    except Unreadable:
        return _readable(raw)[: tile.width]


def _readable(raw: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 2 <= len(raw) and at + 2 + (length := int.from_bytes(raw[at : at + 2], "big")) <= len(raw):
        found.append(raw[at + 2 : at + 2 + length])
        at += 2 + length
    return found


def _row(position: int, raw: bytes, leaf: bytes) -> Stored:
    digest = sha256(b"\0" + raw).digest()
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or (leaf == digest and document.get("position") != position):
        return Stored(position, "", leaf or digest, raw, digest, None, position)  # no entry, or not this one
    event = document.get("event")
    type_ = event.get("type", SEALED_TYPE) if isinstance(event, dict) else ""
    return Stored(position, type_ if isinstance(type_, str) else "", leaf or digest, raw, digest, document, position)


def _root_of(hashes: bytes) -> bytes:
    level = split(hashes)
    return build.Plan(TILE, ((0, TILE),)).compute({(0, 0): hashes})[0] if len(level) == TILE else NO_LEAF


def _with_file(fault: Fault) -> Fault:
    """A fault of an entry also names the file in which it stands."""
    if fault.table != "entry" or fault.position is None:
        return fault
    tile = TileRead(0, (fault.position - 1) // TILE, TILE)
    path = tile.path if fault.column == "leaf" else entries_path(tile)
    zh, en = f"{fault.zh}（文件 {path}）", f"{fault.en} (file {path})"
    return Fault(fault.table, fault.column, fault.position, fault.kind, zh, en)
