"""Why an open snapshot costs an append nothing: no row of the log is ever updated or deleted.

How little it costs is measured by `ops/bench/snapshot.py`; here is the reason, which does not depend on the machine.
"""

from collections.abc import Callable

import psycopg
import pytest

from ledger.errors import Conflict
from ledger.post import Post
from ledger.writer import Writer

TABLES = {"entry", "event_key", "tag", "tile", "disclosure"}


def test_appending_repeating_and_meeting_updates_and_deletes_no_row(ledger: str, post: Callable[..., Post]) -> None:
    with Writer(ledger) as writer, Writer(ledger) as other:
        for n in range(3):
            writer.append([post(f"a{n}-{i}", f"lot:{i % 5}") for i in range(100)])
            other.append([post(f"b{n}", "lot:1")])
        writer.append([post("b0", "lot:1")])
        with pytest.raises(Conflict):
            other.append([post("b0", text="other")])
    with psycopg.connect(ledger) as owner:
        owner.execute("SELECT pg_stat_force_next_flush()")
        changed = owner.execute(
            "SELECT relname, n_tup_ins, n_tup_upd + n_tup_hot_upd + n_tup_del FROM pg_stat_user_tables "
            "WHERE schemaname = 'ledger'"
        ).fetchall()
    assert {table: touched for table, _, touched in changed} == dict.fromkeys(TABLES, 0)
    assert all(inserted > 0 for table, inserted, _ in changed if table != "disclosure"), "the counters do count"


def test_the_writer_may_read_and_insert_and_nothing_more(ledger: str) -> None:
    with psycopg.connect(ledger, autocommit=True) as owner:
        granted = owner.execute(
            "SELECT table_schema, table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee IN ('ledger_writer', 'PUBLIC') AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert set(granted) == {("ledger", table, may) for table in TABLES for may in ("SELECT", "INSERT")}
        role = owner.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolbypassrls OR rolreplication "
            "FROM pg_roles WHERE rolname = 'ledger_writer'"
        ).fetchone()
        assert role == (False,)
        member = owner.execute("SELECT count(*) FROM pg_auth_members WHERE member = 'ledger_writer'::regrole")
        assert member.fetchone() == (0,)
        owner.execute("SET ROLE ledger_writer")
        for statement in (
            "UPDATE ledger.entry SET type = type",
            "DELETE FROM ledger.tag",
            "TRUNCATE ledger.tile",
            "ALTER TABLE ledger.entry ADD x int",
            "CREATE TABLE ledger.x ()",
            "CREATE TABLE public.x ()",
            "SELECT * FROM access.key",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement.encode())
