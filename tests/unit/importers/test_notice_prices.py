"""What a price text says, and what it does not."""

import pytest

from api.importers.prices import price


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3312590.00", 331259000),
        ("3312590", 331259000),
        ("7000000 元", 700000000),
        ("￥1,234,567.8元", 123456780),
        ("¥5535000.00", 553500000),
        ("１２３４５６．７８元", 12345678),
        ("698万元", 698000000),
        ("7.42万元", 7420000),
        ("1.2345678901亿元", 12345678901),
        ("73.5元", 7350),
        ("0.10元", 10),
        ("100.01", 10001),
    ],
)
def test_an_amount_becomes_fen_without_rounding(text: str, fen: int) -> None:
    found = price(text)
    assert (found.kind, found.fen, found.bp) == ("fen", fen, None)


@pytest.mark.parametrize(
    ("text", "bp"),
    [("20.50%", 2050), ("下浮率：1.7％", 170), ("价格系数0.88%", 88), ("90.00  %", 9000), ("0.76%（价格系数）", 76)],
)
def test_one_rate_becomes_basis_points(text: str, bp: int) -> None:
    found = price(text)
    assert (found.kind, found.bp, found.fen) == ("rate", bp, None)


@pytest.mark.parametrize("text", ["未提供", "投标报价(元/%)", "投标报价（元/％）", "", "  "])
def test_a_missing_price_and_a_column_head_are_none(text: str) -> None:
    assert price(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "90.482％",  # finer than a basis point
        "1.001元",  # finer than a fen
        "98.90",  # no unit under a head that says 元/%
        "0.96",
        "5.10元/吨",
        "65717882 .11",
        "1,23,456元",
        "设计费下浮率18%；建安工程费下浮率2.5%",
        "9" * 17,
        "90071992547409.92元",  # one fen more than 2^53 - 1
        "10000.01%",
        "-5元",
        "1e5",
        "预计2500万元/年",
        "٣٣元",
    ],
)
def test_what_is_not_plainly_one_price_stays_words(text: str) -> None:
    found = price(text)
    assert (found.kind, found.fen, found.bp, found.text) == ("text", None, None, text)


def test_the_text_is_kept_as_written_but_for_blanks_around_it() -> None:
    assert price(" ￥1,200元\n").text == "￥1,200元"
