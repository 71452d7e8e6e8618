"""A keeper: holds a key without which nothing sealed can be read, and uses it only when shown why.

A program of a supervising body (audit, discipline, regulator). What is sealed is encrypted to all keepers of its group
in turn, so one that refuses is enough to keep it closed, and none can change, add or drop anything. Bytes in, bytes out
(`ledger.sealed_events.asking`), and a memory of its own: one SQLite file with a key for each epoch (a month) and a line
for each opening.

It opens when all of this is shown:

1. a checkpoint that its policy trusts, cosigned at or after `not_before`, which its own clock has passed too;
2. the trigger, included under that checkpoint, of a type that by the contracts opens this group on this stream;
3. the stream's entries from the first `seal-prepared` to the trigger, chained by their links: all commit to SHA-256(K),
   name this keeper's key, and the last of them says `not_before`;
4. the sealed entries, included, older than the trigger, each with the token of K and its number: so they are of this
   group and of no other;
5. and, where this keeper's layer is the last: the event under it is sealed in this group by its contract. An entry that
   hides the copy of another lot's bid opens nothing.

On a ledger whose clock is told (`simulated.…`) there is no time to wait for and nobody to cosign: a keeper made for it
needs no checkpoint. That is for simulations, and it opens nothing of a real log.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger import clock, secrecy
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.errors import DisclosureWrong, SealWrong
from ledger.proofs import check
from ledger.proofs.failures import ProofError
from ledger.proofs.policy import Policy
from ledger.sealed_events import asking, forms
from ledger.sealed_events.asking import Member, Question
from ledger.sealed_events.groups import Groups
from ledger.sealed_events.groups import place as sealed_at
from ledger.sealed_events.wrapping import unwrap

FILE = "keeper.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS epoch (name TEXT NOT NULL PRIMARY KEY, private BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS opened (
    name TEXT NOT NULL, trigger INTEGER NOT NULL, members INTEGER NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL
) STRICT;
"""
_MONTH = 7
"""Letters of `2026-11`."""

_log = logging.getLogger(__name__)


class Keeper:
    """Answers openers; safe to share between threads, and its memory between processes."""

    def __init__(
        self,
        org: str,
        contracts: Contracts,
        folder: Path | None,
        policy: Callable[[], Policy | None] | None = None,
    ) -> None:
        """`org`: the body's code. `folder`: its memory; None keeps it in this process alone, for simulations.

        `policy` says which checkpoints it trusts, when it is asked; without one it keeps for told clocks.
        """
        self.org = org
        self._contracts = contracts
        self._groups = Groups(contracts)
        self._policy = policy
        self._lock = Lock()
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = ":memory:" if folder is None else folder / FILE
        self._db = sqlite3.connect(place, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)
        if folder is not None:
            (folder / FILE).chmod(0o600)

    def close(self) -> None:
        """Give the memory back."""
        self._db.close()

    def public(self, epoch: str) -> bytes:
        """The public key of an epoch (`2026-11`), 32 bytes; made and remembered when it is first asked for.

        Raises SealWrong for what is no month, and on a real clock for another one than this, the last or the next.
        """
        try:
            month = clock.parse(f"{epoch}-15T00:00:00Z")
        except ValueError as fault:
            raise SealWrong("(an epoch is a month, like 2026-11)") from fault
        if self._policy is not None and abs((clock.now() - month).days) > 46:
            raise SealWrong(f"(the epoch {epoch} is not of this time)")
        with self._lock:
            fresh = X25519PrivateKey.generate().private_bytes_raw()
            self._db.execute("INSERT INTO epoch VALUES (?, ?) ON CONFLICT DO NOTHING", (epoch, fresh))
            (raw,) = self._db.execute("SELECT private FROM epoch WHERE name = ?", (epoch,)).fetchone()
        return X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()

    def open(self, raw: bytes) -> bytes:
        """Take one layer off every member. Raises SealWrong with the one reason why it does not."""
        question = Question.parse(raw)
        key = forms.key_bytes(question.key)
        prepared = _prepared(question, forms.commitment(key))
        privates, innermost = self._own(prepared)
        not_before = clock.parse(prepared[-1].data["not_before"])
        size, root = self._trusted(question.checkpoint, not_before, question.trigger)
        if root is not None:
            _included(question.trigger, question.path, size, root)
        if question.group not in self._groups.opened_by(question.trigger.event, question.trigger.tags):
            raise SealWrong(f"(#{question.trigger.position} does not open {question.group})")
        for number, member in enumerate(question.members, 1):
            _belongs(member, forms.token(key, number), question.trigger)
            if root is not None:
                _included(member.entry, member.path, size, root)
        layers = [self._opened(member, privates, question.group, innermost=innermost) for member in question.members]
        self._remember(question, size)
        return asking.answer(layers)

    def _own(self, prepared: Sequence[Entry]) -> tuple[X25519PrivateKey, bool]:
        """The key that the group was prepared for, and whether its layer is the innermost. Raises SealWrong."""
        named = prepared[0].data["keepers"]
        places = [number for number, one in enumerate(named) if one["org"] == self.org]
        if len(places) != 1 or any(one.data["keepers"] != named for one in prepared):
            raise SealWrong("(this keeper is not named, or not in every preparation)")
        said = named[places[0]]
        with self._lock:
            row = self._db.execute("SELECT private FROM epoch WHERE name = ?", (said.get("epoch", ""),)).fetchone()
        private = X25519PrivateKey.from_private_bytes(row[0]) if row is not None else None
        if private is None or private.public_key().public_bytes_raw() != forms.key_bytes(said["key"]):
            raise SealWrong(f"(this keeper has no longer, or never had, the key of epoch {said.get('epoch')})")
        return private, places[0] == 0

    def _trusted(self, note: str | None, not_before: datetime, trigger: Entry) -> tuple[int, bytes | None]:
        """Size and root that the policy stands for, as of `not_before` or later. Raises SealWrong."""
        if self._policy is None:
            if note is not None:
                raise SealWrong("(a keeper without a policy opens simulated ledgers only)")
            return trigger.position, None
        policy = self._policy()
        if note is None or policy is None:
            raise SealWrong("(no checkpoint, or nobody to trust for one yet)")
        if clock.now() < not_before:
            raise SealWrong(f"(not before {clock.stamp(not_before)})")
        try:
            signed = policy.verify(note, not_before=int(not_before.timestamp()))
        except ProofError as fault:
            raise SealWrong(f"({fault})") from fault
        return signed.checkpoint.size, signed.checkpoint.root

    def _opened(self, member: Member, private: X25519PrivateKey, group: str, *, innermost: bool) -> bytes | None:
        """One layer less; None where it is lost, not for this key, or hides what does not belong here."""
        if member.layer is None:
            return None
        (event_digest,) = member.entry.event[secrecy.DIGESTS]
        try:
            layer = unwrap(member.layer, private, event_digest)
            if innermost:
                self._demand_own(layer, event_digest, group)
        except SealWrong as wrong:
            _log.warning("#%d of %s does not open: %s", member.entry.position, group, wrong)
            return None
        return layer

    def _demand_own(self, plaintext: bytes, event_digest: str, group: str) -> None:
        """The event under the last layer is sealed in this group. Raises SealWrong."""
        lines = forms.unpack(plaintext)
        try:
            committed = forms.value_of(lines[0])
            event = secrecy.restore(committed, lines[2:])
            contract = self._contracts.get(event["type"])
            place = None if contract is None else sealed_at(contract, event, contract.tags(event))
        except (DisclosureWrong, LookupError, TypeError, ValueError) as fault:
            raise SealWrong(f"(what is sealed is no event: {type(fault).__name__})") from fault
        if secrecy.digest(lines[0]) != event_digest or place is None or place.group != group:
            raise SealWrong("(what is sealed belongs to another group)")

    def _remember(self, question: Question, size: int) -> None:
        """A line of its own for each opening, durable before the answer leaves."""
        row = (question.group, question.trigger.position, len(question.members), size, clock.stamp(clock.now()))
        with self._lock:
            self._db.execute("INSERT INTO opened VALUES (?, ?, ?, ?, ?)", row)

    def opened(self) -> list[tuple[str, int, int, int, str]]:
        """What this keeper has opened: group, trigger, members, size of the checkpoint, when."""
        with self._lock:
            return [tuple(row) for row in self._db.execute("SELECT * FROM opened ORDER BY rowid").fetchall()]


def epoch_of(moment: datetime) -> str:
    """The epoch of a moment: its month in UTC."""
    return clock.stamp(moment)[:_MONTH]


def _prepared(question: Question, commitment: str) -> list[Entry]:
    """The preparations of the group, in order, from a stream that is shown whole. Raises SealWrong."""
    stream, _ = forms.parts_of(question.group)
    before: Entry | None = None
    for entry in question.stream:
        link = entry.links.get(stream)
        if link is None or (before is not None and link != (before.links[stream][0] + 1, before.leaf.hex())):
            raise SealWrong(f"(the stream is not shown whole: #{entry.position})")
        before = entry
    found = [
        entry for entry in question.stream if entry.type == forms.PREPARED and entry.data["group"] == question.group
    ]
    if not found or found[0] is not question.stream[0]:
        raise SealWrong("(the stream does not begin with the preparation of the group)")
    if any(entry.data["commitment"] != commitment for entry in found):
        raise SealWrong("(the key is not the one committed to)")
    moments = [clock.parse(entry.data["not_before"]) for entry in found]
    if moments != sorted(moments):
        raise SealWrong("(the opening was moved earlier)")
    return found


def _belongs(member: Member, token: str, trigger: Entry) -> None:
    """A member of the group bears its token, and nothing else, and is older than the trigger. Raises SealWrong."""
    entry = member.entry
    if tuple(entry.links) != (forms.tag_of(token),) or list(entry.event) != [secrecy.DIGESTS]:
        raise SealWrong(f"(#{entry.position} is not this member of the group)")
    if entry.position >= trigger.position:
        raise SealWrong(f"(#{entry.position} is not older than the trigger)")


def _included(entry: Entry, path: Sequence[bytes], size: int, root: bytes) -> None:
    if not 0 < entry.position <= size:
        raise SealWrong(f"(#{entry.position} is not under the checkpoint)")
    try:
        check.inclusion(entry.leaf, entry.position - 1, size, path, root)
    except ProofError as fault:
        raise SealWrong(f"(#{entry.position} is not under the checkpoint)") from fault
