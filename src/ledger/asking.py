"""One witness as its log sees it: a thread that asks it, and what it is found to be.

What a witness answers is not believed. A cosignature counts when it is right over this text, by the key of the policy,
and made now; a size that it names is compared with the one it cosigned before.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Condition, Thread
from urllib.parse import urlsplit

from ledger import clock
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import BadSignature, ProofError
from ledger.proofs.note import Note, Signature, parse_lines
from ledger.proofs.policy import Witness
from ledger.proofs.text import decimal
from ledger.witness import SIZE_MEDIA, request

CLOCK_BOUND_SECONDS = 300
"""How far a cosignature's time may be from our clock."""

ANSWER_BYTES = 100_000
DETAIL = 200
"""Letters kept of what a witness said."""

TRIES = 3
"""How often a witness is asked for one checkpoint: it may name its size first."""

Prove = Callable[[int, int], Sequence[bytes]]
"""The consistency proof from an old size to a new one; called from several threads at once."""

OK, SLOW, DEAD, LYING, CONTRADICTING, REFUSING, UNASKED = (
    "ok",
    "slow",
    "dead",
    "lying",
    "contradicting",
    "refusing",
    "unasked",
)
TEXTS = {
    OK: ("正常", "is fine"),
    SLOW: ("迟缓", "is slow"),
    DEAD: ("无应答", "is dead"),
    LYING: ("所答不实", "is lying"),
    CONTRADICTING: ("所见历史与本台账不同", "has seen another history of this log"),
    REFUSING: ("拒绝见证", "refuses"),
    UNASKED: ("未能询问", "could not be asked"),
}
"""What a witness can be found to be.

slow           it takes longer than a checkpoint waits for those that are not needed
dead           it cannot be reached, does not answer, or answers that it is broken
lying          its signature or time is wrong, or it has forgotten what it cosigned
contradicting  it says that it has seen another history of this log: it lies, or this log was rewritten or set back
refusing       it does not know this log or its key
unasked        nothing was asked yet, there is no address, or we ourselves could make no proof
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a witness: `since` when (RFC 3339) it is so, the size it cosigned last, and what it said."""

    name: str
    state: str
    since: str
    size: int
    detail: str

    @property
    def alarm(self) -> str | None:
        """For `status`, in both languages; None where all is well."""
        if self.state == OK or (self.state == UNASKED and not self.detail):
            return None
        zh, en = TEXTS[self.state]
        told = f" ({self.detail})" if self.detail else ""
        return f"见证 {self.name} 自 {self.since} 起{zh} · witness {self.name} {en} since {self.since}{told}"


class Fault(Exception):
    """What is wrong with a witness: a state and a detail."""

    def __init__(self, state: str, detail: str) -> None:
        super().__init__(state, detail)
        self.state = state
        self.detail = "".join(letter if letter.isprintable() else " " for letter in detail[:DETAIL])


class Desk:
    """One witness: the newest work for it and its newest answer, all under `news`; its thread alone owns the rest."""

    def __init__(self, witness: Witness, news: Condition, timeout: float, patience: float) -> None:
        self.witness = witness
        self._news = news
        self._patience = patience
        self._work: tuple[Note, Prove, float] | None = None
        self._asked: Note | None = None
        self._answer: tuple[str, Signature] | None = None
        self._closed = False
        self._size = 0
        self._line = Line(witness.url or "", timeout)
        self.state = State(witness.name, UNASKED, clock.stamp(clock.now()), 0, "")
        if witness.url is not None:
            Thread(target=self._run, name=f"cosigner-{witness.name}", daemon=True).start()

    def ask(self, note: Note, prove: Prove) -> None:
        """Put work on the desk, in place of any that was not begun."""
        with self._news:
            if self.witness.url is not None and not self._closed:
                self._work = (note, prove, clock.ticks())
                self._news.notify_all()

    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._work is not None or self._asked is not None

    def is_usual(self) -> bool:
        """Whether it usually answers in time."""
        return self.state.state in (OK, UNASKED)

    def line_for(self, note: Note) -> Signature | None:
        """The cosignature over this text, if it has come."""
        return self._answer[1] if self._answer is not None and self._answer[0] == note.text else None

    def left_behind(self) -> None:
        """The checkpoint goes on without those that have not answered."""
        if self.is_busy() and self.is_usual():
            self._now(SLOW, "")

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            note, prove, since = work
            line, fault = self._try(note, prove)
            with self._news:
                self._asked = None
                if line is not None:
                    self._answer = (note.text, line)
                    self._size = Checkpoint.parse(note.text).size
                if fault is not None:
                    self._now(fault.state, fault.detail)
                else:
                    self._now(OK if clock.ticks() - since <= self._patience else SLOW, "")
                self._news.notify_all()
        self._line.hang_up()

    def _next(self) -> tuple[Note, Prove, float] | None:
        with self._news:
            while self._work is None and not self._closed:
                self._news.wait()
            work, self._work = self._work, None
            self._asked = None if work is None else work[0]
            return None if self._closed else work

    def _try(self, note: Note, prove: Prove) -> tuple[Signature | None, Fault | None]:
        """Ask. Whatever goes wrong is a fault of somebody, never the end of the thread."""
        try:
            return self._cosignature(note, prove), None
        except Fault as fault:
            found = fault
        except (OSError, HTTPException) as fault:
            found = Fault(DEAD, f"{type(fault).__name__}: {fault}")
        except Exception as fault:  # noqa: BLE001  (our own proof could not be made; the thread must go on)
            _log.exception("no proof for the witness %s", self.witness.name)
            found = Fault(UNASKED, f"{type(fault).__name__}: {fault}")
        self._line.hang_up()
        return None, found

    def _cosignature(self, note: Note, prove: Prove) -> Signature:
        wanted = Checkpoint.parse(note.text)
        old = min(self._size, wanted.size)
        for _ in range(TRIES):
            proof = prove(old, wanted.size) if 0 < old < wanted.size else ()
            status, media, body = self._line.post(request(old, proof, note.full).encode())
            if status == 200:
                return self._checked(note, body)
            if status != 409 or not media.startswith(SIZE_MEDIA):
                raise _refusal(status, body)
            old = self._named(body, wanted.size)
        raise Fault(DEAD, "it names another size each time")

    def _named(self, body: bytes, wanted: int) -> int:
        """The size it says it cosigned last. Raises Fault where that cannot be."""
        try:
            size = decimal(body.decode("ascii").removesuffix("\n"), "size")
        except (ProofError, UnicodeDecodeError) as fault:
            raise Fault(DEAD, "409 without a size") from fault
        if size < self._size:
            raise Fault(LYING, f"it cosigned {self._size} and now says {size}")
        if size > wanted:
            raise Fault(CONTRADICTING, f"it says it cosigned {size}; this checkpoint is {wanted}")
        return size

    def _checked(self, note: Note, body: bytes) -> Signature:
        """The line by this witness's key, if it is right over this text and of our time. Raises Fault."""
        key = self.witness.key
        try:
            lines = [line for line in parse_lines(body) if (line.name, line.id) == (key.name, key.id)]
            at = key.check(note.text, lines[0].body) if lines else None
        except BadSignature as fault:
            raise Fault(LYING, str(fault)) from fault
        except ProofError as fault:
            raise Fault(DEAD, str(fault)) from fault
        if at is None:
            raise Fault(LYING, "no cosignature by its key")
        if abs(at - clock.now().timestamp()) > CLOCK_BOUND_SECONDS:
            raise Fault(LYING, f"it cosigned at {at}, which is not our time")
        return lines[0]

    def _now(self, state: str, detail: str) -> None:
        before = self.state
        since = before.since if before.state == state else clock.stamp(clock.now())
        self.state = State(self.witness.name, state, since, self._size, detail)


class Line:
    """The connection to a witness, kept open between requests."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._secure, self._address = parts.scheme == "https", parts.netloc
        self._path = f"{parts.path.rstrip('/')}/add-checkpoint"
        self._timeout = timeout
        self._connection: HTTPConnection | None = None

    def post(self, body: bytes) -> tuple[int, str, bytes]:
        """Status, media type and body of the answer. Raises OSError or HTTPException."""
        kept = self._connection is not None
        try:
            return self._post(body)
        except (ConnectionError, HTTPException):
            self.hang_up()
            if not kept:
                raise
            return self._post(body)  # a kept connection may have been closed meanwhile

    def _post(self, body: bytes) -> tuple[int, str, bytes]:
        if self._connection is None:
            kind = HTTPSConnection if self._secure else HTTPConnection
            self._connection = kind(self._address, timeout=self._timeout)
        self._connection.request("POST", self._path, body, {"Content-Type": "text/plain; charset=utf-8"})
        answer = self._connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read(ANSWER_BYTES)

    def hang_up(self) -> None:
        """Close the connection; the next request opens one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _refusal(status: int, body: bytes) -> Fault:
    said = f"{status} {body[:DETAIL].decode('utf-8', 'replace').strip()}"
    if status in (409, 422):
        return Fault(CONTRADICTING, said)
    return Fault(DEAD if status >= 500 else REFUSING, said)
