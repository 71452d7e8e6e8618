"""Rules asked about one entry: scope, force in time, severity, words."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import encode
from ledger.entry import Entry, parse, seal
from projections.evaluation import evaluate, outcomes, scopes
from projections.patterns import Setting, duration, moment, selects
from projections.rulebook import Edition, Rule, load

EDITION = load(Path(__file__).parents[3] / "schemas")
CALENDAR = EDITION.calendar()
RULE = EDITION.rules["TRD-11"]
SHORT = {"opens_at": "2025-07-01T17:30:00+08:00", "closes_at": "2025-07-04T09:00:00+08:00"}


def sealed(
    data: dict[str, Any], *, subject: str = "notice:n-1", tags: tuple[str, ...] = (), version: str = ".v1"
) -> Entry:
    event = {
        "type": f"trading.candidates-publicised{version}",
        "source": "urn:test",
        "id": "1",
        "subject": subject,
        "data": data,
    }
    links: dict[str, tuple[int, str | None]] = {tag: (1, None) for tag in sorted({subject, *tags})}
    poster = {"org": "91140302MA0TT001XH", "via": "system:writer"}
    recorded = "2026-11-22T01:00:00.000000Z"
    raw, _ = seal(encode(event), position=17, links=links, poster=poster, prev=bytes(32), recorded=recorded)
    return parse(raw)


def with_rule(**members: Any) -> Edition:
    return replace(EDITION, rules={"TRD-11": Rule.from_file({**RULE.raw, **members})})


def test_a_sealed_entry_of_the_log_gives_the_finding_with_its_facts() -> None:
    (finding,) = evaluate(EDITION, CALENDAR, sealed(SHORT))
    assert finding.text_zh == "公示期 63 小时 30 分，少于 72 小时（招标投标法实施条例 第五十四条）。"
    assert (finding.severity, finding.scope, finding.evidence, finding.implicates) == (
        "H",
        "notice:n-1",
        (17,),
        ("TEN",),
    )
    assert finding.facts == (
        ("closes_at", "2025-07-04T09:00:00+08:00"),
        ("opens_at", "2025-07-01T17:30:00+08:00"),
        ("clock", "T12"),
        ("law", "招标投标法实施条例 第五十四条"),
        ("between_seconds", str(63 * 3600 + 30 * 60)),
        ("limit_seconds", str(72 * 3600)),
    )
    assert [line.id for line in finding.readings] == RULE.raw["any"][0]["readings"]


def test_publishing_more_calendars_changes_no_byte_of_an_alert() -> None:
    fewer = replace(EDITION, calendars={year: EDITION.calendars[year] for year in (2025, 2026)})
    ours, theirs = (evaluate(edition, edition.calendar(), sealed(SHORT))[0] for edition in (EDITION, fewer))
    assert (ours.id, ours.alert_data()) == (theirs.id, theirs.alert_data())


def test_the_subject_is_the_scope_and_without_it_every_tag_of_the_prefix() -> None:
    assert scopes(RULE, sealed(SHORT, tags=("notice:n-2",))) == ["notice:n-1"]
    many = sealed(SHORT, subject="lot:A1", tags=("notice:n-3", "notice:n-2"))
    assert [finding.scope for finding in evaluate(EDITION, CALENDAR, many)] == ["notice:n-2", "notice:n-3"]
    assert evaluate(EDITION, CALENDAR, sealed(SHORT, subject="lot:A1")) == []


@pytest.mark.parametrize(
    ("effective", "count"),
    [
        ({"from": "2025-07-02"}, 0),
        ({"from": "2025-07-01"}, 1),
        ({"from": "2012-02-01", "to": "2025-06-30"}, 0),
        ({"from": "2012-02-01", "to": "2025-07-01"}, 1),
    ],
)
def test_a_rule_speaks_only_of_periods_begun_while_it_is_in_force(effective: dict[str, str], count: int) -> None:
    assert len(evaluate(with_rule(effective=effective), CALENDAR, sealed(SHORT))) == count


def test_a_rule_that_does_not_apply_or_cannot_tell_is_silent() -> None:
    entry = sealed({**SHORT, "method": "open"})
    applies = {"eq": [{"get": "/method"}, "open"]}
    assert len(evaluate(with_rule(applies=applies), CALENDAR, entry)) == 1
    assert evaluate(with_rule(applies={"not": applies}), CALENDAR, entry) == []
    assert evaluate(with_rule(applies=applies), CALENDAR, sealed(SHORT)) == []


def test_the_first_severity_that_holds_is_taken_and_an_unknown_one_passed_over() -> None:
    severity = [{"is": "C", "if": {"eq": [{"get": "/round"}, 2]}}, {"is": "H"}]
    edition = with_rule(severity=severity)
    assert evaluate(edition, CALENDAR, sealed({**SHORT, "round": 2}))[0].severity == "C"
    assert evaluate(edition, CALENDAR, sealed(SHORT))[0].severity == "H"


def test_an_unconfirmed_rule_is_a_lead_never_above_m() -> None:
    assert evaluate(with_rule(confidence="unconfirmed"), CALENDAR, sealed(SHORT))[0].severity == "M"
    low = with_rule(confidence="unconfirmed", severity=[{"is": "L"}])
    assert evaluate(low, CALENDAR, sealed(SHORT))[0].severity == "L"


def test_a_rule_that_did_not_fire_still_tells_its_verdict() -> None:
    entry = sealed({**SHORT, "closes_at": "2025-07-04T17:30:00+08:00"})
    ((number, outcome),) = outcomes(RULE, entry, Setting(EDITION.clocks, CALENDAR))
    assert (number, outcome.fired) == (1, False)
    assert outcome.verdict is not None
    assert outcome.verdict.state == "met"


def test_only_the_readings_a_clause_names_travel_with_the_verdict() -> None:
    clause = {**RULE.raw["any"][0], "readings": ["too-few-working-days"]}
    (finding,) = evaluate(with_rule(any=[clause]), CALENDAR, sealed(SHORT))
    assert [line.id for line in finding.readings] == ["too-few-working-days"]


def test_a_period_past_the_end_of_all_calendars_is_silent_and_no_crash() -> None:
    far = {"opens_at": "9999-12-31T23:00:00Z", "closes_at": "9999-12-31T23:30:00Z"}
    assert evaluate(EDITION, CALENDAR, sealed(far)) == []


def test_a_selector_takes_a_type_in_any_version_and_asks_where() -> None:
    selector = {"type": "trading.candidates-publicised"}
    assert selects(selector, sealed(SHORT)) is True
    assert selects(selector, sealed(SHORT, version=".v12")) is True
    assert selects({"type": "trading.candidates"}, sealed(SHORT)) is False
    assert selects({**selector, "where": {"eq": [{"get": "/round"}, 1]}}, sealed(SHORT)) is None
    assert selects({**selector, "where": {"eq": [{"get": "/round"}, 1]}}, sealed({**SHORT, "round": 2})) is False


def test_a_length_is_told_in_hours_minutes_and_seconds() -> None:
    assert duration(timedelta(hours=72)) == ("72 小时", "72 h")
    assert duration(timedelta(hours=63, minutes=30)) == ("63 小时 30 分", "63 h 30 min")
    assert duration(timedelta(seconds=1)) == ("0 小时 0 分 1 秒", "0 h 0 min 1 s")


def test_a_stated_point_is_a_moment_a_date_or_nothing() -> None:
    assert moment("2026-02-13") == date(2026, 2, 13)
    assert moment("2026-02-13T09:00:00") is None
    assert moment("上午九时") is None
    assert moment(20260213) is None
