"""A poster's signature: of one event, of a batch, by either algorithm; and nothing else passes for one."""

import subprocess
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ledger.proofs.failures import BadSignature, ProofError, Unreadable
from ledger.proofs.keys import PrivateKey
from ledger.proofs.signature import PublicKey, Signature, SigningKey, check, event_message

ORIGIN = "example.com/log/testdata"
EVENT = (
    b'{"data":{"_sd":["jT6TcKDSmpd_sllDUy8LEMb5gzA9jsPfXJpDpxh7vAM"],"lot":"A01-1"},"id":"1","source":"urn:example:ptc",'
    b'"specversion":"1.0","subject":"lot:A01-1","time":"2026-11-22T08:59:00+08:00","type":"trading.bid-submitted.v1"}'
)
PUBLISHED = "ZoWh6ImltgNs1EpxwKNpfzun4lzfQuHACxV318ZwxOnk44mDzawF4_-Gh8EDIE_W1Mgq9HvLWjcIPXJkzxXVCg"
NEUMANN = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

KEYS = [
    SigningKey("k-1", Ed25519PrivateKey.from_private_bytes(bytes(32))),
    SigningKey("k-2", generate_private_key(SECP256R1())),
]


def test_the_published_signature_comes_out_to_the_byte() -> None:
    seed = PrivateKey.parse(NEUMANN).seed
    key = SigningKey("k-1", Ed25519PrivateKey.from_private_bytes(seed))
    assert key.of_event(ORIGIN, EVENT).stated() == {"alg": "Ed25519", "kid": "k-1", "sig": PUBLISHED}
    assert key.public.raw == PrivateKey.parse(NEUMANN).vkey.public


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.public.alg)
def test_what_was_signed_is_accepted_and_stands_alone(key: SigningKey) -> None:
    public = PublicKey.read(key.public.alg, key.public.text)
    check(Signature.read(key.of_event(ORIGIN, EVENT).stated()), public, ORIGIN, EVENT)
    for count in (1, 2, 3, 7, 8):
        events = [EVENT + bytes([65 + number]) for number in range(count)]
        for event, signature in zip(events, key.of_batch(ORIGIN, events), strict=True):
            check(Signature.read(signature.stated()), public, ORIGIN, event)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.public.alg)
def test_another_log_another_event_another_key_or_another_place_is_refused(key: SigningKey) -> None:
    one, (first, second, _) = key.of_event(ORIGIN, EVENT), key.of_batch(ORIGIN, [EVENT, EVENT + b" ", EVENT + b"  "])
    others = [other for other in KEYS if other is not key]
    wrong = [
        (one, key.public, "example.com/log/other", EVENT),
        (one, key.public, ORIGIN, EVENT + b" "),
        (one, others[0].public, ORIGIN, EVENT),
        (one, SigningKey("k-1", Ed25519PrivateKey.generate()).public, ORIGIN, EVENT),
        (first, key.public, ORIGIN, EVENT + b" "),
        (second, key.public, ORIGIN, EVENT),
        (first, key.public, "example.com/log/other", EVENT),
    ]
    for signature, public, origin, event in wrong:
        with pytest.raises(ProofError):
            check(signature, public, origin, event)


@given(st.integers(0, 8 * 64 - 1))
def test_no_signature_with_another_bit_is_one(bit: int) -> None:
    for key in KEYS:
        sig = bytearray(key.sign(event_message(ORIGIN, EVENT)))
        sig[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadSignature):
            check(Signature(key.public.alg, key.kid, bytes(sig)), key.public, ORIGIN, EVENT)


@pytest.mark.parametrize(
    "stated",
    [
        None,
        {},
        {"alg": "none", "kid": "k", "sig": PUBLISHED},
        {"alg": "Ed25519", "kid": "k k", "sig": PUBLISHED},
        {"alg": "Ed25519", "kid": "k", "sig": PUBLISHED + "="},
        {"alg": "Ed25519", "kid": "k", "sig": PUBLISHED[:-2]},
        {"alg": "Ed25519", "kid": "k", "sig": PUBLISHED, "more": 1},
        {"alg": "Ed25519", "kid": "k", "sig": PUBLISHED, "batch": {"index": 1, "path": [], "size": 1}},
        {"alg": "Ed25519", "kid": "k", "sig": PUBLISHED, "batch": {"index": 0, "path": ["AB"], "size": 2}},
        {
            "alg": "Ed25519",
            "kid": "k",
            "sig": PUBLISHED,
            "by": [{"alg": "ES256", "kid": "v", "sig": PUBLISHED, "by": [1]}],
        },
    ],
)
def test_a_proof_of_another_form_is_unreadable(stated: object) -> None:
    with pytest.raises(Unreadable):
        Signature.read(stated)


def test_a_proof_reads_back_as_it_was_written() -> None:
    by = KEYS[1].of_event(ORIGIN, EVENT)
    signature = Signature("Ed25519", "k-1", KEYS[0].sign(b"x"), x5c=(b"\x30\x01", b"\x30\x02"), by=(by,))
    assert Signature.read(signature.stated()) == signature


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.public.alg)
def test_openssl_alone_checks_one(key: SigningKey, tmp_path: Path) -> None:
    signature = key.of_event(ORIGIN, EVENT).stated()
    sig = urlsafe_b64decode(signature["sig"] + "==")
    if key.public.alg == "ES256":
        sig = encode_dss_signature(int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big"))
    pem = key.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, content in {"key.pem": pem, "sig": sig, "message": event_message(ORIGIN, EVENT)}.items():
        (tmp_path / name).write_bytes(content)
    how = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message", "-sigfile", "sig"]
    if key.public.alg == "ES256":
        how = ["dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "message"]
    assert subprocess.run(["openssl", *how], cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "message").write_bytes(event_message("example.com/log/other", EVENT))
    assert subprocess.run(["openssl", *how], cwd=tmp_path, check=False, capture_output=True).returncode != 0
