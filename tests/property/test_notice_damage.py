"""Whatever happens to a row, it gives one outcome, and its neighbours give theirs."""

import json
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from api.importers.candidates import understand
from api.importers.faults import REASONS, SHOWN, Fault, Unusable
from api.importers.names import bidder
from api.importers.prices import MAX_FEN, price
from api.importers.rows import Row, read
from api.importers.titles import marks

SAMPLE = Path(__file__).parents[2] / "ops" / "sample" / "notices.json"
ROWS: list[Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))[:3]
WRITTEN = [json.dumps(row, ensure_ascii=False, indent=0).encode() for row in ROWS]  # noqa: TID251  (a foreign file)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def outcome(row: Row) -> str | Fault:
    if row.fault is not None:
        return row.fault
    try:
        return understand(row.value).id
    except Unusable as found:
        return found.fault


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, child in children for place in places(child, (*path, step)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = put(value[path[0]], path[1:], new)
    return copied


@given(place=st.sampled_from(places(ROWS[1])), new=values)
def test_any_value_at_any_place_of_a_row_gives_one_outcome(place: tuple[Any, ...], new: Any) -> None:
    middle = json.dumps(put(ROWS[1], place, new)).encode()  # noqa: TID251  (a foreign file)
    found = [outcome(row) for row in read(b"[" + b",".join([WRITTEN[0], middle, WRITTEN[2]]) + b"]")]
    assert len(found) == 3
    assert (found[0], found[2]) == (ROWS[0]["infoid"], ROWS[2]["infoid"])
    if isinstance(found[1], Fault):
        assert found[1].reason in REASONS
        assert len(found[1].value) <= SHOWN
        assert len(found[1].path) <= SHOWN
        assert (found[1].value + found[1].path + found[1].detail).isprintable()


@example(start=0, length=0, new=b'"":')
@example(start=0, length=1, new=b'"":')
@given(start=st.integers(0, len(WRITTEN[1])), length=st.integers(0, 60), new=st.binary(max_size=30))
def test_bytes_damaged_inside_a_row_never_cost_another_row(start: int, length: int, new: bytes) -> None:
    middle = WRITTEN[1][:start] + new + WRITTEN[1][start + length :]
    found = [outcome(row) for row in read(b"[\n" + b",\n".join([WRITTEN[0], middle, WRITTEN[2]]) + b"\n]")]
    assert len(found) >= 3
    assert found[0] == ROWS[0]["infoid"]
    assert found[-1] == ROWS[2]["infoid"]


@given(raw=st.binary(max_size=200) | st.text('[]{},:"\\ infoid\n1', max_size=80).map(str.encode))
def test_any_bytes_at_all_are_read_without_an_exception(raw: bytes) -> None:
    for row in read(raw):
        outcome(row)


@given(st.text("0123456789.,%元万亿￥ 下浮率（）()报价未提供-", max_size=20))
def test_any_price_text_has_one_kind_and_what_it_needs(text: str) -> None:
    found = price(text)
    assert (found.fen is not None) == (found.kind == "fen")
    assert (found.bp is not None) == (found.kind == "rate")
    assert found.fen is None or 0 <= found.fen <= MAX_FEN
    assert found.text == text.strip()


@given(st.text("甲乙丙有限公司院联合体牵头人成员主和与、，;（）():： \n", min_size=1, max_size=60).filter(str.strip))
def test_any_name_has_an_identity_and_a_lead_among_its_members(text: str) -> None:
    found = bidder(text)
    assert not found.members or found.members[0].party == found.party
    assert len({firm.party for firm in found.members}) == len(found.members) != 1


@given(st.text("砚川一二三12第次招标公示更正标段包(（)）、至", max_size=40))
def test_any_title_has_marks(text: str) -> None:
    found = marks(text, text)
    assert found.round >= 1
    assert found.publication >= 1
