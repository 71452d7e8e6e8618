"""What cannot work ends with exit code 2 and a sentence that helps; nothing is made by mistake, no secret repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stories.commands.conftest import Home, Said

Run = Callable[..., "Said"]


def helps(said: Said, *words: str) -> None:
    """It could not run, said so in these words, and showed no trace."""
    assert said.code == 2, said
    assert all(word in said.err for word in words), said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_without_a_command_the_commands_are_named(command_line: Run) -> None:
    helps(command_line(), "usage: sunledger", "COMMAND")


def test_without_a_place_both_ways_to_name_one_are_told(command_line: Run) -> None:
    helps(command_line("status"), "--data DIR", "--dsn DSN", "SUNLEDGER_DATA", "指明台账所在")


def test_two_places_at_once_are_refused(command_line: Run, tmp_path: Path) -> None:
    helps(command_line("status", "--data", tmp_path, "--dsn", "dbname=x"), "not both")
    helps(command_line("status", SUNLEDGER_DATA=str(tmp_path), SUNLEDGER_DSN="dbname=x"), "SUNLEDGER_DSN", "not both")


@pytest.mark.parametrize("name", ["status", "serve", "project", "rebuild", "verify", "alerts"])
def test_a_folder_without_a_ledger_is_left_as_it_was(command_line: Run, tmp_path: Path, name: str) -> None:
    helps(command_line(name, "--data", tmp_path / "typo"), "typo", "sunledger init", "还没有台账")
    assert not (tmp_path / "typo").exists()


def test_sql_makes_no_cluster_where_there_is_none(command_line: Run, tmp_path: Path) -> None:
    helps(command_line("sql", "--data", tmp_path, "SELECT 1"), "sunledger init")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["status", "init"])
def test_a_server_that_is_away_is_told_in_its_own_words(command_line: Run, name: str) -> None:
    helps(command_line(name, "--dsn", "host=/nowhere dbname=x connect_timeout=3"), "PostgreSQL", "/nowhere")


@pytest.mark.parametrize("dsn", ["hunter2", "password=hunter2 colour=red", "postgresql://user:hunter2@host:x/y z=1"])
def test_a_dsn_that_is_none_is_not_repeated(command_line: Run, dsn: str) -> None:
    """It may hold a password."""
    said = command_line("status", "--dsn", dsn)
    helps(said, "DSN")
    assert "hunter2" not in said.err


def test_json_errors_are_problem_documents(command_line: Run) -> None:
    said = command_line("status", "--json")
    assert said.code == 2
    assert '"type":"urn:sunledger:problem:cannot-run"' in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["append", "missing.json"], ["missing.json"]),
        (["import", "notices", "missing.json"], ["missing.json"]),
        (["import", "notices", "/dev/null"], ["文件是空的", "empty"]),
        (["import", "bids", "missing.json"], ["notices"]),
        (["show", "999999"], ["没有找到", "#999999"]),
        (["show", "9" * 40], ["没有找到"]),
        (["show", "lot:nobody"], ["没有找到", "lot:nobody"]),
        (["show", "1", "--colour"], ["usage"]),
        (["sql", "SELEC 1"], ["syntax error"]),
        (["sql", "SELECT * FROM nowhere"], ["nowhere"]),
        (["key", "add", "--org", "91140302MA0TT001XH", "--organ", "SYS", "--name", "x"], ["PTC", "TEN"]),
        (["key", "add", "--org", "nobody at all", "--organ", "TEN", "--name", "x"], ["0-9 A-Z"]),
        (["key", "remove", "key:000000000000"], ["没有找到"]),
        (["key", "remove", "key:"], ["没有找到"]),
        (["serve", "--port", "99999"], ["99999"]),
        (["serve", "--host", "203.0.113.7"], ["203.0.113.7"]),
        (["append", "-", "--key", "slk_nobody"], ["密钥无效"]),
        (["init", "--told", "yesterday"], ["--told"]),
        (["init", "--origin", "another.example/log"], ["另一台账", "sunledger.example/city"]),
    ],
)
def test_each_command_says_what_it_could_not_do(held: Home, arguments: list[str], words: list[str]) -> None:
    helps(held.run(*arguments), *words)


def test_bad_json_in_a_file_is_a_refusal_with_its_reason(held: Home, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text("{")
    said = held.run("append", file)
    assert said.code == 1
    assert said.value["type"] == "urn:sunledger:problem:not-json"


def test_whoever_reads_only_the_first_lines_is_no_error(held: Home) -> None:
    said = held.run("sql", "SELECT 1", "--json")
    assert (said.code, said.value) == (0, {"columns": ["?column?"], "rows": [[1]], "status": "SELECT 1"})
