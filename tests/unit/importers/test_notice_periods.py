"""Publicity periods: two real moments of Beijing time, or a named fault."""

import pytest

from api.importers.faults import Unusable
from api.importers.periods import period


def reason(text: str) -> str:
    with pytest.raises(Unusable) as found:
        period(text, "/p")
    assert found.value.fault.path == "/p"
    return found.value.fault.reason


def test_a_period_is_two_moments_of_beijing_time() -> None:
    assert period("2026年02月02日 17时00分至2026年02月05日 17时30分", "/p") == (
        "2026-02-02T17:00:00+08:00",
        "2026-02-05T17:30:00+08:00",
    )


def test_full_width_digits_and_missing_blanks_are_read() -> None:
    assert period("２０２６年2月2日9时0分至2026年2月5日23时59分", "/p")[0] == "2026-02-02T09:00:00+08:00"


def test_24_00_is_the_midnight_that_ends_the_day() -> None:
    assert period("2026年02月02日 17时00分至2026年02月28日 24时00分", "/p")[1] == "2026-03-01T00:00:00+08:00"


@pytest.mark.parametrize(
    "text",
    [
        "2026年02月30日 17时00分至2026年03月05日 17时00分",
        "2026年02月02日 25时00分至2026年02月05日 17时00分",
        "2026年02月02日 17时60分至2026年02月05日 17时00分",
        "2026年02月02日 24时01分至2026年02月05日 17时00分",
        "0000年02月02日 17时00分至2026年02月05日 17时00分",
        "9999年12月30日 17时00分至9999年12月31日 24时00分",
        "2026年02月02日 17时00分",
        "即日起三天",
        "2" * 5000,
        "",
    ],
)
def test_a_moment_that_does_not_exist_is_a_bad_period(text: str) -> None:
    assert reason(text) == "bad-period"


@pytest.mark.parametrize("end", ["2026年02月02日 17时00分", "2026年02月01日 17时00分"])
def test_a_period_that_does_not_go_forward_is_reversed(end: str) -> None:
    assert reason(f"2026年02月02日 17时00分至{end}") == "period-reversed"
