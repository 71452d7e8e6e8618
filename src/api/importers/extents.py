r"""Where the rows of a JSON array file lie, also when the file is damaged.

A file of the form `[ {"infoid": …}, {"infoid": …} ]` is cut into one extent a row without understanding any of them.
In a well-formed file the cut is exact: an extent is an element of the array. In a damaged one three things help:

- a *start*: `{` followed by a member that only rows have (`infoid`, `infourl`, `parsed_data`, `raw_data`). Inside a
  JSON string the quotes would be escaped, so these bytes are never text;
- a *finish*: `}}` and then the next object, or the end of the array;
- a member (`"name":`) cannot stand between rows: it belongs to the row before it, or, where that row has such a member
  already, it begins a row that has lost its bracket.

A row whose brackets do not balance before the next start ends at the nearest start or finish, whichever comes first.
Commas and stray closing brackets between rows carry nothing and belong to no row. Nothing else is ever skipped.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

START = re.compile(rb'\{\s*"(?:infoid|infourl|parsed_data|raw_data)"\s*:')
_FINISH = re.compile(rb'\}\s*\}(?=\s*,\s*\{(?!\s*"(?:bidder|price|project_name|publicity_period|title)")|\s*\]?\s*\Z)')
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*+"')
_BETWEEN = re.compile(rb"[\s,\]}]*+")
_COMMA = re.compile(rb"[\s,]*+")
_MEMBER = re.compile(rb'[\s,]*+("(?:[^"\\\x00-\x1f]|\\.)*+"|)\s*:')
_VALUELESS = re.compile(rb"\s*(?:" + START.pattern + rb'|"(?:[^"\\\x00-\x1f]|\\.)*+"\s*:)')
_NEXT = re.compile(rb'["{}\[\]]')
_WORD = re.compile(rb'[^\s,\[\]{}":]++(?=\s*(?:[,\]]|\Z))')
_CLOSES = {ord("{"): ord("}"), ord("["): ord("]")}


@dataclass(frozen=True, slots=True)
class Extent:
    """One row of the file: bytes `start` to `end`, beginning in line `line` (from 1)."""

    start: int
    end: int
    line: int


def extents(raw: bytes) -> Iterator[Extent]:
    """The extents of the rows of `raw`, in order; they do not overlap."""
    cut = _Cut(raw)
    line, counted = 1, 0
    for start, end in cut.rows():
        line += raw.count(b"\n", counted, start)
        counted = start
        yield Extent(start, end, line)


class _Cut:
    """The cutting of one file; `starts` are ignored where the whole file is well-formed."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._starts = [] if _well_formed(raw) else [match.start() for match in START.finditer(raw)]

    def rows(self) -> Iterator[tuple[int, int]]:
        at = self._opening()
        while True:
            at = self._between(at)
            if at >= len(self._raw):
                return
            end = self._end(at)
            while self._goes_on(at, end):
                end = self._resume(_match_end(_COMMA, self._raw, end) + 1)
            yield at, end
            at = end

    def _opening(self) -> int:
        """The place after a byte-order mark, blanks and the bracket that opens the array."""
        at = 3 if self._raw.startswith(b"\xef\xbb\xbf") else 0
        while at < len(self._raw) and self._raw[at] in b" \t\r\n":
            at += 1
        return at + 1 if self._raw[at : at + 1] == b"[" else at

    def _between(self, at: int) -> int:
        """The place after everything that may stand between two rows."""
        while True:
            at = _match_end(_BETWEEN, self._raw, at)
            opened = _match_end(_BETWEEN, self._raw, at + 1) if self._raw[at : at + 1] == b"[" else at
            if opened == at or opened not in self._starts:
                return at
            at = opened  # the bracket of a second array, or of one that was opened twice

    def _goes_on(self, at: int, end: int) -> bool:
        """Whether a member follows that belongs to the row before it: one which that row does not have yet."""
        member = _MEMBER.match(self._raw, end)
        if member is None or _VALUELESS.match(self._raw, member.end()):
            return False  # nothing, or what is left of the bracket and first name of the next row
        return self._raw.find(member[1], at, end) < 0 if member[1] else not _is_json(self._raw[at:end])

    def _end(self, at: int) -> int:
        """The end of the row that begins at `at`: exact where it balances before the next start."""
        limit = self._next_start(at)
        first = self._raw[at]
        if first in _CLOSES:
            end = self._balanced(at, limit)
        elif first == ord('"'):
            end = at if _MEMBER.match(self._raw, at) else _match_end(_STRING, self._raw, at)
        else:
            end = _match_end(_WORD, self._raw, at)
        return end if at < end <= limit else self._resume(at + 1)

    def _balanced(self, at: int, limit: int) -> int:
        """The place after the bracket that closes the one at `at`; `at` itself where there is none before `limit`."""
        start, stack = at, bytearray()
        while match := _NEXT.search(self._raw, at, limit):
            char, at = self._raw[match.start()], match.end()
            if char == ord('"'):
                text = _STRING.match(self._raw, match.start())
                if text is None:
                    return start
                at = text.end()
            elif char in _CLOSES:
                stack.append(_CLOSES[char])
            elif not stack or stack.pop() != char:
                return start
            if not stack:
                return at
        return start

    def _resume(self, at: int) -> int:
        """Where a damaged row ends: at the nearest finish or start, else at the end of the file."""
        limit = self._next_start(at - 1)
        finish = _FINISH.search(self._raw, at, limit)
        return finish.end() if finish else limit

    def _next_start(self, at: int) -> int:
        index = bisect_right(self._starts, at)
        return self._starts[index] if index < len(self._starts) else len(self._raw)


def _match_end(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    match = pattern.match(raw, at)
    return match.end() if match else at


def _well_formed(raw: bytes) -> bool:
    """Whether the whole file is one JSON array; then its elements are the rows, whatever they hold."""
    return raw.lstrip(b" \t\r\n").startswith(b"[") and _is_json(raw)


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True
