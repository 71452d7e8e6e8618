"""The newest published checkpoint, and who waits for one that covers his entry.

One thread follows `house.checkpoint` (a NOTIFY as a hint, a look every second). A note that is not signed by the log's
key, where that is known, is left aside and named as an alarm: the database can hold any text.
"""

import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

import psycopg

from ledger.errors import Broken, CannotRun, LedgerError, NotFound
from ledger.proofs import check
from ledger.proofs.checkpoint import Checkpoint, verify
from ledger.proofs.failures import ProofError
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt, make
from ledger.signing import keyfile
from ledger.store import checkpoints
from ledger.store.follow import Follower
from ledger.store.postgres import Log
from ledger.store.tiles import inclusion_proof

WAIT_SECONDS = 5.0
"""How long a post waits for its receipt."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """A published note and what it says; whether the policy's quorum has cosigned it, where there is a policy."""

    note: str
    checkpoint: Checkpoint
    met: bool = True


@dataclass(slots=True)
class _Waiting:
    size: int
    answer: "Future[Published]" = field(default_factory=Future)


class Checkpoints:
    """What was published, as of now. `follow` runs in a thread of its own; the rest is safe to share."""

    def __init__(self, log: Log, signer: Path | None, policy: Policy | None = None) -> None:
        self._log = log
        self._folder = signer
        self._policy = policy
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._newest: Published | None = None
        self.failure: LedgerError | None = None

    @property
    def newest(self) -> Published | None:
        """The newest one that is known to be good; None before the first."""
        return self._newest

    def alarms(self) -> list[str]:
        """That the newest checkpoint has too few cosignatures: seen in the note itself, whatever anybody tells."""
        known = self._newest
        if known is None or known.met:
            return []
        size = known.checkpoint.size
        return [
            f"最新检查点（{size} 条）见证不足，须以 `sunledger checkpoint` 另取一份 · the newest checkpoint "
            f"({size} entries) has too few cosignatures; `sunledger checkpoint` makes another"
        ]

    def covering(self, size: int) -> "Future[Published]":
        """The first checkpoint from now on that covers `size` entries; done at once where there is one."""
        waiting = _Waiting(size)
        waiting.answer.set_running_or_notify_cancel()
        with self._lock:
            if self._newest is not None and self._newest.checkpoint.size >= size:
                waiting.answer.set_result(self._newest)
            else:
                self._waiting.append(waiting)
        return waiting.answer

    def forget(self, answer: "Future[Published]") -> None:
        """Nobody waits for it any more."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one.answer is not answer]

    def look(self) -> Published | None:
        """Read the newest now. Raises Broken where it is not what the log's key signed."""
        note = checkpoints.newest(self._log)
        known = self._newest
        if note is None or (known is not None and note == known.note):
            return known
        found = self._checked(note)
        with self._lock:
            if known is None or found.checkpoint.size >= known.checkpoint.size:
                self._newest = known = found
            covered = [one for one in self._waiting if one.size <= known.checkpoint.size]
            self._waiting = [one for one in self._waiting if one.size > known.checkpoint.size]
        for one in covered:
            one.answer.set_result(known)
        return known

    def receipt(self, position: int, covered_by: Published | None = None, *, entry: bool = False) -> Receipt | None:
        """The receipt of an entry under this checkpoint or the newest; None while none covers it.

        With `entry` it carries the entry's bytes. Raises NotFound for no entry, Broken where the proof does not hold.
        """
        known = covered_by or self._newest
        found = self._log.entry(position)
        if found is None:
            raise NotFound(f"(#{position})")
        if known is None or known.checkpoint.size < position:
            return None
        size, root = known.checkpoint.size, known.checkpoint.root
        path = inclusion_proof(self._log, position, size)
        try:
            check.inclusion(found.leaf, position - 1, size, path, root)
        except ProofError as fault:
            raise Broken("the database does not hold the entry that was signed", position=position) from fault
        return make(position, path, known.note, found.raw if entry else None)

    def follow(self, stop: Event) -> None:
        """Follow until told to stop."""
        follower: Follower | None = None
        while not stop.is_set():
            try:
                follower = follower or Follower(self._log.dsn, channel=checkpoints.CHANNEL)
                self.look()
                self.failure = None
                follower.wait()
            except Broken as forged:
                self.failure = forged
                stop.wait(1)
            except (CannotRun, psycopg.OperationalError) as away:
                _log.info("checkpoints are not followed for the moment: %s", away)
                if follower is not None:
                    follower.close()
                follower = None
                stop.wait(1)
        if follower is not None:
            follower.close()

    def _checked(self, note: str) -> Published:
        """Its signatures by keys known here are right: the signer's own, and those of the policy. Raises Broken."""
        policy = self._policy
        keys = keyfile.public(self._folder) if self._folder is not None else None
        logs = [] if policy is None else [log.key for log in policy.logs]
        if keys is not None:
            logs = list(dict.fromkeys([*keys.logs, *logs]))
        try:
            if not logs:
                return Published(note, Checkpoint.parse(Note.parse(note).text))
            signed = verify(note, logs, () if policy is None else [witness.key for witness in policy.witnesses])
            return Published(note, signed.checkpoint, policy is None or policy.is_met_by(signed.cosigned))
        except ProofError as fault:
            raise Broken(f"a published checkpoint is not what was signed: {fault}") from fault
