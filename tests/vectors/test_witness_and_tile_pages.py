"""The pages on witnesses and tiles tell the truth: the exchange on one takes place, the files of the other exist."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger import clock
from ledger.contracts import schemas
from ledger.proofs.checkpoint import Checkpoint, sign
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.tree import Edge, leaf_hash
from ledger.store.resources import ENTRIES, entries_path, tiles_between
from ledger.witness import Request, Witness, request

PAGES = {name: (schemas() / "formats" / f"{name}.md").read_text("utf-8") for name in ("witness", "tiles", "checkpoint")}
EXAMPLES = {name: re.findall(r"^```text\n(.*?\n)```$", text, re.DOTALL | re.MULTILINE) for name, text in PAGES.items()}
(PRIVATE,) = re.findall(r"`(PRIVATE\+KEY\+[^`]+)`", PAGES["checkpoint"])
LOG = PrivateKey.parse(PRIVATE)
AUDIT = PrivateKey.of(bytes([2]) * 32, "witness.example/audit", COSIGNATURE)


@pytest.fixture
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    """The page's witness at the page's time, which has cosigned the test log at size 3."""
    monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(1771000000, UTC))
    opened = Witness(tmp_path, AUDIT, [LOG.vkey])
    leaves = [leaf_hash(word) for word in (b"one", b"two", b"three")]
    note = sign(Checkpoint("example.com/log/testdata", 3, Edge.over(leaves).root()), LOG)
    assert opened.add_checkpoint(request(0, [], note).encode()).status == 200
    yield opened
    opened.close()


def test_the_exchange_on_the_page_takes_place(witness: Witness) -> None:
    asked, answered = EXAMPLES["witness"]
    answer = witness.add_checkpoint(asked.encode())
    assert (answer.status, answer.body) == (200, answered)
    parsed = Request.parse(asked.encode())
    assert request(parsed.old, parsed.proof, parsed.note.full) == asked


def test_the_files_of_70000_entries_are_those_on_the_page() -> None:
    made = [tile.path for tile in tiles_between(0, 70_000)]
    bundles = [entries_path(tile) for tile in tiles_between(0, 70_000) if tile.level == 0]
    shown = re.findall(r"^((?:tile|…)\S+(?: … \S+)?)", EXAMPLES["tiles"][0], re.MULTILINE)
    spans = [line.split(" … ") for line in shown]
    assert [span[0] for span in spans] == [made[0], made[273], *made[274:], bundles[0], bundles[273]]
    assert (spans[0][1], f"{ENTRIES}{spans[5][1]}") == (made[272], bundles[272])
    assert (len(made), len(bundles)) == (277, 274)
