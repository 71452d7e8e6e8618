"""The signer's way to its witnesses: asks them, tells what they are, gives a note back once enough have cosigned.

    witnessing = Witnessing(dsn, Policy.parse(raw))
    Signer(folder, witnessing)                 # asks for every checkpoint, and every minute where none is new

The consistency proofs come from the database, which is a suspect: a proof is handed out only when it leads to the
signer's own root. So a damaged tile is our fault (`unasked`), never held against the witness that would refuse it.
"""

import logging
from collections.abc import Sequence

from ledger import clock
from ledger.asking import State
from ledger.cosigning import MORE_SECONDS, WAIT_SECONDS, Cosigners
from ledger.errors import CannotRun
from ledger.proofs import check
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.store import witnesses
from ledger.store.postgres import Log
from ledger.store.tiles import consistency_proof, root_at

TELL_SECONDS = 10.0
"""How often what has not changed is told again: so a reader sees that the signer still asks."""

_log = logging.getLogger(__name__)


class Witnessing:
    """Called with a signed note by one thread at a time. Opens connections of its own; `close` gives them back."""

    def __init__(self, dsn: str, policy: Policy, *, wait: float = WAIT_SECONDS, more: float = MORE_SECONDS) -> None:
        self._log = Log(dsn, "signer", connections=max(2, min(len(policy.witnesses), 8)))
        self._cosigners = Cosigners(policy, wait=wait, more=more)
        self._told: list[State] = []
        self._told_at = 0.0

    def __call__(self, note: str) -> str | None:
        """The note with what the witnesses added in time; None while the quorum is not met. Never raises for one."""
        wanted = Checkpoint.parse(Note.parse(note).text)
        gathered = self._cosigners.gather(note, lambda old, new: self._proof(old, new, wanted))
        self._tell()
        if not gathered.met:
            _log.warning("too few witnesses for the checkpoint of %d entries: %s", wanted.size, gathered.names)
        return gathered.note if gathered.met else None

    def close(self) -> None:
        """Stop asking."""
        self._cosigners.close()
        self._log.close()

    def _proof(self, old: int, new: int, wanted: Checkpoint) -> Sequence[bytes]:
        """Raises ProofFailed or Broken where the database's tiles do not lead to what was signed."""
        path = consistency_proof(self._log, old, new)
        check.consistency(old, root_at(self._log, old), new, wanted.root, path)
        return path

    def _tell(self) -> None:
        """To `house.witness`, when something changed and now and then. That it cannot be told holds nothing up."""
        states = self._cosigners.states()
        changed = [(one.name, one.state, one.detail) for one in states] != [
            (one.name, one.state, one.detail) for one in self._told
        ]
        if not changed and clock.ticks() - self._told_at < TELL_SECONDS:
            return
        try:
            witnesses.tell(self._log, states)
        except CannotRun as away:
            _log.warning("nobody could be told of the witnesses: %s", away)
            return
        self._told, self._told_at = states, clock.ticks()
