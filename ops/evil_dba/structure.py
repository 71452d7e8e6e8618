"""A database that shows each reader something else, or lets nothing in: each attack on each table of the log.

A table is a name and a place where it is hurt; `{t}` in a statement is the table, `{w}` the condition that picks the
row to be hidden or changed, `{c}` a column. What must be named is that row's position, or where the form of the table
alone is wrong, no position at all. What concerns roles or the whole database is done once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from evil_dba.rows import KEYS, columns
from evil_dba.stage import Cell, Stage

AT = 42
TABLES = {
    "entry": f"position = {AT}",
    "event_key": f"position = {AT}",
    "tag": f"position = {AT} AND tag LIKE 'lot:%'",
    "tile": "idx = 0",
    "disclosure": f"position = {AT}",
}
CHANGE = {
    "entry": "leaf = sha256(leaf)",
    "event_key": "id = id || 'x'",
    "tag": "ordinal = ordinal + 1",
    "tile": "hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)",
}
FIRST = {"entry": AT, "event_key": AT, "tag": AT, "tile": 1}
"""The position that a changed row of the table belongs to."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One attack: its name, its statements, whether a row is changed (else only what is shown, or the form)."""

    name: str
    statements: tuple[str, ...]
    changes: bool = False
    once: bool = False
    """It has nothing to do with one table."""


KINDS = (
    Kind("policy hides a row", ("ALTER TABLE ledger.{t} ENABLE ROW LEVEL SECURITY",
                                "CREATE POLICY hide ON ledger.{t} USING (NOT ({w}))")),
    Kind("policy for one role", ("ALTER TABLE ledger.{t} ENABLE ROW LEVEL SECURITY",
                                 "CREATE POLICY all_else ON ledger.{t} USING (true)",
                                 "CREATE POLICY hide ON ledger.{t} AS RESTRICTIVE TO reader USING (NOT ({w}))")),
    Kind("view in the table's place", ("ALTER TABLE ledger.{t} RENAME TO {t}_kept",
                                       "CREATE VIEW ledger.{t} AS SELECT * FROM ledger.{t}_kept WHERE NOT ({w})",
                                       "GRANT SELECT ON ledger.{t} TO reader")),
    Kind("child table shows more", ("CREATE SCHEMA other", "CREATE TABLE other.child () INHERITS (ledger.{t})",
                                    "INSERT INTO other.child SELECT * FROM ledger.{t} WHERE {w}")),
    Kind("search_path of the role", ("CREATE SCHEMA other", "CREATE TABLE other.{t} AS TABLE ledger.{t}",
                                     "ALTER ROLE reader IN DATABASE {db} SET search_path = other")),
    Kind("function shadowed", ("CREATE SCHEMA other",
                               "CREATE FUNCTION other.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
                               "ALTER ROLE reader IN DATABASE {db} SET search_path = other, pg_catalog"), once=True),
    Kind("operator shadowed", ("CREATE SCHEMA other",
                               "CREATE FUNCTION other.never(int8, int8) RETURNS bool LANGUAGE sql AS 'SELECT false'",
                               "CREATE OPERATOR other.= (LEFTARG = int8, RIGHTARG = int8, FUNCTION = other.never)",
                               "ALTER ROLE reader IN DATABASE {db} SET search_path = other, pg_catalog"), once=True),
    Kind("function in the schema", ("CREATE FUNCTION ledger.{t}_now() RETURNS int LANGUAGE sql AS 'SELECT 1'",)),
    Kind("trigger swallows rows", (
        "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER swallow BEFORE INSERT ON ledger.{t} FOR EACH ROW EXECUTE FUNCTION public.swallow()")),
    Kind("rule drops rows", ("CREATE RULE gone AS ON INSERT TO ledger.{t} DO INSTEAD NOTHING",)),
    Kind("right to update given", ("GRANT UPDATE, DELETE ON ledger.{t} TO ledger_writer",)),
    Kind("search_path of the whole database", ("ALTER DATABASE {db} SET search_path = other, pg_catalog",), once=True),
    Kind("role passes row security", ("ALTER ROLE reader BYPASSRLS",), once=True),
    Kind("primary key dropped, row doubled", ("ALTER TABLE ledger.{t} DROP CONSTRAINT {t}_pkey",
                                              "INSERT INTO ledger.{t} SELECT * FROM ledger.{t} WHERE {w}")),
    Kind("unlogged", ("ALTER TABLE ledger.{t} SET UNLOGGED",)),
    Kind("column added", ("ALTER TABLE ledger.{t} ADD COLUMN more int",)),
    Kind("emptied", ("TRUNCATE ledger.{t}",), changes=True),
    Kind("triggers disabled, row changed", ("ALTER TABLE ledger.{t} DISABLE TRIGGER ALL",
                                            "UPDATE ledger.{t} SET {change} WHERE {w}"), changes=True),
    Kind("session_replication_role, row changed", ("SET session_replication_role = replica",
                                                   "UPDATE ledger.{t} SET {change} WHERE {w}"), changes=True),
)  # fmt: skip

COLUMNS = (
    Kind("column no longer required", ("ALTER TABLE ledger.{t} ALTER COLUMN {c} DROP NOT NULL",)),
    Kind("column with a default", ("ALTER TABLE ledger.{t} ALTER COLUMN {c} SET DEFAULT NULL",
                                   "ALTER TABLE ledger.{t} ALTER COLUMN {c} SET DEFAULT {value}")),
    Kind("right to update the column", ("GRANT UPDATE ({c}) ON ledger.{t} TO ledger_writer",)),
    Kind("column renamed, a false one beside it", ("ALTER TABLE ledger.{t} RENAME COLUMN {c} TO kept",
                                                   "ALTER TABLE ledger.{t} ADD COLUMN {c} {type}")),
)  # fmt: skip
"""Attacks on the form of one column."""

VALUE = {"bytea": "'x'", "text": "'x'", "bigint": "1", "integer": "1"}

_UNDO = ("ALTER ROLE reader NOBYPASSRLS",)
"""What belongs to the whole cluster and not to the scene."""


def cells(stage: Stage, tables: tuple[str, ...] = tuple(TABLES)) -> Iterator[Cell]:
    """Every attack on every table and on the form of every column; a table without rows cannot have one changed."""
    for kind in KINDS:
        for table in tables[:1] if kind.once else tables:
            if not (kind.changes and table == "disclosure"):
                yield cell(stage, kind, table)
    with stage.scene() as scene, psycopg.connect(scene.dsn) as owner:
        found = [column for column in columns(owner) if column[0] in tables]
    for kind in COLUMNS:
        for table, column, type_ in found:
            yield cell(stage, kind, table, column, type_)


def cell(stage: Stage, kind: Kind, table: str, column: str = "", type_: str = "") -> Cell:
    """One attack on a table, or on the form of one of its columns, on a copy of its own."""
    first = (1 if kind.name == "emptied" else FIRST[table]) if kind.changes else None
    words = {"t": table, "w": TABLES[table], "c": column, "change": CHANGE.get(table, "")}
    place = "database" if kind.once else f"ledger.{table}{column and '.'}{column}"
    with stage.scene() as scene:
        if column in KEYS[table]:  # what belongs to the primary key can be hurt once that is gone
            scene.owner(f"ALTER TABLE ledger.{table} DROP CONSTRAINT {table}_pkey")
        words |= {"db": scene.name, "type": type_, "value": VALUE.get(type_, "NULL")}
        scene.owner(*(statement.format(**words) for statement in kind.statements))
        try:
            return scene.cell(kind.name, place, first)
        finally:
            scene.owner(*_UNDO)
