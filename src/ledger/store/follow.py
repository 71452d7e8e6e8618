"""Waiting for news: PostgreSQL's NOTIFY as a hint, a look every second in any case."""

from psycopg.sql import SQL, Identifier

from ledger.store.connect import connect

EVERY_SECONDS = 1.0


class Follower:
    """One connection that listens for appends, or on another channel for its news; used by one thread.

    A hint may be missed (a lost connection, a restart), so `wait` never waits longer than a second: whoever follows
    reads `position > last` after each return and can neither miss an entry nor see n+1 before n.
    """

    def __init__(self, dsn: str, role: str = "reader", channel: str = "ledger") -> None:
        self._connection = connect(dsn, role)
        self._connection.execute(SQL("LISTEN {}").format(Identifier(channel)))

    def wait(self, seconds: float = EVERY_SECONDS) -> None:
        """Return at the next append or after `seconds`. Raises psycopg.OperationalError on a lost connection."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            return

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
