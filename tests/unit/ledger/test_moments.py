"""RFC 3339 as the ledger reads it, and `recorded` as it writes it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ledger import clock


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-02-13T09:30:00+08:00", "2026-02-13T01:30:00.000000Z"),
        ("2026-02-13t09:30:00z", "2026-02-13T09:30:00.000000Z"),
        ("2026-02-13T09:30:00.5-00:00", "2026-02-13T09:30:00.500000Z"),
        ("2026-02-13T09:30:00.123456789Z", "2026-02-13T09:30:00.123456Z"),
        ("2024-02-29T23:59:59+23:59", "2024-02-29T00:00:59.000000Z"),
        ("1000-01-01T00:00:00+23:59", "0999-12-31T00:01:00.000000Z"),
        ("8999-12-31T23:59:59-23:59", "9000-01-01T23:58:59.000000Z"),
    ],
)
def test_a_moment_is_read_and_written_in_utc(text: str, utc: str) -> None:
    assert clock.stamp(clock.parse(text)) == utc


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-13T09:30:00", "2026-02-13", "2026-02-13 09:30:00+08:00", "2026-02-13T09:30+08:00",
        "2026-02-13T09:30:60+08:00", "2026-02-13T24:00:00+08:00", "2026-02-13T09:60:00+08:00", "2026-02-30T09:30:00Z",
        "2026-02-13T09:30:00+24:00", "2026-02-13T09:30:00+08:60", "2026-02-13T09:30:00+0800", "2026-02-13T09:30:00+8",
        "2026-02-13T09:30:00.Z", "2026-02-13T09:30:00.1234567890Z", "２０２６-02-13T09:30:00Z", "0000-01-01T00:00:00Z",
        " 2026-02-13T09:30:00Z", "2026-02-13T09:30:00Z\n", "", "now",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the message never repeats the text; the type is the promise)
        clock.parse(text)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59+08:00", "0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z"])
def test_a_year_at_the_end_of_the_calendar_is_refused(text: str) -> None:
    """Python's calendar ends there: a deadline or another zone would be beyond it."""
    with pytest.raises(ValueError, match="RFC 3339"):
        clock.parse(text)


def test_recorded_always_has_six_digits_and_z() -> None:
    moment = datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=8)))
    assert clock.stamp(moment) == "2026-11-22T01:00:00.000000Z"
    assert clock.now().tzinfo is UTC
