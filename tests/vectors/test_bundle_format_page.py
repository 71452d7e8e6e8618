"""The page of the evidence bundle tells the truth: its example is made again to the byte, and holds."""

import re

from ledger.contracts import schemas
from ledger.proofs import build, bundle, checkpoint, taghead
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.keys import PrivateKey
from ledger.proofs.offline import texts, verify
from ledger.proofs.taghead import TagHead
from ledger.proofs.tree import Edge, leaf_hash

PAGE = (schemas() / "formats" / "bundle.md").read_text("utf-8")
ENTRY_PAGE = (schemas() / "formats" / "entry.md").read_text("utf-8")
FILES = ("bundle", "proofs", "checkpoint", "policy", "readers", "statements/1", "statements/2")
ORIGIN, TAG = "simulated.sunledger.example/city", "lot:E1403000123001"
LOG, HEADS, READER = (
    PrivateKey.of(bytes([seed] * 32), name)
    for seed, name in ((7, ORIGIN), (8, f"{ORIGIN}/heads"), (9, "mirror.example/audit"))
)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?\n)```$", page, re.DOTALL | re.MULTILINE)


def made() -> dict[str, bytes]:
    """The bundle of the page, from the log of the page `entry`."""
    log = blocks(ENTRY_PAGE, "json")[-1].encode().splitlines()
    leaves = [leaf_hash(entry) for entry in log]
    root = Edge.over(leaves).root()
    stated = TagHead(ORIGIN, 3, root, TAG, 2, leaves[2])
    return bundle.build(
        TAG,
        log[1:],
        [bundle.Proof(n, tuple(build.inclusion(n, 3).compute({(0, 0): b"".join(leaves)}))) for n in (1, 2)],
        checkpoint.sign(Checkpoint(ORIGIN, 3, root), LOG),
        f"log {LOG.vkey.text}\nquorum none\n",
        statements=[taghead.sign(stated, HEADS), taghead.sign(stated, READER)],
        readers=f"reader {HEADS.vkey.text}\nreader {READER.vkey.text}\n",
    )


def test_the_example_of_the_page_is_made_again_to_the_byte() -> None:
    shown = dict(zip(FILES, (text.encode() for text in blocks(PAGE, "text")), strict=True))
    shown["entries"] = blocks(PAGE, "json")[0].encode()
    files = made()
    assert {name: files[name] for name in shown} == shown


def test_the_example_of_the_page_holds() -> None:
    found = verify.check(made())
    assert (found.verdict, found.end, len(found.entries)) == ("holds", "read", 2)


def test_the_steps_on_the_page_are_those_of_the_verifiers() -> None:
    rows = re.findall(
        r"^\| `([a-z]+)` \|", PAGE.partition("## Steps")[2].partition("Beside the verdict")[0], re.MULTILINE
    )
    assert rows == [code for code in verify.SENTENCES if code != "newer"]
    page, recipe = texts()["verify.html"].decode(), texts()["recipe.sh"].decode()
    assert all(f"{code}: [" in page for code in [*rows, "newer", "unchecked"])
    assert all(re.search(rf"\b{code}\b", recipe) for code in [*rows, "newer", "unchecked"])


def test_the_files_on_the_page_are_those_of_a_bundle() -> None:
    table = PAGE.partition("## Files")[2].partition("Every file")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    }
    there = {re.sub("/.*", "/…", name) for name in made()}
    assert named == there | {"rules/…", "disclosures"}
