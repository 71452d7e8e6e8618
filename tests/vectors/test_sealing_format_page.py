"""The page on sealed events tells the truth: its example is made again by the program, byte by byte."""

import json
import re

from ledger.canonical import encode
from ledger.contracts import schemas
from ledger.entry import seal
from ledger.sealed_events import forms
from ledger.secrecy import digest

PAGE = (schemas() / "formats" / "sealing.md").read_text("utf-8")
LINES = re.search(r"^```json\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
KEY = bytes(range(32))


def said(name: str) -> list[str]:
    """The values in code marks on the row of the example's table that begins so."""
    row = re.search(rf"^\| {re.escape(name)}[^|]*\|(.*)\|$", PAGE, re.MULTILINE)
    assert row is not None, name
    return re.findall(r"`([^`]+)`", row[1])


def test_the_entry_of_the_page_hides_the_event_of_the_page() -> None:
    assert LINES is not None
    event, entry = (json.loads(line) for line in LINES[1].splitlines())
    shown = forms.event_disclosure(event, KEY)
    poster, received = said("poster, received")
    hidden = forms.poster_disclosure(said("salt of P")[0], json.loads(poster), None, received)
    assert [digest(shown)] == said("E")
    assert [digest(hidden)] == said("P")
    made, _ = seal(
        encode(forms.hidden(digest(shown))),
        position=entry["position"],
        links={forms.tag_of(forms.token(KEY, 1)): (1, None)},
        poster=forms.hidden(digest(hidden)),
        prev=bytes.fromhex(entry["prev"]),
        recorded=entry["recorded"],
    )
    assert made.decode() == LINES[1].splitlines()[1]


def test_group_key_commitment_and_token_of_the_page_belong_together() -> None:
    assert [forms.group_of("lot:A01-1", ["trading.bid-opened"])] == said("group")
    assert said("key K") == [forms.key_text(KEY)]
    assert said("commitment") == [forms.commitment(KEY)]
    assert said("token 1") == [forms.token(KEY, 1)]
