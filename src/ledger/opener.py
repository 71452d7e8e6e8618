"""Opens sealed groups once they may be: follows the log for triggers, shows the keepers why, appends what they open.

    trigger in the log  →  a checkpoint covers it  →  each keeper takes off its layer  →  one commit

Everything it needs to know is in the log, so a crash between any two of these steps loses nothing: at the next start
the groups with a trigger and without an opening are found again. Two openers of one log do not open twice: the writer
takes the second `ledger.seal-opened` of a group for what it is. For real clocks; on a told one the writer opens itself.
"""

import logging
from threading import Event, Lock
from typing import Any

import psycopg

from ledger import clock, sealed_groups
from ledger.entry import Entry
from ledger.errors import CannotRun, ConditionFailed, LedgerError
from ledger.post import Wanted
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.note import Note
from ledger.sealed_events import forms, opening
from ledger.sealed_events.states import Seals
from ledger.store import checkpoints
from ledger.store.postgres import Log
from ledger.store.tiles import inclusion_proof
from ledger.writer import Writer

EVERY_SECONDS = 0.25
AGAIN_SECONDS = 5.0
"""How long after a keeper refused, or was away, it is asked again."""

_BATCH = 1000
_log = logging.getLogger(__name__)


class Opener:
    """One log, its writer and its keepers; `follow` runs in a thread of its own."""

    def __init__(self, log: Log, writer: Writer, seals: Seals, organ: str) -> None:
        self._logbook = log
        self._writer = writer
        self._seals = seals
        self._organ = organ
        self._position = 0
        self._prepared: set[str] = set()
        self._waiting: dict[str, int] = {}
        self._again: dict[str, float] = {}
        self._reasons: dict[str, str] = {}
        self._lock = Lock()

    def alarms(self) -> list[str]:
        """Which groups could not be opened when they were asked for last, and why, in both languages."""
        with self._lock:
            return [
                f"封存组 {group} 尚未开启 · the sealed group {group} is not opened yet: {reason}"
                for group, reason in sorted(self._reasons.items())
            ]

    def follow(self, stop: Event) -> None:
        """Until told to stop. What cannot be read now is read a moment later."""
        while not stop.wait(EVERY_SECONDS):
            try:
                self.step()
            except CannotRun as away:
                _log.warning("sealed groups wait: %s", away)
            except LedgerError as broken:
                with self._lock:
                    self._reasons[""] = str(broken)
                _log.critical("sealed groups are not opened any more: %s", broken)
                raise

    def step(self) -> int:
        """Read what is new, open what can be opened; returns how many groups were. Raises CannotRun, Broken."""
        self._read()
        if not self._waiting:
            return 0
        note = checkpoints.newest(self._logbook)
        size = 0 if note is None else Checkpoint.parse(Note.parse(note).text).size
        due = [group for group, trigger in self._waiting.items() if trigger <= size and self._is_due(group)]
        return sum(self._tried(group, note or "", size) for group in due)

    def _is_due(self, group: str) -> bool:
        return clock.ticks() >= self._again.get(group, 0.0)

    def _read(self) -> None:
        wanted = [Wanted(types=self._seals.telling)]
        while entries := self._logbook.matching(wanted, self._position, _BATCH):
            for entry in entries:
                self._take(entry)
            self._position = entries[-1].position

    def _take(self, entry: Entry) -> None:
        if entry.type == forms.PREPARED:
            self._prepared.add(entry.data["group"])
        elif entry.type in (forms.OPENED, forms.CLOSED):
            self._done(entry.data["group"])
        elif entry.opens is None:
            for group in self._seals.groups.opened_by(entry.event, entry.tags):
                if group in self._prepared:
                    self._waiting.setdefault(group, entry.position)

    def _done(self, group: str) -> None:
        self._prepared.discard(group)
        self._waiting.pop(group, None)
        self._again.pop(group, None)
        with self._lock:
            self._reasons.pop(group, None)

    def _tried(self, group: str, note: str, size: int) -> bool:
        try:
            self._open(group, note, size)
        except ConditionFailed:
            _log.info("%s was opened by another opener", group)
        except LedgerError as refused:
            self._again[group] = clock.ticks() + AGAIN_SECONDS
            with self._lock:
                self._reasons[group] = str(refused)
            _log.warning("%s is not opened yet: %s", group, refused)
            return False
        self._done(group)
        return True

    def _open(self, group: str, note: str, size: int) -> None:
        trigger = self._waiting[group]
        count = self._count(group)
        stream, members = sealed_groups.members_of(self._seals, group, count, self._rows)
        shown = [entry for entry in stream if entry.position <= trigger]
        positions = [trigger, *(entry.position for entry, _ in members)]
        paths = {position: tuple(inclusion_proof(self._logbook, position, size)) for position in positions}
        asked = opening.question(self._seals, group, shown, members, checkpoint=note, paths=paths)
        plaintexts = opening.ask(self._seals.keepers, asked)
        self._writer.append(opening.openings(self._seals, asked, plaintexts, self._organ), careful=True)

    def _count(self, group: str) -> int:
        """How many members the group has, by its tokens."""
        count = 0
        while True:
            tokens = self._seals.tokens(group, count + 1)
            found = {tag for tag, _ in self._rows(_TOKENS, (list(tokens),))}
            last = max((number for tag, number in tokens.items() if tag in found), default=count)
            if last == count or len(found) < len(tokens):
                return last
            count = last

    def _rows(self, sql: bytes, values: Any) -> list[tuple[Any, ...]]:
        try:
            with self._logbook.connection() as connection:
                return connection.execute(sql, values, binary=True).fetchall()
        except psycopg.OperationalError as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault


_TOKENS = b'SELECT tag, position FROM ledger.tag WHERE tag = ANY (%s::text[] COLLATE "C")'
