"""The T12 table on 1,300 real notices, to the digit. The notices stay outside the project; only counts stand here."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger.clock import BEIJING
from projections.clocks import Summary, judge, summary
from projections.rulebook import load

ROOT = Path(__file__).parents[2]
NOTICES = ROOT / ".." / "shared" / "data" / "yichang-notices.json"
PERIOD = re.compile(r"(\d{4})年(\d\d)月(\d\d)日 (\d\d)时(\d\d)分")

pytestmark = pytest.mark.skipif(not NOTICES.exists(), reason="the real notices are not beside the project")


@pytest.fixture(scope="module")
def table() -> Summary:
    edition = load(ROOT / "schemas")
    calendar = edition.calendar()
    verdicts = []
    for notice in json.loads(NOTICES.read_text(encoding="utf-8")):
        start, end = map(_moment, PERIOD.findall(notice["parsed_data"]["publicity_period"]))
        verdicts.append(judge(edition.clocks["T12"], start, end, calendar))
    return summary(verdicts)


def _moment(parts: tuple[str, ...]) -> datetime:
    year, month, day, hour, minute = map(int, parts)
    return datetime(year, month, day, tzinfo=BEIJING) + timedelta(hours=hour, minutes=minute)


def test_no_notice_of_1300_is_breached_by_the_72_hour_reading(table: Summary) -> None:
    assert (table.total, table.states) == (1300, {"met": 1300})


def test_each_reading_holds_for_exactly_the_decided_number_of_notices(table: Summary) -> None:
    assert table.readings == {
        "exactly-the-minimum": 495,
        "starts-on-non-working-day": 5,
        "ends-on-non-working-day": 172,
        "ends-before-rolled-day": 168,
        "no-working-day-start-excluded": 4,
        "no-working-day-start-included": 0,
        "too-few-working-days": 682,
        "before-end-of-last-day": 969,
        "before-end-of-last-day-rounded": 727,
    }
    assert set(table.untold.values()) == {0}


def test_working_days_inside_the_periods_are_distributed_as_decided(table: Summary) -> None:
    assert table.working_days == {0: 4, 1: 375, 2: 303, 3: 605, 4: 12, 18: 1}
