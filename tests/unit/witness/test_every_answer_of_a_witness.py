"""C2SP tlog-witness: every status code, in the order in which the specification asks."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from ledger import clock
from ledger.errors import CannotRun
from ledger.proofs import build
from ledger.proofs.checkpoint import Checkpoint, sign, verify
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.tree import EMPTY_ROOT, Edge, leaf_hash
from ledger.witness import Answer, Witness, request

LOG = PrivateKey.of(bytes(32), "log.example/city")
OTHER_LOG = PrivateKey.of(bytes(range(32)), "log.example/county")
OWN = PrivateKey.of(bytes(range(1, 33)), "witness.example/audit", COSIGNATURE)
LEAVES = [leaf_hash(str(number).encode()) for number in range(600)]
FORKED = [*LEAVES[:150], *(leaf_hash(b"another " + str(number).encode()) for number in range(450))]


def note(size: int, leaves: Sequence[bytes] = LEAVES, key: PrivateKey = LOG, root: bytes | None = None) -> str:
    return sign(Checkpoint(key.vkey.name, size, root or Edge.over(leaves[:size]).root()), key)


def proof(old: int, new: int, leaves: Sequence[bytes] = LEAVES) -> list[bytes]:
    if not 0 < old <= new:
        return []
    plan = build.consistency(old, new)
    hashes: dict[tuple[int, int], bytes] = {}
    for tile in plan.tiles:
        row = list(leaves[:new])
        for _ in range(tile.level):
            row = [Edge.over(row[at : at + 256]).root() for at in range(0, len(row) - 255, 256)]
        hashes[tile.id] = b"".join(row[256 * tile.index : 256 * tile.index + tile.width])
    return plan.compute(hashes)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    opened = Witness(tmp_path / "memory", OWN, [LOG.vkey, OTHER_LOG.vkey])
    yield opened
    opened.close()


def ask(witness: Witness, old: int, new: int, leaves: Sequence[bytes] = LEAVES) -> Answer:
    return witness.add_checkpoint(request(old, proof(old, new, leaves), note(new, leaves)).encode())


def good(answer: Answer, text: str) -> bool:
    """Whether the answer is this witness's cosignature of a note."""
    signed = verify(text + answer.body, [LOG.vkey, OTHER_LOG.vkey], [OWN.vkey])
    now = clock.now().timestamp()
    return [one.key for one in signed.cosigned] == [OWN.vkey] and abs((signed.cosigned[0].at or 0) - now) < 60


def test_200_is_a_cosignature_and_is_remembered(witness: Witness) -> None:
    before = 0
    for size in (1, 2, 3, 150, 256, 257, 600):
        answer = ask(witness, before, size)
        assert (answer.status, answer.media) == (200, "text/plain; charset=utf-8")
        assert good(answer, note(size))
        assert witness.seen()[0].size == size
        before = size


def test_200_again_for_the_same_checkpoint(witness: Witness) -> None:
    """A log that did not hear the first answer asks again, with the size that 409 tells it."""
    ask(witness, 0, 150)
    assert good(ask(witness, 150, 150), note(150))


def test_the_beginning_needs_no_proof(witness: Witness) -> None:
    assert ask(witness, 0, 0).status == 200
    assert ask(witness, 0, 5).status == 200


def test_each_log_has_a_memory_of_its_own(witness: Witness) -> None:
    ask(witness, 0, 150)
    other = note(20, FORKED, OTHER_LOG)
    assert good(witness.add_checkpoint(request(0, [], other).encode()), other)
    assert [(seen.origin, seen.size) for seen in witness.seen()] == [
        ("log.example/city", 150),
        ("log.example/county", 20),
    ]


def test_what_was_cosigned_survives_a_restart(witness: Witness, tmp_path: Path) -> None:
    ask(witness, 0, 150)
    witness.close()
    again = Witness(tmp_path / "memory", OWN, [LOG.vkey])
    assert ask(again, 0, 150).status == 409
    assert ask(again, 150, 151, FORKED).status == 200, "the first 150 entries are the same"
    assert ask(again, 151, 152).status == 422
    again.close()


MALFORMED = [
    b"",
    b"old 0",
    b"old 0\n",
    b"old 0\n\n",
    b"old 0\n" + note(3).encode(),
    request(0, [], note(3)).replace("old 0", "old 00").encode(),
    request(0, [], note(3)).replace("old 0", "old -1").encode(),
    request(0, [], note(3)).replace("old 0", "old  0").encode(),
    request(0, [], note(3)).replace("old 0", "Old 0").encode(),
    request(0, [], note(3)).replace("old 0\n", "old 0\r\n").encode(),
    request(0, [], note(3)).replace("old 0", "old 99999999999999999999").encode(),
    request(1, [b"short"], note(3)).encode(),
    request(1, [bytes(32)] * 64, note(3)).encode(),
    request(0, [], note(3)).replace("\n3\n", "\n03\n").encode(),
    request(0, [], note(3)).encode() + b"\xff",
    request(0, [], note(3) + " " * 100_000).encode(),
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_400_for_what_cannot_be_read(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400
    assert witness.seen()[0].size == 0


def test_400_for_an_old_size_above_the_checkpoint(witness: Witness) -> None:
    ask(witness, 0, 150)
    assert witness.add_checkpoint(request(150, [], note(149)).encode()).status == 400


def test_404_for_a_log_that_is_not_known(witness: Witness) -> None:
    stranger = PrivateKey.of(bytes(32), "log.example/stranger")
    assert witness.add_checkpoint(request(0, [], note(3, key=stranger)).encode()).status == 404


def test_403_without_a_good_signature_by_a_trusted_key(witness: Witness) -> None:
    thief = PrivateKey.of(bytes(range(2, 34)), "log.example/city")
    assert witness.add_checkpoint(request(0, [], note(3, key=thief)).encode()).status == 403
    forged = note(3).replace("\n3\n", "\n4\n")
    assert witness.add_checkpoint(request(0, [], forged).encode()).status == 403
    assert witness.add_checkpoint(request(9, [], forged).encode()).status == 403, "asked before the sizes"


def test_signatures_of_strangers_beside_a_good_one_are_ignored(witness: Witness) -> None:
    whole = note(3) + note(3, key=PrivateKey.of(bytes(range(3, 35)), "log.example/city")).rpartition("\n\n")[2]
    assert witness.add_checkpoint(request(0, [], whole).encode()).status == 200


def test_409_tells_the_last_size(witness: Witness) -> None:
    ask(witness, 0, 150)
    for old in (0, 149):
        answer = ask(witness, old, 300)
        assert (answer.status, answer.media, answer.body) == (409, "text/x.tlog.size", "150\n")


def test_409_for_an_older_checkpoint(witness: Witness) -> None:
    """Nothing is ever rolled back: the race of the specification."""
    ask(witness, 0, 150)
    ask(witness, 150, 300)
    assert ask(witness, 150, 200).body == "300\n"
    assert witness.seen()[0].size == 300


def test_422_for_a_proof_that_does_not_hold(witness: Witness) -> None:
    ask(witness, 0, 160)
    honest = proof(160, 300)
    for wrong in ([], honest[:-1], [*honest, bytes(32)], [bytes(32), *honest[1:]], honest[::-1]):
        assert witness.add_checkpoint(request(160, wrong, note(300)).encode()).status == 422
    assert ask(witness, 160, 300, FORKED).status == 422
    assert witness.seen()[0].size == 160
    assert ask(witness, 160, 300).status == 200


def test_422_for_a_proof_where_there_is_nothing_to_prove(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, [bytes(32)], note(3)).encode()).status == 422
    ask(witness, 0, 3)
    assert witness.add_checkpoint(request(3, [bytes(32)], note(3)).encode()).status == 422


def test_422_for_another_root_of_the_same_size_is_remembered_as_evidence(witness: Witness) -> None:
    ask(witness, 0, 160)
    assert witness.seen()[0].alarms() == []
    answer = ask(witness, 160, 160, FORKED)
    assert (answer.status, answer.media) == (422, "text/plain; charset=utf-8")
    seen = witness.seen()[0]
    assert seen.contradiction == note(160, FORKED)
    assert len(seen.alarms()) == 1


def test_422_for_an_empty_log_with_a_root_of_its_own(witness: Witness) -> None:
    body = request(0, [], note(0, root=sha256(b"x").digest())).encode()
    assert witness.add_checkpoint(body).status == 422
    assert witness.add_checkpoint(request(0, [], note(0, root=EMPTY_ROOT)).encode()).status == 200


def test_a_log_that_stands_still_is_told_after_25_hours(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(witness, 0, 150)
    seen = witness.seen()[0]
    then = clock.parse(seen.since)
    monkeypatch.setattr(clock, "now", lambda: then + timedelta(hours=25))
    assert seen.alarms() == []
    monkeypatch.setattr(clock, "now", lambda: then + timedelta(hours=25, seconds=1))
    assert seen.alarms() == [f"自 {seen.since} 起没有检查点 · no checkpoint since {seen.since}"]
    ask(witness, 150, 150)
    assert witness.seen()[0].since == seen.since, "the same checkpoint again is no growth"


def test_a_witness_is_given_keys_of_logs(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="no log's key"):
        Witness(tmp_path / "memory", OWN, [OWN.vkey])
