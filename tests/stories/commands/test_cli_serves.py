"""A served ledger: it stops cleanly, survives being killed, and shares its folder with other commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from ledger.store import embedded

if TYPE_CHECKING:
    from tests.stories.commands.conftest import Home

    Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_told_to_stop_ends_with_0_and_stops_its_database(home: Home, event: Make, how: signal.Signals) -> None:
    with home.serving() as server:
        server.wait_until_ready()
        assert server.post(home.key, event(f"stop-{how.name}")).status_code == 201
        code, said = server.stop(how)
    assert code == 0
    assert "Traceback" not in said
    assert not home.database_runs
    assert home.key not in said


def test_every_acknowledged_event_is_there_after_kill_9(home: Home, event: Make) -> None:
    with home.serving() as server:
        server.wait_until_ready()
        answers = {f"kill-{n}": server.post(home.key, event(f"kill-{n}")).json() for n in range(20)}
        code, _ = server.stop(signal.SIGKILL)
    assert code == -signal.SIGKILL
    with home.serving() as server:
        server.wait_until_ready()
        for id, receipt in answers.items():
            again = server.post(home.key, event(id))
            assert (again.status_code, again.json()) == (200, receipt | {"duplicate": True})
        assert server.stop(signal.SIGINT)[0] == 0
    verified = home.run("verify", "--json")
    assert (verified.code, verified.value["verdict"]) == (0, "consistent")
    assert not home.database_runs


def test_the_folder_is_shared_with_other_commands_while_serving(home: Home, event: Make) -> None:
    with home.serving() as server:
        server.wait_until_ready()
        position = server.post(home.key, event("shared")).json()["position"]
        asked = home.run("sql", "--json", f"SELECT type FROM ledger.entry WHERE position = {position}")
        assert asked.value["rows"] == [["trading.bid-opened.v1"]]
        assert home.run("show", "--json", position).value["entry"]["event"]["id"] == "shared"
        # the command has come and gone; the server's database is still there
        assert server.post(home.key, event("shared-2")).status_code == 201
        assert server.stop(signal.SIGINT)[0] == 0
    assert not home.database_runs


def test_a_second_server_on_the_port_says_so_and_starts_nothing(home: Home) -> None:
    with home.serving() as server:
        server.wait_until_ready()
        port = server.url.rpartition(":")[2]
        said = home.run("serve", "--port", port)
        assert said.code == 2
        assert f"127.0.0.1:{port}" in said.err
        assert server.stop(signal.SIGINT)[0] == 0


def test_a_second_poster_gets_a_key_and_loses_it_again(home: Home, event: Make) -> None:
    with home.serving() as server:
        server.wait_until_ready()
        org = "91140302MA0TT001XH"
        made = home.run("key", "--json", "add", "--org", org, "--organ", "AGT", "--name", "agency").value
        posted = server.post(made["key"], event("second"))
        assert posted.status_code == 201
        entry = home.run("show", "--json", posted.json()["position"]).value["entry"]
        assert entry["poster"] == {"org": org, "via": made["via"]}
        listed = home.run("key", "--json", "list")
        assert [one["organ"] for one in listed.value] == ["PTC", "AGT"]
        assert made["key"] not in listed.out
        assert home.run("key", "remove", made["via"]).code == 0
        deadline = monotonic() + 30
        while server.post(made["key"], event("second")).status_code != 401:
            assert monotonic() < deadline, "the key that was taken away still posts"
            sleep(0.5)
        assert server.stop(signal.SIGINT)[0] == 0


def test_a_command_told_to_stop_leaves_the_database_in_order(home: Home) -> None:
    statement = [sys.executable, "-m", "api.cli", "sql", "--data", str(home.data), "SELECT pg_sleep(60)"]
    process = subprocess.Popen(statement, stderr=subprocess.PIPE)
    deadline = monotonic() + 60
    while not home.database_runs and monotonic() < deadline:
        sleep(0.05)
    sleep(1)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 2
    process.communicate()
    assert not home.database_runs


def test_users_of_one_machine_do_not_lock_each_other_out() -> None:
    """The library's own lock is one file in /tmp that belongs to whoever came first."""
    assert str(os.geteuid()) in embedded.PostgresServer.lock_path.name
    assert embedded.PostgresServer._lock.path == str(embedded.PostgresServer.lock_path).encode()


def test_a_command_starts_the_database_and_stops_it_also_when_it_fails(home: Home) -> None:
    assert not home.database_runs
    assert home.run("sql", "--json", "SELECT count(*) > 0 FROM ledger.entry").value["rows"] == [[True]]
    assert home.run("sql", "SELEC 1").code == 2
    assert not home.database_runs
