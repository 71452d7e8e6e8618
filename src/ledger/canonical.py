"""Bytes → value, strictly, once; value → bytes, once.

`decode` is the one JSON decoder in front of the ledger. It refuses what two readers could understand differently
(`ledger-format` section 1): a byte-order mark, invalid UTF-8, lone surrogates, U+0000, a member name twice, member
names `_sd`, `...` or with characters above U+FFFF, depth over 16, and every number that is not an integer within
±(2^53-1) written the one way. `encode` writes RFC 8785 canonical JSON: what it returns is what is hashed and stored.

>>> encode(decode(b'{ "b": 1, "a": "\\u9633\\u5149" }')).decode()
'{"a":"阳光","b":1}'
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

import orjson

from ledger.errors import NotJson, Problem
from ledger.fields import step

MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1
MAX_NUMBERS = 100
"""Numbers named in one refusal."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_RESERVED = frozenset({"_sd", "..."})


def decode(raw: bytes) -> Any:
    """The value that `raw` states; integers, text, lists, objects, true, false and null.

    Raises NotJson, with a problem that names the place as far as it is known.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        _refuse("", "utf-8", f"第 {fault.start} 字节起不是 UTF-8。", f"Not UTF-8 from byte {fault.start} on.")
    if text.startswith("\ufeff"):
        _refuse("", "bom", "开头有字节序标记，请去掉。", "There is a byte-order mark; leave it out.")
    try:
        value = _value(text)
    except json.JSONDecodeError as fault:
        _refuse(
            "",
            "syntax",
            f"第 {fault.lineno} 行第 {fault.colno} 列不是 JSON。",
            f"Not JSON at line {fault.lineno}, column {fault.colno}.",
        )
    except RecursionError:
        _too_deep("")
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    if _ESCAPE.search(raw):
        _check_text(value, "")
    return value


def encode(value: Any) -> bytes:
    """RFC 8785 canonical bytes of a value made of integers, text, lists, objects, true, false and null.

    Names are ordered by UTF-16 code units. orjson orders by code point, which is the same as long as no name has a
    character above U+FFFF; where a byte of such a character occurs at all, names are ordered here first.
    """
    raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if 0xF0 in raw or 0xF1 in raw or 0xF2 in raw or 0xF3 in raw or 0xF4 in raw:  # how UTF-8 begins such a character
        return orjson.dumps(_in_utf16_order(value))
    return raw


def _in_utf16_order(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _in_utf16_order(value[name]) for name in names}
    if isinstance(value, list):
        return [_in_utf16_order(item) for item in value]
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse(
            step("", twice), "duplicate-name", f"成员「{twice}」出现了两次。", f"The member {twice!r} stands twice."
        )
    for name in members:
        if not name.isascii() and max(name) > "\uffff":
            _refuse("", "name", "成员名含 U+FFFF 以上的字符。", "A member name has a character above U+FFFF.")
        if name in _RESERVED:
            _refuse(
                f"/{name}", "name", f"成员名「{name}」为台账保留。", f"The member name {name!r} is the ledger's own."
            )
    return members


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) and len(text) < 18 and -MAX_INTEGER <= (number := int(text)) <= MAX_INTEGER:
        return number
    return _number(text)


def _value(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except _NoInteger:
        _refuse_numbers(text)


class _NoInteger(Exception):
    """Raised inside the decoder, which does not know where it is."""


@dataclass(frozen=True, slots=True)
class _Number:
    """What stands for a number that is refused while its places are looked for."""

    picture: str


def _number(_: str) -> NoReturn:
    raise _NoInteger


def _pictured(text: str) -> _Number:
    """The number without its digits: `3.0` is `•.•`. It may be a price that nobody is to know yet."""
    return _Number(re.sub(r"[0-9]+|[A-Za-z]{2,}", "•", text))


def _kept(text: str) -> int | _Number:
    try:
        return _integer(text)
    except _NoInteger:
        return _pictured(text)


def _refuse_numbers(text: str) -> NoReturn:
    """Decode once more, to say of each number that is no integer where it stands."""
    kept = json.JSONDecoder(
        object_pairs_hook=_members, parse_float=_pictured, parse_int=_kept, parse_constant=_pictured
    )
    problems = [
        Problem(
            pointer,
            "number",
            "数只能是 ±(2^53-1) 以内的整数，不得带小数点或指数（金额以分计，面积以 0.01 m² 计）。",
            "Numbers are integers within ±(2^53-1), without point or exponent (money in fen, area in 0.01 m²).",
            number.picture,
        )
        for pointer, number in islice(_numbers(kept.decode(text), ""), MAX_NUMBERS)
    ]
    raise NotJson(problems=tuple(problems))


def _numbers(value: Any, pointer: str) -> Iterator[tuple[str, _Number]]:
    if isinstance(value, _Number):
        yield pointer, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _numbers(item, step(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, f"{pointer}/{index}")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
    if any(isinstance(item, (dict, list)) for item in level):
        _too_deep("")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_text(value: Any, pointer: str) -> None:
    if isinstance(value, str):
        if "\0" in value:
            _refuse(pointer, "nul", "文字含 U+0000。", "The text has a U+0000.")
        if any("\ud800" <= char <= "\udfff" for char in value):
            _refuse(pointer, "surrogate", "文字含孤立的代理码位。", "The text has a lone surrogate.")
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name, pointer)
            _check_text(item, step(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_text(item, f"{pointer}/{index}")


def _too_deep(pointer: str) -> NoReturn:
    _refuse(pointer, "depth", f"嵌套超过 {MAX_DEPTH} 层。", f"Nested deeper than {MAX_DEPTH}.")


def _refuse(pointer: str, code: str, zh: str, en: str) -> NoReturn:
    raise NotJson(problems=(Problem(pointer, code, zh, en),))


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_float=_number, parse_int=_integer, parse_constant=_number)
