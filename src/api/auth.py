"""Keys: who posts. A key is 32 random bytes behind `slk_`; only its SHA-256 is kept, and it is shown once.

A key has so much entropy that a plain hash cannot be searched; no slow hash is needed. What it decides is the
*poster*: the organisation, its role as an organ, and `via` (`key:` and the first 12 digits of its hash).
"""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

from psycopg import Connection

from ledger import clock
from ledger.admission import Poster
from ledger.errors import Unknown
from ledger.store.postgres import Log

PREFIX = "slk_"
REMEMBER_SECONDS = 5.0
"""How long a key that was found is not looked up again: a revocation takes effect within this."""

_PID_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key as it is shown once, and what it posts as."""

    text: str = field(repr=False)
    poster: Poster


def random_pid() -> str:
    """A random pseudonymous id: `p` and 25 of 0-9a-z (about 129 bits)."""
    return "p" + "".join(secrets.choice(_PID_LETTERS) for _ in range(25))


def make_key(owner: Connection[tuple[object, ...]], *, org: str, organ: str, name: str) -> MadeKey:
    """Make and keep a key for an organisation; `owner` is a connection of the database's owner."""
    text = PREFIX + secrets.token_urlsafe(32)
    poster = _poster(digest(text), org, organ, random_pid())
    owner.execute(
        "INSERT INTO access.key (digest, org, organ, pid, name, made_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (digest(text), org, organ, poster.pid, name, clock.now()),
    )
    return MadeKey(text, poster)


def digest(key: str) -> str:
    """What is kept of a key: hex SHA-256."""
    return sha256(key.encode()).hexdigest()


class Keys:
    """Looks keys up; safe to share between threads. Remembers what it found for a few seconds."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._found: dict[str, tuple[float, Poster]] = {}
        self._lock = Lock()

    def poster(self, authorization: str | None) -> Poster:
        """The poster of an `Authorization: Bearer slk_…` header. Raises Unknown."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.startswith(PREFIX):
            raise Unknown("Authorization: Bearer slk_…")
        wanted = digest(key.strip())
        with self._lock:
            known = self._found.get(wanted)
        if known is not None and clock.ticks() - known[0] < REMEMBER_SECONDS:
            return known[1]
        with self._log.connection() as connection:
            row = connection.execute("SELECT org, organ, pid FROM access.key WHERE digest = %s", (wanted,)).fetchone()
        if row is None:
            raise Unknown()
        poster = _poster(wanted, *row)
        with self._lock:
            self._found = {name: one for name, one in self._found.items() if clock.ticks() - one[0] < REMEMBER_SECONDS}
            self._found[wanted] = (clock.ticks(), poster)
        return poster


def _poster(hashed: str, org: str, organ: str, pid: str) -> Poster:
    return Poster(org=org, organ=organ, via=f"key:{hashed[:12]}", pid=pid)
