"""A poster's key is good where it was registered, vouched for and not revoked; and nowhere else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ledger.canonical import encode
from ledger.poster_keys import REGISTERED, REVOKED, PosterKeys
from ledger.proofs.failures import BadSignature, ProofError
from ledger.proofs.signature import Signature, SigningKey

ORIGIN = "simulated.sunledger.example/city"
OPERATOR = "12140300MA0TT001XR"
PARTY = "91140302MA0TT001XH"
OTHER = "12140300MA0TT03000"
SOURCE = "urn:example:bidder-1"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Issuer:
    """An authority made for the test, with a root and one intermediate certificate."""

    def __init__(self, name: str) -> None:
        self._root_key, self._key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        self.root = _certificate(name, name, self._root_key.public_key(), self._root_key, ca=1)
        self._name = f"{name} 2"
        self.middle = _certificate(self._name, name, self._key.public_key(), self._root_key, ca=0)

    def chain(self, key: SigningKey, party: str | None, **how: Any) -> tuple[bytes, ...]:
        """Leaf and intermediate, as `x5c` holds them."""
        leaf = _certificate("leaf", self._name, key.key.public_key(), self._key, party=party, **how)
        return tuple(one.public_bytes(Encoding.DER) for one in (leaf, self.middle))


def _certificate(
    subject: str,
    issuer: str,
    public: Any,
    key: EllipticCurvePrivateKey,
    *,
    ca: int | None = None,
    party: str | None = None,
    ends: datetime = NOW + 300 * DAY,
    signs: bool = True,
) -> x509.Certificate:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, subject)]
    if party is not None:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{party}"))
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(7)
        .not_valid_before(NOW - 300 * DAY)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca is not None, path_length=ca), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=signs, key_cert_sign=ca is not None, crl_sign=False, decipher_only=False, **usage
            ),
            critical=True,
        )
        .sign(key, SHA256())
    )


FIRST, SECOND, STRANGER = Issuer("First"), Issuer("Second"), Issuer("Stranger")


def _ed25519(kid: str) -> SigningKey:
    return SigningKey(kid, Ed25519PrivateKey.generate())


def _registration(key: SigningKey, how: str, party: str = PARTY, **more: Any) -> dict[str, Any]:
    data = {"party": party, "kid": key.kid, "alg": key.public.alg, "public_key": key.public.text}
    return {"data": data | {"sources": [SOURCE], "vouched_by": how} | more, "source": SOURCE, "type": REGISTERED}


class Log:
    """Keys as they stand behind entries that a test writes, one position each."""

    def __init__(self) -> None:
        self.keys = PosterKeys(ORIGIN, OPERATOR, (FIRST.root, SECOND.root))
        self.position = 1

    def add(self, event: Mapping[str, Any], proof: Signature | None = None, recorded: datetime = NOW) -> None:
        """The next entry."""
        self.position += 1
        stated = None if proof is None else proof.stated()
        self.keys.follow(event, encode(event), stated, position=self.position, recorded=recorded)

    def register(self, key: SigningKey, issuer: Issuer = FIRST, party: str = PARTY, **more: Any) -> None:
        """A key with a certificate of this issuer."""
        event = _registration(key, "issuer", party, **more)
        self.add(event, replace(key.of_event(ORIGIN, encode(event)), x5c=issuer.chain(key, party)))

    def ask(self, key: SigningKey, *, origin: str = ORIGIN, **how: Any) -> int:
        """Where the key was registered that is good for an event at the next position."""
        event = {
            "data": {"n": 1},
            "id": "1",
            "source": how.pop("source", SOURCE),
            "type": "trading.notice-published.v1",
        }
        signature = key.of_event(origin, encode(event))
        place: dict[str, Any] = {"party": PARTY, "position": self.position + 1, "recorded": NOW} | how
        return self.keys.demand(signature, event, encode(event), **place).since


@pytest.mark.parametrize("issuer", [FIRST, SECOND])
@pytest.mark.parametrize("key", [_ed25519("k-1"), SigningKey("k-1", generate_private_key(SECP256R1()))])
def test_a_key_with_a_certificate_of_either_issuer_signs(key: SigningKey, issuer: Issuer) -> None:
    log = Log()
    log.register(key, issuer)
    assert log.ask(key) == 2


@pytest.mark.parametrize(
    "how",
    [
        {"origin": "another.example/log"},
        {"source": "urn:example:bidder-2"},
        {"party": OTHER},
        {"position": 2},
        {"recorded": datetime(2026, 3, 9, 16, tzinfo=UTC)},
    ],
    ids=["other origin", "other source", "other party", "before it was registered", "run out in Beijing"],
)
def test_a_key_is_good_for_nothing_else(how: dict[str, Any]) -> None:
    log, key = Log(), _ed25519("k-1")
    log.register(key, valid_to="2026-03-09")
    assert log.ask(key, recorded=datetime(2026, 3, 9, 15, 59, tzinfo=UTC)) == 2
    with pytest.raises(BadSignature):
        log.ask(key, **how)


def test_a_revoked_key_is_good_up_to_its_revocation_and_for_ever_before() -> None:
    log, key = Log(), _ed25519("k-1")
    log.register(key)
    log.add({"data": {"party": PARTY, "kid": "k-1", "reason": "suspected"}, "type": REVOKED})
    assert log.ask(key, position=3) == 2
    with pytest.raises(BadSignature, match="revoked at 3"):
        log.ask(key, position=4)


def test_the_old_key_vouches_for_no_more_than_it_was_worth() -> None:
    log, old, new = Log(), _ed25519("k-1"), _ed25519("k-2")
    log.register(old)

    def vouched(source: str) -> tuple[dict[str, Any], Signature]:
        event = _registration(new, "old-key", old_kid="k-1", sources=[source])
        raw = encode(event)
        return event, replace(new.of_event(ORIGIN, raw), by=(old.of_event(ORIGIN, raw),))

    with pytest.raises(BadSignature, match="not good for all"):
        log.add(*vouched("urn:example:bidder-2"))
    log.add(*vouched(SOURCE))
    assert log.ask(new) == log.position


@pytest.mark.parametrize(("parties", "good"), [((OPERATOR, OTHER), True), ((OPERATOR, OPERATOR), False)])
def test_of_two_persons_one_is_not_the_operators(parties: tuple[str, str], good: bool) -> None:
    log, persons, new = Log(), [_ed25519("p-1"), _ed25519("p-2")], _ed25519("k-1")
    for key, party, person in zip(persons, parties, ("pa", "pb"), strict=True):
        log.register(key, party=party, person=person)
    event = _registration(new, "two-persons", vouchers=["pa", "pb"])
    raw = encode(event)
    signed = replace(new.of_event(ORIGIN, raw), by=tuple(one.of_event(ORIGIN, raw) for one in persons))
    if good:
        log.add(event, signed)
        assert log.ask(new) == 4
    else:
        with pytest.raises(BadSignature, match="operator"):
            log.add(event, signed)


def test_an_id_is_used_once() -> None:
    log, key = Log(), _ed25519("k-1")
    log.register(key)
    with pytest.raises(BadSignature, match="used once"):
        log.register(key)


def _unvouched(key: SigningKey) -> dict[str, tuple[bytes, ...]]:
    good, other = FIRST.chain(key, PARTY), _ed25519("k-9")
    return {
        "no chain": (),
        "not recognised": STRANGER.chain(key, PARTY),
        "the intermediate is missing": good[:1],
        "names another party": FIRST.chain(key, OTHER),
        "another key's": FIRST.chain(other, PARTY),
        "run out": FIRST.chain(key, PARTY, ends=NOW - DAY),
        "may not sign": FIRST.chain(key, PARTY, signs=False),
        "another issuer's intermediate": (good[0], SECOND.middle.public_bytes(Encoding.DER)),
        "no certificate": (b"\x30\x00",),
    }


@pytest.mark.parametrize("case", list(_unvouched(_ed25519("k-0"))))
def test_a_chain_that_does_not_hold_vouches_for_nothing(case: str) -> None:
    log, key = Log(), _ed25519("k-1")
    event = _registration(key, "issuer")
    signed = replace(key.of_event(ORIGIN, encode(event)), x5c=_unvouched(key)[case])
    with pytest.raises(ProofError):
        log.add(event, signed)
    with pytest.raises(BadSignature, match="no key of"):
        log.ask(key)


def test_a_certificate_below_one_that_is_no_ca_is_refused() -> None:
    log, key, leaf = Log(), _ed25519("k-1"), SigningKey("leaf", generate_private_key(SECP256R1()))
    assert isinstance(leaf.key, EllipticCurvePrivateKey)
    below = _certificate("below", "leaf", key.key.public_key(), leaf.key, party=PARTY)
    x5c = (below.public_bytes(Encoding.DER), *FIRST.chain(leaf, None))
    event = _registration(key, "issuer")
    with pytest.raises(BadSignature, match="may not issue"):
        log.add(event, replace(key.of_event(ORIGIN, encode(event)), x5c=x5c))


def test_a_registration_that_another_key_signed_is_refused() -> None:
    log, key, thief = Log(), _ed25519("k-1"), _ed25519("k-1")
    event = _registration(key, "issuer")
    with pytest.raises(BadSignature):
        log.add(event, replace(thief.of_event(ORIGIN, encode(event)), x5c=FIRST.chain(key, PARTY)))
