"""Wrapping: a plaintext is encrypted to each keeper in turn, so that only all of them together can read it.

    ciphertext = HPKE(keeper n, … HPKE(keeper 2, HPKE(keeper 1, plaintext)))

RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; `info` is E in ASCII, `aad` is empty, one
message a context. Each layer is `enc (32 bytes) ‖ ciphertext (with a tag of 16)`: 48 bytes more than it holds. The
keepers are those of the group's `ledger.seal-prepared`, in its order; the last one opens first, and the first one is
the only one who meets the plaintext.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from ledger.errors import SealWrong

LAYER_BYTES = 48
"""What each keeper adds to the size."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def wrap(plaintext: bytes, keepers: Sequence[bytes], event_digest: str) -> bytes:
    """Encrypt to the keepers' public keys (32 bytes each), the first one's layer innermost. `event_digest` is E."""
    if not keepers:
        raise ValueError("nothing is sealed without a keeper")
    layer, info = plaintext, event_digest.encode("ascii")
    for public in keepers:
        layer = _SUITE.encrypt(layer, X25519PublicKey.from_public_bytes(public), info=info)
    return layer


def unwrap(layer: bytes, private: X25519PrivateKey, event_digest: str) -> bytes:
    """Take off one keeper's layer. Raises SealWrong where it is not that keeper's, or belongs to another E."""
    try:
        return _SUITE.decrypt(layer, private, info=event_digest.encode("ascii"))
    except (InvalidTag, ValueError) as fault:
        raise SealWrong("(this layer is not encrypted to this key, or not for this event)") from fault
