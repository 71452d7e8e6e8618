"""The bytes of sealed events: what a group is called, which token a member bears, what its entry and plaintext are.

A **group** holds what the same events open on the same stream: `lot:A01-1#trading.bid-opened`. It has a key K of 32
bytes. `ledger.seal-prepared` commits to it before anything is sealed, `ledger.seal-opened` or `-closed` tells it.

    commitment  = SHA-256(K)                                            lower-case hex
    token i     = HMAC-SHA256(K, "sunledger/seal/v1\\n" ‖ decimal i)     i = 1, 2, 3 … without gap; lower-case hex

A member's entry has one size whatever it hides: its event is `{"_sd":["<E>"]}`, its poster `{"_sd":["<P>"]}`, its only
link `seal:<token>` at ordinal 1.

    E = digest of [salt, "event", <committed event>]                            salt: of the poster's seed, pointer ""
    P = digest of [salt, "poster", {"poster":…, "proof":… or null, "received":…}]   salt: drawn by the ledger

Whoever does not know K sees a count of entries and nothing else: no lot, no type, no poster, no order within a slot.
"""

import hmac
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from ledger.entry import SEALED_TYPE
from ledger.errors import SealWrong
from ledger.secrecy import b64, digest, disclosure, seeded, unb64

KEY_BYTES = 32
BLOCK = 4096
"""A plaintext is a multiple of this."""

TYPE = SEALED_TYPE
"""What stands for the type of a sealed entry in the table of entries."""

SOURCE = ""
"""What stands for its source: (`""`, E) is its idempotency key."""

TAG_PREFIX = "seal:"
SPARE = 64
"""How many tokens behind the last one must be nowhere in the log."""

PREPARED, OPENED, CLOSED = "ledger.seal-prepared.v1", "ledger.seal-opened.v1", "ledger.seal-closed.v1"

_LABEL = b"sunledger/seal/v1\n"
_LENGTH = 4


def group_of(stream: str, openers: Iterable[str]) -> str:
    """The group on a stream (a tag) of what any of these event types opens; types without version."""
    return f"{stream}#{','.join(sorted(openers))}"


def parts_of(group: str) -> tuple[str, frozenset[str]]:
    """Stream and opening types of a group's name; a month, in a group sealed to a body, is one "type"."""
    stream, _, openers = group.rpartition("#")
    return stream, frozenset(openers.split(","))


def month_of(group: str) -> str:
    """The month of a group that is sealed to a body."""
    return group.rpartition("#")[2]


def commitment(key: bytes) -> str:
    """SHA-256 of a group's key, in hex."""
    return sha256(key).hexdigest()


def token(key: bytes, number: int) -> str:
    """Token i of a group's key, in hex."""
    return hmac.digest(key, _LABEL + str(number).encode(), "sha256").hex()


def tag_of(token_: str) -> str:
    """The only tag that a sealed entry bears."""
    return TAG_PREFIX + token_


def event_disclosure(event: Mapping[str, Any], seed: bytes) -> str:
    """The disclosure whose digest is E. `event`: as committed, without `seed`. The poster can compute it too."""
    return disclosure(seeded(seed, event["source"], event["id"])(""), "event", event)


def poster_disclosure(salt: str, poster: Mapping[str, Any], proof: Mapping[str, Any] | None, received: str) -> str:
    """The disclosure whose digest is P."""
    return disclosure(salt, "poster", {"poster": poster, "proof": proof, "received": received})


def value_of(text: str) -> Any:
    """What a disclosure of an event or a poster shows. Raises ValueError."""
    found = json.loads(unb64(text))
    if not isinstance(found, list) or len(found) != 3:
        raise ValueError("not [salt, name, value]")
    return found[2]


def salt_of(text: str) -> str:
    """The salt of a disclosure. Raises ValueError."""
    salt, _, _ = json.loads(unb64(text))
    return str(salt)


def drawn_salt() -> str:
    """A salt of the ledger's own, for P."""
    return b64(os.urandom(16))


def hidden(digest_: str) -> dict[str, list[str]]:
    """What stands for an event or a poster in a sealed entry."""
    return {"_sd": [digest_]}


def pack(disclosures: Sequence[str]) -> bytes:
    """The plaintext: `uint32 BE length ‖ lines`, zero-padded to a multiple of 4,096 bytes.

    The first line is the event's disclosure, the second the poster's, the others those of the event's own fields.
    """
    raw = "".join(f"{line}\n" for line in disclosures).encode("ascii")
    size = _LENGTH + len(raw)
    return len(raw).to_bytes(_LENGTH, "big") + raw + bytes(-size % BLOCK)


def unpack(plaintext: bytes) -> list[str]:
    """The disclosures of a plaintext: the event's, the poster's, the fields'. Raises SealWrong."""
    length = int.from_bytes(plaintext[:_LENGTH], "big")
    raw, rest = plaintext[_LENGTH : _LENGTH + length], plaintext[_LENGTH + length :]
    if not plaintext or len(plaintext) % BLOCK or len(raw) != length or any(rest) or len(rest) >= BLOCK:
        raise SealWrong("(the plaintext is not padded as it should be)")
    if not raw.isascii():
        raise SealWrong("(the plaintext is no text)")
    lines = raw.decode("ascii").split("\n")
    if len(lines) < 3 or lines.pop():
        raise SealWrong("(the plaintext holds no event and poster)")
    return lines


def digests_of(disclosures: Sequence[str]) -> tuple[str, str]:
    """E and P of an unpacked plaintext."""
    return digest(disclosures[0]), digest(disclosures[1])


def key_text(key: bytes) -> str:
    """A key of 32 bytes as events hold it: base64url without padding."""
    return b64(key)


def key_bytes(text: object) -> bytes:
    """The 32 bytes of a key in an event. Raises SealWrong."""
    try:
        key = unb64(text) if isinstance(text, str) else b""
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SealWrong("(a key is 32 bytes in base64url)")
    return key
