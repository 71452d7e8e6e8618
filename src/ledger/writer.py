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
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from time import sleep

import psycopg

from ledger import clock
from ledger.errors import Broken, CannotRun, LedgerError, ReadOnly
from ledger.post import AppendCondition, Post, Receipt, Tick
from ledger.sealing import Group
from ledger.store.append import Answer, Appender
from ledger.tip import Overtaken, TipKeeper, Waiting

GROUP_POSTS = 1000
GROUP_BYTES = 4_000_000
AWAY_SECONDS = 30
"""How long a lost server is waited for before posters are told to come back."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Flight:
    """A sealed group on its way, and who waits for it."""

    group: Group
    waiting: list[Waiting]


class Writer:
    """Appends to the log; safe to share between threads. One a host is fastest, several are correct.

    Raises CannotRun when the server is away or unsafe, Broken when the log is not the one its tiles say.
    """

    def __init__(self, dsn: str, *, ticks: bool = True) -> None:
        self._appender = Appender(dsn)
        self._tip = TipKeeper(dsn, self._appender, ticks=ticks)
        self._queue: deque[Waiting] = deque()
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
        if not posts:
            answer.set_result([])
            return answer
        with self._ready:
            if self._failure is not None or self._closing:
                raise self._failure or ReadOnly("(the writer is closed)")
            self._queue.append(Waiting(posts, condition, answer, careful=careful))
            self._ready.notify()
        return answer

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
        flight: Flight | None = None
        while True:
            taken = self._take(wait=flight is None)
            if taken is None and flight is None:
                return
            if flight is not None and (taken is None or taken[0].condition is not None or self._tip.wants_quiet):
                self._land(flight, None)  # nothing to seal meanwhile, or something that must see what is durable
                flight = None
            if flight is None and (taken is None or self._tip.wants_quiet):
                self._tip.quiet()
            if taken is None:
                continue
            sealed = self._seal(taken)
            if flight is not None and not self._land(flight, sealed):
                sealed = None
            flight = sealed
            if flight is not None:
                self._appender.send(flight.group.rows)

    def _take(self, *, wait: bool) -> list[Waiting] | None:
        """What waits, up to a group; None when nothing does (or, when told to wait, at the end)."""
        with self._ready:
            while wait and not self._queue and not self._closing:
                self._ready.wait()
            if not self._queue:
                return None
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
            self._tip.know(taken)
        except Overtaken:
            self._queue_again(taken)
            return None
        except CannotRun as away:
            self._fail(taken, ReadOnly(f"({away.detail})"))
            return None
        waiting = [one for one in taken if not one.answer.done()]
        posts = [post for one in waiting for post in one.new]
        for one in waiting:
            if not one.new:
                _answer(one, [])
        waiting = [one for one in waiting if one.new]
        if not waiting:
            return None
        try:
            return Flight(self._tip.sealer.seal(posts), waiting)
        except LedgerError as refused:
            if len(waiting) == 1:
                self._fail(waiting, refused)
            else:
                self._queue_again(waiting, alone=True)
            return None

    def _land(self, flight: Flight, behind: Flight | None) -> bool:
        """Wait for the answer. True: durable and answered. False: not written, everything is queued again."""
        answer = self._appender.settle()
        if answer is Answer.UNKNOWN:
            answer = self._find_out(flight)
        if answer is Answer.COMMITTED:
            receipts = iter(flight.group.receipts)
            for one in flight.waiting:
                _answer(one, [next(receipts) for _ in one.new])
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
        elif len(waiting) > 1:
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
            except (CannotRun, psycopg.Error):
                sleep(0.1)
                continue
            self._appender.send(flight.group.rows)
            answer = self._appender.settle()
            if answer is Answer.UNKNOWN:
                continue
            if answer is not Answer.OVERTAKEN:
                return answer
            first = self._tip.leaf_at(flight.group.rows.size + 1)
            if first == flight.group.rows.leaves[0]:
                return Answer.COMMITTED
            if first is not None:
                return Answer.OVERTAKEN
        return Answer.UNKNOWN

    def _queue_again(self, waiting: list[Waiting], *, careful: bool = False, alone: bool = False) -> None:
        with self._ready:
            for one in reversed(waiting):
                one.careful = one.careful or careful
                one.alone = one.alone or alone
                one.known = []
                self._queue.appendleft(one)

    def _fail(self, waiting: list[Waiting], reason: LedgerError) -> None:
        for one in waiting:
            one.answer.set_exception(reason)

    def _stop(self, failure: LedgerError) -> None:
        """Our own invariant is broken: stop for good and say so to everyone who waits."""
        _log.critical("the writer stops: %s", failure)
        with self._ready:
            self._failure = failure
            self._fail([one for one in self._queue if not one.answer.done()], failure)
            self._queue.clear()


def _by_itself(one: Waiting) -> bool:
    return one.alone or one.condition is not None


def _answer(one: Waiting, new: list[Receipt]) -> None:
    """Receipts in the order of the posts: those found in the log, and the new ones between them."""
    if not one.known:
        one.answer.set_result(new)
        return
    fresh = iter(new)
    one.answer.set_result([known if known is not None else next(fresh) for known in one.known])
