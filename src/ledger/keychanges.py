"""What a program remembers of changes of a log's key, beside its other memory: one table in its SQLite file.

Signer, mirror and witness each keep their own; what a change is and when a key counts is `ledger.proofs.succession`.
"""

import sqlite3
from datetime import datetime

from ledger import clock
from ledger.proofs.keys import VerifierKey
from ledger.proofs.succession import KeyChange, Over

TABLE = """
CREATE TABLE IF NOT EXISTS key_change (
    position INTEGER NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL PRIMARY KEY, both_until TEXT NOT NULL
) STRICT;
"""
_REMEMBER = "INSERT INTO key_change VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_ALL = "SELECT position, old, new, both_until FROM key_change ORDER BY position"


def over_at(present: datetime) -> Over:
    """Whether, at a moment, the old key of a change counts no more."""
    return lambda change: present > clock.parse(change.both_until)


def remember(db: sqlite3.Connection, change: KeyChange) -> None:
    """Keep a change; within the caller's transaction, where it has one."""
    db.execute(_REMEMBER, (change.position, change.old.text, change.new.text, change.both_until))


def remembered(db: sqlite3.Connection) -> list[KeyChange]:
    """All changes, in the order of the log."""
    rows = db.execute(_ALL).fetchall()
    return [
        KeyChange(position, VerifierKey.parse(old), VerifierKey.parse(new), until) for position, old, new, until in rows
    ]
