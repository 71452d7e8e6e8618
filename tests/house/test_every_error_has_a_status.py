"""Every error says what it is in two languages, and the table in `api.problems` knows what a client gets for it."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import api
import ledger
import projections
from api import problems
from ledger.errors import LedgerError

INTERNAL = {
    "ledger-error": "the root of the family; as an answer it is our own bug",
    "refused": "the root of the refusals; only its children are raised",
    "contract-invalid": "a contract file is wrong: the program does not start",
    "rulebook-invalid": "a rulebook file is wrong: the program does not start",
    "calendar-missing": "caught where a clock is asked: its answer is then `undeterminable`",
    "unsafe-server": "the database does not promise durability: the writer does not start, posts get read-only",
}
"""Codes that no client meets, each with its reason; as an answer they would be a 500."""


def every_class(root: type[LedgerError] = LedgerError) -> Iterator[type[LedgerError]]:
    yield root
    for child in root.__subclasses__():
        yield from every_class(child)


def import_everything() -> None:
    """Errors are found by their family, so every module must have been read."""
    for package in (ledger, projections, api):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)


import_everything()
ERRORS = sorted({*every_class()}, key=lambda one: one.__name__)


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.__name__)
def test_the_docstring_is_the_message_in_both_languages(error: type[LedgerError]) -> None:
    zh, dot, en = (error.__doc__ or "").strip().partition(" · ")
    assert dot, "a docstring is one line: Chinese · English"
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert zh.endswith("。")
    assert re.fullmatch(r"[ -~]+\.", en)


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.__name__)
def test_the_code_has_a_status_or_a_reason_to_have_none(error: type[LedgerError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code)
    assert (error.code in problems.STATUS) != (error.code in INTERNAL)


def test_no_status_is_kept_for_a_code_that_nobody_raises() -> None:
    codes = {error.code for error in ERRORS}
    assert set(problems.STATUS) <= codes
    assert set(INTERNAL) <= codes
