"""The pages of the proof formats tell the truth: each example on them is made again, and each recipe is run.

Keys and entries are the published ones, so whoever implements a format can make the same bytes.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.contracts import schemas
from ledger.proofs import build, check, checkpoint, note, receipt, taghead
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import QuorumMissed
from ledger.proofs.keys import COSIGNATURE, PrivateKey, VerifierKey
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt
from ledger.proofs.taghead import TagHead
from ledger.proofs.text import base64
from ledger.proofs.tree import Edge, leaf_hash


def page(name: str) -> str:
    return (schemas() / "formats" / f"{name}.md").read_text("utf-8")


def examples(name: str, language: str = "text") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?\n)```$", page(name), re.DOTALL | re.MULTILINE)


def words(name: str, pattern: str) -> list[str]:
    return re.findall(rf"`({pattern})`", page(name))


ENTRIES = words("tree", "one two [a-z ]+")[0].encode().split()
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ORIGIN = "example.com/log/testdata"
(LOG,) = (PrivateKey.parse(text) for text in words("checkpoint", r"PRIVATE\+KEY\+[^`]+"))
(PETER,) = (PrivateKey.parse(text) for text in words("note", r"PRIVATE\+KEY\+[^`]+"))
AUDIT, DISCIPLINE = (
    PrivateKey.of(bytes([seed] * 32), f"witness.example/{name}", COSIGNATURE)
    for seed, name in ((2, "audit"), (3, "discipline"))
)


def root(size: int) -> bytes:
    return Edge.over(LEAVES[:size]).root()


def compute(plan: build.Plan) -> list[bytes]:
    return plan.compute({(0, 0): b"".join(LEAVES)})


def test_the_note_of_the_page_is_signed_again_to_the_byte() -> None:
    (example,) = examples("note")
    text = note.Note.parse(example).text
    assert note.sign(text, PETER) == example
    assert PETER.vkey.text in words("note", r"PeterNeumann\+[^`]+")


def test_the_checkpoints_of_the_page_are_made_again_to_the_byte() -> None:
    whole, small = examples("checkpoint")
    head = Checkpoint(ORIGIN, 15, root(15))
    lines = [checkpoint.cosign(head, AUDIT, 1771000000).line, checkpoint.cosign(head, DISCIPLINE, 1771000002).line]
    assert checkpoint.sign(head, LOG) + "".join(lines) == whole
    assert checkpoint.sign(Checkpoint(ORIGIN, 3, root(3)), LOG) == small
    assert "1771000000 and 1771000002" in " ".join(page("checkpoint").split())
    stated = {VerifierKey.parse(text) for text in words("checkpoint", r"[a-z./]+\+[0-9a-f]{8}\+[^`]+")}
    assert stated == {LOG.vkey, AUDIT.vkey, DISCIPLINE.vkey}


def test_the_policy_of_the_page_accepts_the_checkpoint_of_its_page_and_not_the_bare_one() -> None:
    policy = Policy.parse(examples("policy")[0])
    whole, small = examples("checkpoint")
    signed = policy.verify(whole)
    assert [good.at for good in signed.cosigned] == [1771000000, 1771000002]
    with pytest.raises(QuorumMissed, match="both"):
        policy.verify(small)


def test_the_receipt_of_the_page_is_made_again_and_holds() -> None:
    (example,) = examples("receipt")
    made = receipt.make(2, compute(build.inclusion(1, 15)), examples("checkpoint")[0], ENTRIES[1])
    assert made.text == example
    checked = receipt.check(Receipt.parse(example), Policy.parse(examples("policy")[0]), b"two")
    assert (checked.position, checked.signed.checkpoint.size) == (2, 15)


def test_the_tag_heads_of_the_page_are_signed_again_to_the_byte() -> None:
    small, never = examples("tag-head")
    assert taghead.sign(TagHead(ORIGIN, 3, root(3), "lot:A01-1", 2, LEAVES[1]), PETER) == small
    assert taghead.sign(TagHead(ORIGIN, 15, root(15), "lot:A01-9", 0, bytes(32)), PETER) == never


def test_the_proofs_of_the_page_are_made_again_and_hold() -> None:
    first, second = examples("proof")
    for example, plan, head in (
        (first, build.inclusion(6, 15), ("leaf  6", LEAVES[6])),
        (second, build.consistency(3, 15), ("size  3", root(3))),
    ):
        rows = [head, ("size 15", root(15))]
        ranges = [
            (f"MTH({start}:{end})", hash_) for (start, end), hash_ in zip(plan.ranges, compute(plan), strict=True)
        ]
        written = ["".join(f"{name:<13}{base64(hash_)}\n" for name, hash_ in part) for part in (rows, ranges)]
        assert "\n".join(written) == example
    check.inclusion(LEAVES[6], 6, 15, compute(build.inclusion(6, 15)), root(15))
    check.consistency(3, root(3), 15, root(15), compute(build.consistency(3, 15)))


def test_the_tiles_that_the_page_names_are_those_of_the_plan() -> None:
    wanted = [(tile.level, tile.index, tile.width) for tile in build.inclusion(700, 70_000).tiles]
    assert wanted == [(0, 2, 256), (0, 273, 112), (1, 0, 256), (1, 1, 17)]
    assert "the 112 newest leaves" in page("proof")
    assert "the 17 hashes" in page("proof")


def test_openssl_alone_verifies_the_checkpoint_of_the_page_and_refuses_a_changed_one(tmp_path: Path) -> None:
    if not shutil.which("openssl") or not subprocess.check_output(["openssl", "version"]).startswith(b"OpenSSL 3"):
        pytest.skip("openssl 3 is not installed")
    (recipe,) = examples("checkpoint", "sh")
    small = examples("checkpoint")[1]
    for text, verdict in ((small, 0), (small.replace("\n3\n", "\n4\n"), 1)):
        (tmp_path / "checkpoint").write_text(text, "utf-8")
        ran = subprocess.run(["bash", "-euc", recipe], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == verdict, ran.stdout + ran.stderr
