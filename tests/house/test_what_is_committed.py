"""What is committed speaks of the product only: no machine's folders, no registry, no broken reference, no secret."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MACHINE_PATH = re.compile(r"(?<![\w.~)\]>}\-*])/(?:home|root|work|Users|mnt|workspace|opt|srv)/[A-Za-z.]")
TEMPORARY = re.compile(r"(?<![\w.])/(?:tmp|var/tmp)/[A-Za-z]")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|devpi|artifactory|registry\.npmjs|debian\.org|mirrors?\.[a-z]+\.|--(?:extra-)?index-url|--find-links",
    re.IGNORECASE,
)
KEY = re.compile(r"slk_[A-Za-z0-9_-]{43}")
"""A whole key of a poster."""


@cache
def committed() -> dict[str, str]:
    """Text of each committed file by its path; the test is skipped where there is no repository."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout: nothing says what is committed")
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    found = {}
    for path in paths:
        if path.is_file():
            raw = path.read_bytes()
            if b"\0" not in raw[:8000]:
                found[str(path.relative_to(ROOT))] = raw.decode("utf-8")
    return found


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in committed().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line) and name != "tests/house/test_what_is_committed.py"
    ]


def test_no_committed_file_names_a_folder_of_a_machine() -> None:
    assert lines_with(MACHINE_PATH) == []
    assert lines_with(TEMPORARY) == []
    assert MACHINE_PATH.search("data = '/home/someone/data'")
    assert not MACHINE_PATH.search("#!/usr/bin/env bash")


def test_no_committed_file_names_a_registry() -> None:
    assert lines_with(REGISTRY) == []
    assert REGISTRY.search("https://" + "pypi" + ".org/simple")


def test_no_committed_file_holds_a_key() -> None:
    assert lines_with(KEY) == []


def test_text_files_have_plain_line_ends_and_a_last_one() -> None:
    wrong = [name for name, text in committed().items() if "\r" in text or (text and not text.endswith("\n"))]
    assert wrong == []


def test_a_link_of_a_page_leads_to_a_file() -> None:
    dead = [
        f"{name} → {target}"
        for name, text in committed().items()
        if name.endswith(".md")
        for target in re.findall(r"\]\(([^)#\s]+)\)", text)
        if "://" not in target and not ((ROOT / name).parent / target).exists()
    ]
    assert dead == []


def test_a_file_that_a_page_names_is_there() -> None:
    """In backticks, with a folder: `src/…`, `schemas/…`, `ops/…`, `tests/…`."""
    named = re.compile(r"`((?:src|schemas|ops|tests)/[\w./-]*[\w/])`")
    gone = [
        f"{name}: {path}"
        for name, text in committed().items()
        if name.endswith(".md")
        for path in named.findall(text)
        if not (ROOT / path).exists()
    ]
    assert gone == []
