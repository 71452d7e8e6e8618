"""The DCB query as SQL: positions of entries that match any of some alternatives (types, and tags that all must stand).

Only identifiers of our own stand in the text; every value is a parameter.
"""

from collections.abc import Sequence
from typing import Any

from ledger.post import Wanted


def matching(alternatives: Sequence[Wanted], after: int) -> tuple[str, list[Any]]:
    """A SELECT of matching positions behind `after`, unordered and perhaps repeated, with its parameters."""
    if not alternatives:
        return "SELECT entry.position FROM ledger.entry WHERE entry.position > %s", [after]
    parts, values = [], []
    for wanted in alternatives:
        text, more = _one(wanted, after)
        parts.append(text)
        values.extend(more)
    return " UNION ALL ".join(parts), values


def _one(wanted: Wanted, after: int) -> tuple[str, list[Any]]:
    tags = sorted(set(wanted.tags))
    if not tags:
        sql = "SELECT entry.position FROM ledger.entry WHERE entry.position > %s"
        return (
            (f'{sql} AND entry.type = ANY (%s COLLATE "C")', [after, list(wanted.types)])
            if wanted.types
            else (sql, [after])
        )
    tables, clauses, values = ["ledger.tag t0"], ['t0.tag = %s COLLATE "C" AND t0.position > %s'], [tags[0], after]
    for number, tag in enumerate(tags[1:], start=1):
        tables.append(f"ledger.tag t{number}")
        clauses.append(f't{number}.position = t0.position AND t{number}.tag = %s COLLATE "C"')
        values.append(tag)
    if wanted.types:
        tables.append("ledger.entry")
        clauses.append('entry.position = t0.position AND entry.type = ANY (%s COLLATE "C")')
        values.append(list(wanted.types))
    return f"SELECT t0.position FROM {', '.join(tables)} WHERE {' AND '.join(clauses)}", values  # noqa: S608
