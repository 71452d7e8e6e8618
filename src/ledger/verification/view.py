"""What the API sees: the same entries, read as the API reads them, by its own role, settings and indexes.

A policy, a view in place of a table or a broken index can show the role `reader` another log than the one that was
walked. So the newest entries and a random sample (all, when asked for) are fetched through the primary key and looked
up by type, tag and key, and compared with the bytes that were hashed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from secrets import SystemRandom
from typing import IO, TypeVar

from ledger.entry import Entry, parse
from ledger.errors import Broken
from ledger.store.seen import Seen
from ledger.verification.faults import Blame, Faults
from ledger.verification.verdict import Kind

NEWEST = 10_000
SAMPLE = 1_000
_CHUNK = 1_000
_HASH = 32
_Row = TypeVar("_Row", bound=tuple[str | int, ...])


def positions(size: int, *, deep: bool) -> Iterator[list[int]]:
    """What is looked at, in pieces: all, or the newest 10,000 and a random thousand of the others."""
    first_new = 1 if deep else max(1, size - NEWEST + 1)
    older = range(1, first_new)
    chosen: Iterable[int] = sorted(SystemRandom().sample(older, min(SAMPLE, len(older))))
    yield from _pieces([*chosen])
    for start in range(first_new, size + 1, _CHUNK):
        yield list(range(start, min(start + _CHUNK, size + 1)))


def _pieces(chosen: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(chosen), _CHUNK):
        yield chosen[start : start + _CHUNK]


def look(
    seen: Seen, size: int, digests: IO[bytes], faults: Faults, progress: Callable[[int], None], *, deep: bool
) -> int:
    """Compare; returns how many entries were looked at. Positions that already have a fault are left out."""
    count = 0
    blamed = {blame.position for blame in faults.blames}
    for piece in positions(size, deep=deep):
        wanted = [position for position in piece if position not in blamed and not faults.unknown(position)]
        _piece(seen, wanted, digests, faults)
        count += len(wanted)
        progress(count)
    return count


def _piece(seen: Seen, wanted: list[int], digests: IO[bytes], faults: Faults) -> None:
    rows: dict[int, list[bytes]] = {}
    for position, raw in seen.entries(wanted):
        rows.setdefault(position, []).append(raw)
    entries: list[Entry] = []
    for position in wanted:
        digests.seek(_HASH * (position - 1))
        digest = digests.read(_HASH)
        found = rows.get(position, [])
        entry = _parsed(found[0]) if len(found) == 1 else None
        if entry is None or entry.leaf != digest:
            what = ("看到别的字节", "sees other bytes") if found else ("看不到该条", "does not see it")
            _hidden(faults, "entry", "entry", position, what)
        else:
            entries.append(entry)
    _looked_up(seen, entries, faults)


def _looked_up(seen: Seen, entries: list[Entry], faults: Faults) -> None:
    """The same entries by type, key and tag: exactly one row each, and the right one."""
    types = {(entry.type, entry.position): entry.position for entry in entries}
    keyed = [entry for entry in entries if entry.opens is None or "taken" not in entry.opens]
    keys = {(entry.source, entry.id, entry.position): entry.position for entry in keyed}
    tags = {
        (tag, entry.position, ordinal): entry.position for entry in entries for tag, (ordinal, _) in entry.links.items()
    }
    _compared(types, seen.of_type(list(types)), faults, "entry", "type")
    _compared(keys, seen.keys([(source, id) for source, id, _ in keys]), faults, "event_key", "position")
    _compared(tags, seen.tags([(tag, position) for tag, position, _ in tags]), faults, "tag", "ordinal")


def _compared(demanded: dict[_Row, int], found: list[_Row], faults: Faults, table: str, column: str) -> None:
    if len(found) == len(demanded) and demanded.keys() == set(found):
        return
    times = Counter(found)
    wrong = {position for one, position in demanded.items() if times[one] != 1}
    for position in sorted(wrong):
        _hidden(
            faults,
            table,
            column,
            position,
            ("按索引查不到，或查到多行", "does not find it by the index, or finds it twice"),
        )


def _parsed(raw: bytes) -> Entry | None:
    try:
        return parse(raw)
    except Broken:
        return None


def _hidden(faults: Faults, table: str, column: str, position: int, what: tuple[str, str]) -> None:
    faults.add(Blame(table, column, position, Kind.HIDDEN, f"角色 reader {what[0]}。", f"The role reader {what[1]}."))
