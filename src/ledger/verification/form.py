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
from ledger.entry import MAX_BYTES, SEALED_TYPE
from ledger.sealed_events.forms import TAG_PREFIX, tag_of
from ledger.secrecy import unb64

MEMBERS = frozenset({"event", "links", "position", "poster", "prev", "recorded", "v"})
LATER = frozenset({"proof", "batch"})
"""Members of the format that a later verifier reads: signatures and batches."""

OPENS = frozenset({"n", "position", "received", "salts"})

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
    """Raises Newer for an entry of a later version, or one with signatures, which come later."""
    version = document.get("v")
    if type(version) is int and version > VERSION:
        raise Newer
    if not LATER.isdisjoint(document):
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
            (len(document) == len(MEMBERS) or _opening(document))
            and document["v"] == VERSION
            and type(document["v"]) is int
            and type(document["position"]) is int
            and type(document["prev"]) is str
            and type(document["recorded"]) is str
            and type(document["poster"]) is dict
            and type(document["links"]) is dict
            and type(event) is dict
            and (
                (type(event["type"]) is str and type(event["source"]) is str and type(event["id"]) is str)
                if "type" in event
                else _sealed(document)
            )
        )
    except KeyError:
        return False


def _sealed(document: dict[str, Any]) -> bool:
    """Event and poster are one digest each, and the only link is a token's: `schemas/formats/sealing.md`."""
    return len(document) == len(MEMBERS) and sealed_parts(document) is not None


def _opening(document: dict[str, Any]) -> bool:
    """The one member more is what an opening entry says of the sealed one."""
    opens = document.get("opens")
    if len(document) != len(MEMBERS) + 1 or type(opens) is not dict or "type" not in document["event"]:
        return False
    salts = opens.get("salts")
    return (
        opens.keys() - {"taken"} == OPENS
        and opens.get("taken", True) is True
        and type(opens["n"]) is int
        and type(opens["position"]) is int
        and type(opens["received"]) is str
        and type(salts) is list
        and [type(one) for one in salts] == [str, str]
    )


def sealed_parts(document: dict[str, Any]) -> tuple[bytes, bytes, bytes] | None:
    """Token, E and P of a sealed entry, 32 bytes each; None where it has not exactly that form."""
    try:
        ((tag, link_),) = document["links"].items()
        (event,), (poster,) = document["event"]["_sd"], document["poster"]["_sd"]
        token = bytes.fromhex(tag.removeprefix(TAG_PREFIX))
        found = token, unb64(event), unb64(poster)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    alone = len(document["event"]) == len(document["poster"]) == 1 and link_ == [1, None]
    return found if alone and tag == tag_of(token.hex()) and all(len(part) == 32 for part in found) else None


def type_of(document: dict[str, Any]) -> str:
    """What the table of entries holds as the type of a shaped entry."""
    return str(document["event"].get("type", SEALED_TYPE))


def key_of(document: dict[str, Any]) -> tuple[str, str] | None:
    """Source and id of a shaped entry's row in the table of keys; None where its key was taken before it."""
    event = document["event"]
    if "type" not in event:
        return "", event["_sd"][0]
    if "opens" in document and "taken" in document["opens"]:
        return None
    return event["source"], event["id"]


def link(value: object) -> bool:
    """A link is an ordinal from 1, and the leaf hash of the tag's entry before (null at 1)."""
    if not (isinstance(value, list) and len(value) == 2 and type(value[0]) is int and 0 < value[0] < 1 << 53):
        return False
    before = value[1]
    return before is None if value[0] == 1 else isinstance(before, str) and _HASH.fullmatch(before) is not None
