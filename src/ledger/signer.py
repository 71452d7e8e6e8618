"""The log's signer: follows the log, believes nothing of it, and signs its own root.

A program of its own (`sunledger signer`), with a folder of its own for memory and keys, best under another user of the
system or on another machine than the database. It reads and hashes every new entry, checks it against what it
remembers (`ledger.signing.checking`), remembers that durably (`ledger.signing.memory`), and only then signs:

    read  →  check  →  remember, on the disk  →  sign  →  have it cosigned  →  publish (`house.checkpoint`)

Witnesses are asked where a policy names them (`ledger.signing.witnessing`): a checkpoint without its quorum is not
published, and asked for again. A witness that is away or slow never holds reading or posting up: entries go on, and
the next checkpoint covers them all.

A memory of n entries holds one root and never goes back, so two roots are never signed for one size, whatever is
killed when. Where the log contradicts the memory the signer refuses, says why, and stays refused; `--look-again` makes
it compare once more with the same memory, after the log was mended.

What it signs: checkpoints with the key named like the log, tag heads with the key `<origin>/heads`, both only of what
it has read itself. The roots of its memory bind the operator; against an operator who owns signer *and* database they
prove nothing, and witnesses and mirrors do. Keys lie in files (`ledger.signing.keyfile`) or in a PKCS#11 token
(`ledger.signing.token`). From the entry on that names the next key (`ledger.key-changed`) both sign, until the moment
it names; an entry that names a key not held here is refused, so nobody else can put one in its place.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, RLock
from types import TracebackType

import psycopg

from ledger import clock, keychanges
from ledger.errors import Broken, CannotRun, Refused, WillNotSign
from ledger.following import tags_of
from ledger.proofs.checkpoint import Checkpoint, sign, verify
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import Signer as Signing
from ledger.proofs.succession import KeyChange
from ledger.proofs.taghead import NEVER, TagHead
from ledger.proofs.taghead import sign as sign_head
from ledger.proofs.tree import leaf_hash
from ledger.signing import keyfile
from ledger.signing.checking import documents, follow
from ledger.signing.memory import FILE, Known, Memory
from ledger.store import checkpoints
from ledger.store.connect import Connection, connect
from ledger.store.follow import Follower

ROLE = "signer"
BATCH = 1000
EVERY_SECONDS = 0.25
"""Checkpoints are not closer together than this, however many entries come."""

_BEHIND = "SELECT position, entry FROM ledger.entry WHERE position >= %s ORDER BY position LIMIT %s"
_log = logging.getLogger(__name__)

ASK_SECONDS = 60.0
"""How often the witnesses are asked where nothing is new: one that has died in a quiet night is named too."""

Cosign = Callable[[str], str | None]
"""Takes a signed note, asks witnesses, and gives it back with what they added; None where they were not enough yet:
then it is not published, and asked for again at the next look."""


class Signer:
    """One memory, its keys, and the log at the other end of a connection. Safe to share between threads."""

    def __init__(self, folder: Path, cosign: Cosign | None = None) -> None:
        """Open the memory in `folder`, or begin one where there is nothing. `cosign` asks the witnesses, if any.

        Raises CannotRun where a key is there without its memory: a signer that has forgotten what it signed may
        contradict itself (`recover`). Raises Broken where the memory contradicts itself.
        """
        if not (folder / FILE).exists():
            if keyfile.exist(folder):
                raise CannotRun(
                    f"{folder}: 有密钥而无记忆，请用 --recover 给出最后一个检查点 · "
                    "a key without its memory; give the last checkpoint with --recover"
                )
            Memory.create(folder).close()
        self.folder = folder
        self.memory = Memory(folder)
        self._lock = RLock()
        self._publishing = Lock()  # taken before `_lock`, so that checkpoints are cosigned in the order of their sizes
        self.cosign = cosign
        self._keys: keyfile.Keys | None = None
        self._published: tuple[int, str] | None = None
        self._asked_at = 0.0

    @classmethod
    def recover(cls, folder: Path, note: str, cosign: Cosign | None = None) -> "Signer":
        """Begin a new memory beside an old key. `note`: the last checkpoint it signed, from outside (a witness).

        The log is read again from its first entry, and nothing is signed before that size is reached with that root.
        Raises CannotRun where the note is not of this key, or a memory is there.
        """
        keys = keyfile.public(folder)
        if keys is None:
            raise CannotRun(f"{folder}: no key here whose memory could be made again")
        try:
            known = verify(note, keys.logs).checkpoint
        except ProofError as fault:
            raise CannotRun(str(fault)) from fault
        Memory.create(folder, (known.size, known.root)).close()
        return cls(folder, cosign)

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            self.memory.close()

    def __enter__(self) -> "Signer":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def keys(self) -> keyfile.Keys:
        """The keys, made once the log's name is known. Raises CannotRun before, or where they are gone."""
        origin = self.memory.known.origin
        if not origin:
            raise CannotRun("the signer has read no entry yet")
        if self._keys is None:
            self._keys = keyfile.load(self.folder, origin)
        return self._keys

    def step(self, connection: Connection) -> str | None:
        """Read what is new, remember it, sign, have it cosigned, publish.

        Returns the note; None while there is none to publish: the log is empty, or too few witnesses have answered.
        Raises WillNotSign when the log contradicts the memory, now and ever after; CannotRun or psycopg.Error when it
        could not be read, and nothing is decided. While witnesses are asked, `head` answers.
        """
        with self._publishing:
            with self._lock:
                self._demand_willing()
                with self._refusing():
                    self._follow(connection)
                    signed = self._signed()
            return None if signed is None else self._put_out(connection, *signed)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """What contradicts the memory is remembered for good."""
        try:
            yield
        except WillNotSign as contradiction:
            with self._lock:
                self.memory.refuse(contradiction.detail)
            raise

    def look_now(self, dsn: str) -> str:
        """A checkpoint over everything that stands in the log now. Raises as `step`."""
        with connect(dsn, ROLE) as connection:
            note = self.step(connection)
        if note is None:
            raise CannotRun("no checkpoint yet: the log is empty, or too few witnesses have answered")
        return note

    def head(self, tag: str) -> str:
        """A statement where the history of a tag ends, as of the last entry read. Raises Refused, WillNotSign."""
        with self._lock:
            self._demand_willing()
            known, (ordinal, leaf) = self.memory.known, self.memory.heads([tag])[tag]
            last = NEVER if leaf is None else bytes.fromhex(leaf)
            try:
                head = TagHead(known.origin, known.size, known.root, tag, ordinal, last)
            except ValueError as fault:
                raise Refused(str(fault)) from fault
            self._demand_floor()
            return sign_head(head, self.keys.heads)

    def _demand_willing(self) -> None:
        if (reason := self.memory.refused) is not None:
            raise WillNotSign(f"({reason})")

    def _demand_floor(self) -> None:
        known = self.memory.known
        if known.size < known.floor[0]:
            raise WillNotSign(
                f"the log has {known.size} entries, {known.floor[0]} were signed", position=known.size + 1
            )

    def _follow(self, connection: Connection) -> None:
        """Read to the end. The last entry known is read again each time: it must stand there still."""
        while True:
            known = self.memory.known
            rows = connection.execute(_BEHIND, (max(known.size, 1), BATCH + 1), binary=True).fetchall()
            entries = [bytes(raw) for _, raw in rows]
            if known.size:
                self._demand_last(rows[0] if rows else None, connection)
                entries = entries[1:]
            if not entries:
                return
            found = documents(known, entries)
            heads = self.memory.heads(tags_of(found))
            after, moved, changes = follow(known, entries, found, heads, clock.now())
            if known.size == 0:
                keyfile.make(self.folder, after.origin)
            for change in changes:
                self._demand_own(after, change)
            ended = len(rows) <= BATCH
            after = replace(after, signed_at=clock.stamp(clock.now())) if ended else after
            self.memory.move(after, moved, changes)
            if changes:
                self._show_keys()
            if ended:
                return

    def _demand_own(self, after: Known, change: KeyChange) -> None:
        """Raises WillNotSign where the log names a successor that is not held here.

        What was signed before the memory was lost is not asked again: its keys may be gone.
        """
        if change.position <= after.floor[0]:
            return
        self._keys = keys = keyfile.load(self.folder, after.origin)
        held = [keys.log.vkey] if keys.next is None else [keys.log.vkey, keys.next.vkey]
        if change.old not in held[:1] or change.new not in held[1:]:
            raise WillNotSign("it names a key for this log that the signer does not hold", position=change.position)

    def _show_keys(self) -> None:
        """Put the log's newest key in front of those it had."""
        keys, known = self.keys, [change.new for change in self.memory.changes][::-1]
        first = [change.old for change in self.memory.changes][:1]
        keyfile.show(self.folder, [*known, *first], keys.heads.vkey)

    def _signing(self, known: Known) -> list[Signing]:
        """Who signs now: the log's key; while it is changed, the old one and the new one; then the new one alone."""
        keys = self.keys
        last = next(iter(self.memory.changes[::-1]), None)
        if last is None or keys.next is None or last.new != keys.next.vkey:
            return [keys.log]
        present = clock.parse(known.recorded) if known.told else clock.now()
        if keychanges.over_at(present)(last):
            self._keys = keyfile.retire(self.folder, keys)
            return [self._keys.log]
        return [keys.log, keys.next]

    def _demand_last(self, row: tuple[int, bytes] | None, connection: Connection) -> None:
        """Raises WillNotSign unless the last entry known stands where it stood."""
        known = self.memory.known
        if row is None or row[0] != known.size:
            head = connection.execute("SELECT max(position) FROM ledger.entry").fetchone()
            there = int(head[0] or 0) if head is not None else 0
            raise WillNotSign(f"entries {there + 1} to {known.size} were read before and are gone", position=there + 1)
        if leaf_hash(bytes(row[1])) != known.leaf:
            raise WillNotSign("another entry stands there than was read before", position=known.size)

    def _signed(self) -> tuple[int, str] | None:
        """Size and note of what is known now; None of an empty log."""
        known = self.memory.known
        if known.size == 0:
            return None
        self._demand_floor()
        return known.size, sign(Checkpoint(known.origin, known.size, known.root), *self._signing(known))

    def _put_out(self, connection: Connection, size: int, note: str) -> str | None:
        """Have it cosigned and publish it, once; where it is out already, look after the witnesses now and then."""
        if self._published is not None and self._published[0] == size:
            if self.cosign is not None and clock.ticks() - self._asked_at > ASK_SECONDS:
                self._asked_at = clock.ticks()
                self.cosign(note)
            return self._published[1]
        self._asked_at = clock.ticks()
        cosigned = note if self.cosign is None else self.cosign(note)
        if cosigned is None:
            return None
        with self._refusing():
            try:
                checkpoints.publish(connection, size, cosigned)
            except Broken as forged:
                raise WillNotSign(forged.detail, position=size) from forged
        self._published = size, cosigned
        return cosigned


def run(signer: Signer, dsn: str, stop: Event) -> None:
    """Follow the log until told to stop; a database that is away is waited for. Raises WillNotSign."""
    while not stop.is_set():
        try:
            _watch(signer, dsn, stop)
        except (CannotRun, psycopg.OperationalError) as away:
            _log.warning("not signing for the moment: %s", away)
            stop.wait(1)


def _watch(signer: Signer, dsn: str, stop: Event) -> None:
    follower = Follower(dsn, ROLE)
    try:
        with connect(dsn, ROLE) as connection:
            while not stop.is_set():
                signer.step(connection)
                stop.wait(EVERY_SECONDS)
                follower.wait()
    finally:
        follower.close()
