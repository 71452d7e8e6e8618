"""Where a ledger lives, from the command line or the environment: a folder with its own PostgreSQL, or a DSN.

    --data DIR   SUNLEDGER_DATA   embedded PostgreSQL under DIR, started when it is not running
    --dsn DSN    SUNLEDGER_DSN    any PostgreSQL from 15 on
    --vault DIR  SUNLEDGER_VAULT  the vault of secret members; with --data it is DIR/vault unless said otherwise

One of the first two must be given; the command line wins over the environment.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.errors import CannotRun
from ledger.proofs.failures import ProofError
from ledger.proofs.policy import Policy
from ledger.store import embedded
from ledger.store.connect import Connection, connect
from ledger.store.sql import migrations

CONNECT_SECONDS = 10
"""How long a server may take to answer before a command says that it is away."""

DOCUMENT_LIMIT = 2_000_000_000
"""Bytes that a document may have where nothing else is said: an afternoon's recording."""

NO_LEDGER = "这里还没有台账，请先 sunledger init · no ledger stands here yet; `sunledger init` founds one"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or a DSN, exactly one of them; and the folder of the vault, where one is known."""

    data: Path | None
    dsn: str | None
    vault: Path | None = None

    @property
    def keepers(self) -> Path | None:
        """The folder of the keepers, beside the vault; None where none is known."""
        return None if self.vault is None else self.vault.parent / "keepers"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs. `told` lets HTTP posts into a ledger whose clock is told."""

    host: str = "127.0.0.1"
    port: int = 8000
    told: bool = False
    body_limit: int = 8_000_000
    """Bytes a request may have."""
    console: bool = True
    schemas: Path | None = None
    """Another schemas folder than the shipped one: a city's own event types and code lists stand there too."""
    documents: Path | None = None
    """The folder of the document store; None: this server keeps none."""
    document_limit: int = DOCUMENT_LIMIT
    """Bytes a document may have."""
    signer: Path | None = None
    """The folder of the signer's memory, where it is known: the log is compared with it, its keys are shown."""
    policy: Path | None = None
    """The policy file: which witnesses the signer asks, and how many are enough; None asks none."""
    vault: Path | None = None
    """The folder of the vault; without one posts with secret members are refused, and nothing secret is shown."""
    keepers: Path | None = None
    """The folder that says who keeps what is sealed; without one, or without a vault, nothing is sealed."""
    slot: float | None = None
    """Seconds that sealed posts wait for each other; None for the usual minute."""


def place(
    data: str | None, dsn: str | None, vault: str | None = None, *, environment: Mapping[str, str] = os.environ
) -> Place:
    """The place that arguments and environment name. Raises CannotRun when they name none, or two at once."""
    kept = vault or environment.get("SUNLEDGER_VAULT")
    given = ("--data", "--dsn")
    if not data and not dsn:
        given = ("SUNLEDGER_DATA", "SUNLEDGER_DSN")
        data, dsn = environment.get("SUNLEDGER_DATA"), environment.get("SUNLEDGER_DSN")
    if data and dsn:
        raise CannotRun(f"{given[0]} 与 {given[1]} 只能给一个 · give {given[0]} or {given[1]}, not both")
    if data:
        return Place(Path(data), None, Path(kept) if kept else Path(data) / "vault")
    if dsn:
        return Place(None, dsn, Path(kept) if kept else None)
    raise CannotRun(
        "请用 --data DIR 或 --dsn DSN 指明台账所在 · say where the ledger is: --data DIR or --dsn DSN "
        "(or SUNLEDGER_DATA, SUNLEDGER_DSN)"
    )


def memory_folder(where: Place, given: Path | None = None) -> Path | None:
    """The folder of the signer: the one given, or `signer` beside an embedded server; None where neither is known."""
    return given if given is not None or where.data is None else where.data / "signer"


def policy_file(signer: Path | None, given: Path | None = None) -> Path | None:
    """The policy file: the one given, or `policy` beside the signer's folder where there is one; None for no policy.

    Raises CannotRun where the one given is not there.
    """
    if given is not None and not given.is_file():
        raise CannotRun(f"{given}: 没有这个策略文件 · there is no such policy file")
    if given is not None or signer is None:
        return given
    beside = signer.parent / "policy"
    return beside if beside.is_file() else None


def read_policy(file: Path | None) -> Policy | None:
    """The policy of a file; None for none. Raises CannotRun where it cannot be read, naming file and line."""
    if file is None:
        return None
    try:
        return Policy.parse(file.read_bytes())
    except (ProofError, OSError) as fault:
        raise CannotRun(f"{file}: {fault}") from fault


def documents_folder(where: Place, given: Path | None = None) -> Path | None:
    """The folder of the documents: the one given, or `documents` beside an embedded server; None where unknown."""
    return given if given is not None or where.data is None else where.data / "documents"


@contextmanager
def opened(where: Place) -> Iterator[str]:
    """The DSN of a place where a ledger stands, while it is in use.

    Raises CannotRun when no ledger stands there, it is of an earlier edition, or the server is away.
    """
    with reached(where) as dsn:
        with connect(dsn, None) as owner:
            _demand_ledger(owner)
        yield dsn


@contextmanager
def reached(where: Place, *, make: bool = False) -> Iterator[str]:
    """The DSN of a place while it is in use; an embedded server that nobody else uses is stopped afterwards.

    Only with `make` is a new cluster made: a mistyped folder must not become an empty ledger. Raises CannotRun when
    there is none, or the server does not answer.
    """
    if where.dsn is not None:
        dsn = _bounded(where.dsn)
        connect(dsn, None).close()
        yield dsn
        return
    if where.data is None:
        raise CannotRun("a place without folder and DSN")
    if not make and not (where.data / "pg" / "PG_VERSION").exists():
        raise CannotRun(f"{where.data}: {NO_LEDGER}")
    server = embedded.start(where.data)
    try:
        yield server.dsn
    finally:
        server.stop()


def _bounded(dsn: str) -> str:
    """The DSN with a limit to waiting. Raises CannotRun, not repeating it, where it is none: it may hold a password."""
    try:
        stated = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as wrong:
        raise CannotRun(
            "DSN 格式不对，例 · this is no DSN; write it like: "
            "postgresql://user@host/database, or host=… user=… dbname=…"
        ) from wrong
    return dsn if "connect_timeout" in stated else make_conninfo(dsn, connect_timeout=CONNECT_SECONDS)


def _demand_ledger(owner: Connection) -> None:
    for table in ("ledger.entry", "house.migration"):
        found = owner.execute("SELECT pg_catalog.to_regclass(%s) IS NOT NULL", (table,)).fetchone()
        if found is None or not found[0]:
            raise CannotRun(NO_LEDGER)
    ran = {str(row[0]) for row in owner.execute("SELECT name FROM house.migration").fetchall()}
    if any(name not in ran for name, _ in migrations()):
        raise CannotRun(
            "数据库是旧版，请先 sunledger init · the database is of an earlier edition; run `sunledger init`"
        )
