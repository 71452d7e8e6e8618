"""An honest city of some thousand events, counted again from its acts: what the rules about its offices look at holds.

The limits are the domain's (section 4); they are counted here on their own, not by the lives that keep them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from city import moments
from city.act import Act
from city.course import MICRO
from city.kinds import all_kinds
from city.lives.guides import ALLOWED
from city.lives.standings import LADDERS
from city.merge import stream
from city.telling import Wish, city_of
from city.world import City
from ledger.contracts import Contracts

EVENTS = 20_000
Key = tuple[str, str]


class Told:
    """All acts of a city, by type, and who refers to whom."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.acts: dict[str, list[Act]] = defaultdict(list)
        self.last = 0
        for one in stream(city, all_kinds()):
            if isinstance(one, Act):
                self.acts[one.type].append(one)
                self.last = one.at
                if sum(map(len, self.acts.values())) == EVENTS:
                    break

    def of(self, *types: str) -> Iterator[Act]:
        for name in types:
            yield from self.acts[name]

    def citing(self, pointer: Callable[[Act], Any], *types: str) -> dict[Key, list[Act]]:
        """The acts of some types by what they refer to."""
        found: dict[Key, list[Act]] = defaultdict(list)
        for act in self.of(*types):
            cited = pointer(act)
            for ref in cited if isinstance(cited, list) else [cited]:
                if ref is not None:
                    found[ref["source"], ref["id"]].append(act)
        return found

    def due(self, act: Act, days: int) -> bool:
        """Whether a deadline of so many working days has passed in what was told."""
        return moments.day_of(self.last) > self.city.office.workday(moments.day_of(act.at), days)

    def in_time(self, act: Act, answers: list[Act], days: int) -> bool:
        """Whether an answer came within so many working days."""
        last = self.city.office.workday(moments.day_of(act.at), days)
        return any(act.at <= one.at and moments.day_of(one.at) <= last for one in answers)

    def late(self, asked: Iterator[Act], answers: dict[Key, list[Act]], days: int) -> list[str]:
        """Ids of acts whose answer did not come in time, among those whose time is over."""
        return [
            str(act.event["id"])
            for act in asked
            if self.due(act, days) and not self.in_time(act, answers.get(key(act), []), days)
        ]


def key(act: Act) -> Key:
    return act.event["source"], act.event["id"]


@pytest.fixture(scope="module")
def told(contracts: Contracts) -> Told:
    city = city_of(Wish(events=EVENTS), contracts)
    return Told(city)


def by_bureau(acts: Iterator[Act]) -> Iterator[Act]:
    return (act for act in acts if act.seat.organ in ("REG", "ASB") and act.event.get("attestation") != "transcribed")


DECISIONS = ("credit.record-entered", "credit.measure-imposed", "supervision.penalty-decided", "approval.decided")


def test_decisions_are_public_and_exchanged_in_seven_working_days(told: Told) -> None:
    decided = list(by_bureau(told.of(*DECISIONS, "party.qualification-decided")))
    assert len(decided) > 300
    published = told.citing(lambda act: act.data["subject"], "disclosure.published", "disclosure.withheld")
    sent = told.citing(lambda act: act.data["refs"], "exchange.batch-sent")
    receipts = told.citing(lambda act: act.data["batch"], "exchange.batch-acknowledged")
    assert told.late(iter(decided), published, 7) == []
    acknowledged = {ref: [one for batch in batches for one in receipts[key(batch)]] for ref, batches in sent.items()}
    assert told.late(iter(decided), acknowledged, 7) == []


def test_a_batch_is_acknowledged_whole_within_a_working_day(told: Told) -> None:
    receipts = told.citing(lambda act: act.data["batch"], "exchange.batch-acknowledged")
    assert told.late(told.of("exchange.batch-sent"), receipts, 1) == []
    sent = {key(act): act for act in told.of("exchange.batch-sent")}
    for receipt in told.of("exchange.batch-acknowledged"):
        batch = sent[receipt.data["batch"]["source"], receipt.data["batch"]["id"]]
        assert (receipt.data["accepted"], receipt.data["digest"]) == (batch.data["count"], batch.data["digest"])


def test_contracts_reach_the_tax_office_in_thirty_days(told: Told) -> None:
    taxed = told.citing(lambda act: act.data["refs"] if act.data["peer"] == "tax" else None, "exchange.batch-sent")
    contracts = list(told.of("trading.contract-signed"))
    assert len(contracts) > 20
    assert told.late(iter(contracts), taxed, 20) == []


def test_penalties_findings_and_upheld_complaints_enter_the_record(told: Told) -> None:
    records = told.citing(lambda act: act.data["source_decision"], "credit.record-entered")
    upheld = (act for act in told.of("complaint.decided") if act.data["outcome"] == "upheld" and act.data["subject"])
    established = (act for act in told.of("supervision.finding-made") if act.data["outcome"] == "established")
    assert told.late(told.of("supervision.penalty-decided"), records, 7) == []
    assert told.late(established, records, 7) == []
    assert told.late(upheld, records, 7) == []


def test_bad_records_of_intermediaries_are_disclosed(told: Told) -> None:
    disclosed = told.citing(lambda act: act.data["record"], "credit.record-disclosed")
    bad = [act for act in told.of("credit.record-entered") if act.data["polarity"] == "bad"]
    assert [act for act in bad if act.data["subject_kind"] == "intermediary"]
    assert told.late(iter(bad), disclosed, 7) == []


def test_complaints_are_accepted_decided_and_answered_in_time(told: Told) -> None:
    by_no: dict[str, dict[str, list[Act]]] = defaultdict(lambda: defaultdict(list))
    for act in told.of("complaint.acceptance-decided", "complaint.decided", "complaint.answered"):
        by_no[act.event["subject"]][act.type].append(act)
    assert len(by_no) > 60
    for lodged in told.of("complaint.lodged"):
        file, handler = by_no[lodged.event["subject"]], {lodged.data["addressee"]}
        if told.due(lodged, 3):
            assert told.in_time(lodged, file["complaint.acceptance-decided"], 3), lodged.event["id"]
        for settled in file["complaint.acceptance-decided"]:
            if settled.data["outcome"] == "accepted" and told.due(settled, 30):
                ended = file["complaint.decided"] + file["complaint.acceptance-decided"][1:]
                assert told.in_time(settled, ended, 30), lodged.event["id"]
            if settled.data["outcome"] == "declined" and told.due(settled, 5):
                assert told.in_time(settled, file["complaint.answered"], 5), lodged.event["id"]
        for decided in file["complaint.decided"]:
            if not lodged.data["anonymous"] and told.due(decided, 5):
                assert told.in_time(decided, file["complaint.answered"], 5), lodged.event["id"]
            assert decided.seat.org not in lodged.data["subject"]
        assert not handler & set(lodged.data["subject"])


def test_no_party_is_complained_of_twice_with_reason(told: Told) -> None:
    upheld: dict[str, int] = defaultdict(int)
    for act in told.of("complaint.decided"):
        if act.data["outcome"] in ("upheld", "partly"):
            for party in act.data["subject"]:
                upheld[party] += 1
    assert upheld
    assert max(upheld.values()) == 1


def test_incidents_are_looked_into_and_leads_and_alerts_answered(told: Told) -> None:
    opened = told.citing(lambda act: act.data["source"], "supervision.investigation-opened")
    assert told.late(told.of("supervision.incident-reported"), opened, 10) == []
    answered = told.citing(lambda act: act.data["referral"], "supervision.referral-answered")
    assert told.late(told.of("supervision.referral-sent"), answered, 30) == []
    provided = told.citing(lambda act: act.data["request"], "supervision.access-provided")
    assert told.late(told.of("supervision.access-requested"), provided, 3) == []
    handled: dict[str, list[Act]] = defaultdict(list)
    for act in told.of("supervision.alert-handled"):
        handled[act.event["subject"]].append(act)
    for alert in told.of("supervision.alert-raised"):
        days = {"C": 1, "H": 3, "M": 10, "L": 10}[alert.data["severity"]]
        if told.due(alert, days):
            assert told.in_time(alert, handled[alert.event["subject"]], days)


def test_who_closes_an_alert_is_not_implicated_and_says_why(told: Told) -> None:
    implicated = {act.event["subject"]: act.data["implicated_orgs"] for act in told.of("supervision.alert-raised")}
    for act in told.of("supervision.alert-closed"):
        assert act.seat.org not in implicated[act.event["subject"]]
        assert len(act.data["reasons"]) >= 20
        assert act.data["outcome"] != "violation" or "finding" in act.data


def test_crimes_are_referred_and_bad_reviews_answered(told: Told) -> None:
    referrals: dict[str, list[Act]] = defaultdict(list)
    for act in told.of("accountability.sanction-decided"):
        if act.data["kind"] == "justice-referral":
            referrals[act.data["against"]].append(act)
    crimes = [act for act in told.of("supervision.finding-made") if act.data["crime_suspected"]]
    assert crimes
    for act in crimes:
        if told.due(act, 10):
            assert told.in_time(act, referrals[act.data["subjects"][0]], 10), act.event["id"]
    answered = told.citing(lambda act: act.data["review"], "rating.review-answered")
    bad = (act for act in told.of("rating.review-submitted") if act.data["stars"] <= 2)
    assert told.late(bad, answered, 5) == []


def test_repairs_are_asked_for_and_wait_their_months(told: Told) -> None:
    asked = {key(act): act for act in told.of("credit.repair-applied")}
    records = {key(act): act for act in told.of("credit.record-entered")}
    granted = [act for act in told.of("credit.repair-decided") if act.data["outcome"] == "granted"]
    assert granted
    for act in granted:
        application = asked[act.data["application"]["source"], act.data["application"]["id"]]
        record = records[application.data["record"]["source"], application.data["record"]["id"]]
        waiting = {"minor": 31, "general": 92, "serious": 366}[record.data["severity"]]
        assert moments.day_of(application.at) - moments.day_of(record.at) >= waiting
        assert application.data["actions"]


def test_measures_are_lifted_on_their_ground(told: Told) -> None:
    measures = {key(act): act for act in told.of("credit.measure-imposed")}
    granted = {act.event["subject"] for act in told.of("credit.repair-decided") if act.data["outcome"] == "granted"}
    for act in told.of("credit.measure-lifted"):
        measure = measures[act.data["measure"]["source"], act.data["measure"]["id"]]
        assert act.event["person"] != act.data["approved_by"]
        assert act.seat.org == measure.seat.org
        if act.data["ground"] == "repaired":
            assert act.event["subject"] in granted
        if "to" in measure.data:
            assert moments.date_text(act.at) > measure.data["to"]
    assert {step.rpartition(":")[2] for ladder in LADDERS for step in ladder if step[0] == "-"} == {
        "expired",
        "repaired",
        "revoked",
    }


def test_no_barred_party_bids(told: Told) -> None:
    under = {act.data["party"] for act in told.of("credit.measure-imposed") if act.data["kind"] in ("bar", "limit")}
    assert under
    assert [
        act for act in told.of("trading.bid-submitted", "trading.service-chosen") if act.data.get("party") in under
    ] == []


def test_agents_are_committed_qualified_and_chosen_on_line(told: Told) -> None:
    promised: dict[str, int] = {}
    qualified: dict[str, int] = {}
    for act in told.of("credit.commitment-made"):
        if act.data["form"] == "written":
            promised.setdefault(act.data["party"], act.at)
    for act in told.of("party.qualification-decided"):
        if act.data["qualification"] == "tender-agency":
            qualified.setdefault(act.event["subject"].removeprefix("party:"), act.at)
    chosen = [act for act in told.of("trading.service-chosen") if act.data["kind"] == "agent"]
    assert chosen
    for act in chosen:
        agent = act.data["chosen"]
        assert promised[agent] < act.at
        assert qualified[agent] < act.at
        assert act.data["channel"] == "online"


def test_bidders_promise_before_they_bid(told: Told) -> None:
    promised = {(act.data.get("lot"), act.data.get("party")) for act in told.of("credit.commitment-made")}
    bids = list(told.of("trading.bid-submitted"))
    assert len(bids) > 50
    for act in bids:
        assert (act.event["subject"].removeprefix("lot:"), act.data["party"]) in promised


def test_a_qualification_follows_a_look_at_the_credit(told: Told) -> None:
    looked: dict[str, list[int]] = defaultdict(list)
    for act in told.of("credit.checked"):
        if act.data["purpose"] == "qualification" and "party" in act.data:
            looked[act.data["party"]].append(act.at)
    for act in told.of("party.qualification-decided"):
        subject = act.event["subject"]
        if subject.startswith("party:"):
            party = subject.removeprefix("party:")
            assert any(0 <= act.at - at <= 30 * moments.DAY for at in looked[party]), act.event["id"]


def test_nothing_is_asked_for_that_the_guide_does_not_name(told: Told) -> None:
    asked = {code for act in told.of("platform.service-handled") for code in act.data["demands"]}
    asked |= {code for act in told.of("trading.entry-decided") for code in act.data.get("demands", [])}
    assert asked
    assert asked <= set(ALLOWED)


def test_the_share_handled_on_line_never_falls(told: Told) -> None:
    shares: dict[str, list[int]] = defaultdict(list)
    for act in told.of("platform.service-handled"):
        text = moments.date_text(act.at)
        shares[f"{text[:4]}-{(int(text[5:7]) + 2) // 3}"].append(act.data["channel"] == "online")
    quarters = [sum(of) * 10_000 // len(of) for _, of in sorted(shares.items())]
    assert len(quarters) >= 3
    assert [later for before, later in pairwise(quarters) if later < before - 200] == []


def test_only_what_need_not_be_kept_is_disposed_of_by_two(told: Told) -> None:
    items = {key(act): act for act in told.of("archive.item-filed")}
    gone = list(told.of("archive.item-disposed"))
    assert gone
    for act in gone:
        assert items[act.data["item"]["source"], act.data["item"]["id"]].data["retention"] == "none"
        assert act.event["person"] not in act.data["approved_by"]
        assert act.data["basis"]


def test_decisions_are_entered_by_the_next_working_day(told: Told) -> None:
    city = told.city
    decisions = {one.type[: one.type.rindex(".")] for one in city.contracts if one.nature == "decision"}
    late = [
        act.event["id"]
        for act in told.of(*sorted(decisions))
        if moments.day_of(act.recorded // MICRO) > city.office.workday(moments.day_of(act.at), 1)
    ]
    assert late == []


def test_every_section_reports_every_week(told: Told) -> None:
    weeks: dict[str, set[str]] = defaultdict(set)
    for act in told.of("report.weekly-submitted"):
        weeks[act.data["week"]].add(act.data["section"])
    assert len(weeks) > 30
    assert {len(sections) for week, sections in weeks.items() if week != max(weeks)} == {7}
