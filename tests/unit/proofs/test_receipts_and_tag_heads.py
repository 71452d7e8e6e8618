"""Receipts and tag-head statements: what they prove, and what is refused."""

from dataclasses import replace

import pytest

from ledger.proofs import checkpoint, receipt, taghead
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import BadSignature, ProofError, ProofFailed, QuorumMissed, Unreadable, Unsigned
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.note import Note, signature
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt
from ledger.proofs.taghead import TagHead
from ledger.proofs.text import base64
from ledger.proofs.tree import Edge, leaf_hash, node_hash

ORIGIN = "log.example/city"
LOG = PrivateKey.of(bytes([1] * 32), ORIGIN)
WITNESS = PrivateKey.of(bytes([2] * 32), "witness.example/audit", COSIGNATURE)
ENTRIES = [b"one", b"two", b"three"]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
HEAD = Checkpoint(ORIGIN, 3, Edge.over(LEAVES).root())
NOTE = checkpoint.sign(HEAD, LOG) + checkpoint.cosign(HEAD, WITNESS, 1_771_000_000).line
PATH = (LEAVES[0], LEAVES[2])
POLICY = Policy.parse(f"log {LOG.vkey.text}\nwitness audit {WITNESS.vkey.text}\nquorum audit\n")
GIVEN = Receipt(1, PATH, NOTE, b"two")
LINES = GIVEN.text.split("\n")


def test_a_receipt_is_read_back_and_proves_its_entry() -> None:
    read = Receipt.parse(GIVEN.text.encode())
    assert read == GIVEN == receipt.make(2, list(PATH), NOTE, b"two")
    checked = receipt.check(read, POLICY)
    assert (checked.entry, checked.position, checked.signed.checkpoint) == (b"two", 2, HEAD)
    assert checked.signed.cosigned[0].at == 1_771_000_000


def test_a_receipt_without_the_entry_is_checked_against_the_one_that_was_kept() -> None:
    bare = Receipt.parse(replace(GIVEN, extra=None).text)
    assert receipt.check(bare, POLICY, b"two").position == 2
    with pytest.raises(ProofFailed):
        receipt.check(bare, POLICY, b"too")
    with pytest.raises(ValueError, match="neither"):
        receipt.check(bare, POLICY)


def test_the_receipt_of_the_only_entry_has_no_hash() -> None:
    head = Checkpoint(ORIGIN, 1, LEAVES[0])
    only = Receipt.parse(Receipt(0, (), checkpoint.sign(head, LOG), b"").text)
    assert only.path == ()
    assert only.extra == b""
    assert receipt.check(replace(only, extra=b"one"), Policy.parse(f"log {LOG.vkey.text}\nquorum none")).position == 1


def test_an_entry_that_was_altered_on_the_way_fails() -> None:
    for entry, extra in [(b"two", b"twO"), (b"twO", b"two"), (None, b"twO")]:
        with pytest.raises(ProofFailed):
            receipt.check(replace(GIVEN, extra=extra), POLICY, entry)


def test_an_inner_node_passed_off_as_an_entry_fails() -> None:
    """Leaves and nodes are hashed with different first bytes, so a node's two hashes are no entry."""
    inside = LEAVES[0] + LEAVES[1]
    assert node_hash(LEAVES[0], LEAVES[1]) != leaf_hash(inside)
    with pytest.raises(ProofFailed):
        receipt.check(Receipt(0, (LEAVES[2],), NOTE, inside), POLICY)


def test_a_receipt_needs_the_logs_signature_and_the_quorum() -> None:
    unwitnessed = replace(GIVEN, note=checkpoint.sign(HEAD, LOG))
    with pytest.raises(QuorumMissed):
        receipt.check(unwitnessed, POLICY)
    stranger = PrivateKey.of(bytes([9] * 32), ORIGIN)
    with pytest.raises(Unsigned):
        receipt.check(replace(GIVEN, note=checkpoint.sign(HEAD, stranger)), POLICY)
    with pytest.raises(BadSignature):
        receipt.check(replace(GIVEN, note=NOTE.replace("\n3\n", "\n4\n")), POLICY)


def test_a_proof_for_another_place_or_another_checkpoint_fails() -> None:
    with pytest.raises(ProofFailed):
        receipt.check(replace(GIVEN, index=0), POLICY)
    with pytest.raises(ProofFailed):
        receipt.check(replace(GIVEN, path=PATH[::-1]), POLICY)
    with pytest.raises(ProofFailed):
        receipt.check(replace(GIVEN, path=()), POLICY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE,
        "\n".join(LINES[1:]),
        "\n".join(["c2sp.org/tlog-proof@v2", *LINES[1:]]),
        "\n".join([LINES[0], LINES[1], *LINES[3:]]),
        "\n".join([LINES[0], LINES[2], LINES[1], *LINES[3:]]),
        "\n".join([*LINES[:2], LINES[1], *LINES[2:]]),
        "\n".join([*LINES[:2], "index 01", *LINES[3:]]),
        "\n".join([*LINES[:2], "index -1", *LINES[3:]]),
        "\n".join([*LINES[:2], "index  1", *LINES[3:]]),
        "\n".join([*LINES[:3], LINES[3][:-1], *LINES[4:]]),
        "\n".join([*LINES[:3], LINES[3] + " ", *LINES[4:]]),
        "\n".join([*LINES[:3], *[LINES[3]] * 64, "", *LINES[6:]]),
        "\n".join([LINES[0], "extra AB", *LINES[2:]]),
        "\n".join(LINES[:5]) + "\n",
    ],
)
def test_another_text_is_no_receipt(text: str) -> None:
    with pytest.raises(Unreadable):
        Receipt.parse(text)


def test_a_receipt_that_the_program_makes_has_an_index_and_hashes() -> None:
    for index, path in [(-1, PATH), (0, (b"",)), (0, (bytes(32),) * 64)]:
        with pytest.raises(ValueError, match="a receipt has"):
            Receipt(index, path, NOTE)


TAG = TagHead(ORIGIN, 3, HEAD.root, "lot:A01-1", 2, LEAVES[1])
MIRROR = PrivateKey.of(bytes([5] * 32), "mirror.example/audit")


def test_a_tag_head_is_read_back_and_says_who_signed_it() -> None:
    own = PrivateKey.of(bytes([4] * 32), f"{ORIGIN}/heads")
    both = taghead.sign(TAG, own, MIRROR)
    head, by = taghead.verify(both.encode(), [MIRROR.vkey, own.vkey])
    assert (head, [good.key for good in by]) == (TAG, [own.vkey, MIRROR.vkey])
    assert [good.key for good in taghead.verify(both, [MIRROR.vkey])[1]] == [MIRROR.vkey]
    with pytest.raises(Unsigned):
        taghead.verify(both, [LOG.vkey])


def test_a_tag_that_never_occurred_has_a_statement_too() -> None:
    never = replace(TAG, ordinal=0, leaf=bytes(32))
    assert taghead.verify(taghead.sign(never, MIRROR), [MIRROR.vkey])[0] == never


def test_a_tag_head_is_no_checkpoint_and_a_checkpoint_no_tag_head() -> None:
    with pytest.raises(ProofError):
        checkpoint.verify(taghead.sign(TAG, LOG), [LOG.vkey])
    with pytest.raises(Unreadable):
        taghead.verify(NOTE, [LOG.vkey])


def test_a_witness_signs_no_tag_heads() -> None:
    with pytest.raises(ValueError, match="0x01"):
        taghead.sign(TAG, WITNESS)
    cosigned = Note(TAG.text, (signature(TAG.text, WITNESS, 1_771_000_000),))
    with pytest.raises(Unsigned):
        taghead.verify(cosigned, [WITNESS.vkey])


@pytest.mark.parametrize(
    "change",
    [
        {"origin": ""},
        {"origin": "12"},
        {"origin": "a\nb"},
        {"ordinal": 4},
        {"ordinal": -1},
        {"ordinal": 0},
        {"leaf": bytes(32)},
        {"leaf": b""},
        {"root": bytes(31)},
        {"tag": ""},
        {"tag": "lot: 1"},
        {"tag": "标段"},
        {"tag": "t" * 129},
        {"size": 2**63},
    ],
)
def test_a_tag_head_that_cannot_be_true_is_not_made_and_not_read(change: dict[str, str | int | bytes]) -> None:
    with pytest.raises(ValueError, match="no tag head"):
        replace(TAG, **change)  # type: ignore[arg-type]
    lines = TAG.text.split("\n")
    place = {"origin": 1, "size": 2, "root": 3, "tag": 4, "ordinal": 5, "leaf": 6}
    for name, value in change.items():
        lines[place[name]] = base64(value) if isinstance(value, bytes) else str(value)
    with pytest.raises(Unreadable):
        TagHead.parse("\n".join(lines))


@pytest.mark.parametrize("text", ["", TAG.text[:-1], TAG.text + "more\n", TAG.text.replace("v1", "v2")])
def test_another_text_is_no_tag_head(text: str) -> None:
    with pytest.raises(Unreadable):
        TagHead.parse(text)
