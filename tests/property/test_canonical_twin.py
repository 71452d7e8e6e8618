"""Bytes in, bytes out: `canonical` and `entry` against slow twins written from RFC 8785 and the format page."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import MAX_DEPTH, MAX_INTEGER, decode, encode
from ledger.entry import NO_LEAF, parse, seal
from ledger.errors import Broken, NotJson, TooLarge
from ledger.proofs.tree import leaf_hash

SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
names = texts.filter(lambda name: name not in ("_sd", "..."))
plain_names = names.filter(lambda name: max(name, default="") <= "\uffff")
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
scalars = st.none() | st.booleans() | integers | texts


def values(name: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """JSON values as this ledger knows them."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(name, inner, max_size=4),
        max_leaves=MAX_DEPTH - 2,
    )


def slow(value: Any) -> str:
    """RFC 8785, from its text: sorted by UTF-16 code units, shortest escapes, no blanks."""
    if isinstance(value, dict):
        members = sorted(value, key=lambda name: list(name.encode("utf-16-be")))
        return "{" + ",".join(f"{slow(name)}:{slow(value[name])}" for name in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(slow, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(SHORT.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    return {None: "null", True: "true", False: "false"}[value] if value in (None, True, False) and not _is_int(value) \
        else str(value)  # fmt: skip


def loose(value: Any, dice: Random) -> str:
    """The same value as a careless program might write it: blanks, escapes, members in any order."""

    def blank() -> str:
        return dice.choice(["", "", " ", "\n", "\t\r\n "])

    if isinstance(value, dict):
        members = dice.sample(sorted(value), len(value))
        inner = ",".join(
            blank() + loose(name, dice) + blank() + ":" + blank() + loose(value[name], dice) + blank()
            for name in members
        )
        return "{" + (inner or blank()) + "}"
    if isinstance(value, list):
        return "[" + (",".join(blank() + loose(item, dice) + blank() for item in value) or blank()) + "]"
    if isinstance(value, str):
        return '"' + "".join(_escaped(c) if dice.random() < 0.3 else slow(c)[1:-1] for c in value) + '"'
    return slow(value)


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02X}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@given(values(names))
def test_encoding_is_what_the_slow_twin_writes(value: Any) -> None:
    assert encode(value) == slow(value).encode()


@given(values(plain_names), st.integers())
def test_what_is_decoded_is_what_was_meant_however_it_was_written(value: Any, seed: int) -> None:
    written = loose(value, Random(seed)).encode()
    assert decode(written) == value == json.loads(written)
    assert decode(encode(value)) == value
    assert encode(decode(written)) == encode(value)


def test_rare_han_characters_sort_before_full_width_signs() -> None:
    assert encode({"name:（甲）": 1, "name:𠮷野": 2}).decode() == '{"name:𠮷野":2,"name:（甲）":1}'
    assert (
        encode([{"（": "𠮷", "a": 1, "𠮷": {"￥": 1, "𠮷": 2}}]).decode() == '[{"a":1,"𠮷":{"𠮷":2,"￥":1},"（":"𠮷"}]'
    )


def nested(depth: int, kind: str) -> bytes:
    return b"[" * depth + b"]" * depth if kind == "list" else b'{"a":' * depth + b"1" + b"}" * depth


REFUSED = {
    "a byte-order mark": (b"\xef\xbb\xbf{}", "bom"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "utf-8"),
    "a byte that is not UTF-8": (b'{"a":"\xff"}', "utf-8"),
    "an overlong form": (b'{"a":"\xc0\x80"}', "utf-8"),
    "a surrogate written as UTF-8": (b'{"a":"\xed\xa0\x80"}', "utf-8"),
    "a lone high surrogate": (b'{"a":"\\ud842"}', "surrogate"),
    "a lone low surrogate": (b'{"a":["\\uDFB7"]}', "surrogate"),
    "surrogates the wrong way round": (b'["\\udfb7\\ud842"]', "surrogate"),
    "a lone surrogate in a name": (b'{"\\ud842":1}', "surrogate"),
    "U+0000": (b'{"a":"\\u0000"}', "nul"),
    "U+0000 in a name": (b'{"a":[{"\\u0000":1}]}', "nul"),
    "U+0000 as a byte": (b'{"a":"\0"}', "syntax"),
    "a name twice": (b'{"a":1,"b":2,"a":1}', "duplicate-name"),
    "a name twice, once escaped": (b'{"a":1,"\\u0061":1}', "duplicate-name"),
    "a name twice, deep inside": (b'{"a":[{"b":{"c":1,"c":2}}]}', "duplicate-name"),
    "the name _sd": (b'{"_sd":[]}', "name"),
    "the name ...": (b'[{"...":"x"}]', "name"),
    "the name _sd, escaped": (b'{"\\u005fsd":[]}', "name"),
    "a name above U+FFFF": ('{"𠮷":1}'.encode(), "name"),
    "a name above U+FFFF, escaped": (b'{"\\ud842\\udfb7":1}', "name"),
    "depth 17 of lists": (nested(MAX_DEPTH + 1, "list"), "depth"),
    "depth 17 of objects": (nested(MAX_DEPTH + 1, "object"), "depth"),
    "depth 100,000": (nested(100_000, "list"), "depth"),
    "a fraction": (b"[1.5]", "number"),
    "an integer with a point": (b"[1.0]", "number"),
    "an exponent": (b"[1e2]", "number"),
    "minus zero": (b"[-0]", "number"),
    "one above 2^53-1": (b"[9007199254740992]", "number"),
    "one below -(2^53-1)": (b"[-9007199254740992]", "number"),
    "a number of 5,000 digits": (b"[" + b"9" * 5000 + b"]", "number"),
    "NaN": (b"[NaN]", "number"),
    "Infinity": (b"[-Infinity]", "number"),
    "a leading zero": (b"[01]", "syntax"),
    "a plus sign": (b"[+1]", "syntax"),
    "full-width digits": ("[１]".encode(), "syntax"),
    "a line break in a text": (b'["a\nb"]', "syntax"),
    "a comma too many": (b"[1,]", "syntax"),
    "a comment": (b"[1] // one", "syntax"),
    "two values": (b"{} {}", "syntax"),
    "nothing": (b"", "syntax"),
    "single quotes": (b"{'a':1}", "syntax"),
    "a no-break space between": ("[1,\u00a01]".encode(), "syntax"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_is(what: str) -> None:
    raw, code = REFUSED[what]
    with pytest.raises(NotJson) as refused:
        decode(raw)
    assert [one.code for one in refused.value.problems] == [code]
    assert all(one.zh and one.en for one in refused.value.problems)


def test_a_refusal_names_its_place_as_a_json_pointer() -> None:
    with pytest.raises(NotJson) as refused:
        decode(b'{"a/b":[{"~":"\\ud842"}]}')
    assert refused.value.problems[0].pointer == "/a~1b/0/~0"


@pytest.mark.parametrize(
    "raw",
    [
        b"0", b"-1", b"9007199254740991", b"-9007199254740991", b'"\\u0001\x7f"', b'"\\\\u0000 \\\\ud842"',
        b'"\\ud842\\udfb7"', '"𠮷"'.encode(), b'{"":{"_sd ":1}}',
        nested(MAX_DEPTH, "list"), nested(MAX_DEPTH, "object"), b"[" + b"[]," * 100 + b"[]]",
    ],
)  # fmt: skip
def test_accepted_is(raw: bytes) -> None:
    assert decode(raw) == json.loads(raw)


links = st.dictionaries(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20),
    st.tuples(st.integers(1, 2**40), st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex)),
    max_size=5,
)


@given(
    st.dictionaries(names, values(names), max_size=3),
    links,
    st.integers(1, 2**50),
    st.dictionaries(st.sampled_from(["org", "via"]), texts),
    st.binary(min_size=32, max_size=32),
)
def test_a_sealed_entry_is_the_canonical_form_of_the_whole_and_reads_back(
    event: dict[str, Any], links: dict[str, tuple[int, str | None]], position: int, poster: dict[str, str], prev: bytes
) -> None:
    recorded = "2026-11-22T01:00:00.123456Z"
    raw, leaf = seal(encode(event), position=position, links=links, poster=poster, prev=prev, recorded=recorded)
    whole = {
        "event": event, "links": {tag: list(link) for tag, link in links.items()}, "position": position,
        "poster": poster, "prev": prev.hex(), "recorded": recorded, "v": 1,
    }  # fmt: skip
    assert raw == slow(whole).encode()
    entry = parse(raw)
    assert (entry.event, entry.links, entry.position, entry.poster) == (event, links, position, poster)
    assert (entry.prev, entry.recorded, entry.raw, entry.leaf) == (prev.hex(), recorded, raw, leaf)
    assert leaf == leaf_hash(raw)
    assert entry.tags == tuple(sorted(links))


def test_an_entry_of_65535_bytes_is_sealed_and_one_more_is_not() -> None:
    def sealed(letters: int) -> bytes:
        event = encode({"data": "x" * letters})
        return seal(event, position=1, links={}, poster={}, prev=NO_LEAF, recorded="2026-11-22T01:00:00.123456Z")[0]

    most = 65_535 - len(sealed(0))
    assert len(sealed(most)) == 65_535
    with pytest.raises(TooLarge):
        sealed(most + 1)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"1", b'"x"', b'{"event":{},"links":[],"position":1}', b"\xff", b"null"]
)
def test_bytes_that_are_no_entry_are_broken_not_a_crash(raw: bytes) -> None:
    with pytest.raises(Broken):
        parse(raw)
