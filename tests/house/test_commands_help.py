"""Every command explains itself: what it does, in two languages, where the ledger is, and each of its arguments."""

import argparse
import re

import pytest

from api import cli

COMMANDS = sorted(cli.COMMANDS)


def parser_of(name: str) -> argparse.ArgumentParser:
    actions = cli.parser()._subparsers._group_actions  # type: ignore[union-attr]
    choices: dict[str, argparse.ArgumentParser] = actions[0].choices  # type: ignore[assignment]
    return choices[name]


def arguments_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Its arguments, and those of the acts below it."""
    found = [one for one in parser._actions if not isinstance(one, argparse._SubParsersAction)]
    for one in parser._actions:
        if isinstance(one, argparse._SubParsersAction):
            found += [inner for below in one.choices.values() for inner in arguments_of(below)]
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_in_both_languages_what_the_command_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    first = (cli.COMMANDS[name].__doc__ or "").strip().splitlines()[0]
    assert first in shown
    zh, dot, en = first.partition(" · ")
    assert dot
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.search(r"[A-Za-z]", en)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_a_place_and_answers_in_json(name: str) -> None:
    options = {option for one in arguments_of(parser_of(name)) for option in one.option_strings}
    place = set() if getattr(cli.COMMANDS[name], "NEEDS_NO_LEDGER", False) else {"--data", "--dsn"}
    assert {"--json"} | place <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_is_explained(name: str) -> None:
    silent = [one.dest for one in arguments_of(parser_of(name)) if not one.help]
    assert silent == []


def test_the_list_of_commands_gives_each_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"^    {name}\b +\S", shown, re.MULTILINE) for name in COMMANDS)
    assert "2" in shown.rpartition("exit codes")[2]
