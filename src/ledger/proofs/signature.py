"""A poster's own signature over what it posted: who said it no longer rests on the operator's word.

    {"alg":"Ed25519","kid":"k-2026-01","sig":"ZoWh6…"}                                    beside the event, as `proof`
    {"alg":"ES256","batch":{"index":3,"path":["9f…"],"size":8},"kid":"k-7","sig":"…"}     of one batch of eight

    signed for one event   sunledger/event/v1 ␊ <origin> ␊ <canonical committed event>
    signed for a batch     sunledger/batch/v1 ␊ <origin> ␊ <size> ␊ <hex RFC 6962 root over those event bytes>

The origin of the log and the event's own source and id are under the signature, so it is worth nothing in another log
and nothing a second time. Of a batch each event carries its own path, so each stands alone.

`alg` is Ed25519 (RFC 8032) or ES256 (RFC 7518 section 3.4: P-256 with SHA-256, signature r ‖ s of 64 bytes). `x5c`
(RFC 7515 section 4.1.6, here base64 of DER, leaf first) is the chain of certificates by which a key is introduced;
`by` are further signatures over the same bytes, of those who vouch for it. Values are base64url without padding.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.proofs.check import root_from
from ledger.proofs.failures import BadSignature, Unreadable
from ledger.proofs.text import base64, unbase64
from ledger.proofs.tree import leaf_hash, node_hash

ED25519 = "Ed25519"
ES256 = "ES256"
LENGTH = 64
"""Bytes of a signature, of either algorithm."""

MOST = 8
"""Certificates of a chain, and those who vouch, at the most."""

_KID = re.compile(r"[!-~]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Batch:
    """An event's place among those that were signed together: `index` from 0, `size`, the path of an RFC 6962 proof."""

    index: int
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as an entry's `proof` states it; `sig` are 64 bytes."""

    alg: str
    kid: str
    sig: bytes
    batch: Batch | None = None
    x5c: tuple[bytes, ...] = ()
    by: "tuple[Signature, ...]" = ()

    @classmethod
    def read(cls, stated: object) -> "Signature":
        """From the member `proof` of an entry, or of a submission. Raises Unreadable."""
        return _read(stated, nested=False)

    def stated(self) -> dict[str, Any]:
        """What the entry says: made of text, integers, lists and objects."""
        said: dict[str, Any] = {"alg": self.alg, "kid": self.kid, "sig": base64url(self.sig)}
        if self.batch is not None:
            path = [one.hex() for one in self.batch.path]
            said["batch"] = {"index": self.batch.index, "path": path, "size": self.batch.size}
        if self.x5c:
            said["x5c"] = [base64(one) for one in self.x5c]
        if self.by:
            said["by"] = [one.stated() for one in self.by]
        return said

    def message(self, origin: str, event: bytes) -> bytes:
        """The bytes that were signed, if this signature is of that event. Raises ProofFailed for an impossible path."""
        if self.batch is None:
            return event_message(origin, event)
        batch = self.batch
        return batch_message(origin, batch.size, root_from(leaf_hash(event), batch.index, batch.size, batch.path))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key to check with: Ed25519 of 32 bytes, or a point of P-256, compressed (33 bytes) or not (65)."""

    alg: str
    raw: bytes
    _loaded: Ed25519PublicKey | EllipticCurvePublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_loaded", _loaded(self.alg, self.raw))

    @classmethod
    def read(cls, alg: str, text: str) -> "PublicKey":
        """From the algorithm's name and base64url. Raises Unreadable."""
        return cls(alg, unbase64url(text, "public key"))

    @classmethod
    def of(cls, key: object) -> "PublicKey":
        """Of a key of the `cryptography` package, as a certificate holds it. Raises Unreadable for other kinds."""
        if isinstance(key, Ed25519PublicKey):
            return cls(ED25519, key.public_bytes(Encoding.Raw, PublicFormat.Raw))
        if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
            return cls(ES256, key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        raise Unreadable("(public key: neither Ed25519 nor P-256)")

    @property
    def text(self) -> str:
        """Base64url, as `party.key-registered` states it."""
        return base64url(self.raw)

    def check(self, message: bytes, sig: bytes) -> None:
        """Returns if `sig` is this key's signature of `message`, else raises BadSignature."""
        try:
            if isinstance(self._loaded, Ed25519PublicKey):
                self._loaded.verify(sig, message)
            else:
                half = LENGTH // 2
                dss = encode_dss_signature(int.from_bytes(sig[:half], "big"), int.from_bytes(sig[half:], "big"))
                self._loaded.verify(dss, message, ECDSA(SHA256()))
        except InvalidSignature as fault:
            raise BadSignature from fault

    def made(self, message: bytes, sig: bytes) -> bool:
        """Whether `sig` is this key's signature of `message`."""
        try:
            self.check(message, sig)
        except BadSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A poster's key with the id under which it is registered."""

    kid: str
    key: Ed25519PrivateKey | EllipticCurvePrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """What others check with."""
        return PublicKey.of(self.key.public_key())

    def sign(self, message: bytes) -> bytes:
        """64 bytes over a message."""
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(message)
        half = LENGTH // 2
        r, s = decode_dss_signature(self.key.sign(message, ECDSA(SHA256())))
        return r.to_bytes(half, "big") + s.to_bytes(half, "big")

    def of_event(self, origin: str, event: bytes) -> Signature:
        """The signature of one event, given as its canonical committed bytes."""
        return Signature(self.public.alg, self.kid, self.sign(event_message(origin, event)))

    def of_batch(self, origin: str, events: Sequence[bytes]) -> list[Signature]:
        """One signature over many events, given as their canonical committed bytes: for each what it carries."""
        root, paths = _tree([leaf_hash(event) for event in events])
        sig, alg, size = self.sign(batch_message(origin, len(events), root)), self.public.alg, len(events)
        return [Signature(alg, self.kid, sig, Batch(index, size, tuple(path))) for index, path in enumerate(paths)]


def check(signature: Signature, key: PublicKey, origin: str, event: bytes) -> None:
    """Returns if `key` signed this event (canonical committed bytes) for this log. Raises BadSignature, ProofFailed."""
    if signature.alg != key.alg:
        raise BadSignature
    key.check(signature.message(origin, event), signature.sig)


def event_message(origin: str, event: bytes) -> bytes:
    """What is signed for one event."""
    return b"sunledger/event/v1\n%b\n%b" % (origin.encode(), event)


def batch_message(origin: str, size: int, root: bytes) -> bytes:
    """What is signed for `size` events with this RFC 6962 root."""
    return b"sunledger/batch/v1\n%b\n%d\n%b" % (origin.encode(), size, root.hex().encode())


def base64url(value: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def unbase64url(text: str, what: str, length: int | None = None) -> bytes:
    """The bytes of a base64url text, `length` of them if given. Raises Unreadable for any spelling but our own."""
    try:
        value = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as fault:
        raise Unreadable(f"({what}: no base64url)") from fault
    if base64url(value) != text:
        raise Unreadable(f"({what}: not the canonical base64url)")
    if length is not None and len(value) != length:
        raise Unreadable(f"({what}: {len(value)} bytes, wanted {length})")
    return value


def _loaded(alg: str, raw: bytes) -> Ed25519PublicKey | EllipticCurvePublicKey:
    try:
        if alg == ED25519:
            return Ed25519PublicKey.from_public_bytes(raw)
        if alg == ES256:
            return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except ValueError as fault:
        raise Unreadable("(public key: no key of this algorithm)") from fault
    raise Unreadable("(public key: an algorithm that is not known here)")


def _read(stated: object, *, nested: bool) -> Signature:
    if not isinstance(stated, Mapping) or not stated.keys() <= {"alg", "kid", "sig", "batch", "x5c", "by"}:
        raise Unreadable("(proof: alg, kid, sig, and perhaps batch, x5c, by)")
    alg, kid, sig = (stated.get(name) for name in ("alg", "kid", "sig"))
    if alg not in (ED25519, ES256) or not isinstance(kid, str) or _KID.fullmatch(kid) is None:
        raise Unreadable("(proof: alg is Ed25519 or ES256, kid is 1 to 64 visible ASCII characters)")
    if not isinstance(sig, str):
        raise Unreadable("(proof: no sig)")
    x5c, by = stated.get("x5c", []), stated.get("by", [])
    lists = isinstance(x5c, list) and isinstance(by, list) and len(x5c) <= MOST and len(by) <= MOST
    if not lists or (nested and (x5c or by or "batch" in stated)) or not all(isinstance(one, str) for one in x5c):
        raise Unreadable("(proof: x5c and by are short lists, of the outer signature only)")
    return Signature(
        str(alg),
        kid,
        unbase64url(sig, "sig", LENGTH),
        _read_batch(stated["batch"]) if "batch" in stated else None,
        tuple(unbase64(one, "certificate") for one in x5c),
        tuple(_read(one, nested=True) for one in by),
    )


def _read_batch(stated: object) -> Batch:
    if not isinstance(stated, Mapping) or stated.keys() != {"index", "path", "size"}:
        raise Unreadable("(batch: index, path, size)")
    index, path, size = stated["index"], stated["path"], stated["size"]
    numbers = type(index) is int and type(size) is int and 0 <= index < size
    if not numbers or not isinstance(path, list) or len(path) > MOST * LENGTH:
        raise Unreadable("(batch: 0 ≤ index < size, and a path)")
    if not all(isinstance(one, str) and _HASH.fullmatch(one) for one in path):
        raise Unreadable("(batch: the path is made of hashes in lower-case hex)")
    return Batch(index, size, tuple(bytes.fromhex(one) for one in path))


def _tree(leaves: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """The root of RFC 6962 section 2.1 and the path of each leaf (2.1.1)."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    (left, before), (right, behind) = _tree(leaves[:cut]), _tree(leaves[cut:])
    return node_hash(left, right), [*[[*path, right] for path in before], *[[*path, left] for path in behind]]
