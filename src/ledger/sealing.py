"""Sealing a group on the tip of the log: positions, links, `prev`, `recorded`, tiles, the clock's ticks.

A `Tip` is everything the next entry depends on. `Sealer` moves it forward entry by entry and remembers how to take a
group back, because a group is sealed before the one ahead of it is known to be durable.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from ledger import clock, secrecy
from ledger.canonical import encode
from ledger.entry import NO_LEAF, SEALED_TYPE, Entry, seal
from ledger.errors import Broken, CannotRun, ClockBehind, ConditionFailed, ReadOnly
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Hidden, Post, Receipt, Tick
from ledger.proofs.tree import Edge
from ledger.sealed_events.forms import CLOSED, OPENED, drawn_salt, pack, poster_disclosure, tag_of, token
from ledger.sealed_events.forms import hidden as digests_for
from ledger.sealed_events.groups import BODY
from ledger.sealed_events.opening import own_post
from ledger.sealed_events.slots import Turn, in_turn
from ledger.sealed_events.states import Seals, State
from ledger.sealed_events.wrapping import wrap
from ledger.secrecy import Disclosure
from ledger.store.append import Rows
from ledger.vault import Locked, Vault

TICK_TYPE = "ledger.checkpoint-sealed.v1"
TICK_TAGS = (LEDGER_TAG, f"source:{SYSTEM_SOURCE}")
FIRST_TYPE = "ledger.created.v1"
TICK_EVERY = timedelta(hours=1)
"""While entries come, the rules' clock ticks at least this often (decisions 7)."""

CLOCK_BOUND = timedelta(seconds=10)
"""How far the machine's clock may be behind the last entry (decisions 1)."""

SOON = timedelta(milliseconds=500)
"""How long before a tick is due what it tells of is looked up: longer than sealing a group takes."""

Open = Callable[[str, int, "Receipt", datetime, Rows, list[tuple[int, Locked]]], list[Post]]
"""Takes a group, how many members it has, its trigger's receipt and moment, and the rows not yet written."""

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
    hidden: list[tuple[int, Locked]] = field(default_factory=list)
    """What its sealed entries hide, encrypted to the keepers, with positions."""
    undo_states: dict[str, State] = field(default_factory=dict)


class Sealer:
    """Seals posts on a tip. `heads` holds what is known of tags; every tag of a post must be in it beforehand."""

    def __init__(self, *, ticking: bool, vault: Vault | None = None, seals: Seals | None = None) -> None:
        self._vault = vault
        self.seals = seals
        self.open_at: Open | None = None
        """On a told clock, what opens a group at once; given by whoever owns the connection."""
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
            receipts: dict[int, Receipt] = {}
            for turn in self._in_turn(posts, present):
                receipts[turn.index] = self._seal_post(posts[turn.index], turn, group)
            group.receipts = [receipts[index] for index in range(len(posts))]
            if group.secrets or group.hidden:
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
            locked = self._vault.lock([secret for _, secret in secrets])
        except CannotRun as full:
            raise ReadOnly(f"({full.detail})") from full
        group.rows.disclosures = [*locked, *(row for _, row in group.hidden)]
        group.rows.disclosure_positions = [position for position, _ in (*secrets, *group.hidden)]
        group.secrets = []

    def _in_turn(self, posts: Sequence[Post | Tick], present: datetime | None) -> Iterable[Turn]:
        """The order in which posts are sealed, each with its moment. Raises CannotRun where a told clock goes back."""
        moments: list[datetime] = []
        last = self.tip.recorded
        for post in posts:
            moments.append(_told_moment(post, last) if present is None else _unless_told(post, present))
            last = moments[-1]
        seals = self.seals
        if seals is None or not any(isinstance(post, Post) and post.hidden is not None for post in posts):
            return [Turn(index, moment, moment) for index, moment in enumerate(moments)]
        return in_turn(
            moments,
            seals.slot,
            lambda index: isinstance(one := posts[index], Post) and one.hidden is not None,
            lambda index: isinstance(one := posts[index], Post) and one.type in seals.groups.triggers,
        )

    def _seal_post(self, post: Post | Tick, turn: Turn, group: Group) -> Receipt:
        if isinstance(post, Tick):
            return self._seal_tick(post, turn.recorded, group)
        seals = self.seals
        if seals is None:
            return self._seal_one(post, turn.recorded, group)
        if post.hidden is not None:
            name = seals.in_month(post.hidden, turn.recorded)
            if name not in seals.states:
                raise ReadOnly("(the month has just changed; send it again)")
            if not seals.states[name].ended:
                return self._hide(post, post.hidden, name, seals, turn, group)
        if post.type in (OPENED, CLOSED):
            self._end(post, seals, group)
        receipt = self._seal_one(post, turn.recorded, group)
        if post.type in seals.groups.triggers and post.opens is None:
            self._triggered(post, receipt, seals, turn.recorded, group)
        if seals.seals_on(post.subject) and b'"attestation":"imported"' not in post.event:
            self._prepare(post.subject, seals, turn.recorded, group)
        return receipt

    def _hide(self, post: Post, hidden: Hidden, name: str, seals: Seals, turn: Turn, group: Group) -> Receipt:
        """Seal an event in its group: an entry of one size, and what only the keepers can read."""
        if hidden.stream.startswith(BODY):
            self._close_months(hidden.stream, name, seals, turn, group)
        self._prepare(hidden.stream, seals, turn.recorded, group)
        state = seals.states[name]
        number = state.members + 1
        tag = tag_of(token(seals.key(name), number))
        received = post.received or turn.received
        shown = poster_disclosure(drawn_salt(), post.poster, None, clock.stamp(received))
        plaintext = pack([hidden.text, shown, *(one.text for one in post.disclosures)])
        self.heads[tag] = (0, None)
        stub, poster = encode(digests_for(hidden.digest)), digests_for(secrecy.digest(shown))
        made = Post(SEALED_TYPE, "", hidden.digest, stub, (tag,), poster)
        receipt = self._seal_one(made, turn.recorded, group)
        row = Locked(hidden.digest, b"", b"", wrap(plaintext, state.keepers, hidden.digest))
        group.hidden.append((receipt.position, row))
        self._moved(name, replace(state, members=number), seals, group)
        return replace(receipt, sealed=(hidden.digest, shown))

    def _close_months(self, stream: str, name: str, seals: Seals, turn: Turn, group: Group) -> None:
        """What was sealed to a body in earlier months is accounted for, and stays hidden."""
        for earlier in seals.on(stream):
            state = seals.states.get(earlier, State(ended=True))
            if earlier < name and not state.prepared and not state.ended:
                self._moved(earlier, replace(state, ended=True), seals, group)
            elif earlier < name and not state.ended:
                closed = own_post(seals, seals.closed(earlier, clock.stamp(turn.recorded)), self.organ)
                self._seal_post(closed, turn, group)

    def _prepare(self, stream: str, seals: Seals, recorded: datetime, group: Group) -> None:
        """Commit to the keys of a stream's groups, behind its first event. Raises CannotRun while a keeper is away."""
        for name in seals.unprepared(stream):
            event, state = seals.prepared(name, recorded)
            self._seal_one(own_post(seals, event, self.organ), recorded, group)
            self._moved(name, state, seals, group)

    def _triggered(self, post: Post, trigger: Receipt, seals: Seals, recorded: datetime, group: Group) -> None:
        """Nothing more is sealed in the groups that this event opens; on a told clock they are opened at once."""
        event = orjson.loads(post.event)
        for name in seals.groups.opened_by(event, post.tags):
            state = seals.states.get(name, State())
            if not state.ended:
                self._moved(name, replace(state, ended=True), seals, group)
                if self.told and state.prepared and self.open_at is not None:
                    for one in self.open_at(name, state.members, trigger, recorded, group.rows, group.hidden):
                        self._seal_post(one, Turn(0, recorded, recorded), group)
        for name in seals.groups.closed_by(event, post.tags):
            state = seals.states.get(name, State())
            if state.prepared and not state.ended:
                closed = seals.closed(name, clock.stamp(recorded))
                self._seal_post(own_post(seals, closed, self.organ), Turn(0, recorded, recorded), group)

    def _end(self, post: Post, seals: Seals, group: Group) -> None:
        """A group is opened or closed once. Raises ConditionFailed where it was."""
        name = orjson.loads(post.event)["data"]["group"]
        state = seals.states.get(name, State())
        if state.told:
            raise ConditionFailed(f"({name})")
        self._moved(name, replace(state, ended=True, told=True), seals, group)

    def _moved(self, name: str, state: State, seals: Seals, group: Group) -> None:
        group.undo_states.setdefault(name, seals.states.get(name, State()))
        seals.states[name] = state

    def _begin(self, first: Post | Tick) -> None:
        if not isinstance(first, Post) or first.type != FIRST_TYPE:
            raise CannotRun("the log is empty; `sunledger init` writes its first entry")
        self.told = first.recorded is not None
        self.organ = str(first.poster["org"])

    def take_back(self, group: Group) -> None:
        """Undo the last group sealed: it was not written."""
        self.tip = group.before
        self.heads.update(group.undo)
        if self.seals is not None:
            self.seals.states.update(group.undo_states)

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
        taken = post.taken or (post.opens is not None and self._is_taken(post, group))
        entry, leaf = seal(
            post.event,
            position=position,
            links=links,
            poster=post.poster,
            prev=self.tip.leaf,
            recorded=stamp,
            opens={**post.opens, "taken": True} if post.opens is not None and taken else post.opens,
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
        if not taken:
            rows.sources.append(post.source)
            rows.ids.append(post.id)
            rows.key_offsets.append(position - rows.size)
        if post.disclosures:
            group.secrets.extend((position, secret) for secret in post.disclosures)
        self._move(leaf, recorded, rows)
        return Receipt(position, leaf, stamp)

    def _is_taken(self, post: Post, group: Group) -> bool:
        """Whether another entry of this group has the key of an opening entry."""
        rows = group.rows
        return (post.source, post.id) in zip(rows.sources, rows.ids, strict=True)

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


def _told_moment(post: Post | Tick, last: datetime | None) -> datetime:
    told = post.recorded or last
    if told is None:
        raise CannotRun("this ledger's clock is told, and the first post names no moment")
    if last is not None and told < last:
        raise CannotRun(f"a told clock never goes back ({clock.stamp(told)} < {clock.stamp(last)})")
    return told


def _unless_told(post: Post | Tick, present: datetime) -> datetime:
    if post.recorded is not None:
        raise CannotRun("this ledger's clock is real: it alone says when an entry was recorded")
    return present
