"""Commit, do not copy: secret members of an event become digests, and can be shown later (`ledger-format` 2).

    taken = commit(event, contract.secrets, seed)     # Committed(event with `_sd`, disclosures)
    restore(taken.event, [one.text for one in taken.disclosures]) == event

A disclosure is base64url of the JSON array `[salt, name, value]`; its digest, the SHA-256 of that text, stands in the
`_sd` of the object the member was taken out of (RFC 9901 writes them the same way). Each object carries one digest for
**every** member that its contract declares secret there, an absent one as `null`: neither their number nor their order
says what was given. `public` and `internal` members stay; `commercial`, `personal`, `dic`, `vault` and sealed ones are
taken out; a member without a class has that of the object around it, in the end that of the contract. A secret object
or list is one value, of the strictest class found in it. Pure functions, and nothing here knows where a disclosure is
kept.
"""

import hmac
import json
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ledger.canonical import encode
from ledger.errors import DisclosureWrong
from ledger.fields import SECRET, Schema, step

DIGESTS = "_sd"
"""The member that holds an object's digests; no submission may use the name."""

SALT_BYTES = 16
SEED_BYTES = 32

CLASSES = ("public", "internal", "commercial", "personal", "dic", "vault")
"""From what everybody may see to what nobody may see without more: of two classes the later one is stricter."""

_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")

SaltOf = Callable[[str], str]
"""The salt of the member at a JSON pointer."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A member that its contract declares secret. `sealed`: event types that open it; `secrecy`: its class then."""

    name: str
    secrecy: str
    sealed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is secret in an object or a list: its own members, and what lies in members or items that stay."""

    members: tuple[Secret, ...] = ()
    inner: tuple[tuple[str, "Secrets"], ...] = ()
    items: "Secrets | None" = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What shows one member: `text` is the disclosure, `digest` stands in the entry, `pointer` says where."""

    digest: str
    text: str
    pointer: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Committed:
    """An event as it is committed, and what shows the members that were taken out of it."""

    event: dict[str, Any]
    disclosures: tuple[Disclosure, ...]


def declared(schema: Schema, inherited: str) -> Secrets | None:
    """What a contract (with its class) or a field declares secret; None where nothing is."""
    members, inner = [], []
    for name, field in schema.get("properties", {}).items():
        secrecy = field.get("x-secrecy", inherited)
        if isinstance(secrecy, dict):
            members.append(Secret(name, _strictest(field, secrecy["then"]), tuple(secrecy["sealed"])))
        elif secrecy in SECRET:
            members.append(Secret(name, _strictest(field, secrecy)))
        elif (below := declared(field, secrecy)) is not None:
            inner.append((name, below))
    items = declared(schema["items"], schema["items"].get("x-secrecy", inherited)) if "items" in schema else None
    return Secrets(tuple(members), tuple(inner), items) if members or inner or items is not None else None


def _strictest(field: Schema, own: str) -> str:
    """The strictest class of a field and of all that lies in it."""
    found = own
    for below in [*field.get("properties", {}).values(), *([field["items"]] if "items" in field else [])]:
        named = below.get("x-secrecy", own)
        inside = _strictest(below, named["then"] if isinstance(named, dict) else named)
        found = max(found, inside, key=CLASSES.index)
    return found


def commit(event: Mapping[str, Any], secrets: Secrets | None, seed: bytes | None = None) -> Committed:
    """The committed event. `event` fits its contract and has no attribute `seed`; it is not changed.

    With a seed (32 bytes of the poster's) every salt comes from it, so that the poster can compute the same bytes;
    without one they are drawn, and no two commits of one event are equal.
    """
    if secrets is None:
        return Committed(dict(event), ())
    salt_of = drawn_salt if seed is None else seeded(seed, event["source"], event["id"])
    return recommit(event, secrets, salt_of)


def recommit(event: Mapping[str, Any], secrets: Secrets | None, salt_of: SaltOf) -> Committed:
    """`commit` with the salts of an earlier one: whether a repeat is the same content is judged by these bytes."""
    if secrets is None:
        return Committed(dict(event), ())
    found: list[Disclosure] = []
    data = _take(event["data"], secrets, "/data", salt_of, found)
    return Committed({**event, "data": data}, tuple(found))


def drawn_salt(_: str) -> str:
    """A salt that nobody can compute again: 16 random bytes."""
    return b64(os.urandom(SALT_BYTES))


def seeded(seed: bytes, source: str, id: str) -> SaltOf:
    """Salts of a poster's seed: the first 16 bytes of HMAC-SHA256(seed, source, LF, id, LF, JSON pointer)."""
    head = f"{source}\n{id}\n"

    def salt(pointer: str) -> str:
        return b64(hmac.digest(seed, (head + pointer).encode(), "sha256")[:SALT_BYTES])

    return salt


def disclosure(salt: str, name: str, value: Any) -> str:
    """The disclosure of a member as this program writes it: canonical JSON in base64url without padding."""
    return b64(encode([salt, name, value]))


def digest(text: str) -> str:
    """What stands in an entry for a disclosure, however that was written."""
    return b64(sha256(text.encode("ascii")).digest())


def read(text: str) -> tuple[str, str, Any]:
    """Salt, name and value of a disclosure, taken as given. Raises DisclosureWrong."""
    try:
        found = json.loads(unb64(text))
    except (ValueError, RecursionError) as fault:
        raise DisclosureWrong("(no JSON in base64url)") from fault
    if not (isinstance(found, list) and len(found) == 3 and isinstance(found[0], str) and isinstance(found[1], str)):
        raise DisclosureWrong("(not [salt, name, value])")
    if found[1] in (DIGESTS, "...") or _hides(found[2]):
        raise DisclosureWrong("(a disclosed value hides digests of its own)")
    return found[0], found[1], found[2]


def restore(event: Mapping[str, Any], disclosures: Iterable[str]) -> dict[str, Any]:
    """The event with the members shown that `disclosures` are of; digests of the others stay where they are.

    A member that was absent (`null`) stays absent. Raises DisclosureWrong where a disclosure is none, belongs to no
    digest of the event, or would restore a name that stands there already.
    """
    waiting = {digest(text): text for text in disclosures}
    restored: dict[str, Any] = _restored(event, waiting)
    if waiting:
        raise DisclosureWrong(f"({len(waiting)} of them belong to no digest here)")
    return restored


def digests(value: Any) -> list[str]:
    """Every digest in a committed event, sorted."""
    return sorted(one for _, held in hidden(value) for one in held)


def is_digest(value: object) -> bool:
    """Whether a value has the form of a digest."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def hidden(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Each object of a committed event that hides members: its JSON pointer, and its digests (if it is well formed)."""
    if isinstance(value, dict):
        if DIGESTS in value:
            yield pointer, value[DIGESTS]
        for name, inner in value.items():
            yield from hidden(inner, step(pointer, name)) if name != DIGESTS else ()
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from hidden(item, f"{pointer}/{index}")


def at(secrets: Secrets | None, pointer: str) -> tuple[Secret, ...]:
    """The members declared secret in the object at a JSON pointer (from `/data`); none where the contract has none."""
    parts = pointer.split("/")[1:]
    if parts[:1] != ["data"]:
        return ()
    for part in parts[1:]:
        if secrets is None:
            break
        name = part.replace("~1", "/").replace("~0", "~")
        secrets = secrets.items if secrets.items is not None else dict(secrets.inner).get(name)
    return secrets.members if secrets is not None else ()


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding. Raises ValueError for anything else."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except NotBase64 as fault:
        raise ValueError("not base64url") from fault
    if b64(raw) != text:
        raise ValueError("not base64url as one writer would write it")
    return raw


def _take(value: Any, secrets: Secrets, pointer: str, salt_of: SaltOf, found: list[Disclosure]) -> Any:
    if secrets.items is not None:
        return [_take(item, secrets.items, f"{pointer}/{n}", salt_of, found) for n, item in enumerate(value)]
    kept = dict(value)
    for name, inner in secrets.inner:
        if name in kept:
            kept[name] = _take(kept[name], inner, f"{pointer}/{name}", salt_of, found)
    if secrets.members:
        here = []
        for secret in secrets.members:
            place = f"{pointer}/{secret.name}"
            text = disclosure(salt_of(place), secret.name, kept.pop(secret.name, None))
            here.append(digest(text))
            found.append(Disclosure(here[-1], text, place, secret))
        kept[DIGESTS] = sorted(here)
    return kept


def _restored(value: Any, waiting: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_restored(item, waiting) for item in value]
    if not isinstance(value, Mapping):
        return value
    shown = {name: _restored(inner, waiting) for name, inner in value.items() if name != DIGESTS}
    names = set(shown)
    closed = []
    for one in value.get(DIGESTS, ()):
        text = waiting.pop(one, None)
        if text is None:
            closed.append(one)
            continue
        _, name, found = read(text)
        if name in names:
            raise DisclosureWrong(f"(the name {name[:64]!r} stands there already)")
        names.add(name)
        if found is not None:
            shown[name] = found
    if closed:
        shown[DIGESTS] = closed
    return shown


def _hides(value: Any) -> bool:
    if isinstance(value, dict):
        return DIGESTS in value or any(_hides(inner) for inner in value.values())
    return isinstance(value, list) and any(_hides(item) for item in value)
