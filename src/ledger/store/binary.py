"""PostgreSQL's binary form of the one kind of parameter an append sends: arrays.

    array   = int32 dimensions ‖ int32 has-null ‖ int32 element oid ‖ int32 count ‖ int32 lower bound ‖ element…
    element = int32 length ‖ bytes

Text travels as UTF-8, int8 and int4 big-endian (PostgreSQL source: array_send, array_recv in arrayfuncs.c).
"""

from collections.abc import Iterable, Sequence
from struct import Struct

INT4, INT8, TEXT, BYTEA = 23, 20, 25, 17
ARRAY_OF = {INT4: 1007, INT8: 1016, TEXT: 1009, BYTEA: 1001}

_HEAD = Struct("!5i")
_LENGTH = Struct("!i").pack
_INT8 = Struct("!iq").pack
_INT4 = Struct("!ii").pack


def int8(number: int) -> bytes:
    """One int8."""
    return number.to_bytes(8, "big", signed=True)


def of_bytes(values: Sequence[bytes], element: int = BYTEA) -> bytes:
    """bytea[] (or text[] of UTF-8)."""
    parts = [_HEAD.pack(1, 0, element, len(values), 1)] if values else [_none(element)]
    for value in values:
        parts.append(_LENGTH(len(value)))
        parts.append(value)
    return b"".join(parts)


def of_text(values: Iterable[str]) -> bytes:
    """text[]."""
    return of_bytes([value.encode() for value in values], TEXT)


def of_int8(values: Sequence[int]) -> bytes:
    """int8[]."""
    return (
        b"".join([_HEAD.pack(1, 0, INT8, len(values), 1), *[_INT8(8, value) for value in values]])
        if values
        else _none(INT8)
    )


def of_int4(values: Sequence[int]) -> bytes:
    """int4[]."""
    return (
        b"".join([_HEAD.pack(1, 0, INT4, len(values), 1), *[_INT4(4, value) for value in values]])
        if values
        else _none(INT4)
    )


def _none(element: int) -> bytes:
    return _HEAD.pack(0, 0, element, 0, 0)[:12]
