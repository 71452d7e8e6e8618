"""The walk along the chain: every entry hashed, placed, chained, linked; what each demands of the other tables noted.

Entries come in the order of their own positions, a stretch of many at once as long as nothing is wrong with any. Where
something is, they come singly; one that does not fit is handed to `ledger.verification.examine`, which looks at its
neighbours and says what was changed. The tree takes each leaf one entry late, because it is the next entry's `prev`
that has the last word on it.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from struct import Struct
from typing import IO, Any

from ledger import clock
from ledger.entry import NO_LEAF
from ledger.erasure import TYPE as ERASURE_TYPE
from ledger.proofs.tree import EMPTY_ROOT, Edge, Tile
from ledger.sealing import FIRST_TYPE, TICK_TYPE
from ledger.secrecy import hidden, is_digest
from ledger.store.suspect import row_of
from ledger.verification.faults import Faults
from ledger.verification.form import canonical_entry, key_of, link, moment, shaped, type_of
from ledger.verification.links import Links
from ledger.verification.outside import Outside
from ledger.verification.seals import TELLING, Check
from ledger.verification.stored import Source, Stored
from ledger.verification.stretch import Sound, sound
from ledger.verification.twins import Twins
from ledger.verification.verdict import Kind

BATCH = 1000
TAIL = 200
"""How many entries at the end are remembered, in case somebody put rows there."""

_HIDES = b'"_sd":'
_SPEAKING = frozenset({TICK_TYPE, ERASURE_TYPE})
"""Types by which the ledger speaks of itself: looked at singly."""

_INT8 = Struct("!q").pack
_INT4 = Struct("!i").pack
_EIGHT = b"\0\0\0\x08"


class Walk:
    """The state of the walk behind entry `size`, whose leaf hash is `tip`."""

    def __init__(
        self, rows: Source, twins: dict[str, Twins], faults: Faults, links: Links, digests: IO[bytes], seals: Check
    ) -> None:
        self.seals = seals
        self._rows = rows
        self._ahead: deque[Stored] = deque()
        self._twins = twins
        self._digests = digests
        self.faults = faults
        self.links = links
        self.size = 0
        self.tip = NO_LEAF
        self._tip_hex = NO_LEAF.hex()
        self.edge: Edge | None = Edge()
        self.outside = Outside(())
        self.recorded: datetime | None = None
        self._read: datetime | None = None
        self._read_text: object = None
        self._as_of: datetime | None = None
        self.extras: list[Stored] = []
        """Rows for which no place was left: copies, and rows put in."""
        self.moved: dict[int, int] = {}
        """Entries that stand under a false number: position → number."""
        self.tail: deque[tuple[int, int | None]] = deque(maxlen=TAIL)
        """(position, number of tags, None where they cannot be read) of the newest entries."""
        self.erasures: list[tuple[int, object]] = []
        """Positions and payloads of `ledger.payload-shredded`."""
        self._digests_due: list[bytes] = []
        self._tags: list[bytes] = []
        self._keys: list[bytes] = []
        self._source: str | None = None
        self._source_raw = b""
        """The last entry's source, and how the row of its key begins."""

    def run(self, examine: Callable[["Walk", Stored], None], progress: Callable[[int], None]) -> None:
        """Walk to the end. Raises TooMany, Newer, and what reading raises."""
        while True:
            stretch = self._stretch()
            if stretch is not None:
                self._advance_all(stretch)
            elif (row := self.next()) is None:
                break
            elif self.fits(row):
                self.advance(row.document or {}, row.digest, row.raw)
            else:
                examine(self, row)
            if len(self._keys) >= BATCH:
                self._flush()
                progress(self.size)
        self._flush()
        if self.size and self.edge is not None:
            self._grow()
        progress(self.size)

    def _stretch(self) -> Sound | None:
        """The next rows, if they all fit and come in order; None where the next must be looked at singly."""
        if self._ahead or self.edge is None:
            return None
        piece = self._rows.piece()
        if piece is None:
            return None
        found = sound(piece, self.size, self._tip_hex, self.recorded)
        if found is None:
            self._rows.again(piece)
        return found

    def _advance_all(self, stretch: Sound) -> None:
        """Move behind rows that fit, up to each checkpoint among them at once."""
        start = 0
        for end, (document, digest, raw) in enumerate(stretch):
            if document["event"].get("type") in _SPEAKING or self.size == 0:
                self._advance_quietly(stretch[start:end])
                self.advance(document, digest, raw)
                start = end + 1
        self._advance_quietly(stretch[start:])

    def _advance_quietly(self, stretch: Sound) -> None:
        """Move behind rows that fit and say nothing of the ledger itself."""
        if not stretch:
            return
        digests = [digest for _, digest, _ in stretch]
        self._grow_by([self.tip, *digests[:-1]])
        self._digests.write(b"".join(digests))
        for document, digest, raw in stretch:
            self.size += 1
            self.tip, self._tip_hex = digest, digest.hex()
            if document["event"].get("type") == FIRST_TYPE:
                self._event(document["event"], self.size, document["recorded"])
            self._note(document, self.size, self._tip_hex)
            if _HIDES in raw:
                self._hidden(document["event"], self.size)
        self.in_time(stretch[-1][0]["recorded"])
        self.recorded = self._read

    def next(self) -> Stored | None:
        """The next row, or None at the end."""
        return self._ahead.popleft() if self._ahead else next(self._rows, None)

    def peek(self, distance: int) -> Stored | None:
        """The row `distance` behind the one in hand (0 is the next), without taking it."""
        while len(self._ahead) <= distance:
            row = next(self._rows, None)
            if row is None:
                return None
            self._ahead.append(row)
        return self._ahead[distance]

    def fits(self, row: Stored) -> bool:
        """Nothing is wrong with this row as far as row and chain tell: the way of almost every row."""
        document = row.document
        due = self.size + 1
        if document is None or row.leaf != row.digest or row.position != due or row.place != due:
            return False
        return (
            shaped(document)
            and document["prev"] == self._tip_hex
            and type_of(document) == row.type
            and self.in_time(document["recorded"])
            and canonical_entry(document, row.raw)
        )

    def in_time(self, text: object) -> bool:
        """`recorded` is well formed and not before the last."""
        if text != self._read_text:
            self._read_text, self._read = text, moment(text)
        return self._read is not None and (self.recorded is None or self._read >= self.recorded)

    def advance(self, document: dict[str, Any], leaf: bytes, raw: bytes) -> None:
        """Move behind the next entry, whose bytes are what was sealed: check its links, note what it demands."""
        self._step(leaf, leaf)
        event = document["event"]
        self._event(event, self.size, document["recorded"])
        self._note(document, self.size, self._tip_hex)
        if _HIDES in raw:
            self._hidden(event, self.size)

    def step_over(self, leaf: bytes, digest: bytes) -> None:
        """Move behind an entry whose bytes (`digest`) are not those that were sealed (`leaf`): nothing in it counts."""
        self._step(leaf, digest)
        self.faults.truths.add(leaf.hex())
        self.tail.append((self.size, None))

    def _step(self, leaf: bytes, digest: bytes) -> None:
        if self.size and self.edge is not None:
            self._grow()
        self.size, self.tip, self._tip_hex = self.size + 1, leaf, leaf.hex()
        self._digests.write(digest)

    def _note(self, document: dict[str, Any], position: int, leaf: str) -> None:
        """Check and move the links, and note the rows that this entry demands."""
        if document["event"].get("type") in TELLING or "opens" in document or self.seals.expecting:
            self.seals.take(document, position)
        links = document["links"]
        heads, meet, append, pack = self.links.heads, self.links.meet, self._tags.append, _INT8
        number = pack(position)
        middle = number + _EIGHT
        for tag, value in links.items():
            head = heads.get(tag)
            if head is not None and value == head[0]:
                append(head[1] + middle + pack(value[0]))
                value[0] += 1
                value[1] = leaf
                head[0] = value  # read from the entry just now, and nobody else's: the next link
                continue
            if not link(value):
                self._malformed_link(position, tag)
                continue
            ordinal, before = value
            fits, prefix = meet(tag, position, ordinal, before) if head is None else (False, head[1])
            if not fits:
                self.torn_link(position, tag, ordinal, int(head[0][0]) if head is not None else 1, before)
            heads[tag] = [[ordinal + 1, leaf], prefix]
            append(prefix + middle + pack(ordinal))
        key = key_of(document)
        if key is None:
            self.tail.append((position, len(links)))
            return
        source, id_ = key[0], key[1].encode()
        if source != self._source:
            raw = source.encode()
            self._source, self._source_raw = source, b"\0\3" + _INT4(len(raw)) + raw
        self._keys.append(self._source_raw + _INT4(len(id_)) + id_ + _EIGHT + number)
        self.tail.append((position, len(links)))

    def _hidden(self, event: dict[str, Any], position: int) -> None:
        """Note the disclosures that this entry demands, in the order in which they were stored."""
        digests = []
        for _, held in hidden(event):
            if type(held) is not list or not held or not all(map(is_digest, held)) or held != sorted(set(held)):
                zh, en = "_sd 应为升序的摘要。", "An _sd is not digests in ascending order."
                self.faults.entry("entry", position, Kind.SEALED_WRONG, zh, en)
                continue
            digests += held
        number = _INT8(position)
        self._digests_due += [row_of((one.encode(), number)) for one in sorted(digests)]

    def _malformed_link(self, position: int, tag: str) -> None:
        zh, en = f"标签「{tag}」的链接不合格式。", f"The link of {tag} is malformed."
        self.faults.entry("entry", position, Kind.SEALED_WRONG, zh, en)

    def torn_link(self, position: int, tag: str, ordinal: int, due: int, before: str | None) -> None:
        """A link that does not continue its tag's chain, unless damage found before explains it."""
        faults = self.faults
        if before in faults.truths or due < ordinal <= due + faults.missing:
            return
        faults.entry(
            "entry",
            position,
            Kind.SEALED_WRONG,
            f"标签「{tag}」的序号或前一条哈希接不上：写作第 {ordinal} 条，应为第 {due} 条。",
            f"The link of {tag} does not continue its chain: it says ordinal {ordinal}, {due} was due.",
        )

    def _event(self, event: dict[str, Any], position: int, recorded: str) -> None:
        """The ledger's own events: the first is `ledger.created`, a checkpoint states what stood before it.

        An erasure's manifest is looked for when all has been read.
        """
        if self.in_time(recorded):
            self.recorded = self._read
        if (event.get("type") == FIRST_TYPE) != (position == 1):
            self.faults.entry(
                "entry",
                position,
                Kind.SEALED_WRONG,
                "第一条且仅第一条应为 ledger.created。",
                "The first entry, and no other, is ledger.created.",
            )
        if event.get("type") == ERASURE_TYPE:
            self.erasures.append((position, event.get("data")))
        if event.get("type") == TICK_TYPE:
            self._tick(event.get("data"), position)

    def _tick(self, data: object, position: int) -> None:
        said = data if isinstance(data, dict) else {}
        try:
            as_of = clock.parse(str(said.get("as_of")))
        except ValueError:
            as_of = None
        late = as_of is None or (self._as_of is not None and as_of <= self._as_of)
        if late or as_of is None or self.recorded is None or as_of > self.recorded:
            self.faults.entry(
                "entry",
                position,
                Kind.SEALED_WRONG,
                "检查点的 as_of 应晚于上一个，且不晚于入账时间。",
                "A checkpoint's as_of exceeds the previous one and does not exceed recorded.",
            )
        self._as_of = as_of or self._as_of
        root = self.edge.root().hex() if self.edge is not None else said.get("root")
        if said.get("size") != position - 1 or said.get("root") != root:
            self.faults.entry(
                "entry",
                position,
                Kind.SEALED_WRONG,
                "检查点所载的条数或根，与其之前的条目不符。",
                "The checkpoint's size or root is not that of the entries before it.",
            )

    def vouch(self, leaf: bytes) -> None:
        """The chain says that the last entry's leaf was another than its bytes give."""
        self.tip, self._tip_hex = leaf, leaf.hex()
        self.faults.truths.add(leaf.hex())

    def hole(self, upto: int, leaf: bytes | None) -> None:
        """The entries behind `size` and before `upto` are missing; `leaf` is that of the last of them, if known."""
        missing = upto - self.size - 1
        self.faults.holes.append(range(self.size + 1, upto))
        if self.size and self.edge is not None:
            self._grow()
        if missing > 1 or leaf is None:
            self.edge = None  # the tree cannot be known any more
        self.size = upto - 1
        self.tip = leaf or NO_LEAF
        self._tip_hex = self.tip.hex()
        if leaf is not None:
            self.faults.truths.add(leaf.hex())
        self._digests.seek(32 * (upto - 1))

    def _grow(self) -> None:
        """Give the tree the leaf of the last entry; demand the tiles that it fills."""
        if self.edge is None:
            return
        self._filled(self.edge.append(self.tip))
        if self.edge.size in self.outside.sizes:
            self.outside.roots[self.edge.size] = self.edge.root()

    def _grow_by(self, leaves: list[bytes]) -> None:
        """Give the tree many leaves, stopping at the sizes that others know."""
        edge, at = self.edge, 0
        if edge is None:
            return
        for size in self.outside.between(edge.size, edge.size + len(leaves)):
            upto = at + size - edge.size
            self._filled(edge.extend(leaves[at:upto]))
            self.outside.roots[size], at = edge.root(), upto
        self._filled(edge.extend(leaves[at:]))

    def _filled(self, tiles: list[Tile]) -> None:
        if tiles:
            self._twins["tile"].demand([row_of((_INT4(tile.level), _INT8(tile.index), tile.hashes)) for tile in tiles])

    def _flush(self) -> None:
        self._twins["tag"].demand(self._tags)
        self._twins["event_key"].demand(self._keys)
        if "disclosure" in self._twins:  # a mirror keeps none
            self._twins["disclosure"].demand(self._digests_due)
        self._tags, self._keys, self._digests_due = [], [], []
        self.links.make_room()

    def judge_seals(self) -> None:
        """Whether sealed events hold. Nothing is said of them where entries are damaged: then nobody can know."""
        if self.recorded is not None:
            self.seals.reached(clock.stamp(self.recorded))
        for fault in self.seals.faults() if not self.faults.blames else ():
            self.faults.entry("entry", fault.position, Kind.SEALED_WRONG, fault.zh, fault.en)

    @property
    def root(self) -> bytes:
        """The Merkle root over the entries walked; that of the empty log when it cannot be known any more."""
        return self.edge.root() if self.edge is not None else EMPTY_ROOT
