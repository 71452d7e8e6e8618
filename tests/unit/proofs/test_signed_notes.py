"""Signed notes and keys: what is read, what is ignored, what is refused."""

from dataclasses import dataclass
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.proofs import note
from ledger.proofs.failures import BadSignature, ProofError, Unreadable, Unsigned
from ledger.proofs.keys import COSIGNATURE, NOTE, PrivateKey, VerifierKey, signed_message
from ledger.proofs.note import Note
from ledger.proofs.text import base64

KEY = PrivateKey.of(bytes(range(32)), "log.example/city")
OTHER = PrivateKey.of(bytes([7] * 32), "witness.example/audit", COSIGNATURE)
TEXT = "first line\n\nthird line\n"
SIGNED = note.sign(TEXT, KEY)


def vkey_text(name: str, raw: bytes, id_: str | None = None) -> str:
    return f"{name}+{id_ or sha256(name.encode() + chr(10).encode() + raw).digest()[:4].hex()}+{base64(raw)}"


def test_a_note_is_split_at_its_last_empty_line() -> None:
    read = Note.parse(SIGNED.encode())
    assert read.text == TEXT
    assert read.full == SIGNED
    assert read.verify([KEY.vkey]) == (note.Good(KEY.vkey, None),)


def test_a_text_that_ends_in_empty_lines_keeps_them() -> None:
    text = "a\n\n\n"
    assert Note.parse(note.sign(text, KEY)).text == text


@pytest.mark.parametrize("control", [chr(code) for code in range(32) if chr(code) != "\n"])
def test_a_control_character_is_refused_wherever_it_stands(control: str) -> None:
    with pytest.raises(Unreadable, match="control"):
        Note.parse(SIGNED.replace("first", f"fi{control}rst"))
    with pytest.raises(Unreadable, match="control"):
        Note.parse(SIGNED.replace("city", f"ci{control}ty"))
    with pytest.raises(ValueError, match="plain text"):
        note.sign(f"a{control}b\n", KEY)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "text\n",
        "text\n\n",
        "\n\n— ",
        SIGNED[:-1],
        SIGNED + "\n",
        SIGNED.replace("— ", "- "),
        SIGNED.replace("— ", "—"),
        SIGNED.replace("city ", "city  "),
        SIGNED.replace(" log.example", "  log.example"),
        SIGNED.replace("city", "ci+ty"),
        SIGNED.replace("city", "ci\u3000ty"),
        SIGNED.replace("city", "ci\u00a0ty"),
        SIGNED[:-2] + "\n",
        SIGNED[:-2] + "*\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name \n",
        "text\n\n— name AAAAAAB=\n",
    ],
)
def test_a_note_of_another_form_is_unreadable(damaged: str) -> None:
    with pytest.raises(Unreadable):
        Note.parse(damaged)


def test_a_note_that_is_no_utf_8_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="UTF-8"):
        Note.parse(SIGNED.encode().replace(b"first", b"fi\xffrst"))
    with pytest.raises(Unreadable, match="UTF-8"):
        Note.parse(SIGNED.replace("first", "fi\ud800rst"))


def test_a_second_spelling_of_the_same_signature_is_unreadable() -> None:
    """A decoder that ignores unused bits would read the two as one."""
    assert SIGNED.endswith("=\n")
    last = SIGNED[-3]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = letters[letters.index(last) ^ 1]
    with pytest.raises(Unreadable, match="canonical"):
        Note.parse(SIGNED[:-3] + twin + "=\n")


def test_signatures_by_strangers_are_ignored_and_up_to_a_hundred_are_read() -> None:
    strangers = [note.signature(TEXT, PrivateKey.of(bytes([n] * 32), "log.example/city")) for n in range(99)]
    own = Note.parse(SIGNED).signatures
    crowded = Note(TEXT, (*strangers, *own)).full
    assert [good.key for good in Note.parse(crowded).verify([KEY.vkey])] == [KEY.vkey]
    with pytest.raises(Unreadable, match="100"):
        Note.parse(Note(TEXT, (*strangers, *own, *own)).full)


def test_a_note_over_a_megabyte_is_not_read() -> None:
    with pytest.raises(Unreadable, match="1000000 bytes"):
        Note.parse("a" * 1_000_001 + "\n\n")


def test_the_same_name_with_another_id_and_the_same_id_with_another_name_are_strangers() -> None:
    renamed = PrivateKey.of(KEY.seed, "log.example/town")
    rekeyed = PrivateKey.of(bytes(32), "log.example/city")
    for stranger in (renamed, rekeyed):
        with pytest.raises(Unsigned):
            Note.parse(note.sign(TEXT, stranger)).verify([KEY.vkey])
    (line,) = Note.parse(SIGNED).signatures
    same_id = Note(TEXT, (note.Signature("log.example/town", line.id, line.body),))
    with pytest.raises(Unsigned):
        same_id.verify([KEY.vkey])


def test_one_wrong_signature_by_a_known_key_refuses_the_whole_note() -> None:
    (line,) = Note.parse(SIGNED).signatures
    wrong = note.Signature(line.name, line.id, line.body[:-1] + bytes([line.body[-1] ^ 1]))
    witness = PrivateKey.of(bytes([9] * 32), "second.example")
    second = note.signature(TEXT, witness)
    for order in [(wrong, second), (second, wrong), (line, second, wrong)]:
        with pytest.raises(BadSignature, match=r"log\.example/city"):
            Note(TEXT, order).verify([KEY.vkey, witness.vkey])
        assert Note(TEXT, order).verify([witness.vkey])


def test_a_note_nobody_known_has_signed_is_refused() -> None:
    with pytest.raises(Unsigned):
        Note.parse(SIGNED).verify([])
    with pytest.raises(Unsigned):
        Note.parse(SIGNED).verify([OTHER.vkey])


def test_two_keys_that_share_name_and_id_are_our_own_mistake() -> None:
    class Collision(VerifierKey):
        id = KEY.vkey.id

    with pytest.raises(ValueError, match="two keys"):
        Note.parse(SIGNED).verify([KEY.vkey, Collision(KEY.vkey.name, NOTE, bytes(32))])
    assert Note.parse(SIGNED).verify([KEY.vkey, KEY.vkey])


def test_a_signature_is_plain_ed25519_over_the_text() -> None:
    (line,) = Note.parse(SIGNED).signatures
    Ed25519PrivateKey.from_private_bytes(KEY.seed).public_key().verify(line.body, TEXT.encode())


def test_a_cosignature_is_the_time_and_ed25519_over_header_time_and_text() -> None:
    line = note.signature(TEXT, OTHER, at=1_700_000_000)
    assert line.body[:8] == (1_700_000_000).to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1700000000\n" + TEXT.encode()
    Ed25519PrivateKey.from_private_bytes(OTHER.seed).public_key().verify(line.body[8:], message)
    assert OTHER.vkey.check(TEXT, line.body) == 1_700_000_000
    later = (1_700_000_001).to_bytes(8, "big") + line.body[8:]
    with pytest.raises(BadSignature):
        OTHER.vkey.check(TEXT, later)


@pytest.mark.parametrize("body", [b"", bytes(63), bytes(71), bytes(73), b"\xff" * 72])
def test_a_body_of_another_length_or_a_time_past_the_limit_is_a_bad_signature(body: bytes) -> None:
    with pytest.raises(BadSignature):
        OTHER.vkey.check(TEXT, body)
    with pytest.raises(BadSignature):
        KEY.vkey.check(TEXT, body)


def test_a_key_of_one_kind_does_not_vouch_for_the_other() -> None:
    as_note = PrivateKey.of(OTHER.seed, OTHER.vkey.name)
    assert as_note.vkey.id != OTHER.vkey.id
    with pytest.raises(Unsigned):
        Note.parse(note.sign(TEXT, as_note)).verify([OTHER.vkey])


@pytest.mark.parametrize(("kind", "at"), [(NOTE, 5), (COSIGNATURE, None), (COSIGNATURE, -1), (COSIGNATURE, 2**63)])
def test_a_time_goes_with_a_cosignature_and_with_nothing_else(kind: int, at: int | None) -> None:
    with pytest.raises(ValueError, match="does not sign"):
        signed_message(kind, TEXT, at)


def test_what_a_broken_signer_returns_never_becomes_a_note() -> None:
    @dataclass
    class Broken:
        vkey: VerifierKey = KEY.vkey

        def sign(self, message: bytes) -> bytes:
            return KEY.sign(message + b" ")

    with pytest.raises(ValueError, match="refuses"):
        note.sign(TEXT, Broken())


def test_a_note_needs_a_signer_and_a_text_that_ends() -> None:
    for text, signers in [("a", [KEY]), ("a\n", []), ("", [KEY]), ("a\n", [KEY] * 101)]:
        with pytest.raises(ValueError, match="plain text"):
            note.sign(text, *signers)


def test_a_new_key_is_read_back_from_both_its_forms_and_hides_its_seed() -> None:
    for kind in (NOTE, COSIGNATURE):
        key = PrivateKey.generate("new.example/键", kind)
        assert PrivateKey.parse(key.text) == key
        assert VerifierKey.parse(key.vkey.text) == key.vkey
        assert PrivateKey.generate("new.example/键", kind) != key
        assert base64(key.seed) not in repr(key)
        assert repr(key.seed) not in repr(key)


GOOD_RAW = bytes([NOTE]) + KEY.vkey.public


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        vkey_text("log.example/city", GOOD_RAW, "00000000"),
        vkey_text("log.example/city", GOOD_RAW).upper(),
        vkey_text("two words", GOOD_RAW),
        vkey_text("", GOOD_RAW),
        vkey_text("n", GOOD_RAW[:-1]),
        vkey_text("n", GOOD_RAW + b"\0"),
        vkey_text("n", b""),
        vkey_text("n", b"\x06" + KEY.vkey.public),
        vkey_text("n", b"\xff" + KEY.vkey.public),
        vkey_text("n", b"\x00" + KEY.vkey.public),
        vkey_text("log.example/city", GOOD_RAW) + "\n",
        vkey_text("n" * 1000, GOOD_RAW),
        KEY.vkey.text.replace("log", "l\ud800g"),
        KEY.text,
    ],
)
def test_another_text_is_no_vkey(text: str) -> None:
    with pytest.raises(Unreadable):
        VerifierKey.parse(text)


def test_a_private_form_that_is_wrong_is_refused_without_showing_it() -> None:
    wrong_id = KEY.text.replace(KEY.vkey.id.hex(), "00000000")
    for text in (wrong_id, KEY.vkey.text, KEY.text[:-4], KEY.text + "A"):
        with pytest.raises(Unreadable) as refused:
            PrivateKey.parse(text)
        assert base64(bytes([NOTE]) + KEY.seed)[:12] not in str(refused.value)


def test_a_key_made_by_the_program_has_a_name_a_kind_and_32_bytes() -> None:
    for name, kind, public in [("a b", NOTE, bytes(32)), ("", NOTE, bytes(32)), ("a", 2, bytes(32)), ("a", NOTE, b"")]:
        with pytest.raises(ValueError, match="a key needs"):
            VerifierKey(name, kind, public)


def test_every_refusal_speaks_both_languages_and_has_its_own_code() -> None:
    kinds = ProofError.__subclasses__()
    codes = {ProofError.code, *(kind.code for kind in kinds)}
    assert len(codes) == len(kinds) + 1 >= 6
    for kind in kinds:
        chinese, _, english = str(kind()).partition(" · ")
        assert chinese.endswith("。")
        assert english.endswith(".")
