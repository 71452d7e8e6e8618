"""The verifier's own tools, each against its slow and obvious twin: sorting, matching, ordering, tag heads."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import encode
from ledger.errors import Broken
from ledger.store.suspect import fields, row_of
from ledger.verification import form
from ledger.verification.limits import Limits
from ledger.verification.links import Links
from ledger.verification.pairing import order
from ledger.verification.spill import Sorter
from ledger.verification.stored import Ordered, read
from ledger.verification.twins import Twins

TINY = Limits(early_bytes=300, waiting_rows=2, tags=2, sorted_bytes=200)


# -- sorting on disk --


@given(st.lists(st.binary(max_size=40)), st.integers(0, 2000))
def test_sorting_on_disk_gives_what_sorting_in_memory_gives(records: list[bytes], limit: int) -> None:
    with Sorter(limit) as sorter:
        sorter.extend(records)
        assert list(sorter.sorted()) == sorted(records)


def test_a_small_limit_goes_to_disk_and_a_large_one_does_not() -> None:
    with Sorter(100) as small, Sorter(10_000) as large:
        for number in range(20):
            small.add(bytes([number]))
            large.add(bytes([number]))
        assert small.runs > 1
        assert large.runs == 0


# -- binary COPY rows --


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_a_row_is_read_as_it_is_written(values: list[bytes]) -> None:
    assert fields(row_of(values), len(values)) == values


def test_null_is_not_the_empty_value() -> None:
    assert fields(b"\0\2" + b"\xff\xff\xff\xff" + b"\0\0\0\0", 2) == [None, b""]


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"\0",
        b"\0\2\0\0\0\1a",
        b"\0\1\0\0\0\1a\0\0\0\1b",
        b"\0\2\0\0\0\1a\0\0\0\5b",
        b"\0\2\0\0\0\1a\0\0\0\1bX",
        b"\0\2\xff\xff\xff\xfe\0\0\0\1b",
        b"\0\3\0\0\0\1a\0\0\0\1b\0\0\0\1c",
        b"\xff\xff",
    ],
)
def test_a_row_that_is_not_exactly_its_fields_is_refused(row: bytes) -> None:
    with pytest.raises(Broken):
        fields(row, 2)


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_do_anything_else_than_answer_or_refuse(row: bytes) -> None:
    try:
        values = fields(row, 3)
    except Broken:
        return
    assert row_of([value for value in values if value is not None]) == row or None in values


# -- entries in the order of their own positions --


def stored_row(position: int, stated: int | None = None) -> bytes:
    raw = encode({"event": {}, "position": position if stated is None else stated})
    leaf = sha256(b"\0" + raw).digest()
    return row_of([position.to_bytes(8, "big", signed=True), b"t", leaf, raw])


def places(rows: list[bytes], hold: int) -> list[tuple[int, int]]:
    with closing(Ordered(taker(rows), hold)) as ordered:
        return [(row.place, row.position) for row in ordered]


@given(st.permutations(range(1, 30)), st.sampled_from([0, 300, 100_000]))
def test_rows_come_out_in_order_whatever_the_heap_looks_like(numbers: list[int], hold: int) -> None:
    rows = [stored_row(number) for number in numbers]
    assert places(rows, hold) == [(number, number) for number in range(1, 30)]


@pytest.mark.parametrize("hold", [0, 300, 100_000])
def test_a_row_under_a_false_number_is_met_where_it_belongs_and_a_copy_behind_the_true_one(hold: int) -> None:
    rows = [stored_row(1), stored_row(9, stated=2), stored_row(3), stored_row(50, stated=3), stored_row(4)]
    assert places(rows, hold) == [(1, 1), (2, 9), (3, 3), (3, 50), (4, 4)]


@pytest.mark.parametrize("hold", [0, 300, 100_000])
def test_a_missing_row_and_a_second_one_under_the_same_number_lose_nobody(hold: int) -> None:
    rows = [stored_row(1), stored_row(3), stored_row(3), stored_row(4), stored_row(-7)]
    assert Counter(places(rows, hold)) == Counter([(-7, -7), (1, 1), (3, 3), (3, 3), (4, 4)])


def test_bytes_that_are_no_entry_stay_under_their_number() -> None:
    row = read(row_of([(5).to_bytes(8, "big"), b"t", bytes(32), b"[1]"]))
    assert (row.place, row.document, row.prev) == (5, None, None)


# -- two sets of rows --


def taker(rows: list[bytes]) -> Callable[[int], list[bytes]]:
    left = list(rows)

    def take(count: int) -> list[bytes]:
        taken = left[:count]
        del left[:count]
        return taken

    return take


def tag_row(number: int) -> bytes:
    return row_of([b"lot:%d" % number, number.to_bytes(8, "big"), (1).to_bytes(8, "big")])


@given(
    st.lists(st.integers(0, 40), unique=True),
    st.lists(st.integers(0, 40)),
    st.sampled_from([TINY, Limits()]),
    st.integers(1, 7),
)
def test_differences_are_those_of_two_multisets(demanded: list[int], found: list[int], limits: Limits, n: int) -> None:
    twins = Twins(taker([tag_row(number) for number in found]), order("tag"), limits)
    for start in range(0, len(demanded), n):
        twins.demand([tag_row(number) for number in demanded[start : start + n]])
    result = twins.differences()
    left, right = Counter(demanded), Counter(found)
    assert result.missing == [tag_row(number) for number in sorted((left - right).elements())]
    assert result.surplus == [tag_row(number) for number in sorted((right - left).elements())]
    assert (result.more, twins.count) == (0, len(found))


def test_differences_beyond_those_named_are_counted() -> None:
    for limits in (Limits(), TINY):
        twins = Twins(taker([tag_row(number) for number in range(3000)]), order("tag"), limits)
        result = twins.differences()
        assert result.surplus == [tag_row(number) for number in range(1000)]
        assert result.more == 2000


# -- tag heads --


def walk_links(links: Links, entries: list[tuple[str, int, str | None]]) -> list[str]:
    """Feed (tag, ordinal, leaf before) as the walker does; returns the tags found torn, at once or at the end."""
    torn = []
    for position, (tag, ordinal, before) in enumerate(entries, start=1):
        head = links.heads.get(tag)
        if head is None:
            fits, prefix = links.meet(tag, position, ordinal, before)
        else:
            fits, prefix = [ordinal, before] == head[0], head[1]
        if not fits:
            torn.append(tag)
        links.heads[tag] = [[ordinal + 1, f"{position:064x}"], prefix]
        links.make_room()
    return torn + [tag for _, tag, *_ in links.torn()]


def honest(tags: list[str]) -> list[tuple[str, int, str | None]]:
    heads: dict[str, tuple[int, str | None]] = {}
    entries = []
    for position, tag in enumerate(tags, start=1):
        ordinal, before = heads.get(tag, (0, None))
        entries.append((tag, ordinal + 1, before))
        heads[tag] = (ordinal + 1, f"{position:064x}")
    return entries


TAGS = st.lists(st.sampled_from([f"lot:{number}" for number in range(9)] + ["lot", "lot:10"]), max_size=60)


@given(TAGS, st.sampled_from([TINY, Limits()]))
def test_honest_links_hold_also_when_heads_are_laid_down(tags: list[str], limits: Limits) -> None:
    assert walk_links(Links(limits), honest(tags)) == []


@given(TAGS.filter(bool), st.data(), st.sampled_from([TINY, Limits()]))
def test_a_link_left_out_or_altered_is_found_in_either_way(
    tags: list[str], data: st.DataObject, limits: Limits
) -> None:
    entries = honest(tags)
    at = data.draw(st.integers(0, len(entries) - 1))
    tag, ordinal, before = entries[at]
    entries[at] = data.draw(st.sampled_from([(tag, ordinal + 1, before), (tag, ordinal, f"{99:064x}")]))
    assert tag in walk_links(Links(limits), entries)


# -- canonical bytes --

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_what_the_encoder_writes_is_canonical(value: dict[str, object]) -> None:
    try:
        raw = encode(value)
    except TypeError:
        return
    assert form.canonical(value, raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1.5}',
        b'{"a":[1,2.0]}',
        b'{"a":1e21}',
        b'{"a":-0.0}',
        b'{"a":"\\"","b":1.5}',
        b'{"a":9007199254740993}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\u9633"}',
        '{"（":1,"𠮷":2}'.encode(),
    ],
)
def test_other_bytes_of_the_same_value_are_not_canonical(raw: bytes) -> None:
    document = read(row_of([(1).to_bytes(8, "big"), b"t", bytes(32), raw])).document
    assert document is not None
    assert not form.canonical(document, raw)
