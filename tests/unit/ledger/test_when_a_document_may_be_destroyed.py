"""When a held document may be destroyed: told by entries alone, to the day."""

from typing import Any

import pytest

from ledger.canonical import encode
from ledger.entry import NO_LEAF, Entry, parse, seal
from ledger.keeping.deposit import HELD_TYPE
from ledger.keeping.disposal import DISPOSED_TYPE, FILED_TYPE, REASONS, Standing

ID = "d0000000000000000000000001"
HASH = "33b34420f2ac978cb0cb2de9c313681e4272ecc81562b6bcdad2f728dd6a0087"
TWO = ["p0000000000000000000000021", "p0000000000000000000000023"]


def entry(position: int, recorded: str, type_: str, data: dict[str, Any]) -> Entry:
    event = {"data": data, "id": str(position), "source": "urn:example:archive", "type": type_}
    raw, _ = seal(encode(event), position=position, links={}, poster={}, prev=NO_LEAF, recorded=recorded)
    return parse(raw)


def held(retention: str, recorded: str = "2026-06-01T02:00:00.000000Z", **doc: str) -> Entry:
    data: dict[str, Any] = {"document": ID, "class": "public", "retention": retention, "record_sha256": HASH}
    return entry(2, recorded, HELD_TYPE, data | ({"doc": {"id": ID, "sha256": HASH} | doc}))


def filed(retention: str, position: int = 3, recorded: str = "2026-06-01T02:00:00.000000Z", **doc: str) -> Entry:
    whole = {"id": ID, "sha256": HASH, "kind": "report", "bytes": 1, "media_type": "text/plain"} | doc
    return entry(position, recorded, FILED_TYPE, {"dossier": "A", "doc": whole, "retention": retention})


def disposed(recorded: str, item: Any = 3, position: int = 9, **change: Any) -> Entry:
    data = {"item": item, "action": "destroyed", "approved_by": TWO} | change
    return entry(position, recorded, DISPOSED_TYPE, data)


def after(*entries: Entry) -> Standing:
    standing = Standing()
    for one in entries:
        standing.take(one)
    return standing


@pytest.mark.parametrize(
    ("retention", "since", "recorded", "over"),
    [
        ("10y", "2026-06-01T02:00:00.000000Z", "2036-05-31T15:59:59.999999Z", False),
        ("10y", "2026-06-01T02:00:00.000000Z", "2036-05-31T16:00:00.000000Z", True),  # midnight in China
        ("10y", "2026-06-01T16:00:00.000000Z", "2036-06-01T15:59:59.000000Z", False),  # filed on the 2nd in China
        ("10y", "2026-06-01T16:00:00.000000Z", "2036-06-01T16:00:00.000000Z", True),
        ("1y", "2028-02-29T02:00:00.000000Z", "2029-02-28T15:00:00.000000Z", False),
        ("1y", "2028-02-29T02:00:00.000000Z", "2029-02-28T16:00:00.000000Z", True),
        ("4y", "2028-02-29T02:00:00.000000Z", "2032-02-28T16:00:00.000000Z", True),
        ("100y", "2000-02-29T02:00:00.000000Z", "2100-02-28T15:00:00.000000Z", False),
        ("100y", "2000-02-29T02:00:00.000000Z", "2100-02-28T16:00:00.000000Z", True),
        ("permanent", "2026-06-01T02:00:00.000000Z", "2999-01-01T00:00:00.000000Z", False),
        ("none", "2026-06-01T02:00:00.000000Z", "2026-06-01T02:00:00.000000Z", True),
        ("010y", "2026-06-01T02:00:00.000000Z", "2999-01-01T00:00:00.000000Z", False),
        ("１０y", "2026-06-01T02:00:00.000000Z", "2999-01-01T00:00:00.000000Z", False),
    ],
)
@pytest.mark.parametrize("whose", ["the item's", "the deposit's"])
def test_a_retention_ends_on_its_day(whose: str, retention: str, since: str, recorded: str, over: bool) -> None:
    of_item, of_deposit = (retention, "none") if whose == "the item's" else ("none", retention)
    standing = after(held(of_deposit, since), filed(of_item, recorded=since), disposed(recorded))
    assert (ID in standing.released) == over
    assert [one.reason for one in standing.kept] == ([] if over else ["retention"])


END = "2026-06-02T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ((held("none"), filed("none"), disposed(END, action="transferred")), "transferred"),
        ((held("none"), filed("none"), disposed(END, approved_by=TWO[:1])), "two-persons"),
        ((held("none"), filed("none"), disposed(END, approved_by=[TWO[0], TWO[0]])), "two-persons"),
        ((held("none"), filed("none"), disposed(END, item=2)), "not-filed"),
        ((held("none"), filed("none"), disposed(END, item=77)), "not-filed"),
        ((held("none"), filed("none"), disposed(END, item={"source": "urn:example:other", "id": "3"})), "not-filed"),
        ((filed("none"), disposed(END)), "not-held"),
        ((held("none"), filed("none", sha256="0" * 64), disposed(END)), "not-held"),
        ((held("none"), filed("none"), filed("none", 4, id="x"), disposed(END)), "filed-elsewhere"),
    ],
)
def test_what_does_not_hold_keeps_the_document_and_says_why(entries: tuple[Entry, ...], reason: str) -> None:
    standing = after(*entries)
    assert standing.released == {}
    assert [one.reason for one in standing.kept] == [reason]
    assert reason in REASONS


def test_an_item_is_named_by_position_or_by_source_and_id() -> None:
    for item in (3, {"source": "urn:example:archive", "id": "3"}):
        released = after(held("none"), filed("none"), disposed(END, item=item)).released
        assert (released[ID].position, released[ID].item, released[ID].digest) == (9, 3, HASH)


def test_an_item_that_names_the_bytes_alone_ends_the_deposit_of_these_bytes() -> None:
    assert after(held("none"), filed("none", id="its own number"), disposed(END)).released[ID].position == 9


def test_the_first_disposal_that_holds_is_the_one_that_is_named() -> None:
    again = disposed(END, position=10)
    assert after(held("none"), filed("none"), disposed(END), again).released[ID].position == 9
