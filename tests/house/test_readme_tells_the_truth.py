"""What README and CHANGELOG say is so: their commands exist and run, their lists are the lists of the program."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2 as httpx
import pytest

from api import cli
from ledger.contracts import Contracts, schemas

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
BIN = Path(sys.executable).parent
STARTING_SECONDS = 60


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next of its rank."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^\1 |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"no section {title!r}"
    return found[2]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)


def test_the_readme_begins_with_a_summary_in_chinese() -> None:
    first = README.split("\n\n")[1]
    assert first.startswith("**中文摘要。**")
    assert len(re.findall("[\u4e00-\u9fff]", first)) > 100


def test_the_two_commands_are_there_and_can_be_run() -> None:
    named = [line.split()[0] for line in blocks(section(README, "Two commands"), "sh")[0].splitlines()]
    assert named == ["ops/demo", "ops/check"]
    assert all(os.access(ROOT / name, os.X_OK) for name in [*named, ".ci/run"])
    assert "ops/check" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_demonstration_knows_the_options_that_the_readme_names() -> None:
    ran = subprocess.run(
        [sys.executable, "ops/demonstration.py", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    named = set(re.findall(r"`(--[a-z-]+)", section(README, "Two commands")))
    assert named == set(re.findall(r"(--[a-z-]+)", ran.stdout)) - {"--help"}


def test_the_table_of_commands_is_the_list_of_commands() -> None:
    rows = re.findall(r"^\| `([a-z]+)", section(README, "Commands"), re.MULTILINE)
    assert list(dict.fromkeys(rows)) == list(cli.COMMANDS), "a command may have several rows, one below the other"
    assert set(re.findall(r"`([a-z]+)`", section(CHANGELOG, "[Unreleased]"))) >= set(rows)


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_a_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    place = () if getattr(cli.COMMANDS[name], "NEEDS_NO_LEDGER", False) else ("--data", "--dsn")
    assert all(option in told for option in ("--json", *place))


def test_the_installed_command_prints_its_help() -> None:
    ran = subprocess.run([BIN / "sunledger", "--help"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0
    assert all(f"    {name} " in ran.stdout for name in cli.COMMANDS)


def test_the_exit_codes_are_those_the_readme_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0 fine · 1 found broken, or refused · 2 could not run" in README
    assert (cli.FINE, cli.FOUND_BROKEN, cli.COULD_NOT_RUN) == (0, 1, 2)
    monkeypatch.delenv("SUNLEDGER_DATA", raising=False)
    monkeypatch.delenv("SUNLEDGER_DSN", raising=False)
    assert cli.main(["status"]) == 2, "no place given"
    assert cli.main(["status", "--dsn", f"host={tmp_path} user=nobody"]) == 2, "no server there"


def test_the_changelog_names_every_contract_clock_and_rule(contracts: Contracts) -> None:
    assert re.findall(r"^- `([^`]+)`$", section(CHANGELOG, "Contracts"), re.MULTILINE) == list(contracts.types)
    clocks = sorted(path.stem for path in (schemas() / "rulebook" / "clocks").glob("*.json"))
    rules = sorted(path.stem for path in (schemas() / "rulebook" / "rules").glob("*.json"))
    assert re.findall(r"^- ([A-Z]+[0-9]+[a-z]?),", section(CHANGELOG, "Clocks"), re.MULTILINE) == clocks
    assert re.findall(r"^- ([A-Z]{3}-[0-9]{2}),", section(CHANGELOG, "Rules"), re.MULTILINE) == rules


@pytest.fixture
def walk(tmp_path: Path) -> Iterator["Walk"]:
    """A folder of its own in which the lines of the README are run."""
    if shutil.which("curl") is None:
        pytest.skip("the README posts with curl, and curl is not here")
    walking = Walk(tmp_path)
    yield walking
    walking.stop()


class Walk:
    """Runs lines of the README with the command of this environment, on a free port instead of 8000."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.server: subprocess.Popen[bytes] | None = None

    def run(self, lines: str) -> subprocess.CompletedProcess[str]:
        script = lines.replace(".venv/bin/", f"{BIN}/").replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        return subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=120)

    def serve(self, line: str) -> None:
        """Start the server that a line names, and wait until it answers."""
        command = f"exec {line.partition('#')[0]} --port {self.port}".replace(".venv/bin/", f"{BIN}/")
        self.server = subprocess.Popen(["bash", "-c", command], cwd=self.folder)
        deadline = monotonic() + STARTING_SECONDS
        while monotonic() < deadline and self.server.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/livez").raise_for_status()
            except httpx.TransportError:
                sleep(0.1)
            else:
                return
        pytest.fail("the server of the README does not answer")

    def stop(self) -> int | None:
        """Ctrl-C, and the exit code."""
        if self.server is None:
            return None
        server, self.server = self.server, None
        server.send_signal(signal.SIGINT)
        return server.wait(timeout=60)


@pytest.mark.slow
def test_posting_a_fact_and_changing_a_byte_goes_as_the_readme_says(walk: Walk) -> None:
    text = section(README, "Post a fact, change a byte")
    (found, serve), post, forge = (block.splitlines() for block in blocks(text, "sh"))

    founded = walk.run(found)
    assert founded.returncode == 0, founded.stderr
    key = re.search(r"slk_[A-Za-z0-9_-]{43}", founded.stdout)
    assert key is not None, founded.stdout
    walk.serve(serve)

    assert len(post) == 3, "key, event, receipt"
    posted = walk.run("\n".join([post[0].replace("slk_…", key[0]), *post[1:]]))
    receipt: dict[str, Any] = json.loads(posted.stdout)
    shown: dict[str, Any] = json.loads(blocks(text, "json")[0])
    assert receipt.keys() == shown.keys()
    assert (receipt["position"], receipt["duplicate"]) == (shown["position"], False)

    forged, caught, mended, consistent = (walk.run(line) for line in forge)
    assert (forged.returncode, caught.returncode) == (0, 1), caught.stdout + caught.stderr
    assert str(shown["position"]) in caught.stdout
    assert "entry" in caught.stdout
    assert (mended.returncode, consistent.returncode) == (0, 0), consistent.stdout + consistent.stderr
    assert "consistent; nothing outside the database was compared" in " ".join(consistent.stdout.split())
    assert walk.stop() == 0, "Ctrl-C is a clean end"
