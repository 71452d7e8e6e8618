"""The page `disclosure.md` tells the truth: its event is committed again, and its table is made again."""

import json
import re

import pytest

from ledger import secrecy
from ledger.admission import Poster, admit
from ledger.canonical import encode
from ledger.contracts import Contracts, schemas
from ledger.erasure import Manifest
from ledger.secrecy import Committed

PAGE = (schemas() / "formats" / "disclosure.md").read_text("utf-8")
SUBMITTED, COMMITTED = re.findall(r"^```json\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `(/[^`]+)` \| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)


@pytest.fixture
def taken(contracts: Contracts) -> Committed:
    event = json.loads(SUBMITTED)
    contract = contracts.get(event["type"])
    assert contract is not None
    return secrecy.commit(event, contract.secrets, secrecy.unb64(event.pop("seed")))


def test_the_event_of_the_page_is_committed_as_it_says(taken: Committed, contracts: Contracts) -> None:
    assert encode(taken.event).decode() == COMMITTED
    post = admit(json.loads(SUBMITTED), Poster("91140302MA0TT001XH", "BID", "key:1"), contracts)
    assert (post.event.decode(), post.seeded) == (COMMITTED, True)


def test_the_table_of_the_page_is_what_shows_its_members(taken: Committed) -> None:
    made = [(one.pointer, secrecy.unb64(one.text).decode(), one.text, one.digest) for one in taken.disclosures]
    assert ROW.findall(PAGE) == made


def test_a_repeat_of_the_page_s_event_is_restored_from_its_table() -> None:
    event = json.loads(SUBMITTED)
    del event["seed"]
    assert secrecy.restore(json.loads(COMMITTED), [row[2] for row in ROW.findall(PAGE)]) == event


def test_the_manifest_of_the_page_has_its_hash() -> None:
    lines = re.findall(r"^    ([A-Za-z0-9_-]{43})$", PAGE, re.MULTILINE)
    manifest = Manifest.of(lines)
    assert (list(manifest), len(manifest)) == (lines, 2)
    assert f"`{manifest.sha256}`" in PAGE
