"""Whether an entry's bytes have the form of `schemas/formats/entry.md`: members, values, canonical bytes.

`orjson` reads and writes fast but is no judge: it accepts floats and orders names by code point. So bytes are canonical
when writing what was read gives the same bytes (that finds doubled names, blanks, another order, other escapes), no
number has a point or an exponent, and names above U+FFFF, if there are any, stand in UTF-16 order (RFC 8785).
"""

import re
from datetime import datetime
from typing import Any

import orjson

from ledger.canonical import encode
from ledger.entry import MAX_BYTES

MEMBERS = frozenset({"event", "links", "position", "poster", "prev", "recorded", "v"})
LATER = frozenset({"proof", "batch", "opens"})
"""Members of the format that a later verifier reads: signatures, batches, opened seals."""

VERSION = 1

_STRICT = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_NO_NUMBER = bytes(byte for byte in range(256) if byte not in b'".eE')
_RECORDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")


class Newer(Exception):
    """The entry is of a format that this verifier does not know."""


def canonical_entry(document: dict[str, Any], raw: bytes) -> bool:
    """`raw` is the canonical form of an entry, `document`, and at most 65,535 bytes long."""
    return len(raw) <= MAX_BYTES and canonical(document, raw)


def canonical(document: Any, raw: bytes) -> bool:
    """`raw` is what the canonical encoder would write for `document`, which was read from it."""
    try:
        written = orjson.dumps(document, option=_STRICT)
        if b"\xf0" in raw or b"\xf1" in raw or b"\xf2" in raw or b"\xf3" in raw or b"\xf4" in raw:
            written = encode(document)  # there is a character above U+FFFF
    except (orjson.JSONEncodeError, TypeError):
        return False
    return written == raw and _integers(document, raw)


def _integers(document: Any, raw: bytes) -> bool:
    """No number has a point or an exponent: almost always because no such byte stands outside texts."""
    if b"\\" in raw:
        return _no_float(document)
    loose = _outside_texts(raw)
    if loose and b"." not in loose:  # true and false have an e, too
        loose = _outside_texts(raw.replace(b":true", b":").replace(b":false", b":"))
    return not loose or _no_float(document)


def _outside_texts(raw: bytes) -> bytes:
    """The points and e's of JSON without escapes that stand outside its texts.

    Of `"a.b":[1.5,"e"]` only `"."."e"` is kept; every second part between quotes is outside. Two quotes in a row end a
    text and begin the next with nothing between them, so they can go.
    """
    kept = raw.translate(None, _NO_NUMBER).replace(b'""', b"")
    return b"".join(kept.split(b'"')[::2])


def _no_float(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_no_float, value.values()))
    if isinstance(value, list):
        return all(map(_no_float, value))
    return not isinstance(value, float)


def demand_known(document: dict[str, Any]) -> None:
    """Raises Newer for an entry of a later version, or one with seals or signatures, which come later."""
    version = document.get("v")
    if type(version) is int and version > VERSION:
        raise Newer
    event = document.get("event")
    if not LATER.isdisjoint(document) or (isinstance(event, dict) and "_sd" in event):
        raise Newer


def moment(text: object) -> datetime | None:
    """The moment of `recorded`: UTC with six digits and nothing else; None for any other text."""
    if not isinstance(text, str) or _RECORDED.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def shaped(document: dict[str, Any]) -> bool:
    """Members and their kinds are those of an entry. What the values must be, and the links, is asked elsewhere."""
    try:
        event = document["event"]
        return (
            len(document) == len(MEMBERS)
            and document["v"] == VERSION
            and type(document["v"]) is int
            and type(document["position"]) is int
            and type(document["prev"]) is str
            and type(document["recorded"]) is str
            and type(document["poster"]) is dict
            and type(document["links"]) is dict
            and type(event) is dict
            and type(event["type"]) is str
            and type(event["source"]) is str
            and type(event["id"]) is str
        )
    except KeyError:
        return False


def link(value: object) -> bool:
    """A link is an ordinal from 1, and the leaf hash of the tag's entry before (null at 1)."""
    if not (isinstance(value, list) and len(value) == 2 and type(value[0]) is int and 0 < value[0] < 1 << 53):
        return False
    before = value[1]
    return before is None if value[0] == 1 else isinstance(before, str) and _HASH.fullmatch(before) is not None
