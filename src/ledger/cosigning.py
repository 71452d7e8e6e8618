"""The log as its witnesses' client: asks all of them at once, waits shortly, never lets one of them hold posts up.

    cosigners = Cosigners(policy)
    gathered = cosigners.gather(note, prove)      # prove(old, new) → consistency proof, from `ledger.store.tiles`
    if gathered.met:
        publish(gathered.note)                    # the note with the cosignatures that were right
    cosigners.states()                            # for `status`: who is slow, dead, lying, and since when

Each witness has a desk (`ledger.asking`): a thread with one connection, and one place for work, the newest checkpoint.
A witness that hangs is left behind and gets the next one when it comes back; nobody waits for it. `gather` returns
when the quorum is met and, a little later, when those that usually answer have answered too; at the latest after
`wait` seconds.
"""

from dataclasses import dataclass
from threading import Condition

from ledger import clock
from ledger.asking import Desk, Prove, State
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy

__all__ = ["Cosigners", "Gathered", "Prove", "State"]

WAIT_SECONDS = 2.0
"""How long a checkpoint waits for its quorum."""

MORE_SECONDS = 0.2
"""How long, with the quorum met, it waits for the other witnesses that usually answer."""

LEAST_SECONDS = 0.1
"""A witness that answers within this is never called slow."""

TIMEOUT_SECONDS = 5.0
"""How long a witness may be silent within one request."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The note with every cosignature that came in time; whether the policy's quorum is met; by whom, as the policy
    names them."""

    note: str
    met: bool
    names: tuple[str, ...]


class Cosigners:
    """The witnesses of one policy. `gather` is called by one thread; `states` by any."""

    def __init__(
        self,
        policy: Policy,
        *,
        wait: float = WAIT_SECONDS,
        more: float = MORE_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._policy = policy
        self._wait, self._more = wait, more
        self._news = Condition()
        self._desks = [Desk(one, self._news, timeout, max(more, LEAST_SECONDS)) for one in policy.witnesses]

    def gather(self, note: str, prove: Prove) -> Gathered:
        """Ask every witness to cosign a checkpoint's note, and wait as the module says. Never raises for a witness.

        Raises Unreadable where the note is no checkpoint's.
        """
        parsed = Note.parse(note)
        Checkpoint.parse(parsed.text)
        for desk in self._desks:
            desk.ask(parsed, prove)
        with self._news:
            end = clock.ticks() + self._wait
            while not self._met(parsed) and any(map(Desk.is_busy, self._desks)) and self._pause(end):
                pass
            end = min(end, clock.ticks() + self._more)
            while any(desk.is_busy() and desk.is_usual() for desk in self._desks) and self._pause(end):
                pass
            lines = {desk.witness.name: line for desk in self._desks if (line := desk.line_for(parsed)) is not None}
            for desk in self._desks:
                desk.left_behind()
        new = {(line.name, line.id) for line in lines.values()}
        kept = tuple(each for each in parsed.signatures if (each.name, each.id) not in new)
        return Gathered(Note(parsed.text, (*kept, *lines.values())).full, self._policy.met(lines), tuple(lines))

    def states(self) -> list[State]:
        """Every witness, in the order of the policy."""
        with self._news:
            return [desk.state for desk in self._desks]

    def alarms(self) -> list[str]:
        """What is wrong with witnesses right now, for `status`."""
        return [alarm for state in self.states() if (alarm := state.alarm) is not None]

    def close(self) -> None:
        """Stop asking. A request under way ends by its own time limit."""
        for desk in self._desks:
            desk.close()

    def _met(self, note: Note) -> bool:
        return self._policy.met(desk.witness.name for desk in self._desks if desk.line_for(note) is not None)

    def _pause(self, end: float) -> bool:
        """Wait for news until `end`; False when that has passed."""
        left = end - clock.ticks()
        return left > 0 and (self._news.wait(left) or True)
