"""The atoms of the text formats: UTF-8, base64 and decimals, each value with exactly one spelling.

A second spelling of the same hash or number would let a changed document pass for the original: base64 decoders ignore
the unused bits of the last letter, number parsers accept `+3`, ` 3`, `03`. Everything here is read, written again and
compared, or matched whole.
"""

import re
from base64 import b64decode, b64encode

from ledger.proofs.failures import Unreadable

MAX_NUMBER = 2**63 - 1
"""Sizes, indexes and times are at most this (C2SP tlog-cosignature; also the database's int8)."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def utf8(raw: bytes | str, what: str, limit: int) -> str:
    """The text of at most `limit` bytes. Raises Unreadable if it is longer or no UTF-8."""
    if len(raw) > limit:
        raise Unreadable(f"({what}: over {limit} bytes)")
    try:
        return (raw.encode("utf-8") if isinstance(raw, str) else raw).decode("utf-8")
    except UnicodeError as fault:
        raise Unreadable(f"({what}: no UTF-8)") from fault


def base64(value: bytes) -> str:
    """RFC 4648 section 4, with padding."""
    return b64encode(value).decode("ascii")


def unbase64(text: str, what: str, length: int | None = None) -> bytes:
    """The bytes of a base64 text, `length` of them if given. Raises Unreadable for any spelling but our own."""
    try:
        value = b64decode(text.encode("ascii"), validate=True)
    except ValueError as fault:
        raise Unreadable(f"({what}: no base64)") from fault
    if base64(value) != text:
        raise Unreadable(f"({what}: not the canonical base64)")
    if length is not None and len(value) != length:
        raise Unreadable(f"({what}: {len(value)} bytes, wanted {length})")
    return value


def decimal(text: str, what: str) -> int:
    """A number from 0 to 2^63-1 in ASCII without leading zeros. Raises Unreadable for anything else."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_NUMBER:
        raise Unreadable(f"({what}: no decimal number up to 2^63-1)")
    return int(text)
