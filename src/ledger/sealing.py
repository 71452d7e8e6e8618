"""Sealing a group on the tip of the log: positions, links, `prev`, `recorded`, tiles, the clock's ticks.

A `Tip` is everything the next entry depends on. `Sealer` moves it forward entry by entry and remembers how to take a
group back, because a group is sealed before the one ahead of it is known to be durable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledger import clock
from ledger.canonical import encode
from ledger.entry import NO_LEAF, Entry, seal
from ledger.errors import Broken, CannotRun, ClockBehind, ReadOnly
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Post, Receipt, Tick
from ledger.proofs.tree import Edge
from ledger.secrecy import Disclosure
from ledger.store.append import Rows
from ledger.vault import Vault

TICK_TYPE = "ledger.checkpoint-sealed.v1"
TICK_TAGS = (LEDGER_TAG, f"source:{SYSTEM_SOURCE}")
FIRST_TYPE = "ledger.created.v1"
TICK_EVERY = timedelta(hours=1)
"""While entries come, the rules' clock ticks at least this often (decisions 7)."""

CLOCK_BOUND = timedelta(seconds=10)
"""How far the machine's clock may be behind the last entry (decisions 1)."""

SOON = timedelta(milliseconds=500)
"""How long before a tick is due what it tells of is looked up: longer than sealing a group takes."""

Head = tuple[int, str | None]
"""A tag's last ordinal and the leaf hash there; (0, None) for a tag that never occurred."""


@dataclass(slots=True)
class Tip:
    """The end of the log as the next entry sees it."""

    size: int = 0
    leaf: bytes = NO_LEAF
    recorded: datetime | None = None
    ticked: datetime | None = None
    edge: Edge = field(default_factory=Edge)

    def copy(self) -> "Tip":
        """The same tip, to be moved on alone."""
        return Tip(self.size, self.leaf, self.recorded, self.ticked, self.edge.copy())


@dataclass(slots=True)
class Group:
    """A sealed group: its rows, a receipt per post given, and what the sealer was before it."""

    rows: Rows
    receipts: list[Receipt]
    before: Tip
    undo: dict[str, Head]
    secrets: list[tuple[int, Disclosure]] = field(default_factory=list)
    """What its posts took out of their events, with positions, until it is locked."""


class Sealer:
    """Seals posts on a tip. `heads` holds what is known of tags; every tag of a post must be in it beforehand."""

    def __init__(self, *, ticking: bool, vault: Vault | None = None) -> None:
        self._vault = vault
        self.tip = Tip()
        self.heads: dict[str, Head] = {}
        self.ticking = ticking
        self.told = False
        self.organ = ""
        self.note: str | None = None
        """The last published checkpoint, for the next tick; read by whoever owns the connection (`wants_note`)."""

    def found(self, created: Entry) -> None:
        """Learn from the first entry which clock the ledger has and who keeps it."""
        self.told = created.data["clock"] == "told"
        self.organ = str(created.data["organ"])

    def seal(self, posts: Sequence[Post | Tick]) -> Group:
        """Seal a group and move the tip behind it; no posts at all: a tick alone.

        What was taken out of their events is locked in the vault. Raises ClockBehind, CannotRun, or ReadOnly while the
        vault keeps nothing, with the tip unmoved.
        """
        group = Group(Rows(self.tip.size, self.tip.leaf), [], self.tip.copy(), {})
        if self.tip.size == 0:
            self._begin(posts[0])
        try:
            present = None if self.told else self._present()
            if present is not None and self._tick_is_due(present, posts):
                self._seal_tick(Tick(self._tick_kind(present)), present, group)
            for post in posts:
                recorded = self._told_moment(post) if present is None else _unless_told(post, present)
                if isinstance(post, Tick):
                    receipt = self._seal_tick(post, recorded, group)
                else:
                    receipt = self._seal_one(post, recorded, group)
                group.receipts.append(receipt)
            if group.secrets:
                self._lock(group)
        except BaseException:
            self.take_back(group)
            raise
        return group

    def _lock(self, group: Group) -> None:
        """Encrypt the group's disclosures; of one entry by digest, so that no key id tells which member is whose."""
        if self._vault is None:
            raise ReadOnly("(no vault is open)")
        secrets = sorted(group.secrets, key=lambda one: (one[0], one[1].digest))
        try:
            group.rows.disclosures = self._vault.lock([secret for _, secret in secrets])
        except CannotRun as full:
            raise ReadOnly(f"({full.detail})") from full
        group.rows.disclosure_positions = [position for position, _ in secrets]
        group.secrets = []

    def _begin(self, first: Post | Tick) -> None:
        if not isinstance(first, Post) or first.type != FIRST_TYPE:
            raise CannotRun("the log is empty; `sunledger init` writes its first entry")
        self.told = first.recorded is not None
        self.organ = str(first.poster["org"])

    def take_back(self, group: Group) -> None:
        """Undo the last group sealed: it was not written."""
        self.tip = group.before
        self.heads.update(group.undo)

    def follow(self, entries: Sequence[Entry]) -> None:
        """Move behind entries that somebody else appended, checking chain and links. Raises Broken."""
        for entry in entries:
            if entry.position != self.tip.size + 1 or entry.prev != self.tip.leaf.hex():
                raise Broken("an entry does not continue the log this writer knows", position=entry.position)
            for tag, (ordinal, before) in entry.links.items():
                if (ordinal - 1, before) != self.heads.get(tag, (ordinal - 1, before)):
                    raise Broken(f"the link of {tag} does not continue its chain", position=entry.position)
                self.heads[tag] = (ordinal, entry.leaf.hex())
            recorded = clock.parse(entry.recorded)
            self._move(entry.leaf, recorded, Rows(0, NO_LEAF))
            if entry.type == TICK_TYPE:
                self.tip.ticked = recorded

    def _seal_one(self, post: Post, recorded: datetime, group: Group) -> Receipt:
        heads, undo = self.heads, group.undo
        links = {}
        for tag in post.tags:
            head = heads[tag]
            undo.setdefault(tag, head)
            links[tag] = (head[0] + 1, head[1])
        position = self.tip.size + 1
        stamp = clock.stamp(recorded)
        entry, leaf = seal(
            post.event, position=position, links=links, poster=post.poster, prev=self.tip.leaf, recorded=stamp
        )
        leaf_hex = leaf.hex()
        rows = group.rows
        for tag, (ordinal, _) in links.items():
            heads[tag] = (ordinal, leaf_hex)
            rows.tags.append(tag)
            rows.tag_positions.append(position)
            rows.tag_ordinals.append(ordinal)
        rows.types.append(post.type)
        rows.leaves.append(leaf)
        rows.entries.append(entry)
        rows.sources.append(post.source)
        rows.ids.append(post.id)
        if post.disclosures:
            group.secrets.extend((position, secret) for secret in post.disclosures)
        self._move(leaf, recorded, rows)
        return Receipt(position, leaf, stamp)

    def _seal_tick(self, tick: Tick, recorded: datetime, group: Group) -> Receipt:
        if self.tip.ticked is not None and recorded <= self.tip.ticked:
            raise CannotRun("the rules' clock has already passed this moment (as_of must exceed the previous one)")
        as_of = clock.stamp(recorded)
        signed = {} if self.note is None else {"note": self.note}
        event: dict[str, Any] = {
            "data": {"as_of": as_of, "kind": tick.kind, "root": self.tip.edge.root().hex(), "size": self.tip.size}
            | signed,
            "id": f"tick-{as_of}",
            "source": SYSTEM_SOURCE,
            "specversion": "1.0",
            "subject": LEDGER_TAG,
            "time": as_of,
            "type": TICK_TYPE,
        }
        poster = {"org": self.organ, "via": "system:writer"}
        post = Post(TICK_TYPE, SYSTEM_SOURCE, event["id"], encode(event), TICK_TAGS, poster)
        receipt = self._seal_one(post, recorded, group)
        self.tip.ticked = recorded
        return receipt

    def _move(self, leaf: bytes, recorded: datetime, rows: Rows) -> None:
        tip = self.tip
        tip.size += 1
        tip.leaf = leaf
        tip.recorded = recorded
        if tip.size == 1:
            tip.ticked = recorded  # the clock of the rules begins with the log
        rows.tiles.extend(tip.edge.append(leaf))

    def _present(self) -> datetime:
        present, last = clock.now(), self.tip.recorded
        if last is None or present >= last:
            return present
        if last - present > CLOCK_BOUND:
            raise ClockBehind(f"({clock.stamp(present)} < {clock.stamp(last)})")
        return last

    def _told_moment(self, post: Post | Tick) -> datetime:
        told, last = post.recorded or self.tip.recorded, self.tip.recorded
        if told is None:
            raise CannotRun("this ledger's clock is told, and the first post names no moment")
        if last is not None and told < last:
            raise CannotRun(f"a told clock never goes back ({clock.stamp(told)} < {clock.stamp(last)})")
        return told

    def _tick_is_due(self, present: datetime, posts: Sequence[Post | Tick]) -> bool:
        """Before these posts; a tick that is asked for takes the place of the one that is due."""
        if not posts:
            return True
        if not self.ticking or self.tip.ticked is None or present - self.tip.ticked < TICK_EVERY:
            return False
        return not any(isinstance(post, Tick) for post in posts)

    def wants_note(self, posts: Sequence[Post | Tick]) -> bool:
        """Whether a tick is among the posts, or may be due while they are sealed."""
        asked = any(isinstance(post, Tick) for post in posts)
        return asked or (not self.told and self._tick_is_due(clock.now() + SOON, posts))

    def day_is_over(self) -> bool:
        """Whether the last tick was on another civil day than this one; never so on a told clock."""
        if not self.ticking or self.told or self.tip.ticked is None:
            return False
        return _civil_day(self.tip.ticked) < _civil_day(clock.now())

    def _tick_kind(self, present: datetime) -> str:
        """Daily for the first tick of a civil day, hourly otherwise."""
        last = self.tip.ticked
        same_day = last is not None and _civil_day(last) == _civil_day(present)
        return "hourly" if same_day else "daily"


def _civil_day(moment: datetime) -> str:
    return moment.astimezone(clock.BEIJING).date().isoformat()


def _unless_told(post: Post | Tick, present: datetime) -> datetime:
    if post.recorded is not None:
        raise CannotRun("this ledger's clock is real: it alone says when an entry was recorded")
    return present
