"""The bytes of sealed events: the published vectors, padding of one size, and HPKE against RFC 9180 written out."""

import hmac
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.contracts import Contracts
from ledger.errors import SealWrong
from ledger.sealed_events import forms, wrapping
from ledger.sealed_events.groups import Groups, place
from ledger.secrecy import digest, unb64

KEY = bytes(range(32))
EVENT = json.loads(
    '{"data":{"_sd":["jT6TcKDSmpd_sllDUy8LEMb5gzA9jsPfXJpDpxh7vAM"],"lot":"A01-1"},"id":"1",'
    '"source":"urn:example:ptc","specversion":"1.0","subject":"lot:A01-1","time":"2026-11-22T08:59:00+08:00",'
    '"type":"trading.bid-submitted.v1"}'
)


def test_the_published_vectors_come_out() -> None:
    text = forms.event_disclosure(EVENT, KEY)
    assert forms.commitment(KEY) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    assert forms.token(KEY, 1) == "7e2bf1a82ea081c1a454f50cdf053b79e2ff2789f0e1ebe8964f7e64018b1b22"
    assert json.loads(unb64(text))[0] == "8q8VPNj_KOHnlbblh0sL1Q"
    assert digest(text) == "uMfri01Q1sXnpum5oPc9kwr2NI_QnzvedvgmQLQaS7I"


@pytest.mark.parametrize("length", [1, 4089, 4090, 4091, 8185, 8186, 20_000])
def test_a_plaintext_comes_back_from_whole_blocks(length: int) -> None:
    lines = ["x" * length, "y"]
    packed = forms.pack(lines)
    assert len(packed) % forms.BLOCK == 0
    assert len(packed) - 4 - length - 3 < forms.BLOCK
    assert forms.unpack(packed) == lines


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        bytes(4096),
        forms.pack(["a", "b"])[:-1],
        forms.pack(["a", "b"])[:-1] + b"1",
        forms.pack(["a", "b"]) + bytes(4096),
        (5000).to_bytes(4, "big") + bytes(4092),
        forms.pack(["only the event"]),
        b"\0\0\0\4\xff\n\xff\n" + bytes(4088),
    ],
)
def test_what_is_no_plaintext_is_refused(bad: bytes) -> None:
    with pytest.raises(SealWrong):
        forms.unpack(bad)


def hpke_by_hand(sealed: bytes, private: X25519PrivateKey, info: bytes) -> bytes:
    """RFC 9180 base mode, opened step by step: sections 4, 4.1, 5.1."""

    def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(suite: bytes, key: bytes, label: bytes, said: bytes, length: int) -> bytes:
        context, block, out = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + said, b"", b""
        for number in range(1, -(-length // 32) + 1):
            block = hmac.digest(key, block + context + bytes([number]), "sha256")
            out += block
        return out[:length]

    enc, ciphertext = sealed[:32], sealed[32:]
    kem = b"KEM" + (0x0020).to_bytes(2, "big")
    hpke = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0020, 0x0001, 0x0002))
    shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    prk = extract(kem, b"", b"eae_prk", shared)
    secret = expand(kem, prk, b"shared_secret", enc + private.public_key().public_bytes_raw(), 32)
    context = b"\0" + extract(hpke, b"", b"psk_id_hash", b"") + extract(hpke, b"", b"info_hash", info)
    base = extract(hpke, secret, b"secret", b"")
    key, nonce = expand(hpke, base, b"key", context, 32), expand(hpke, base, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def test_a_layer_is_hpke_as_the_rfc_writes_it() -> None:
    private = X25519PrivateKey.from_private_bytes(sha256(b"keeper").digest())
    sealed = wrapping.wrap(b"plain", [private.public_key().public_bytes_raw()], "E")
    assert len(sealed) == len(b"plain") + wrapping.LAYER_BYTES
    assert hpke_by_hand(sealed, private, b"E") == b"plain"


def test_only_all_keepers_together_read_in_the_other_order() -> None:
    keepers = [X25519PrivateKey.generate() for _ in range(3)]
    publics = [one.public_key().public_bytes_raw() for one in keepers]
    layer = wrapping.wrap(b"plain", publics, "E")
    with pytest.raises(SealWrong):
        wrapping.unwrap(layer, keepers[0], "E")
    with pytest.raises(SealWrong):
        wrapping.unwrap(layer, keepers[2], "another E")
    for private in reversed(keepers):
        layer = wrapping.unwrap(layer, private, "E")
    assert layer == b"plain"


def test_the_contracts_say_which_groups_a_lot_has(contracts: Contracts) -> None:
    groups = Groups(contracts)
    assert groups.on("lot:A-1") == [
        "lot:A-1#trading.auction-closed,trading.bid-opened,trading.state-changed",
        "lot:A-1#trading.bid-opened",
        "lot:A-1#trading.evaluation-completed,trading.state-changed",
    ]
    assert groups.on("draw:D-1") == ["draw:D-1#draw.list-unsealed"]
    assert groups.on("party:91140302MA0TT001XH") == []


@pytest.mark.parametrize(("to", "opened"), [("failed", 2), ("terminated", 2), ("suspended", 0), ("resumed", 0)])
def test_a_change_of_state_opens_only_where_it_ends_the_procedure(contracts: Contracts, to: str, opened: int) -> None:
    event = {"type": "trading.state-changed.v1", "subject": "lot:A-1", "data": {"to": to}}
    assert len(Groups(contracts).opened_by(event, ())) == opened


def test_an_opening_of_bids_opens_what_bidders_did_and_no_score(contracts: Contracts) -> None:
    event = {"type": "trading.bid-opened.v1", "subject": "lot:A-1", "data": {}}
    assert [group.count("bid-opened") for group in Groups(contracts).opened_by(event, ())] == [1, 1]


def test_a_commitment_is_sealed_on_its_lot_and_not_on_its_subject(contracts: Contracts) -> None:
    contract = contracts.get("credit.commitment-made.v1")
    assert contract is not None
    event = {"subject": "credit:91140302MA0TT001XH", "data": {"scope": "lot"}}
    found = place(contract, event, ["credit:91140302MA0TT001XH", "lot:A-1"])
    assert found is not None
    assert found.stream == "lot:A-1"
    assert place(contract, {**event, "data": {"scope": "general"}}, ["lot:A-1"]) is None
    with pytest.raises(LookupError):
        place(contract, event, ["credit:91140302MA0TT001XH"])
