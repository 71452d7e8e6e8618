"""What the API sees: the same entries, read as the API reads them, by its own role, settings and indexes.

A policy, a view in place of a table or a broken index can show the role `reader` another log than the one that was
walked. So the newest entries and a random sample (all, when asked for) are fetched through the primary key and looked
up by type, tag and key, and compared with the bytes that were hashed.
"""

from collections.abc import Callable, Iterable, Iterator
from secrets import SystemRandom
from typing import IO

from ledger.entry import Entry, parse
from ledger.errors import Broken
from ledger.store.seen import Seen
from ledger.verification.faults import Blame, Faults
from ledger.verification.verdict import Kind

NEWEST = 10_000
SAMPLE = 1_000
_CHUNK = 1_000
_HASH = 32


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
    rows = seen.entries(wanted)
    entries: list[Entry] = []
    for position in wanted:
        digests.seek(_HASH * (position - 1))
        digest = digests.read(_HASH)
        entry = _parsed(rows.get(position))
        if entry is None or entry.leaf != digest:
            what = ("看不到该条", "does not see it") if position not in rows else ("看到别的字节", "sees other bytes")
            _hidden(faults, "entry", "entry", position, what)
        else:
            entries.append(entry)
    _looked_up(seen, entries, faults)


def _looked_up(seen: Seen, entries: list[Entry], faults: Faults) -> None:
    typed = seen.of_type([(entry.type, entry.position) for entry in entries])
    keyed = seen.keys([(entry.source, entry.id) for entry in entries])
    tagged = seen.tags([(tag, entry.position) for entry in entries for tag in entry.links])
    missing = ("按索引查不到或查到别的", "does not find it, or finds another, by the index")
    for entry in entries:
        if (entry.type, entry.position) not in typed:
            _hidden(faults, "entry", "type", entry.position, missing)
        if keyed.get((entry.source, entry.id)) != entry.position:
            _hidden(faults, "event_key", "position", entry.position, missing)
        if any(tagged.get((tag, entry.position)) != ordinal for tag, (ordinal, _) in entry.links.items()):
            _hidden(faults, "tag", "ordinal", entry.position, missing)


def _parsed(raw: bytes | None) -> Entry | None:
    try:
        return parse(raw) if raw is not None else None
    except Broken:
        return None


def _hidden(faults: Faults, table: str, column: str, position: int, what: tuple[str, str]) -> None:
    faults.add(Blame(table, column, position, Kind.HIDDEN, f"角色 reader {what[0]}。", f"The role reader {what[1]}."))
