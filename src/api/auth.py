"""Keys: who posts. A key is 32 random bytes behind `slk_`; only its SHA-256 is kept, and it is shown once.

A key has so much entropy that a plain hash cannot be searched; no slow hash is needed. What it decides is the
*poster*: the organisation, its role as an organ, and `via` (`key:` and the first 12 digits of its hash). Those digits
are also the name by which a key is listed and taken away; the key itself appears in no log line and no error.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock

from psycopg import Connection

from ledger import clock, codes
from ledger.admission import Poster
from ledger.contracts import schemas
from ledger.errors import CannotRun, NotFound, Unknown
from ledger.store.postgres import Log

PREFIX = "slk_"
REMEMBER_SECONDS = 5.0
"""How long a key that was found is not looked up again: a revocation takes effect within this."""

NAMED_BY = 12
"""Hex digits of a key's hash that name it."""

_KEY = re.compile(r"slk_[A-Za-z0-9_-]{43}")
_ORG = re.compile(r"[0-9A-Z]{1,36}")
_PID_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NO_KEY_FOR = "SYS"
"""The ledger itself posts from inside; a key for it could speak in the ledger's own name."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key as it is shown once, and what it posts as."""

    text: str = field(repr=False)
    poster: Poster


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What is kept of a key: its name in `via`, who it posts as, its label, and when it was made."""

    via: str
    org: str
    organ: str
    name: str
    made_at: str


def random_pid() -> str:
    """A random pseudonymous id: `p` and 25 of 0-9a-z (about 129 bits)."""
    return "p" + "".join(secrets.choice(_PID_LETTERS) for _ in range(25))


def make_key(owner: Connection[tuple[object, ...]], *, org: str, organ: str, name: str) -> MadeKey:
    """Make and keep a key for an organisation; `owner` is a connection of the database's owner.

    Raises CannotRun where code or organ are none that a poster can have.
    """
    organs = {code for code in codes.load(schemas() / "codes")["organs"].codes if code != _NO_KEY_FOR}
    if organ not in organs:
        raise CannotRun(f"机构身份应为 · the organ is one of: {', '.join(sorted(organs))}")
    if _ORG.fullmatch(org) is None:
        raise CannotRun("单位代码应为 1–36 位数字或大写字母 · the organisation's code is 1 to 36 of 0-9 A-Z")
    text = PREFIX + secrets.token_urlsafe(32)
    poster = _poster(digest(text), org, organ, random_pid())
    owner.execute(
        "INSERT INTO access.key (digest, org, organ, pid, name, made_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (digest(text), org, organ, poster.pid, name, clock.now()),
    )
    return MadeKey(text, poster)


def kept_keys(owner: Connection[tuple[object, ...]]) -> list[KeptKey]:
    """All keys, oldest first."""
    rows = owner.execute("SELECT digest, org, organ, name, made_at FROM access.key ORDER BY made_at, digest").fetchall()
    return [
        KeptKey(_via(str(digest)), str(org), str(organ), str(name), _stamp(made))
        for digest, org, organ, name, made in rows
    ]


def take_away(owner: Connection[tuple[object, ...]], via: str) -> None:
    """Forget a key by its name (`key:` and 12 digits). Raises NotFound where no key has it."""
    named = via.removeprefix("key:")
    if len(named) != NAMED_BY:
        raise NotFound(f"({via})")
    gone = owner.execute("DELETE FROM access.key WHERE left(digest, %s) = %s", (NAMED_BY, named)).rowcount
    if gone == 0:
        raise NotFound(f"({via})")


def digest(key: str) -> str:
    """What is kept of a key: hex SHA-256."""
    return sha256(key.encode()).hexdigest()


class Keys:
    """Looks keys up; safe to share between threads. Remembers what it found for a few seconds."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._found: dict[str, tuple[float, Poster]] = {}
        self._lock = Lock()

    def remembered(self, authorization: str | None) -> Poster | None:
        """The poster, if its key was looked up a moment ago; asks nobody. Raises Unknown for what is no key at all."""
        known = self._found.get(digest(_key(authorization)))
        return known[1] if known is not None and clock.ticks() - known[0] < REMEMBER_SECONDS else None

    def poster(self, authorization: str | None) -> Poster:
        """The poster of an `Authorization: Bearer slk_…` header, from the database. Raises Unknown."""
        hashed = digest(_key(authorization))
        with self._log.connection() as connection:
            row = connection.execute("SELECT org, organ, pid FROM access.key WHERE digest = %s", (hashed,)).fetchone()
        if row is None:
            raise Unknown()
        poster = _poster(hashed, *row)
        present = clock.ticks()
        with self._lock:
            kept = {name: one for name, one in self._found.items() if present - one[0] < REMEMBER_SECONDS}
            self._found = {**kept, hashed: (present, poster)}
        return poster


def _key(authorization: str | None) -> str:
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or _KEY.fullmatch(key.strip()) is None:
        raise Unknown("(Authorization: Bearer slk_…)")
    return key.strip()


def _poster(hashed: str, org: str, organ: str, pid: str) -> Poster:
    return Poster(org=org, organ=organ, via=_via(hashed), pid=pid)


def _stamp(made: object) -> str:
    return clock.stamp(made) if isinstance(made, datetime) else str(made)


def _via(hashed: str) -> str:
    return f"key:{hashed[:NAMED_BY]}"
