"""Brings a database to the present shape: numbered files, each run once, in order, in one transaction.

`house.migration` remembers name and SHA-256 of what ran; a file changed afterwards stops the program, since the same
number must mean the same thing everywhere.
"""

from hashlib import sha256

import psycopg

from ledger.errors import CannotRun
from ledger.store.sql import migrations, statement

_BOOK = """
CREATE SCHEMA IF NOT EXISTS house;
CREATE TABLE IF NOT EXISTS house.migration (name text COLLATE "C" PRIMARY KEY, digest text COLLATE "C" NOT NULL);
"""


def migrate(dsn: str) -> list[str]:
    """Run what has not run yet; returns the names. `dsn` must name the database's owner.

    Raises CannotRun when a migration that already ran has another text now.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_catalog.pg_advisory_xact_lock(hashtext('sunledger.migrate'))")
        connection.execute(statement("roles").encode())
        connection.execute(_BOOK.encode())
        ran: dict[str, str] = dict(connection.execute("SELECT name, digest FROM house.migration").fetchall())
        new = []
        for name, text in migrations():
            digest = sha256(text.encode()).hexdigest()
            if ran.get(name, digest) != digest:
                raise CannotRun(f"migration {name} ran with another text")
            if name not in ran:
                connection.execute(text.encode())
                connection.execute("INSERT INTO house.migration VALUES (%s, %s)", (name, digest))
                new.append(name)
    return new
