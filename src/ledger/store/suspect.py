"""Reading the log as a suspect: bytes by COPY, never answers.

A database can show each reader other rows: policies, views, a `search_path` a role, child tables, broken indexes. So
the verifier asks for nothing but the tables' own bytes: `COPY ledger.<table> (…) TO STDOUT (FORMAT binary)` scans the
heap, refuses views and leaves children out. All tables are read side by side, one connection each, in one exported
snapshot, read-only, with an empty `search_path`, `row_security = off` (a hiding policy becomes an error) and
`synchronize_seqscans = off` (a scan begins at the first page).

    stream = signature(11) ‖ int32 flags = 0 ‖ int32 length of extension = 0 ‖ row… ‖ int16 -1
    row    = int16 fields ‖ (int32 length ‖ bytes)…          (PostgreSQL manual, COPY, "Binary Format")

PostgreSQL sends one message a row (manual, "COPY operations": "always one per row"), so a message is a row.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from struct import Struct, error
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import generators, pq

from ledger.errors import Broken, CannotRun
from ledger.store.connect import Connection, connect

COLUMNS = {
    "entry": ("position", "type", "leaf", "entry"),
    "event_key": ("source", "id", "position"),
    "tag": ("tag", "position", "ordinal"),
    "tile": ("level", "idx", "hashes"),
    "disclosure": ("digest", "position", "key_id", "nonce", "ciphertext"),
}
"""The five tables of the log, and the order in which their columns are read."""

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_FIELDS = Struct("!h")
_LENGTH = Struct("!i")


class Suspect:
    """One snapshot of a database, read table by table through connections that trust nothing.

    Raises CannotRun when the server is away.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._open = ExitStack()
        try:
            self.main = self._begin(None)
            self._snapshot = str(self._one("SELECT pg_catalog.pg_export_snapshot()"))
        except BaseException:
            self._open.close()
            raise

    def _begin(self, snapshot: str | None) -> Connection:
        connection = connect(self._dsn, None)
        self._open.callback(connection.close)
        try:
            connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if snapshot is not None:
                connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
            for setting in ("search_path = ''", "row_security = off", "synchronize_seqscans = off"):
                connection.execute(f"SET LOCAL {setting}".encode())
            connection.execute("SET LOCAL statement_timeout = 0")
        except psycopg.Error as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault
        return connection

    def _one(self, sql: str) -> Any:
        try:
            row = self.main.execute(sql.encode()).fetchone()
        except psycopg.Error as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault
        return row[0] if row else None

    def about(self) -> int:
        """How many entries the server says there are: for the progress bar, for nothing else; 0 where it cannot."""
        try:
            row = self._begin(None).execute(b"SELECT coalesce(max(position), 0) FROM ledger.entry").fetchone()
        except psycopg.Error:
            return 0
        return int(row[0]) if row else 0

    def manifests(self) -> list[bytes]:
        """What is kept as manifests of erasures; one counts only if the log states its hash."""
        try:
            rows = self._begin(self._snapshot).execute("SELECT manifest FROM house.erasure ORDER BY sha256").fetchall()
        except psycopg.Error:
            return []  # then what they erased is missing, and is said to be
        return [str(row[0]).encode() for row in rows]

    def copy(self, table: str) -> "Copy":
        """The rows of a table, in the order of the heap. Raises Broken when the table cannot be read so."""
        return Copy(self._begin(self._snapshot), table)

    def close(self) -> None:
        """End the snapshot and give all connections back."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Copy:
    """The rows of one table as COPY messages, taken in pieces; used by one thread."""

    def __init__(self, connection: Connection, table: str) -> None:
        self._connection = connection
        self._began = False
        self._ended = False
        self._failure: Broken | None = None
        sql = f"COPY ledger.{table} ({', '.join(COLUMNS[table])}) TO STDOUT (FORMAT binary)"
        try:
            connection.pgconn.send_query(sql.encode())
            result = connection.wait(generators.execute(connection.pgconn))[-1]
            if result.status != pq.ExecStatus.COPY_OUT:
                raise psycopg.errors.error_from_result(result)
        except psycopg.Error as fault:
            raise _meaning(fault) from fault

    def take(self, count: int) -> list[bytes]:
        """Up to `count` rows, fewer only at the end of the table or before damage, which the next call raises.

        Raises Broken when the bytes cannot be read or are no such stream, CannotRun when the server goes away.
        """
        if self._failure is not None:
            raise self._failure
        rows: list[bytes] = []
        try:
            self._take(rows, count)
        except Broken as failure:
            self._failure = failure
            if not rows:
                raise
        return rows

    def _take(self, rows: list[bytes], count: int) -> None:
        get, append = self._connection.pgconn.get_copy_data, rows.append
        while len(rows) < count and not self._ended:
            size, data = get(1)
            if size > len(_TRAILER) and self._began:
                append(bytes(data))
                continue
            if size == 0:
                self._receive()
                size, data = get(1)
            self._meet(bytes(data) if size > 0 else self._wait(), rows)

    def _meet(self, row: bytes, rows: list[bytes]) -> None:
        """A message that may be the first, the last or one that had to be waited for."""
        if not self._began:
            row = self._begin(row)
        if row == _TRAILER:
            self._end()
        elif row:
            rows.append(row)

    def _receive(self) -> None:
        """Take what has arrived, without waiting."""
        try:
            self._connection.pgconn.consume_input()
        except psycopg.OperationalError as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault

    def _wait(self) -> bytes:
        """The next message when it has not arrived yet."""
        answer = self._answer()
        if answer is None:
            raise Broken("a COPY stream without its end")
        return answer

    def _answer(self) -> bytes | None:
        """Wait for a message, or for the good end of the command (None)."""
        try:
            answer = self._connection.wait(generators.copy_from(self._connection.pgconn))
        except psycopg.Error as fault:
            raise _meaning(fault) from fault
        return bytes(answer) if isinstance(answer, memoryview) else None

    def _begin(self, first: bytes) -> bytes:
        if not first.startswith(_HEADER):
            raise Broken("not a binary COPY stream")
        self._began = True
        return first[len(_HEADER) :]

    def _end(self) -> None:
        self._ended = True
        if self._answer() is not None:
            raise Broken("a COPY stream goes on behind its end")


def _meaning(fault: psycopg.Error) -> Broken | CannotRun:
    """The server is away or lacks something, or we have not the rights: cannot run. All else is said of the log."""
    if isinstance(fault, (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege)):
        return CannotRun(f"PostgreSQL: {fault}")
    return Broken(f"{fault.sqlstate}: {fault.diag.message_primary or fault}")


def fields(row: bytes, count: int) -> list[bytes | None]:
    """The fields of a row, None for NULL. Raises Broken unless there are `count` and they fill the row exactly."""
    try:
        (found,) = _FIELDS.unpack_from(row)
        values: list[bytes | None] = []
        at = _FIELDS.size
        for _ in range(found):
            (length,) = _LENGTH.unpack_from(row, at)
            at += _LENGTH.size
            values.append(None if length == -1 else row[at : at + length])
            at += max(length, 0)
            if length < -1 or at > len(row):
                break
    except error as fault:
        raise Broken("a COPY row is cut short") from fault
    if found != count or at != len(row) or len(values) != count:
        raise Broken("a COPY row has other fields than were asked for")
    return values


def row_of(values: Sequence[bytes]) -> bytes:
    """The COPY row of some fields: what a table must hold, in the form in which it will be read."""
    parts = [_FIELDS.pack(len(values))]
    for value in values:
        parts.append(_LENGTH.pack(len(value)))
        parts.append(value)
    return b"".join(parts)
