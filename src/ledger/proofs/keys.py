"""Ed25519 keys in text, and what a signature of each kind is over (C2SP signed-note, tlog-cosignature v1.0.1).

    PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW                   the key to check with (vkey)
    PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz       the key to sign with

    vkey     = <name> + <key id, 8 hex> + base64(kind ‖ public key)
    private  = PRIVATE+KEY+ <name> + <key id> + base64(kind ‖ seed)
    key id   = SHA-256(name ‖ 0x0A ‖ kind ‖ public key)[:4]

    kind 0x01, a note's signature:       sig = Ed25519(text)                                     body = sig
    kind 0x04, a witness's cosignature:  sig = Ed25519("cosignature/v1\\ntime <t>\\n" ‖ text)     body = u64 BE t ‖ sig

The kind is part of the key id, so a key made for one kind never vouches for the other. Kind 0xff, followed by a longer
identifier, is kept free for algorithms of other countries; like every other kind it is refused as unknown.
"""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.proofs.failures import BadSignature, Unreadable
from ledger.proofs.text import MAX_NUMBER, base64, unbase64

NOTE = 0x01
"""The kind of a key that signs notes."""

COSIGNATURE = 0x04
"""The kind of a witness's key, which signs a checkpoint and the time."""

LONGEST = 1000
"""Characters a key's text may have."""


def good_name(name: str) -> bool:
    """Whether a key may have this name: not empty, no space of any script, no control character, no `+`."""
    return bool(name) and "+" not in name and not any(letter.isspace() or letter < " " for letter in name)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Four bytes that tell keys apart, and no more: whoever wants can make a key with any id."""
    return sha256(name.encode("utf-8") + b"\n" + bytes([kind]) + public).digest()[:4]


def signed_message(kind: int, text: str, at: int | None) -> bytes:
    """What Ed25519 signs. `at`: POSIX seconds for a cosignature, else None. Raises ValueError otherwise."""
    if kind == NOTE and at is None:
        return text.encode("utf-8")
    if kind == COSIGNATURE and at is not None and 0 <= at <= MAX_NUMBER:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    raise ValueError(f"a key of kind {kind:#04x} does not sign with time {at}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key of 32 bytes with its name and kind."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if not good_name(self.name) or self.kind not in (NOTE, COSIGNATURE) or len(self.public) != 32:
            raise ValueError("a key needs a name without blanks and plus signs, a kind known here and 32 bytes")

    @property
    def id(self) -> bytes:
        """The key id, four bytes."""
        return key_id(self.name, self.kind, self.public)

    @property
    def text(self) -> str:
        """The vkey."""
        return f"{self.name}+{self.id.hex()}+{base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of a vkey. Raises Unreadable: another form, a kind not known here, an id that is not of this key."""
        name, id_, kind, public = _parts(text, "vkey")
        key = cls(name, kind, public)
        if key.id.hex() != id_:
            raise Unreadable("(vkey: the key id is of another key)")
        return key

    def check(self, text: str, body: bytes) -> int | None:
        """Returns when `body` is this key's signature of a note's text: for a cosignature, its time in POSIX seconds.

        Raises BadSignature.
        """
        at, signature = (int.from_bytes(body[:8], "big"), body[8:]) if self.kind == COSIGNATURE else (None, body)
        if len(signature) != 64 or (at or 0) > MAX_NUMBER:
            raise BadSignature(f"({self.name})")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed_message(self.kind, text, at))
        except InvalidSignature as fault:
            raise BadSignature(f"({self.name})") from fault
        return at


class Signer(Protocol):
    """Whatever can sign: a key in memory, a key file, a token that never lets its key out."""

    @property
    def vkey(self) -> VerifierKey:
        """The key to check with."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 over exactly these bytes."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A signing key in memory. Its text is a secret; `repr` does not show the seed."""

    vkey: VerifierKey
    seed: bytes = field(repr=False)

    @classmethod
    def of(cls, seed: bytes, name: str, kind: int = NOTE) -> "PrivateKey":
        """The key grown from a seed of 32 bytes (RFC 8032)."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(VerifierKey(name, kind, public), seed)

    @classmethod
    def generate(cls, name: str, kind: int = NOTE) -> "PrivateKey":
        """A new key from the operating system's randomness."""
        return cls.of(secrets.token_bytes(32), name, kind)

    @property
    def text(self) -> str:
        """The private form. Whoever has it can sign in this name."""
        return f"PRIVATE+KEY+{self.vkey.name}+{self.vkey.id.hex()}+{base64(bytes([self.vkey.kind]) + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> "PrivateKey":
        """The key of a private form. Raises Unreadable; the message never holds a part of the secret."""
        if not text.startswith("PRIVATE+KEY+"):
            raise Unreadable("(private key: it begins with PRIVATE+KEY+)")
        name, id_, kind, seed = _parts(text.removeprefix("PRIVATE+KEY+"), "private key")
        key = cls.of(seed, name, kind)
        if key.vkey.id.hex() != id_:
            raise Unreadable("(private key: the key id is of another key)")
        return key

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519; the same message always gets the same signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def _parts(text: str, what: str) -> tuple[str, str, int, bytes]:
    """Name, id in hex, kind and 32 key bytes of either form."""
    parts = text.split("+", 2)
    if len(text) > LONGEST or len(parts) != 3 or not good_name(parts[0]):
        raise Unreadable(f"({what}: wanted is name+id+key)")
    try:
        parts[0].encode("utf-8")
    except UnicodeEncodeError as fault:
        raise Unreadable(f"({what}: the name is no UTF-8)") from fault
    kind, *rest = unbase64(parts[2], what) or b"\0"
    if kind not in (NOTE, COSIGNATURE):
        raise Unreadable(f"({what}: kind {kind:#04x} is not known here)")
    if len(rest) != 32:
        raise Unreadable(f"({what}: {len(rest)} key bytes, wanted 32)")
    return parts[0], parts[1], kind, bytes(rest)
