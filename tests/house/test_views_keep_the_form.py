"""Every view is two files of one form, so that dropping them in is enough."""

import psycopg
import pytest

from projections import views
from projections.runner import Runner

KINDS = {"text", "count", "fen", "ts", "tag", "position", "severity", "code"}


@pytest.mark.parametrize("name", views.names())
def test_a_view_says_who_it_is_in_both_languages(name: str) -> None:
    view = views.get(name)
    assert view is not None
    assert name == view.NAME
    assert all(view.TITLE)
    assert view.NOTE is None or all(view.NOTE)
    assert all(column.title_zh and column.title_en and column.kind in KINDS for column in view.COLUMNS)
    shown = [column.name for column in view.COLUMNS]
    assert len(shown) == len(set(shown))


def test_boards_of_firms_say_that_a_pattern_is_not_a_finding() -> None:
    for name in ("parties", "party_pairs"):
        view = views.get(name)
        assert view is not None
        assert view.NOTE == ("模式，不是结论。", "A pattern, not a finding.")


def test_there_is_no_view_of_another_name() -> None:
    assert views.get("page") is None
    assert views.get("../lots") is None


def test_every_column_and_every_link_stands_in_the_table(ledger: str) -> None:
    Runner(ledger).run_once()
    with psycopg.connect(ledger) as conn:
        for view in views.all_views():
            found = conn.execute(f"SELECT * FROM views.{view.NAME}".encode()).description or ()
            there = {column.name for column in found}
            wanted = {column.name for column in view.COLUMNS} | {c.link for c in view.COLUMNS if c.link}
            assert wanted | {"id", "first"} <= there
