"""Group commit: many waiting posts, one transaction, nothing acknowledged before it is durable.

One thread owns the tip of the log. It takes what waits, seals it, sends it, and seals the next group while the first is
on its way; then it waits for the answer and only then tells the posters. Why writers can never fork the chain is told
in `schemas/formats/append.md`: the primary key of `entry` is the compare-and-set, and what one writer remembers holds
as long as that key says nobody else came in between.

    waiting → sealed → on its way → durable → answered
                 ↑__________|  overtaken, refused, or no answer: taken back and sealed again
"""

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from random import SystemRandom
from threading import Condition, Thread
from time import sleep

from ledger import clock, sentences
from ledger.errors import Broken, CannotRun, LedgerError, Malformed, Problem, ReadOnly
from ledger.post import AppendCondition, Post, Receipt, Tick
from ledger.sealed_events.slots import end_of
from ledger.sealed_events.states import Seals
from ledger.sealing import Group
from ledger.store.append import Answer, Appender
from ledger.tip import Overtaken, TipKeeper
from ledger.vault import Vault
from ledger.waiting import Waiting

GROUP_POSTS = 1000
GROUP_BYTES = 4_000_000
AWAY_SECONDS = 30
"""How long a lost server is waited for before posters are told to come back."""

IDLE_SECONDS = 60
"""How long nobody posts before it is looked whether a new day wants its tick."""

_log = logging.getLogger(__name__)
_random = SystemRandom()


@dataclass(slots=True)
class Flight:
    """A sealed group on its way, and who waits for it."""

    group: Group
    waiting: list[Waiting]


class Writer:
    """Appends to the log; safe to share between threads. One a host is fastest, several are correct.

    Posts with secret members need a `vault`; without one they are refused. Raises CannotRun when the server is away or
    unsafe, Broken when the log is not the one its tiles say.
    """

    def __init__(self, dsn: str, *, ticks: bool = True, vault: Vault | None = None, seals: Seals | None = None) -> None:
        self.vault = vault
        self.seals = seals
        self._appender = Appender(dsn)
        try:
            self._tip = TipKeeper(dsn, self._appender, ticks=ticks, vault=vault, seals=seals)
        except BaseException:
            self._appender.connection.close()
            raise
        self._queue: deque[Waiting] = deque()
        self._held: list[Waiting] = []  # sealed posts that wait for the end of their slot
        self._slot_end: datetime | None = None
        self._taken: list[Waiting] = []  # in the hand of the writer's thread: neither queued nor on its way
        self._flight: Flight | None = None
        self._ready = Condition()
        self._closing = False
        self._failure: LedgerError | None = None
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def post(
        self,
        posts: Sequence[Post | Tick],
        condition: AppendCondition | None = None,
        *,
        careful: bool = False,
    ) -> "Future[list[Receipt]]":
        """Queue events that are committed together or not at all; the future gives a receipt for each.

        It raises Conflict (same source and id, other content), ConditionFailed, ReadOnly (come back later), ClockBehind
        or, when the log is no longer what this writer knows, Broken. `careful`: repeats are expected, look first.
        """
        answer: Future[list[Receipt]] = Future()
        answer.set_running_or_notify_cancel()  # a poster may stop listening, but not call back what is under way
        if not posts:
            answer.set_result([])
            return answer
        if self.vault is None and (unkept := _secret(posts)):
            answer.set_exception(Malformed(problems=unkept))
            return answer
        if self.seals is None and any(isinstance(post, Post) and post.hidden is not None for post in posts):
            answer.set_exception(Malformed(problems=(sentences.no_keepers("/data"),)))
            return answer
        with self._ready:
            if self._failure is not None or self._closing:
                raise self._failure or ReadOnly("(the writer is closed)")
            self._put(Waiting(posts, condition, answer, careful=careful))
            self._ready.notify()
        return answer

    def _put(self, one: Waiting) -> None:
        """Queue a post; hold it until the end of its slot where something in it is sealed, on a real clock."""
        seals = self.seals
        if seals is None:
            self._queue.append(one)
            return
        opens = any(isinstance(post, Post) and post.type in seals.groups.triggers for post in one.posts)
        if self._tip.sealer.told:
            one.apart = opens
            self._queue.append(one)
            return
        if opens:
            self._release()  # what came before stands before
        if not any(isinstance(post, Post) and post.hidden is not None for post in one.posts):
            self._queue.append(one)
            return
        present = clock.now()
        one.posts = [replace(post, received=present) if isinstance(post, Post) else post for post in one.posts]
        self._held.append(one)
        self._slot_end = self._slot_end or end_of(present, seals.slot)
        self._release_due()

    def _release_due(self) -> None:
        if self._slot_end is not None and (self._closing or self._slot_end <= clock.now()):
            self._release()

    def _release(self) -> None:
        """The slot is over: what was held is queued, in random order."""
        self._queue.extend(_random.sample(self._held, len(self._held)))
        self._held, self._slot_end = [], None

    def _patience(self) -> float:
        """How long to wait for something to do."""
        if self._slot_end is None:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.001, (self._slot_end - clock.now()).total_seconds()))

    def append(
        self,
        posts: Sequence[Post | Tick],
        condition: AppendCondition | None = None,
        *,
        careful: bool = False,
    ) -> list[Receipt]:
        """`post`, and wait until it is durable."""
        return self.post(posts, condition, careful=careful).result()

    @property
    def failure(self) -> LedgerError | None:
        """Why the writer stopped for good; None while it works."""
        return self._failure

    def close(self) -> None:
        """Commit what waits, then give the connections back."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()
        self._tip.close()
        self._appender.connection.close()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- everything below runs in the writer's own thread --

    def _run(self) -> None:
        try:
            self._work()
        except LedgerError as failure:
            self._stop(failure)
        except Exception as failure:
            self._stop(Broken(f"the writer stopped: {type(failure).__name__}: {failure}"))
            raise

    def _work(self) -> None:
        while True:
            if self._flight is not None and self._must_land():
                self._land(None)
                continue
            if self._flight is None and (self._tip.wants_quiet or not self._queue):
                self._tip.quiet()
            self._taken = self._take()
            if not self._taken and self._closing:
                return
            sealed = self._seal(self._taken) if self._taken else self._seal_daily_tick()
            if self._flight is not None and not self._land(sealed):
                sealed = None
            self._flight, self._taken = sealed, []
            if sealed is not None:
                self._appender.send(sealed.group.rows)

    def _must_land(self) -> bool:
        """Nothing to seal meanwhile, or something that must see first what the group on its way leaves."""
        with self._ready:
            return not self._queue or _by_itself(self._queue[0]) or self._tip.wants_quiet

    def _take(self) -> list[Waiting]:
        """What waits, up to a group; nothing at the end, and after a minute in which nothing came."""
        with self._ready:
            self._release_due()
            if not self._queue and not self._closing:
                self._ready.wait(self._patience())
                self._release_due()
            if not self._queue:
                return []
            first = self._queue.popleft()
            taken, posts, size = [first], len(first.posts), first.size()
            while self._queue and not _by_itself(first) and not _by_itself(self._queue[0]):
                posts += len(self._queue[0].posts)
                size += self._queue[0].size()
                if posts > GROUP_POSTS or size > GROUP_BYTES:
                    break
                taken.append(self._queue.popleft())
            return taken

    def _seal(self, taken: list[Waiting]) -> Flight | None:
        """Look up what is not remembered, answer what stands in the log already, seal the rest.

        None when nothing is left to send. Where another writer came in between, everything waits again.
        """
        try:
            self._tip.know(taken, self._flight.group if self._flight is not None else None)
        except Overtaken:
            self._queue_again(taken)
            return None
        except CannotRun as away:
            self._fail(taken, ReadOnly(f"({away.detail})"))
            return None
        waiting = self._without_twins([one for one in taken if not one.answer.done()])
        for one in waiting:
            if not one.new:
                one.answer.set_result(one.receipts([]))
        waiting = [one for one in waiting if one.new]
        if not waiting:
            return None
        try:
            return Flight(self._tip.sealer.seal([post for one in waiting for post in one.new]), waiting)
        except LedgerError as refused:
            if len(waiting) == 1:
                self._fail(waiting, refused)
            else:
                self._queue_again(waiting, alone=True)
            return None

    def _seal_daily_tick(self) -> Flight | None:
        """The rules' clock ticks once a day even when nobody posts (decisions 7)."""
        try:
            group = self._tip.daily_tick()
        except (CannotRun, Overtaken) as fault:
            _log.warning("no tick for this day yet: %s", fault)
            return None
        return Flight(group, []) if group is not None else None

    def _without_twins(self, waiting: list[Waiting]) -> list[Waiting]:
        """Set aside who repeats an event of this group, or of the one on its way: each is looked up again by itself.

        Only among careful ones; the others' repeats are found by the primary key, and are careful from then on.
        """
        if not any(one.careful for one in waiting):
            return waiting
        seen: set[tuple[str, str]] = set()
        if self._flight is not None:
            seen.update(zip(self._flight.group.rows.sources, self._flight.group.rows.ids, strict=True))
        first: list[Waiting] = []
        later: list[Waiting] = []
        for one in waiting:
            keys = {key for post in one.new if isinstance(post, Post) for key in post.keys}
            (later if keys & seen else first).append(one)
            seen |= keys
        self._queue_again(later, careful=True, alone=True)
        return first

    def _land(self, behind: Flight | None) -> bool:
        """Wait for the answer. True: durable and answered. False: not written, everything is queued again."""
        flight = self._flight
        if flight is None:
            raise Broken("nothing is on its way")
        answer = self._appender.settle()
        if answer is Answer.UNKNOWN:
            answer = self._find_out(flight)
        self._flight = None
        if answer is Answer.COMMITTED:
            receipts = iter(flight.group.receipts)
            for one in flight.waiting:
                one.answer.set_result(one.receipts([next(receipts) for _ in one.new]))
            return True
        sealer = self._tip.sealer
        if behind is not None:
            sealer.take_back(behind.group)
            self._queue_again(behind.waiting)
        sealer.take_back(flight.group)
        if answer is Answer.OVERTAKEN:
            self._queue_again(flight.waiting)
            self._tip.contest()
        elif answer is Answer.FAILED:
            self._after_refusal(flight.waiting)
        else:
            self._fail(flight.waiting, ReadOnly("(no answer from the database; the outcome is not known, send again)"))
        return False

    def _after_refusal(self, waiting: list[Waiting]) -> None:
        """The server refused the statement: look keys up, then go one by one, then tell the poster."""
        if any(not one.careful for one in waiting):
            self._queue_again(waiting, careful=True)
        elif any(not one.alone for one in waiting):
            self._queue_again(waiting, careful=True, alone=True)
        else:
            self._fail(waiting, ReadOnly(f"({self._appender.failure.strip()})"))

    def _find_out(self, flight: Flight) -> Answer:
        """No answer came: send the same statement again until the primary key tells what happened.

        Reading alone decides nothing: the old statement may still commit. Asked again, it either goes in now, or finds
        position n+1 taken, by itself (same leaf: it was committed) or by another writer.
        """
        _log.warning("no answer to a commit at size %d: %s", flight.group.rows.size, self._appender.failure)
        deadline = clock.ticks() + AWAY_SECONDS
        while clock.ticks() < deadline:
            try:
                self._appender.reopen()
            except CannotRun:
                sleep(0.1)
                continue
            self._appender.send(flight.group.rows)
            answer = self._appender.settle()
            if answer not in (Answer.UNKNOWN, Answer.OVERTAKEN):
                return answer
            try:
                if answer is Answer.OVERTAKEN:
                    ours = self._tip.leaf_at(flight.group.rows.size + 1) == flight.group.rows.leaves[0]
                    return Answer.COMMITTED if ours else Answer.OVERTAKEN
            except CannotRun as away:
                _log.info("the server went away again: %s", away)
        return Answer.UNKNOWN

    def _queue_again(self, waiting: list[Waiting], *, careful: bool = False, alone: bool = False) -> None:
        with self._ready:
            for one in reversed(waiting):
                if not one.answer.done():
                    one.careful = one.careful or careful
                    one.alone = one.alone or alone
                    one.forget()
                    self._queue.appendleft(one)

    def _fail(self, waiting: Iterable[Waiting], reason: LedgerError) -> None:
        for one in waiting:
            if not one.answer.done():
                one.answer.set_exception(reason)

    def _stop(self, failure: LedgerError) -> None:
        """Our own invariant is broken: stop for good and say so to everyone who waits."""
        _log.critical("the writer stops: %s", failure)
        with self._ready:
            self._failure = failure
            flying = self._flight.waiting if self._flight is not None else []
            self._fail([*flying, *self._taken, *self._queue, *self._held], failure)
            self._queue.clear()
            self._held.clear()


def _secret(posts: Sequence[Post | Tick]) -> tuple[Problem, ...]:
    """What needs a vault, each with the place in its event."""
    wanting = [post for post in posts if isinstance(post, Post) and post.disclosures]
    return tuple(sentences.no_vault(secret.pointer) for post in wanting for secret in post.disclosures)


def _by_itself(one: Waiting) -> bool:
    return one.alone or one.apart or one.condition is not None
