"""The pages under `schemas/formats` tell the truth: every example on them is made again by the program, byte by byte.

The pages are the vectors. What stands there as entry, hash, receipt, statement, root or problem document is taken out
of the page and compared with what the code makes of the same inputs.
"""

import json
import re
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from eventsourcing.dcb.api import DCBEvent

from api import problems
from ledger import clock
from ledger.admission import Poster, admit
from ledger.canonical import decode, encode
from ledger.contracts import Contracts, schemas
from ledger.entry import Entry, parse, seal
from ledger.errors import Malformed
from ledger.genesis import system
from ledger.post import Post
from ledger.proofs.tree import Edge, Tile, leaf_hash, node_hash
from ledger.recorder import LedgerRecorder, sequenced
from ledger.sealing import Group, Sealer
from ledger.store.postgres import Log
from ledger.store.sql import statement
from ledger.verify import Kind, verify
from ledger.writer import Writer

PAGES = sorted((schemas() / "formats").glob("*.md"))
TENDERER = Poster("12140300MA0TT010XE", "TEN", "key:7c1f00d5e2aa")
HASH = re.compile(r"`([0-9a-f]{64})`")


def page(name: str) -> str:
    return (schemas() / "formats" / f"{name}.md").read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)\n```$", page(name), re.DOTALL | re.MULTILINE)


def log_of_three() -> list[Entry]:
    return [parse(line.encode()) for line in blocks("entry", "json")[1].splitlines()]


def posts(contracts: Contracts) -> list[Post]:
    """The three events of the page, admitted again by the contracts of today."""
    posters = (system("12140300MA0TT001XR"), TENDERER, TENDERER)
    return [
        admit(entry.event, poster, contracts, recorded=clock.parse(entry.recorded))
        for entry, poster in zip(log_of_three(), posters, strict=True)
    ]


def sealed(contracts: Contracts) -> tuple[list[Group], list[bytes]]:
    """The three posts sealed one by one: the groups, and the roots behind each."""
    sealer, groups, roots = Sealer(ticking=False), [], []
    for post in posts(contracts):
        sealer.heads.update({tag: (0, None) for tag in post.tags if tag not in sealer.heads})
        groups.append(sealer.seal([post]))
        roots.append(sealer.tip.edge.root())
    return groups, roots


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_format_page_starts_with_a_complete_example(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    example = next((number for number, line in enumerate(lines) if line.startswith(("```", "    "))), None)
    first_rule = next((number for number, line in enumerate(lines) if line.startswith(("| ", "## ", "- "))), len(lines))
    assert example is not None, "no example"
    assert example < first_rule, "a rule stands before the example"


def test_the_entries_of_the_page_are_what_the_ledger_seals_of_their_events(contracts: Contracts) -> None:
    groups, _ = sealed(contracts)
    assert [group.rows.entries[0] for group in groups] == [entry.raw for entry in log_of_three()]


def test_an_entry_of_the_page_is_canonical_and_is_what_seal_makes_of_its_members() -> None:
    for entry in log_of_three():
        assert encode(json.loads(entry.raw)) == entry.raw
        made = seal(
            encode(entry.event),
            position=entry.position,
            links=entry.links,
            poster=entry.poster,
            prev=bytes.fromhex(entry.prev),
            recorded=entry.recorded,
        )
        assert made == (entry.raw, entry.leaf)


def test_prev_and_links_of_the_page_are_the_leaf_hashes_before() -> None:
    first, second, third = log_of_three()
    assert (first.prev, second.prev, third.prev) == ("0" * 64, first.leaf.hex(), second.leaf.hex())
    assert third.links["lot:E1403000123001"] == (2, second.leaf.hex())
    assert third.links["party:91140302MA0TT001XH"] == (1, None)


def test_the_example_of_the_entry_page_is_entry_three_with_the_size_and_leaf_it_names() -> None:
    example, third = blocks("entry", "json")[0], log_of_three()[2]
    assert example.encode() == third.raw
    assert f"These {len(third.raw)} bytes" in page("entry")
    assert HASH.findall(page("entry"))[0] == third.leaf.hex()


def test_the_shell_recipe_of_the_entry_page_gives_the_leaf_hash(tmp_path: Path) -> None:
    recipe = next(line.strip() for line in page("entry").splitlines() if "sha256sum" in line)
    third = log_of_three()[2]
    (tmp_path / "entry").write_bytes(third.raw)
    said = subprocess.run(["bash", "-c", recipe], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout.split()[0] == third.leaf.hex()


def test_the_table_of_the_entry_page_names_leaves_and_roots(contracts: Contracts) -> None:
    _, roots = sealed(contracts)
    rows = [HASH.findall(line) for line in page("entry").splitlines() if re.match(r"\| \d \|", line)]
    assert rows == [[entry.leaf.hex(), root.hex()] for entry, root in zip(log_of_three(), roots, strict=True)]


def test_the_submission_of_the_page_becomes_entry_three_and_its_receipt() -> None:
    submitted, receipt = blocks("submission", "json")
    third = log_of_three()[2]
    assert decode(submitted.encode()) == third.event
    assert json.loads(receipt) == {
        "position": third.position,
        "leaf": third.leaf.hex(),
        "recorded": third.recorded,
        "duplicate": False,
    }


def test_the_commit_of_the_append_page_is_what_the_writer_sends(contracts: Contracts) -> None:
    rows = sealed(contracts)[0][2].rows
    assert json.loads(blocks("append", "json")[0]) == {
        "expected_size": rows.size,
        "expected_leaf": rows.leaf.hex(),
        "type": rows.types,
        "leaf": [leaf.hex() for leaf in rows.leaves],
        "source": rows.sources,
        "id": rows.ids,
        "offset": [1],
        "tag": rows.tags,
        "position": rows.tag_positions,
        "ordinal": rows.tag_ordinals,
        "tiles": rows.tiles,
        "disclosures": [],
    }
    assert f"The answer is `{', '.join(map(str, rows.counts()))}`" in page("append")


def test_the_statement_of_the_append_page_is_the_statement_that_is_shipped() -> None:
    shipped = [line for line in statement("append").splitlines() if not line.startswith("--")]
    assert blocks("append", "sql") == ["\n".join(shipped).strip()]


def test_the_small_tree_of_the_tree_page_is_the_log_of_three() -> None:
    one, two, three = (entry.leaf for entry in log_of_three())
    shown = re.findall(r"^    \S.*? {3,}([0-9a-f]{64})", page("tree"), re.MULTILINE)
    pair = node_hash(one, two)
    assert shown == [one.hex(), two.hex(), three.hex(), pair.hex(), node_hash(pair, three).hex()]


def test_the_reference_roots_of_the_tree_page_come_out() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    assert all(f"`{text}`" in page("tree") for text in inputs[1:])
    leaves = [leaf_hash(bytes.fromhex(text)) for text in inputs]
    rows = dict(re.findall(r"^\| (\d) \| `([0-9a-f]{64})` \|$", page("tree"), re.MULTILINE))
    assert rows == {str(size): Edge.over(leaves[:size]).root().hex() for size in range(1, 9)}


def test_the_roots_of_the_foreign_test_log_come_out() -> None:
    match = re.search(r"Entries `(one two [^`]*)`", page("tree"))
    assert match is not None
    leaves = [leaf_hash(word.encode()) for word in match[1].split()]
    rows = re.findall(r"^\| (\d+) \| `([A-Za-z0-9+/]{43}=)` \|$", page("tree"), re.MULTILINE)
    assert [size for size, _ in rows] == ["3", "15"]
    for size, root in rows:
        assert b64encode(Edge.over(leaves[: int(size)]).root()).decode() == root


def slow_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 to the letter: the slow twin of `Edge`."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(slow_root(leaves[:half]), slow_root(leaves[half:]))


def test_the_tiles_of_the_tree_page_come_out_by_tiles_and_by_recursion() -> None:
    table = re.findall(r"^\| ([\d,]+) \| (\d+) \| `([0-9a-f]{64})` \|$", page("tree"), re.MULTILINE)
    wanted = {int(size.replace(",", "")): (int(tiles), root) for size, tiles, root in table}
    assert 65536 in wanted, "the page shows the first tile of level 1"
    assert max(wanted) > 65536
    leaves = [leaf_hash(str(number).encode()) for number in range(max(wanted))]
    edge, full = Edge(), list[Tile]()
    for leaf in leaves:
        full += edge.append(leaf)
        if edge.size in wanted:
            tiles, root = wanted.pop(edge.size)
            assert (len(full), edge.root().hex()) == (tiles, root)
            assert slow_root(leaves[: edge.size]).hex() == root
    assert wanted == {}
    firsts = [next(tile for tile in full if tile.level == level) for level in (0, 1)]
    assert [sha256(tile.hashes).hexdigest() for tile in firsts] == HASH.findall(page("tree"))[-2:]


def test_the_recorder_entry_of_the_page_gives_back_what_was_recorded() -> None:
    entry = parse(blocks("recorder", "json")[0].encode())
    assert entry.prev == log_of_three()[2].leaf.hex()
    assert encode(json.loads(entry.raw)) == entry.raw
    seen = sequenced(entry)
    assert (seen.event.type, seen.event.data) == ("StudentJoined", b'{"student":"Max"}')
    assert (seen.event.tags, seen.position) == (["student:max", "course:数学"], 4)


def test_a_recorded_event_stands_in_the_log_as_the_page_shows(ledger: str) -> None:
    shown = parse(blocks("recorder", "json")[0].encode())
    given = DCBEvent("StudentJoined", b'{"student":"Max"}', ["student:max", "course:数学"])
    with Log(ledger) as log, Writer(ledger) as writer:
        recorder = LedgerRecorder(log, writer, system("12140300MA0TT001XR", "recorder"))
        entry = log.entry(recorder.append([given]))
    assert entry is not None
    assert entry.event | {"id": shown.id} == shown.event
    assert (entry.links, entry.poster) == (shown.links, shown.poster)


def test_the_problem_document_of_the_page_is_the_answer_to_that_submission(contracts: Contracts) -> None:
    event: dict[str, Any] = decode(blocks("submission", "json")[0].encode())
    wrong = event | {"colour": "red", "data": event["data"] | {"price": "12345678.00"}}
    del wrong["data"]["winner"]
    with pytest.raises(Malformed) as refused:
        admit(wrong, TENDERER, contracts)
    assert problems.document(refused.value) == json.loads(blocks("problem", "json")[0])


def test_the_problem_page_lists_each_code_with_its_status() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", page("problem"), re.MULTILINE)
    assert {code: int(status) for code, status in listed} == problems.STATUS


@pytest.fixture
def stored(dsn: str, contracts: Contracts) -> str:
    """The log of three in a database."""
    with Writer(dsn, ticks=False) as writer:
        for post in posts(contracts):
            writer.append([post])
    with Log(dsn) as log:
        assert [entry.raw for entry in log.entries()] == [entry.raw for entry in log_of_three()]
    return dsn


def test_the_verdicts_of_the_verification_page_are_what_verify_says(stored: str) -> None:
    before, forgery, after = blocks("verification", "[a-z]+")
    honest = verify(stored)
    assert [honest.sentence_en, honest.sentence_zh, f"{honest.size} {honest.root.hex()}"] == before.splitlines()
    with psycopg.connect(stored) as owner:
        assert owner.execute(forgery.encode()).rowcount == 1
    found = verify(stored)
    assert [found.sentence_en, found.sentence_zh] == after.splitlines()
    assert not found.ok


def test_the_verification_page_lists_each_kind_of_fault_in_both_languages() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| ([^|`]+) \| [^|]+ \|$", section("verification", "| kind |"), re.MULTILINE)
    assert [(zh, en) for en, zh in rows if en not in ("kind", "---")] == [kind.value for kind in Kind]


def section(name: str, beginning: str) -> str:
    """A page from the line that begins so to the next blank line."""
    return page(name)[page(name).index(f"\n{beginning}") :].partition("\n\n")[0]
