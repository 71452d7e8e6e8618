"""A witness: cosigns a log's checkpoint when it continues the last one, and remembers (C2SP tlog-witness v1.0.0).

    old 20852014                                      the size that this witness cosigned last
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=      consistency proof from there, at most 63 lines
    …
                                                      an empty line, then the checkpoint's note
    example.com/log
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/log Az3grl…

Bytes in, bytes out; HTTP is `api.routes.witness`. It reads no entries and believes nobody: what it says is that of this
log it has never seen another history. So the one thing it must never do is cosign two that do not fit together, even
if it is killed at any instruction. Its memory is one SQLite file: comparing with the last size and writing the new one
is one transaction, durable (write-ahead log, synchronous FULL) before the answer leaves.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock

from ledger import clock, keychanges
from ledger.errors import CannotRun
from ledger.proofs import check, succession
from ledger.proofs.checkpoint import Checkpoint, cosign, verify
from ledger.proofs.failures import BadSignature, ProofError, ProofFailed, Unreadable, Unsigned
from ledger.proofs.keys import NOTE, Signer, VerifierKey
from ledger.proofs.note import Note
from ledger.proofs.policy import NONE, Log, Policy
from ledger.proofs.receipt import Receipt
from ledger.proofs.succession import KeyChange, extended
from ledger.proofs.text import base64, decimal, unbase64
from ledger.proofs.tree import EMPTY_ROOT

MAX_BYTES = 100_000
"""Bytes a request may have."""

MAX_HASHES = 63
FILE = "witness.sqlite"
BUSY_SECONDS = 10
"""How long a request waits for another process that has the same memory open."""

SILENT = timedelta(hours=25)
"""A log without a new checkpoint for this long stands still (decisions 7)."""

SIZE_MEDIA = "text/x.tlog.size"
TEXT_MEDIA = "text/plain; charset=utf-8"

_TABLES = """
CREATE TABLE IF NOT EXISTS log (
    origin TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    since TEXT NOT NULL, contradiction TEXT NOT NULL
) STRICT;
"""
_KNOWN = "INSERT INTO log VALUES (?, 0, ?, '', ?, '') ON CONFLICT DO NOTHING"
_LAST = "SELECT size, root FROM log WHERE origin = ?"
_MOVE = "UPDATE log SET size = ?, root = ?, note = ?, since = ? WHERE origin = ?"
_SAME = "UPDATE log SET note = ? WHERE origin = ?"
_CONTRADICT = "UPDATE log SET contradiction = ? WHERE origin = ? AND contradiction = ''"
_ALL = "SELECT origin, size, root, since, contradiction FROM log ORDER BY origin"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness answers: an HTTP status, a media type, and the body."""

    status: int
    body: str
    media: str = TEXT_MEDIA


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness remembers of a log. `since`: when it last grew; `contradiction`: a note of another history."""

    origin: str
    size: int
    root: bytes
    since: str
    contradiction: str

    def alarms(self) -> list[str]:
        """What whoever watches this log should know, in both languages."""
        found = []
        if clock.now() - clock.parse(self.since) > SILENT:
            found.append(f"自 {self.since} 起没有检查点 · no checkpoint since {self.since}")
        if self.contradiction:
            found.append(f"台账曾签署同一条数的另一个根 · the log has signed another root of one size: {self.origin}")
        return found


@dataclass(frozen=True, slots=True)
class Request:
    """A request's parts, none of them checked against anything."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "Request":
        """Raises Unreadable."""
        if len(body) > MAX_BYTES:
            raise Unreadable(f"(request: over {MAX_BYTES} bytes)")
        head, empty, note = body.partition(b"\n\n")
        first, *lines = head.decode("utf-8", "replace").split("\n")
        if not empty or not first.startswith("old ") or len(lines) > MAX_HASHES:
            raise Unreadable(f'(request: "old" and a size, up to {MAX_HASHES} hashes, an empty line, the checkpoint)')
        proof = tuple(unbase64(line, "hash", 32) for line in lines)
        parsed = Note.parse(note)
        return cls(decimal(first[4:], "old size"), proof, parsed, Checkpoint.parse(parsed.text))


def request(old: int, proof: Iterable[bytes], note: str) -> str:
    """The body that asks a witness: its last size, the proof from there, the checkpoint's note."""
    return "".join([f"old {old}\n", *(f"{base64(hash_)}\n" for hash_ in proof), "\n", note])


class Witness:
    """Cosigns for the logs whose keys it was given; safe to share between threads.

    One memory may be opened by several processes: SQLite makes their transactions follow each other.
    """

    def __init__(self, memory: Path, signer: Signer, logs: Iterable[VerifierKey]) -> None:
        self.signer = signer
        self._keys: dict[str, list[VerifierKey]] = {}
        for key in logs:
            if key.kind != NOTE:
                raise CannotRun(f"{key.text}: 不是台账的公钥 · no log's key")
            self._keys.setdefault(key.name, []).append(key)
        self._lock = Lock()
        self._db = self.prepare(memory)
        present = clock.stamp(clock.now())
        for origin in self._keys:
            self._db.execute(_KNOWN, (origin, EMPTY_ROOT, present))

    @staticmethod
    def prepare(memory: Path) -> sqlite3.Connection:
        """Open the memory in a folder, or begin an empty one."""
        memory.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(memory / FILE, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_TABLES + keychanges.TABLE)
        return db

    def close(self) -> None:
        """Give the memory back."""
        self._db.close()

    def follow_key(self, receipt: Receipt) -> KeyChange:
        """Take the next key of a log from the receipt of the entry that names it, for good.

        Raises CannotRun unless a key of that log known here has signed the receipt's checkpoint.
        """
        with self._lock:
            logs = [Log(key) for keys in self._keys.values() for key in keys]
            policy = extended(Policy(tuple(logs), (), (), NONE), keychanges.remembered(self._db))
            try:
                change = succession.accept(receipt, policy)
                clock.parse(change.both_until)
            except (ProofError, ValueError) as fault:
                raise CannotRun(f"回执未证明密钥更换 · the receipt proves no change of a key: {fault}") from fault
            keychanges.remember(self._db, change)
        return change

    def keys(self, origin: str) -> list[VerifierKey]:
        """The keys of a log that count now: those given, and those that follow them."""
        changes = keychanges.remembered(self._db)
        return succession.in_force(self._keys.get(origin, []), changes, keychanges.over_at(clock.now()))

    def seen(self) -> list[Seen]:
        """What is remembered, by origin."""
        with self._lock:
            return [Seen(*row) for row in self._db.execute(_ALL).fetchall()]

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request, in the order of the specification.

        1. 400: it cannot be read.                             2. 404: the origin is not known.
        3. 403: no good signature by a key of that log.        4. 400: the old size is above the checkpoint's.
        5. 409: the old size is not the last one cosigned; the body is the last one, as text/x.tlog.size.
        6. 422: the proof does not hold, or at the same size the root is another one.
        7. 200: remembered; the body is the cosignature's line.
        """
        try:
            asked = Request.parse(body)
        except ProofError as fault:
            return Answer(400, f"{fault}\n")
        if asked.checkpoint.origin not in self._keys:
            return Answer(404, "不为此台账见证 · this log is not known here\n")
        try:
            with self._lock:
                keys = self.keys(asked.checkpoint.origin)
            verify(asked.note, keys)
        except (BadSignature, Unsigned) as fault:
            return Answer(403, f"{fault}\n")
        if asked.old > asked.checkpoint.size:
            return Answer(400, "old 大于检查点的条数 · the old size is above the checkpoint's\n")
        with self._lock:
            return self._compare_and_persist(asked)

    def _compare_and_persist(self, asked: Request) -> Answer:
        """Steps 5 to 7, in one transaction: nobody else reads the last size before this one's is on the disk."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            answer = self._judge(asked)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return answer

    def _judge(self, asked: Request) -> Answer:
        wanted = asked.checkpoint
        size, root = self._db.execute(_LAST, (wanted.origin,)).fetchone()
        if asked.old != size:
            return Answer(409, f"{size}\n", SIZE_MEDIA)
        try:
            _continues(asked, root)
        except ProofFailed as fault:
            if wanted.size == size and wanted.root != root:
                self._db.execute(_CONTRADICT, (asked.note.full, wanted.origin))
            return Answer(422, f"{fault}\n")
        present = clock.now()
        line = cosign(wanted, self.signer, int(present.timestamp())).line
        if wanted.size > size:
            moved = (wanted.size, wanted.root, asked.note.full, clock.stamp(present), wanted.origin)
            self._db.execute(_MOVE, moved)
        else:
            self._db.execute(_SAME, (asked.note.full, wanted.origin))
        return Answer(200, line)


def _continues(asked: Request, root: bytes) -> None:
    """Whether the checkpoint continues what was cosigned, `root` at size `asked.old`. Raises ProofFailed.

    Size 0 is the protocol's own case: every log begins with nothing, so there is no proof, and one root only.
    """
    wanted = asked.checkpoint
    if asked.old > 0:
        check.consistency(asked.old, root, wanted.size, wanted.root, asked.proof)
    elif asked.proof or (wanted.size == 0 and wanted.root != EMPTY_ROOT):
        raise ProofFailed(wanted.root)
