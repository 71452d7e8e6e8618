"""What a writer knows of the log's end, and how it learns what it does not know.

Tag heads, keys and append conditions are read by one statement that also returns the head it saw. Two heads are our
own: the one before the group on its way and the one behind it. Seen from either, memory fills the gap: everything
sealed since is in `Sealer.heads`. Any other head says that another writer was here (`Overtaken`): its entries are read,
hashed and chained before anything is sealed again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg

from ledger import clock, repeats, sealed_groups, secrecy
from ledger.entry import NO_LEAF, Entry, parse
from ledger.errors import Broken, CannotRun, ConditionFailed, Conflict, ReadOnly
from ledger.post import AppendCondition, Post, Receipt, Tick
from ledger.sealed_events import forms
from ledger.sealed_events.states import Seals
from ledger.sealing import TICK_TAGS, TICK_TYPE, Group, Sealer
from ledger.store.append import Appender, Rows
from ledger.store.checkpoints import NEWEST
from ledger.store.connect import connect
from ledger.store.matching import matching
from ledger.store.postgres import DISCLOSED, read_edge, read_head
from ledger.store.sql import statement
from ledger.vault import Closed, Locked, Vault
from ledger.waiting import Waiting, find_repeats

_log = logging.getLogger(__name__)

LEASE_SECONDS = 1.0
"""How long a writer that was overtaken keeps the others out, so that writers do not starve each other."""

MANY_TAGS = 500_000
"""How many tag heads are remembered before all are forgotten: about 100 MB."""

MOST_NOTE = 4000
"""Characters of a checkpoint that an entry holds (contract `ledger.checkpoint-sealed`)."""

_LOCK = 0x53554E  # "SUN"
_TAKE_LOCK = b"SELECT pg_catalog.set_config('lock_timeout', '1s', true), pg_catalog.pg_advisory_lock(%s)"
_BATCH = 1000
_FOLLOWING = b"SELECT position, leaf, entry FROM ledger.entry WHERE position >= %s ORDER BY position LIMIT %s"
_LAST_TICK = b'SELECT entry FROM ledger.entry WHERE type = %s COLLATE "C" ORDER BY position DESC LIMIT 1'


class Overtaken(Exception):
    """Another writer has appended."""


class TipKeeper:
    """The sealer, the connection it is informed by, and the lock taken when writers meet.

    Owned by the writer's thread. `stale` says that the log may hold more than the sealer knows.
    """

    def __init__(
        self, dsn: str, appender: Appender, *, ticks: bool, vault: Vault | None = None, seals: Seals | None = None
    ) -> None:
        self._dsn = dsn
        self._vault = vault
        self._appender = appender
        self._reader = connect(dsn, "ledger_writer")
        self._contested = False
        self._lease_until: float | None = None
        self.stale = False
        self.sealer = Sealer(ticking=ticks, vault=vault, seals=seals)
        self.sealer.open_at = self._open_at
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the reading connection back."""
        self._reader.close()

    @property
    def wants_quiet(self) -> bool:
        """Nothing should be on its way when the next group is sealed: a lock to give back, or memory to clear."""
        lease_over = self._lease_until is not None and clock.ticks() > self._lease_until
        return lease_over or len(self.sealer.heads) > MANY_TAGS

    def quiet(self) -> None:
        """Nothing is on its way: give back the lock, forget tags when they are too many."""
        if self._lease_until is not None:
            self._lease_until = None
            try:
                self._appender.connection.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (_LOCK,))
            except psycopg.OperationalError:
                _log.info("the lock went with its connection")
        if len(self.sealer.heads) > MANY_TAGS:
            self.sealer.heads.clear()
            if self.sealer.seals is not None:
                self.sealer.seals.states.clear()

    def contest(self) -> None:
        """Another writer was faster: read what it wrote, and hold the others off for a moment before that."""
        self.stale = self._contested = True

    def know(self, taken: Sequence[Waiting], ahead: Group | None = None) -> None:
        """Learn what sealing `taken` needs: heads of unknown tags, keys of careful posts, conditions.

        `ahead` is the group on its way; there is none where a post has a condition. What turns out refused is answered
        here. Raises Overtaken, Broken, or CannotRun while the server is away.
        """
        if self.stale:
            self._catch_up()
        wanted = {tag for one in taken for post in one.posts for tag in _tags(post)}
        wanted |= {one.hidden.stream for each in taken for one in each.posts if isinstance(one, Post) and one.hidden}
        if self.sealer.wants_note([post for one in taken for post in one.posts]):
            self.sealer.note = self._newest_checkpoint()
        seals = self.sealer.seals
        wanted.update(TICK_TAGS, () if seals is None else seals.tags)
        unknown = sorted(wanted.difference(self.sealer.heads))
        doubtful = [one for one in taken if one.careful or one.condition is not None]
        if unknown or doubtful:
            self._look_up(unknown, doubtful, ahead)
        if seals is not None:
            self._look_up_groups(seals, _streams(seals, taken), ahead)
        for one in taken:
            if one.condition is None or one.answer.done() or not one.new:
                continue
            if self._matches(one.condition):
                one.answer.set_exception(ConditionFailed())

    def daily_tick(self) -> Group | None:
        """The day's first tick where no post brought it; None when it is not due. Raises like `know`, or ClockBehind.

        Nothing is on its way. Another writer may have ticked, so its entries are read first.
        """
        if not self.sealer.day_is_over():
            return None
        self.stale = True
        self.know([])
        return self.sealer.seal([]) if self.sealer.day_is_over() else None

    def leaf_at(self, position: int) -> bytes | None:
        """The leaf hash that stands at a position now."""
        rows = self._rows(b"SELECT leaf FROM ledger.entry WHERE position = %s", (position,))
        return bytes(rows[0][0]) if rows else None

    def _newest_checkpoint(self) -> str | None:
        """What the signer published last; a tick carries it, so that the log itself tells who signed it."""
        try:
            with connect(self._dsn) as reader:  # as everybody reads it: the writer's role has rights on the log alone
                row = reader.execute(NEWEST).fetchone()
        except psycopg.OperationalError as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault
        if row is None:
            return None
        if len(row[0]) > MOST_NOTE:
            _log.warning("the newest checkpoint has over %d characters; the tick goes without it", MOST_NOTE)
            return None
        return str(row[0])

    def _begin(self) -> None:
        tip = self.sealer.tip
        head = read_head(self._reader)
        if head.size == 0:
            return
        tip.edge = read_edge(self._reader, head.size)
        tip.size, tip.leaf = head.size, head.leaf
        ends = self._rows(b"SELECT entry FROM ledger.entry WHERE position IN (1, %s) ORDER BY position", (head.size,))
        self.sealer.found(parse(bytes(ends[0][0])))
        last = parse(bytes(ends[-1][0]))
        if last.position != head.size or last.leaf != head.leaf:
            raise Broken("the last entry is not what its row says", position=head.size)
        tip.recorded = clock.parse(last.recorded)
        ticked = self._rows(_LAST_TICK, (TICK_TYPE,)) or ends
        tip.ticked = clock.parse(parse(bytes(ticked[0][0])).recorded)

    def _catch_up(self) -> None:
        """Read what another writer appended. Raises Broken when the log is shorter, or not the one we knew."""
        if self._contested:
            self._lock()
        while True:
            tip = self.sealer.tip
            rows = self._rows(_FOLLOWING, (tip.size, _BATCH))
            if rows and rows[0][0] != max(tip.size, 1):
                raise Broken("the log is shorter than this writer knows it", position=rows[0][0])
            entries = [_hashed(*row) for row in rows]
            if tip.size and (not entries or entries[0].leaf != tip.leaf):
                raise Broken("another entry stands where this writer knows one", position=tip.size)
            news = [entry for entry in entries if entry.position > tip.size]
            if not news:
                break
            if tip.size == 0:
                self.sealer.found(news[0])
            self.sealer.follow(news)
            if self.sealer.seals is not None:
                self.sealer.seals.states.clear()
            self._contested = False
        if self._contested:
            raise Broken("the database refuses what continues the last entry this writer knows", position=tip.size)
        self.stale = False

    def _lock(self) -> None:
        """Keep other writers out for a moment; whoever cannot get the lock goes on without it."""
        if self._lease_until is None:
            try:
                self._appender.connection.execute(_TAKE_LOCK, (_LOCK,))
            except psycopg.errors.LockNotAvailable:
                _log.info("another writer holds the lock; going on without it")
                return
            except psycopg.OperationalError as fault:
                _log.info("the connection was lost, going on without the lock: %s", fault)
                self._appender.reopen()
                return
        self._lease_until = clock.ticks() + LEASE_SECONDS

    def _look_up(self, tags: list[str], doubtful: list[Waiting], ahead: Group | None) -> None:
        posts = [
            (one, index, post, key)
            for one in doubtful
            for index, post in enumerate(one.posts)
            if isinstance(post, Post)
            for key in post.keys
        ]
        sources, ids = [key[0] for *_, key in posts], [key[1] for *_, key in posts]
        rows = self._rows(statement("lookup").encode(), {"tags": tags, "sources": sources, "ids": ids})
        self._demand_known_head(rows, ahead)
        heads = self.sealer.heads
        heads.update(dict.fromkeys(tags, (0, None)))
        heads.update({name: (number, bytes(leaf).hex()) for what, name, number, leaf in rows if what == "tag"})
        for one in doubtful:
            one.known, one.repeats = [None] * len(one.posts), {}
            find_repeats(one)
        for what, name, _, entry in sorted(rows, key=lambda row: row[2]):
            if what == "key":
                one, index, post, _ = posts[int(name) - 1]
                self._compare(one, index, post, bytes(entry))

    def _demand_known_head(self, rows: list[tuple[Any, ...]], ahead: Group | None) -> None:
        """An answer holds where its head is one of our own two. Raises Overtaken."""
        seen = next(((number, bytes(leaf)) for what, _, number, leaf in rows if what == "head"), (0, NO_LEAF))
        tip = self.sealer.tip
        if seen != (tip.size, tip.leaf) and (ahead is None or seen != (ahead.rows.size, ahead.rows.leaf)):
            self.stale = True
            raise Overtaken

    def _look_up_groups(self, seals: Seals, streams: Sequence[str], ahead: Group | None) -> None:
        """Learn how the groups of streams stand; of a stream that nothing concerns yet that is known."""
        fresh = [stream for stream in streams if self.sealer.heads.get(stream, (0, None))[0] == 0]
        for stream in fresh:
            seals.learn(stream, ())
        if told := sorted(set(streams).difference(fresh)):
            sealed_groups.learn(seals, told, lambda values: self._sealed_rows(values, ahead))

    def _sealed_rows(self, values: Mapping[str, list[str]], ahead: Group | None) -> list[tuple[Any, ...]]:
        rows = self._rows(statement("sealed").encode(), values)
        self._demand_known_head(rows, ahead)
        return rows

    def _open_at(
        self, group: str, count: int, trigger: Receipt, recorded: datetime, rows: Rows, hidden: list[tuple[int, Locked]]
    ) -> list[Post]:
        """What opens a group at once, on a told clock: nothing is on its way, `rows` are what is being sealed."""
        seals = self.sealer.seals
        if seals is None:
            raise Broken("nothing is sealed here")
        found = sealed_groups.members_of(seals, group, count, self._rows, rows, [row for _, row in hidden])
        posts = sealed_groups.open_at_once(seals, group, found, trigger, recorded, self.sealer.organ)
        return self._with_heads(posts)

    def _with_heads(self, posts: list[Post]) -> list[Post]:
        """Learn the heads of the posts' tags, and which of their keys are taken."""
        unknown = sorted({tag for post in posts for tag in post.tags}.difference(self.sealer.heads))
        keys = {"sources": [post.source for post in posts], "ids": [post.id for post in posts]}
        rows = self._rows(statement("lookup").encode(), {"tags": unknown, **keys})
        self.sealer.heads.update(dict.fromkeys(unknown, (0, None)))
        self.sealer.heads.update(
            {name: (number, bytes(leaf).hex()) for what, name, number, leaf in rows if what == "tag"}
        )
        taken = {int(name) - 1 for what, name, *_ in rows if what == "key"}
        return [replace(post, taken=at in taken) for at, post in enumerate(posts)]

    def _compare(self, one: Waiting, index: int, post: Post, stored: bytes) -> None:
        """An event with this source and id stands in the log: a repeat if its content is the same, else a conflict."""
        entry = parse(stored)
        if post.type == forms.OPENED:
            if not one.answer.done():
                one.answer.set_exception(ConditionFailed(f"(#{entry.position})"))
            return
        if post.opens is not None:
            one.posts = [replace(post, taken=True) if at == index else other for at, other in enumerate(one.posts)]
            return
        if entry.is_sealed and post.hidden is not None:
            kept = (post.hidden.digest, "")
            one.known[index] = Receipt(entry.position, entry.leaf, entry.recorded, duplicate=True, sealed=kept)
            return
        if one.known[index] is not None:
            return  # its sealed entry stands further ahead
        try:
            same = repeats.compare(post, entry.event, self._disclosed(post, entry))
        except ReadOnly as unreadable:
            if not one.answer.done():
                one.answer.set_exception(unreadable)
            return
        if same is not repeats.Same.NO:
            erased = same is repeats.Same.AS_FAR_AS_KEPT
            one.known[index] = Receipt(entry.position, entry.leaf, entry.recorded, duplicate=True, erased=erased)
        elif not one.answer.done():
            one.answer.set_exception(Conflict(f"(#{entry.position})", position=entry.position))

    def _disclosed(self, post: Post, entry: Entry) -> dict[str, str | Closed]:
        """What an entry hides, by digest, where it is needed to tell whether a post repeats it."""
        if not post.disclosures or post.seeded or self._vault is None:
            return {}
        rows = self._rows(DISCLOSED.encode(), (secrecy.digests(entry.event),))
        locked = [Locked(str(row[0]), *map(bytes, row[1:])) for row in rows]
        return {row.digest: self._vault.show(row) for row in locked}

    def _matches(self, condition: AppendCondition) -> bool:
        positions, values = matching(condition.alternatives, condition.after)
        sql = f"SELECT (SELECT max(position) FROM ledger.entry), EXISTS ({positions})"  # noqa: S608
        rows = self._rows(sql.encode(), values)
        if (rows[0][0] or 0) != self.sealer.tip.size:
            self.stale = True
            raise Overtaken
        return bool(rows[0][1])

    def _rows(self, sql: bytes, values: Any) -> list[tuple[Any, ...]]:
        """Ask the reading connection, or a new one where it was lost. Raises CannotRun while the server is away."""
        try:
            return self._reader.execute(sql, values, binary=True).fetchall()
        except psycopg.OperationalError:
            self._reader.close()
            self._reader = connect(self._dsn, "ledger_writer")
        try:
            return self._reader.execute(sql, values, binary=True).fetchall()
        except psycopg.OperationalError as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault


def _streams(seals: Seals, taken: Sequence[Waiting]) -> list[str]:
    """The streams whose groups must be known before these posts are sealed, and are not."""
    wanted = set()
    for one in taken:
        for post in one.posts:
            if isinstance(post, Post) and post.hidden is not None:
                seals.in_month(post.hidden, post.recorded or clock.now())
                wanted.add(post.hidden.stream)
            elif isinstance(post, Post) and seals.seals_on(post.subject):
                wanted.add(post.subject)
    return sorted(stream for stream in wanted if not seals.knows(stream))


def _hashed(position: int, leaf: bytes, entry: bytes) -> Entry:
    """The entry of a row. Raises Broken where the row's position or leaf hash is not that of its bytes."""
    found = parse(bytes(entry))
    if found.position != position:
        raise Broken(f"the row's entry says it stands at position {found.position}", position=position)
    if found.leaf != bytes(leaf):
        raise Broken("the row's leaf hash is not that of its entry", position=position)
    return found


def _tags(post: Post | Tick) -> tuple[str, ...]:
    return post.tags if isinstance(post, Post) else TICK_TAGS
