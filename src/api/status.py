"""`status`: where log and views stand, which sources could omit something unseen, what is wrong (decisions 13–20)."""

from typing import Any

import psycopg

from api.signing import witnesses_shown
from ledger import clock
from ledger.entry import Entry
from ledger.sealing import TICK_TYPE
from ledger.store import witnesses
from ledger.store.postgres import Log

SILENT_HOURS = 25
"""No checkpoint for this long: the rules' clock stands still (decisions 7)."""

_SOURCES = """
SELECT tag.tag, count(*), max(tag.position) FROM ledger.tag
WHERE tag.tag >= 'source:' COLLATE "C" AND tag.tag < 'source;' COLLATE "C" GROUP BY tag.tag ORDER BY tag.tag
"""


def status(log: Log, alarms: list[str]) -> dict[str, Any]:
    """The state of the ledger as one value, ready for JSON. `alarms`: what is wrong, as its caller knows it."""
    edge = log.edge()
    with log.connection() as connection:
        try:
            behind = connection.execute("SELECT view, position FROM views.progress ORDER BY view").fetchall()
        except psycopg.errors.UndefinedTable:  # nobody has filled a view yet
            behind = []
        counted = connection.execute(_SOURCES).fetchall()
    sources = [_source(log, tag, count, last) for tag, count, last in counted]
    tick = log.last(type=TICK_TYPE)
    created = log.entry(1)
    return {
        "origin": created.data["origin"] if created else None,
        "size": edge.size,
        "root": edge.root().hex(),
        "lag": max((edge.size - position for _, position in behind), default=edge.size),
        "views": dict(behind),
        "sources": sources,
        "last_checkpoint": tick.data | {"position": tick.position} if tick else None,
        "witnesses": witnesses_shown(witnesses.told(log)),
        "alarms": alarms,
    }


def _source(log: Log, tag: str, count: int, last: int) -> dict[str, Any]:
    """A source and its counter; one that counts nothing can leave something out unseen."""
    newest = log.entry(last)
    sequence = newest.event.get("sequence") if newest else None
    found: dict[str, Any] = {"source": tag.removeprefix("source:"), "entries": count, "sequence": sequence}
    if sequence is None:
        found["note"] = "遗漏不可见 · omission not visible"
    return found


def silence(log: Log, created: Entry | None) -> list[str]:
    """An alarm when the rules' clock stands still; on a told clock nobody can say how long a silence is."""
    if created is None or created.data["clock"] == "told":
        return []
    last = log.last(type=TICK_TYPE) or created
    hours = (clock.now() - clock.parse(last.recorded)).total_seconds() / 3600
    if hours < SILENT_HOURS:
        return []
    return [f"自 {last.recorded} 起没有检查点 · no checkpoint since {last.recorded}"]
