"""Any change of a proof, of a receipt or of a signed note is noticed, wherever it is."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.proofs import build, check, checkpoint, receipt
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import ProofError, ProofFailed
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt
from ledger.proofs.tree import Edge, leaf_hash

LEAVES = [leaf_hash(str(number).encode()) for number in range(200)]
ROOTS = [Edge.over(LEAVES[:size]).root() for size in range(201)]
SIZES = st.integers(1, 200)

LOG = PrivateKey.of(bytes([1] * 32), "log.example/city")
WITNESSES = [PrivateKey.of(bytes([number] * 32), f"witness.example/{number}", COSIGNATURE) for number in (2, 3)]
POLICY = Policy.parse(
    f"log {LOG.vkey.text}\n"
    + "".join(f"witness w{number} {key.vkey.text}\n" for number, key in enumerate(WITNESSES))
    + "group both all w0 w1\nquorum both\n"
)


def flipped(value: bytes, bit: int) -> bytes:
    place, mask = divmod(bit % (8 * len(value)), 8)
    return value[:place] + bytes([value[place] ^ 1 << mask]) + value[place + 1 :]


def compute(plan: build.Plan) -> list[bytes]:
    """The proof, from tiles as wide as the plan wants them; one tile holds all these leaves."""
    return plan.compute({tile.id: b"".join(LEAVES[: tile.width]) for tile in plan.tiles})


@settings(deadline=None)
@given(SIZES, st.data())
def test_no_flipped_bit_of_an_inclusion_proof_passes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = compute(build.inclusion(index, size))
    parts = [LEAVES[index], ROOTS[size], *path]
    check.inclusion(parts[0], index, size, parts[2:], parts[1])
    damaged, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[damaged] = flipped(parts[damaged], bit)
    with pytest.raises(ProofFailed):
        check.inclusion(parts[0], index, size, parts[2:], parts[1])


@settings(deadline=None)
@given(SIZES, st.data())
def test_no_flipped_bit_of_a_consistency_proof_passes(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    parts = [ROOTS[old], ROOTS[new], *compute(build.consistency(old, new))]
    check.consistency(old, parts[0], new, parts[1], parts[2:])
    damaged, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[damaged] = flipped(parts[damaged], bit)
    with pytest.raises(ProofFailed):
        check.consistency(old, parts[0], new, parts[1], parts[2:])


@settings(deadline=None)
@given(SIZES, st.data())
def test_a_path_with_a_hash_more_or_less_or_moved_never_passes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = compute(build.inclusion(index, size))
    place = data.draw(st.integers(0, len(path)))
    longer = [*path[:place], data.draw(st.sampled_from([*LEAVES[:3], bytes(32)])), *path[place:]]
    others = [longer, path[:place] + path[place + 1 :], path[::-1]]
    for other in others:
        if other != path:
            with pytest.raises(ProofFailed):
                check.inclusion(LEAVES[index], index, size, other, ROOTS[size])


def receipt_of(position: int, size: int) -> Receipt:
    head = Checkpoint("log.example/city", size, ROOTS[size])
    note = checkpoint.sign(head, LOG) + "".join(checkpoint.cosign(head, key, 1_771_000_000).line for key in WITNESSES)
    path = compute(build.inclusion(position - 1, size))
    return receipt.make(position, path, note, str(position - 1).encode())


WHOLE = receipt_of(7, 11).text.encode()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 8 * len(WHOLE) - 1))
def test_no_flipped_bit_of_a_receipt_passes(bit: int) -> None:
    """Every byte of this receipt matters: both witnesses are needed, so no line is a stranger's."""
    with pytest.raises(ProofError):
        receipt.check(Receipt.parse(flipped(WHOLE, bit)), POLICY)


@settings(deadline=None)
@given(SIZES, st.data())
def test_a_receipt_proves_its_own_entry_and_no_other(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, size))
    given_ = Receipt.parse(receipt_of(position, size).text)
    assert receipt.check(given_, POLICY).position == position
    other = data.draw(st.integers(1, 200).filter(lambda number: number != position))
    with pytest.raises(ProofFailed):
        receipt.check(replace(given_, extra=None), POLICY, str(other - 1).encode())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda junk: WHOLE[:90] + junk + WHOLE[130:])))
def test_nothing_that_a_stranger_sends_raises_anything_but_a_refusal(raw: bytes) -> None:
    with pytest.raises(ProofError):
        receipt.check(Receipt.parse(raw), POLICY, b"6")
    with pytest.raises(ProofError):
        Policy.parse(raw + b"\n!")
