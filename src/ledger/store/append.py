"""The writing side: one statement a commit, sent without waiting, answered later.

`Appender.send` puts the statement of `sql/append.sql` on the wire; `Appender.settle` waits for its answer. Between the
two the writer seals the next group: the interpreter works while PostgreSQL flushes. Parameters are binary arrays made
by `ledger.store.binary`, so a thousand entries cost no escaping.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import psycopg
from psycopg import generators, pq

from ledger.errors import Broken, CannotRun
from ledger.proofs.tree import Tile
from ledger.store import binary
from ledger.store.connect import Connection, connect, demand_durability
from ledger.store.sql import statement
from ledger.vault import Locked

_NAME = b"sunledger_append"
_WAIT_FOR_STANDBY = "SyncRepWaitForLSN"
"""The function of PostgreSQL (syncrep.c) whose warnings say that a commit was not replicated."""

_TYPES = (
    [binary.INT8, binary.BYTEA]
    + [binary.ARRAY_OF[element] for element in (binary.TEXT, binary.BYTEA, binary.BYTEA)]
    + [binary.ARRAY_OF[element] for element in (binary.TEXT, binary.TEXT, binary.INT8)]
    + [binary.ARRAY_OF[element] for element in (binary.TEXT, binary.INT8, binary.INT8)]
    + [binary.ARRAY_OF[element] for element in (binary.INT4, binary.INT8, binary.BYTEA)]
    + [binary.ARRAY_OF[element] for element in (binary.TEXT, binary.INT8, binary.BYTEA, binary.BYTEA, binary.BYTEA)]
)


@dataclass(slots=True)
class Rows:
    """The rows of one commit, on an expected head: what `send` sends."""

    size: int
    leaf: bytes
    types: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    key_offsets: list[int] = field(default_factory=list)
    """Which entry each key is of, from 1 in this commit: an opening entry may have none."""
    tags: list[str] = field(default_factory=list)
    tag_positions: list[int] = field(default_factory=list)
    tag_ordinals: list[int] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    disclosures: list[Locked] = field(default_factory=list)
    disclosure_positions: list[int] = field(default_factory=list)

    def counts(self) -> tuple[int, int, int, int, int]:
        """Entries, keys, tags, tiles and disclosures that a complete commit reports."""
        return (len(self.entries), len(self.ids), len(self.tags), len(self.tiles), len(self.disclosures))

    def parameters(self) -> list[bytes]:
        """The nineteen parameters of `sql/append.sql` in PostgreSQL's binary form."""
        return [
            binary.int8(self.size),
            self.leaf,
            binary.of_text(self.types),
            binary.of_bytes(self.leaves),
            binary.of_bytes(self.entries),
            binary.of_text(self.sources),
            binary.of_text(self.ids),
            binary.of_int8(self.key_offsets),
            binary.of_text(self.tags),
            binary.of_int8(self.tag_positions),
            binary.of_int8(self.tag_ordinals),
            binary.of_int4([tile.level for tile in self.tiles]),
            binary.of_int8([tile.index for tile in self.tiles]),
            binary.of_bytes([tile.hashes for tile in self.tiles]),
            binary.of_text([one.digest for one in self.disclosures]),
            binary.of_int8(self.disclosure_positions),
            binary.of_bytes([one.key_id for one in self.disclosures]),
            binary.of_bytes([one.nonce for one in self.disclosures]),
            binary.of_bytes([one.ciphertext for one in self.disclosures]),
        ]


class Answer(Enum):
    """How a sent commit ended."""

    COMMITTED = "committed"
    OVERTAKEN = "somebody else appended first; nothing was written"
    FAILED = "the server refused the statement; nothing was written"
    UNKNOWN = "no answer came; it may have been written"


class Appender:
    """One connection that appends, used by one thread, with at most one statement on its way."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.failure: str = ""
        """What the server said when the last answer was FAILED or UNKNOWN."""
        self._sent: Rows | None = None
        self._unreplicated = False
        self.connection = self._open()

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        """A commit whose wait for the standby was given up is durable here, and perhaps nowhere else: not an answer."""
        if notice.source_function == _WAIT_FOR_STANDBY:
            self._unreplicated = True

    def _open(self) -> Connection:
        connection = connect(self._dsn, "ledger_writer", writing=True)
        connection.add_notice_handler(self._noticed)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def reopen(self) -> None:
        """A new connection in place of a lost one. Raises CannotRun while the server is away."""
        self.connection.close()
        self._sent = None
        self.connection = self._open()

    def send(self, rows: Rows) -> None:
        """Put a commit on the wire. What goes wrong here is told by `settle`."""
        self._sent, self._unreplicated = rows, False
        parameters: Sequence[bytes] = rows.parameters()
        link = self.connection.pgconn
        try:
            link.send_query_prepared(_NAME, parameters, [pq.Format.BINARY] * len(parameters), pq.Format.BINARY)
            if link.flush():  # more than the socket takes at once
                self.connection.wait(generators.send(link))
        except psycopg.Error as fault:
            self.failure = str(fault)

    def settle(self) -> Answer:
        """Wait for the answer to what was sent. Raises Broken when it was written otherwise than sent."""
        rows, self._sent = self._sent, None
        if rows is None:
            raise RuntimeError("settle without send")
        try:
            results = self.connection.wait(generators.fetch_many(self.connection.pgconn))
        except psycopg.Error as fault:
            self.failure = str(fault)
            return Answer.UNKNOWN
        if self.connection.pgconn.status != pq.ConnStatus.OK or not results:
            self.failure = "the connection was lost"
            return Answer.UNKNOWN
        if self._unreplicated:
            self.failure = "the wait for the synchronous standby was given up"
            return Answer.UNKNOWN
        result = results[-1]
        if result.status != pq.ExecStatus.TUPLES_OK:
            self.failure = result.get_error_message()
            return Answer.FAILED
        counts = tuple(int.from_bytes(result.get_value(0, column) or b"", "big") for column in range(5))
        if counts[0] == 0:
            return Answer.OVERTAKEN
        if counts != rows.counts():
            raise Broken(f"a commit reported {counts} rows, {rows.counts()} were sent", position=rows.size + 1)
        return Answer.COMMITTED


def _prepare(connection: Connection) -> None:
    """Make a new connection ready to append. Raises UnsafeServer, or CannotRun where it is lost or no log is there."""
    try:
        demand_durability(connection)
        result = connection.pgconn.prepare(_NAME, statement("append").encode(), _TYPES)
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise CannotRun(f"PostgreSQL: {result.get_error_message()}")
