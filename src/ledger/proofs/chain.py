"""A chain of certificates that introduces a poster's key: from the key's own certificate to an issuer recognised here.

    introduced(signature.x5c, issuers, at=recorded)      # → the leaf's PublicKey and the names its subject goes by

RFC 5280 section 6.1, as far as it concerns a short chain without policies: each certificate is issued and signed by the
next, the last by a recognised issuer; each is valid at the moment asked about; each issuer is a CA, may sign
certificates, and stands no higher than its path length allows; the leaf may sign. An extension that is critical and not
understood here ends the check, as the standard demands (section 4.2). Any number of issuers can be recognised beside
each other. Revocation lists are not read: `party.key-revoked` in the log says from when a key is good no longer.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509.oid import ExtensionOID, NameOID

from ledger.proofs.failures import BadSignature, Unreadable
from ledger.proofs.signature import PublicKey

SECOND = len("2026-11-22T01:00:00")
"""Of a moment as text, what is compared: certificates know no smaller part."""

_UNDERSTOOD = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE})
_STRONG = (SHA256, SHA384, SHA512)
_NAMES = (NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_IDENTIFIER)


def introduced(
    x5c: Sequence[bytes], issuers: Sequence[x509.Certificate], *, at: str
) -> tuple[PublicKey, frozenset[str]]:
    """The key of the leaf (`x5c`: DER, leaf first) and the register numbers its subject states.

    `at` is UTC, as an entry states `recorded`. Raises BadSignature where the chain does not hold, and Unreadable.
    """
    try:
        chain = [x509.load_der_x509_certificate(one) for one in x5c]
        if not chain:
            raise BadSignature("(no certificate)")
        anchor = next((one for one in issuers if _issued(chain[-1], one)), None)
        if anchor is None:
            raise BadSignature("(the chain ends at no issuer that is recognised here)")
        if chain[-1] != anchor:
            chain.append(anchor)
        _demand_sound(chain, at)
        leaf = chain[0]
        names = frozenset(str(found.value) for oid in _NAMES for found in leaf.subject.get_attributes_for_oid(oid))
        return PublicKey.of(leaf.public_key()), names
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as fault:
        raise Unreadable(f"(certificate: {type(fault).__name__})") from fault


def _demand_sound(chain: Sequence[x509.Certificate], at: str) -> None:
    for height, one in enumerate(chain):
        if (
            not one.not_valid_before_utc.isoformat()[:SECOND]
            <= at[:SECOND]
            <= one.not_valid_after_utc.isoformat()[:SECOND]
        ):
            raise BadSignature(f"(certificate {height}: not valid at that moment)")
        if any(found.critical and found.oid not in _UNDERSTOOD for found in one.extensions):
            raise BadSignature(f"(certificate {height}: a critical extension that is not understood here)")
        usage = _usage(one)
        if height == 0:
            if usage is not None and not usage.digital_signature:
                raise BadSignature("(certificate 0: its key may not sign)")
            continue
        if not _issued(chain[height - 1], one):
            raise BadSignature(f"(certificate {height - 1}: not issued by the next)")
        if not _may_issue(one, height - 1) or (usage is not None and not usage.key_cert_sign):
            raise BadSignature(f"(certificate {height}: may not issue certificates, or none so far below it)")


def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """`one` names this issuer and bears its signature, over a digest that is still good."""
    digest = one.signature_hash_algorithm
    if digest is not None and not isinstance(digest, _STRONG):  # Ed25519 names none
        return False
    try:
        one.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _may_issue(one: x509.Certificate, between: int) -> bool:
    """A CA, with at most as many intermediate certificates below as it allows."""
    try:
        basic = one.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return basic.ca and (basic.path_length is None or between <= basic.path_length)


def _usage(one: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return one.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
