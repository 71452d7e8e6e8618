"""Labels lose nothing: money, rates, moments, hashes and codes as a reader sees them."""

from datetime import UTC, datetime

import pytest

from api.console.labels import Labels, lag, read_moment
from api.console.language import words
from ledger.contracts import Contracts


@pytest.fixture
def zh(contracts: Contracts) -> Labels:
    return Labels(words("zh"), contracts)


@pytest.fixture
def en(contracts: Contracts) -> Labels:
    return Labels(words("en"), contracts)


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (4_553_000_000, "4,553.00 万元"),
        (4_553_010_000, "4,553.01 万元"),
        (4_553_000_001, "45,530,000.01 元"),
        (1_000_000, "1.00 万元"),
        (990_000, "9,900.00 元"),
        (5, "0.05 元"),
        (-120, "-1.20 元"),
        (0, "0.00 元"),
    ],
)
def test_money_is_shortened_only_where_no_fen_is_lost(zh: Labels, fen: int, shown: str) -> None:
    assert zh.money(fen) == shown


def test_money_in_english_is_never_shortened(en: Labels) -> None:
    assert en.money(4_553_000_000) == "CNY 45,530,000.00"


@pytest.mark.parametrize(("bp", "shown"), [(9850, "98.50%"), (5, "0.05%"), (-250, "-2.50%")])
def test_a_rate_has_two_decimals(zh: Labels, bp: int, shown: str) -> None:
    assert zh.rate(bp) == shown


def test_a_price_is_shown_by_its_kind(zh: Labels) -> None:
    assert zh.price({"price_kind": "fen", "price_fen": 123}) == "1.23 元"
    assert zh.price({"price_kind": "rate", "rate_bp": 9725, "price_text": "97.25%"}) == "97.25%"
    assert zh.price({"price_kind": "text", "price_text": "5.10元/吨"}) == "5.10元/吨"
    assert zh.price({"price_kind": "none", "price_text": "未提供"}) == "未提供报价"


def test_a_moment_is_shown_in_the_civil_time_whatever_its_offset(zh: Labels) -> None:
    shown = '<time datetime="2026-02-13T12:57:00+08:00">2026-02-13 12:57</time>'
    assert str(zh.moment("2026-02-13T04:57:00Z")) == shown
    assert str(zh.moment(datetime(2026, 2, 13, 4, 57, tzinfo=UTC))) == shown


def test_a_moment_that_is_none_is_shown_as_written_and_escaped(zh: Labels) -> None:
    assert str(zh.moment("<soon>")) == "<span>&lt;soon&gt;</span>"
    assert read_moment("soon") is None


def test_a_cut_hash_says_so_and_a_full_one_has_every_digit(zh: Labels) -> None:
    digest = "0123456789abcdef" * 4
    assert "…" in zh.hash(digest)
    assert "…" not in zh.hash(digest, full=True)
    assert zh.hash(digest, full=True).striptags().replace(" ", "") == digest


def test_a_severity_has_a_shape_and_a_word(zh: Labels, en: Labels) -> None:
    assert "▲" in zh.severity("H")
    assert "高" in zh.severity("H")
    assert "■" in en.severity("C")
    assert "Critical" in en.severity("C")
    assert zh.severity(None) == ""


def test_a_code_without_a_title_is_shown_as_it_is(zh: Labels) -> None:
    assert zh.code("price_kind", "rate") == "费率或下浮率（万分比）"
    assert zh.code("price_kind", "barter") == "barter"
    assert zh.type("some.thing.v9") == "some.thing.v9"


def test_a_tag_cannot_break_out_of_its_link(zh: Labels) -> None:
    link = zh.tag('lot:"><script>', '<b>"')
    assert "<script>" not in link
    assert "<b>" not in link
    assert link.startswith('<a href="/d/lot:%22%3E%3Cscript%3E">')


def test_only_what_was_recorded_after_it_happened_lags() -> None:
    assert lag("2026-02-13T12:00:00+08:00", "2026-02-15T12:00:00+08:00").days == 2
    assert not lag("2026-02-15T12:00:00+08:00", "2026-02-13T12:00:00+08:00")
