"""A mirror: reads a whole log, believes none of it, keeps its own copy and the head of every tag.

    mirror = Mirror(folder, policy)
    mirror.step(source_of("https://log.example", key))    # up to the newest checkpoint; raises Broken
    mirror.head("lot:A01-1", own_key)             # "the history of this tag ends here", signed by this mirror

One step, in this order, and nothing is kept that has not passed:

1. the checkpoint is signed as the policy demands, and is of this log;
2. what was read before is the beginning of it: the same root at the same size, or a consistency proof from our root;
3. each new entry hashes to its leaf, stands at its position, chains by `prev`, is in time, links (`ledger.following`);
4. our own tree over all entries so far is the beginning of the checkpoint: a consistency proof from *our* root;
5. entries and tiles go to the disk, then the memory moves; the checkpoint goes out last.

A `ledger.key-changed` among the entries (step 3) names the key that counts besides the old one, and after its time
alone: the old key has signed the checkpoint that the entry leads to. A mirror that was away longer than both keys sign
is told by the receipt of that entry (`follow_key`), or by the new edition of the policy.

Steps 3 to 5 are done piece by piece, so memory stays flat and a first reading can be interrupted.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from ledger import clock, keychanges
from ledger.errors import Broken, CannotRun
from ledger.folder import Folder
from ledger.following import NEVER, Known, documents, read_on, tags_of
from ledger.mirroring.differing import first_difference
from ledger.mirroring.memory import Memory, Watched
from ledger.mirroring.source import Source, checkpoint, entries, hashes
from ledger.proofs import build, check, succession, taghead
from ledger.proofs.checkpoint import Checkpoint, Signed
from ledger.proofs.failures import ProofError, ProofFailed
from ledger.proofs.keys import Signer
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt
from ledger.proofs.succession import KeyChange, extended
from ledger.proofs.taghead import TagHead
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE, leaf_hash, split
from ledger.store.resources import entries_path, joined

SILENT = timedelta(hours=25)
"""A log without a new checkpoint for this long stands still (decisions 7)."""

PIECE_TILES = 16
PIECE_BYTES = 16_000_000
"""A piece ends after so many tiles, or earlier, once it has so many bytes."""

EVIDENCE = "evidence"
"""The folder of signed checkpoints that contradict what was read: each with ours is proof of two histories."""

Progress = Callable[[int, int], None]
"""Told how many entries were read, of how many."""


class Mirror:
    """One log's mirror in a folder; used by one thread. Raises CannotRun where the policy names several logs."""

    def __init__(self, folder: Path, policy: Policy) -> None:
        origins = sorted({log.key.name for log in policy.logs})
        if len(origins) != 1:
            raise CannotRun(f"策略应指明一个台账 · the policy must name one log: {', '.join(origins) or '–'}")
        folder.mkdir(parents=True, exist_ok=True)
        self.policy = policy
        self.folder = Folder(folder)
        self.memory = Memory(folder, origins[0], clock.stamp(clock.now()))

    def close(self) -> None:
        """Give the memory back."""
        self.memory.close()

    def step(self, source: Source, progress: Progress | None = None) -> Checkpoint:
        """Read up to the newest checkpoint of the source. Raises Broken, remembering why; CannotRun, Unknown."""
        try:
            done = self._step(source, progress)
        except Broken as fault:
            self.memory.alarm(str(fault))
            raise
        self.memory.alarm("")
        return done

    def alarms(self) -> list[str]:
        """What is wrong with this log: an alarm of the last step, contradictions kept, a log that stands still."""
        seen = self.memory.watched()
        found = [seen.alarm] if seen.alarm else []
        kept = self.folder.root / EVIDENCE
        if kept.is_dir() and (count := len(list(kept.iterdir()))):
            found.append(f"{kept} 有 {count} 份互相矛盾的检查点 · holds {count} signed checkpoints of another history")
        if clock.now() - clock.parse(seen.since) > SILENT:
            found.append(f"自 {seen.since} 起没有检查点 · no checkpoint since {seen.since}")
        return found

    def trusted(self) -> Policy:
        """The policy with the keys that follow its log's by what was read, without those that count no more."""
        known, changes = self.memory.known(), self.memory.changes()
        return (
            self.policy
            if not known.recorded
            else extended(self.policy, changes, keychanges.over_at(clock.parse(known.recorded)))
        )

    def follow_key(self, receipt: Receipt) -> KeyChange:
        """Take a change of the log's key from its receipt. Raises Broken where that proves none."""
        try:
            change = succession.accept(receipt, extended(self.policy, self.memory.changes()))
            clock.parse(change.both_until)
        except (ProofError, ValueError) as fault:
            raise Broken(f"回执未证明密钥更换 · the receipt proves no change of the key: {fault}") from fault
        self.memory.learn(change)
        return change

    def head(self, tag: str, signer: Signer) -> str:
        """The signed statement where a tag's history ends, at the newest checkpoint. Raises CannotRun, Broken."""
        known, seen = self.memory.known(), self.memory.watched()
        if seen.alarm:
            raise Broken(f"不为有误的台账作证 · no statement about a log that is broken: {seen.alarm}")
        if not seen.note or _kept(seen).size != known.size:
            raise CannotRun("尚未读到检查点 · not read up to a checkpoint yet")
        ordinal, leaf = self.memory.heads([tag]).get(tag, NEVER)
        last = taghead.NEVER if leaf is None else bytes.fromhex(leaf)
        try:
            stated = TagHead(known.origin, known.size, known.root, tag, ordinal, last)
        except ValueError as fault:
            raise CannotRun(f"({fault})") from fault
        return taghead.sign(stated, signer)

    def _step(self, source: Source, progress: Progress | None) -> Checkpoint:
        raw = checkpoint(source)
        signed = self._signed(raw)
        wanted, known = signed.checkpoint, self.memory.known()
        seen = self.memory.watched()
        self._continues(source, wanted, known, raw)
        while known.size < wanted.size:
            known = self._piece(source, wanted, known)
            if progress is not None:
                progress(known.size, wanted.size)
        if wanted.size == known.size:
            self._publish(raw.decode(), wanted, seen)
        return wanted

    def _signed(self, raw: bytes) -> Signed:
        """Step 1. Raises Broken for a wrong signature, CannotRun while the policy is not met."""
        try:
            return self.trusted().verify(raw)
        except ProofError as fault:
            raise Broken(f"检查点不可接受 · the checkpoint cannot be accepted: {fault}") from fault

    def _continues(self, source: Source, wanted: Checkpoint, known: Known, raw: bytes) -> None:
        """Step 2. Raises Broken, keeping the checkpoint as evidence: its signer stands for another history."""
        if known.size == 0:
            return
        try:
            if wanted.size <= known.size:
                if self._own_root(known, wanted.size) != wanted.root:
                    raise ProofFailed(wanted.root)
            else:
                self._leads_to(source, known, wanted)
        except ProofFailed as fault:
            name = f"{wanted.size}-{sha256(raw).hexdigest()[:16]}"
            if self.folder.read(f"{EVIDENCE}/{name}") is None:
                self.folder.keep(f"{EVIDENCE}/{name}", raw)
                self.folder.settle()
            first = first_difference(
                lambda tile: self._own_hashes(known, tile), lambda tile: hashes(source, tile), known.size, wanted.size
            )
            where = "" if first is None else f"；首个不同处：第 {first} 条 · first difference: position {first}"
            raise Broken(
                f"台账被改写：所签检查点（{wanted.size}）与本镜像所读历史（{known.size}）不是同一历史 · "
                f"the log was rewritten: its signed checkpoint of {wanted.size} and the {known.size} entries read here "
                f"are two histories{where}",
                position=first,
            ) from fault

    def _piece(self, source: Source, wanted: Checkpoint, known: Known) -> Known:
        """Steps 3 to 5 for the next tiles."""
        first, skipped = known.size // TILE, known.size % TILE
        bundles: list[list[bytes]] = []
        leaves: list[bytes] = []
        held = 0
        while len(bundles) < PIECE_TILES and held < PIECE_BYTES and (first + len(bundles)) * TILE < wanted.size:
            tile = TileRead.at(0, first + len(bundles), wanted.size)
            bundle = entries(source, tile)
            leaves += self._leaves(source, tile, bundle, known)
            bundles.append(bundle)
            held += sum(map(len, bundle))
        found = documents([entry for bundle in bundles for entry in bundle][skipped:], known.size + 1)
        step = read_on(known, leaves[skipped:], found, self.memory.heads(tags_of(found)))
        try:
            self._leads_to(source, step.known, wanted)
        except ProofFailed as fault:
            raise Broken(
                f"第 {known.size + 1} 至 {step.known.size} 条不在所签检查点之内 · entries {known.size + 1} to "
                f"{step.known.size} do not lead to the signed checkpoint of {wanted.size}",
                position=known.size + 1,
            ) from fault
        self._demand_successors(step.changes)
        for index, bundle in enumerate(bundles, first):
            self._keep_bundle(TileRead(0, index, len(bundle)), bundle)
        for filled in step.tiles:
            self._keep_tile(TileRead(filled.level, filled.index, TILE), filled.hashes)
        if step.known.size == wanted.size:
            for level, row in enumerate(step.known.edge.levels):
                if row:
                    self._keep_tile(TileRead(level, wanted.size >> 8 * (level + 1), len(row)), b"".join(row))
        self.folder.settle()
        self.memory.move(known.size, step.known, step.moved, step.changes)
        return step.known

    def _demand_successors(self, changes: Sequence[KeyChange]) -> None:
        """Raises Broken where the log names a successor of a key that is not its own."""
        for change in changes:
            at = change.position
            if change.old not in [log.key for log in extended(self.policy, [*self.memory.changes(), *changes]).logs]:
                raise Broken(
                    f"第 {at} 条更换的不是此台账的密钥 · entry {at} changes a key that is not the log's", position=at
                )

    def _leaves(self, source: Source, tile: TileRead, bundle: list[bytes], known: Known) -> list[bytes]:
        """The leaf hashes of a bundle: those of its tile, and at its beginning those of what was read before."""
        made = [leaf_hash(entry) for entry in bundle]
        stated = split(hashes(source, tile))
        if known.size > TILE * tile.index:
            before = known.edge.levels[0]
            stated[: len(before)] = before
        if made != stated:
            position = next(at for at, pair in enumerate(zip(made, stated, strict=True), 1) if pair[0] != pair[1])
            position += TILE * tile.index
            raise Broken(
                f"第 {position} 条的字节与其叶哈希不符 · the bytes of entry {position} are not what its leaf hash says",
                position=position,
            )
        return made

    def _leads_to(self, source: Source, known: Known, wanted: Checkpoint) -> None:
        """Step 4: our root is the root of the beginning of `wanted`. Raises ProofFailed, Broken."""
        plan = build.consistency(known.size, wanted.size)
        path = plan.compute({tile.id: hashes(source, tile) for tile in plan.tiles})
        check.consistency(known.size, known.root, wanted.size, wanted.root, path)

    def _publish(self, note: str, wanted: Checkpoint, seen: Watched) -> None:
        before = _kept(seen).size if seen.note else -1
        self.folder.publish(note)
        self.memory.saw(note, clock.stamp(clock.now()) if wanted.size > before else seen.since)

    def _keep_bundle(self, tile: TileRead, bundle: list[bytes]) -> None:
        self.folder.keep(entries_path(tile), joined(bundle))
        self.folder.drop_partials(tile, entries_path(tile))

    def _keep_tile(self, tile: TileRead, raw: bytes) -> None:
        self.folder.keep(tile.path, raw)
        self.folder.drop_partials(tile, tile.path)

    def _own_root(self, known: Known, size: int) -> bytes:
        plan = build.root(size)
        return plan.compute({tile.id: self._own_hashes(known, tile) for tile in plan.tiles})[0]

    def _own_hashes(self, known: Known, tile: TileRead) -> bytes:
        """A tile as it was read: at the right edge from memory, else from the disk. Raises Broken."""
        if tile.index == known.size >> 8 * (tile.level + 1):
            return b"".join(known.edge.levels[tile.level][: tile.width])
        found = self.folder.hashes(tile)
        if found is None:
            raise Broken(f"{tile.path}: 本镜像的文件缺失 · missing in this mirror", position=None)
        return found


def _kept(seen: Watched) -> Checkpoint:
    """The newest checkpoint read to its end. It was accepted when it came, by the keys that counted then."""
    return Checkpoint.parse(Note.parse(seen.note).text)
