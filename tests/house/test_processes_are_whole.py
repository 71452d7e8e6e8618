"""The shipped processes: all nineteen, each fitting the contracts, each walked from its beginning to an end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ledger.contracts import Contracts
from projections.conformance import Course, courses, fold
from projections.process_checks import problems
from projections.rulebook import load

PROCESSES = load().processes
Said = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry as far as a process looks at it."""

    position: int
    type: str
    data: Mapping[str, Any]
    subject: str
    tags: tuple[str, ...] = ()
    time: str = "2026-06-01T09:00:00+08:00"
    recorded: str = "2026-06-01T01:00:01.000000Z"
    source: str = "urn:example:walk"
    id: str = "1"
    poster: Mapping[str, Any] = field(default_factory=lambda: {"org": "91140302MA0TT001XH"})


def happened(*said: Said) -> list[Happened]:
    return [
        Happened(number, f"{one[0]}.v1", one[1], one[2] if len(one) == 3 else "stream:1")
        for number, one in enumerate(said, start=1)
    ]


def walk(process: str, *said: Said) -> tuple[Course, ...]:
    return fold(PROCESSES[process], happened(*said), PROCESSES[PROCESSES[process].skeleton_of])


def registered(method: str, item: str) -> Said:
    data = {
        "catalogue_item": item,
        "method": method,
        "tenderer": "91140302MA0TT001XH",
        "source_doc": {"kind": "decision"},
    }
    return "trading.project-registered", data


def kinds(type_: str, *kinds_: str) -> list[Said]:
    return [(type_, {"kind": kind}) for kind in kinds_]


DOCUMENT: list[Said] = [
    ("trading.entry-decided", {"outcome": "accepted"}),
    ("trading.document-filed", {"bid_deadline": "2026-05-01T09:00:00+08:00"}),
]
PUBLICITY: Said = ("trading.candidates-publicised", {"closes_at": "2026-05-20T17:00:00+08:00"})
BID: Said = ("trading.bid-submitted", {"party": "A", "at": "2026-04-30T09:00:00+08:00", "commitment": 1})
CONFIRMED: list[Said] = [("trading.result-confirmed", {"price": 1}), ("trading.result-published", {})]
STEPS: list[Said] = [
    ("approval.step-signed", {"step": step}) for step in ("handle", "verify", "review", "principal-sign")
]
EVALUATED: list[Said] = [
    ("draw.conducted", {}),
    ("trading.bid-opened", {"at": "2026-05-01T09:00:00+08:00"}),
    ("trading.bid-decrypted", {}),
    ("trading.committee-formed", {}),
    ("trading.score-submitted", {}),
    ("trading.evaluation-completed", {}),
]
PERFORMED: list[Said] = [
    ("trading.award-notice-issued", {}),
    ("trading.contract-signed", {}),
    *kinds("trading.performance-recorded", "start", "final"),
    ("archive.dossier-sealed", {}),
]


def case(track: str, item: str, number: str, outcome: str = "approved") -> list[Said]:
    subject = f"case:{number}"
    return [
        ("approval.application-submitted", {"track": track, "item": item, "preparer": {}}, subject),
        ("approval.decided", {"outcome": outcome}, subject),
    ]


PHASES = ("proposal", "feasibility", "preliminary-design", "construction-drawing")
OFFSITE: list[Said] = [
    ("cad.obligation-determined", {"obliged": True, "required_area": 100}),
    ("approval.application-submitted", {"track": "offsite", "item": "offsite-construction"}, "case:1"),
    ("approval.acceptance-decided", {"outcome": "accepted"}, "case:1"),
    ("cad.offsite-decided", {"outcome": "approved", "offsite_area": 100}, "case:1"),
    ("fee.assessed", {"item": "offsite-construction", "amount": 100, "due": "2026-06-30"}),
]
WAIVER: list[Said] = [
    ("approval.application-submitted", {"track": "waiver", "item": "fee-waiver"}, "case:2"),
    ("cad.waiver-opinion-given", {"opinion": "meets", "sealed": True}, "case:2"),
    *(("approval.step-signed", {"step": step}, "case:2") for step in ("verify", "deputy-sign", "principal-sign")),
    ("cad.waiver-decided", {"outcome": "approved", "waived_fen": 40}, "case:2"),
    ("fee.waiver-applied", {"waived": 40}),
    ("fee.paid", {"amount": 60}),
]
PASSED = {"kind": "comprehensive", "outcome": "pass", "built_area": 120, "attempt": 1}
WALKS: dict[str, list[Said]] = {
    "lot-tender": [registered("open", "C1.2"), *DOCUMENT, *kinds("trading.notice-published", "tender"), BID, *EVALUATED,
                   PUBLICITY, *CONFIRMED, *PERFORMED],
    "lot-negotiation": [registered("single-source", "C2.1"), ("trading.method-approved", {"method": "single-source"}),
                        *DOCUMENT, *kinds("trading.notice-published", "single-source"), BID, *EVALUATED, *CONFIRMED,
                        *PERFORMED],
    "lot-auction": [registered("listing", "C3.1"), *DOCUMENT, *kinds("trading.notice-published", "land"),
                    ("trading.prequalification-decided", {"outcome": "pass", "party": "A"}),
                    ("trading.prequalification-decided", {"outcome": "pass", "party": "B"}),
                    ("trading.auction-opened", {}), ("trading.quote-placed", {}),
                    ("trading.auction-closed", {"outcome": "sold"}), PUBLICITY, *CONFIRMED,
                    ("trading.contract-signed", {}), *kinds("trading.performance-recorded", "payment", "delivery"),
                    ("archive.dossier-sealed", {})],
    "case": [("approval.application-submitted", {"track": "other"}),
             ("approval.acceptance-decided", {"outcome": "accepted"}), *STEPS,
             ("approval.decided", {"outcome": "approved"}), ("approval.document-delivered", {}),
             ("disclosure.published", {})],
    "cad-single": [("cad.size-classified", {"size": "small"}),
                   *(one for number, item in enumerate(PHASES) for one in case("single-built", item, str(number))),
                   ("trading.contract-signed", {}), ("quality.supervision-started", {}),
                   ("quality.construction-started", {})],
    "cad-attached": [OFFSITE[0], ("approval.application-submitted", {"track": "attached"}, "case:1"),
                     ("approval.acceptance-decided", {"outcome": "accepted"}, "case:1"),
                     ("cad.design-conditions-issued", {"required_area": 100}, "case:1"), ("drawing.submitted", {}),
                     ("drawing.certificate-issued", {"drawing_set_sha256": "a"}),
                     ("cad.review-approval-issued", {"check": "pass", "drawing_set_sha256": "a"}),
                     ("quality.supervision-started", {}), ("quality.construction-started", {}),
                     ("quality.acceptance-concluded", PASSED), ("quality.acceptance-filed", {})],
    "cad-offsite": [*OFFSITE, ("fee.paid", {"amount": 40}), ("fee.paid", {"amount": 60}),
                    *case("construction-permit", "construction-permit", "9")],
    "cad-waiver": [*OFFSITE[3:], *WAIVER],
    "drawing": [("drawing.submitted", {"round": 1, "drawing_set_sha256": "a"}),
                ("drawing.intake-decided", {"outcome": "accepted", "designer_qual_ok": True, "conditions_ok": True}),
                ("drawing.opinion-issued", {"conforms_conditions": True, "conforms_norms": True}),
                ("drawing.certificate-issued", {"stamp": {"applied": True}, "drawing_set_sha256": "a"}),
                ("cad.review-approval-issued", {"check": "pass", "drawing_set_sha256": "a"})],
    "works": [("quality.supervision-started", {"signed_by_developer": True}), ("quality.construction-started", {}),
              ("quality.equipment-documented",
               {"batch": "b", "quality_papers_original": True, "lab_certificate_original": True}),
              ("quality.equipment-used", {"batch": "b"}),
              *(("quality.report-issued", {"kind": kind, "result": "pass"})
                for kind in ("trial-run", "supervision", "equipment-test")),
              ("quality.acceptance-applied", {"kind": "main", "main_complete": True, "equipment_installed": True}),
              ("quality.acceptance-concluded", {"kind": "main", "outcome": "pass", "watcher": "x"}),
              *kinds("quality.acceptance-applied", "comprehensive"), ("quality.acceptance-concluded", PASSED),
              ("quality.acceptance-filed", {}), ("quality.put-into-use", {})],
    "costaudit": [("costaudit.task-issued", {}), ("costaudit.materials-supplied", {}),
                  ("costaudit.report-issued", {"phase": "pre", "subject": "control-price"}),
                  ("costaudit.report-issued", {"phase": "during", "subject": "contract-price"}),
                  ("costaudit.report-issued", {"phase": "post", "subject": "final-account", "audited": 100}),
                  ("costaudit.write-off-performed", {"amount": 100})],
    "fee": [("fee.assessed", {"item": "trading-service", "amount": 100, "due": "2026-05-31"}),
            ("fee.paid", {"amount": 30}),
            ("ledger.checkpoint-sealed", {"as_of": "2026-06-01T00:00:00+08:00"}), ("fee.paid", {"amount": 70}),
            ("fee.remitted", {"amount": 100})],
    "deposit": [("fee.deposit-received", {"party": "A", "amount": 5}),
                ("fee.deposit-returned", {"deposit": 1, "amount": 5})],
    "credit-standing": [*kinds("credit.measure-imposed", "limit", "bar"), ("credit.measure-lifted", {"measure": 2}),
                        ("credit.measure-lifted", {"measure": 1})],
    "credit-record": [("credit.record-entered", {"polarity": "bad", "source_decision": 9, "original_text": {}}),
                      ("credit.record-disclosed", {"record": 1}), ("credit.repair-applied", {"record": 1}),
                      ("credit.repair-decided", {"application": 3, "outcome": "granted"})],
    "complaint": [("complaint.lodged", {"kind": "complaint", "anonymous": False}),
                  ("complaint.acceptance-decided", {"outcome": "accepted"}), ("supervision.investigation-opened", {}),
                  ("complaint.decided", {"outcome": "upheld"}), ("complaint.answered", {})],
    "alert": [("supervision.alert-raised", {"implicated_orgs": ["x"]}),
              ("supervision.alert-handled", {"action": "assigned"}),
              ("supervision.alert-handled", {"action": "explained"}),
              ("supervision.alert-closed", {"outcome": "explained"})],
    "draw": [("draw.requested", {"specialities": [{"code": "a", "n": 1}, {"code": "b", "n": 1}],
                                 "seed_commitments": []}),
             ("draw.conducted", {"mode": "random"}), ("draw.expert-responded", {"response": "confirmed"}),
             ("draw.expert-responded", {"response": "declined"}), ("draw.expert-responded", {"response": "confirmed"}),
             ("draw.list-unsealed", {"by_system": True}), ("draw.expert-attended", {})],
    "liability": [("accountability.correction-ordered", {"article": "M40", "due": "2026-05-31"}),
                  ("ledger.checkpoint-sealed", {"as_of": "2026-06-01T00:00:00+08:00"}),
                  ("accountability.sanction-decided", {"kind": "criticism", "article": "M40"}),
                  ("accountability.sanction-decided", {"kind": "liability", "article": "M40"})],
}  # fmt: skip
ENDS = {
    "lot-tender": "archived", "lot-negotiation": "archived", "lot-auction": "archived", "case": "disclosed",
    "cad-single": "building", "cad-attached": "fulfilled", "cad-offsite": "discharged", "cad-waiver": "settled",
    "drawing": "approved", "works": "in-use", "costaudit": "written-off", "fee": "remitted", "deposit": "returned",
    "credit-standing": "normal", "credit-record": "repaired", "complaint": "answered", "alert": "closed",
    "draw": "attended", "liability": "liable",
}  # fmt: skip


def test_there_are_exactly_the_nineteen_that_were_decided() -> None:
    assert set(PROCESSES) == set(ENDS) == set(WALKS)
    assert len(ENDS) == 19


def test_every_process_fits_the_contracts(contracts: Contracts) -> None:
    assert [f"{one.pointer} {one.en}" for one in problems(PROCESSES, contracts)] == []


@pytest.mark.parametrize("name", sorted(ENDS))
def test_a_regular_matter_reaches_its_end_and_nothing_is_said_against_it(name: str) -> None:
    (one,) = walk(name, *WALKS[name])
    assert (one.state, one.ended) == (ENDS[name], True)
    assert [taken for taken in one.taken if taken.order != "regular"] == []
    assert one.irregular == []
    assert {step.status for step in one.steps()} <= {"present"}
    assert one.undecided == []


@pytest.mark.parametrize("name", ["lot-tender", "lot-negotiation", "lot-auction"])
def test_a_regular_lot_has_every_stage_its_category_demands(name: str) -> None:
    (one,) = walk(name, *WALKS[name])
    stages = one.stages()
    assert [stage.id for stage in stages if stage.demanded is None] == []
    assert [stage.id for stage in stages if stage.demanded and not stage.proven] == []
    without = [said for said in WALKS[name] if said[0] != "trading.contract-signed"]
    assert [s.id for s in walk(name, *without)[0].stages() if s.demanded and not s.proven] == ["performance"]


@pytest.mark.parametrize("name", sorted(ENDS))
def test_a_step_left_out_of_a_regular_matter_is_named(name: str) -> None:
    (whole,) = walk(name, *WALKS[name])
    must = [step for step in whole.steps() if step.position != 1]
    for step in must:
        left = [said for number, said in enumerate(WALKS[name], start=1) if number != step.position]
        told = {one.id: one.status for course in walk(name, *left) for one in course.steps()}
        assert told[step.id] in {"missing", "skipped"}, step.id


@pytest.mark.parametrize("name", sorted(ENDS))
def test_a_dossier_is_known_as_what_it_is(name: str) -> None:
    tag = f"{PROCESSES[name].prefix}:1"
    found = {one.process.id for one in courses(PROCESSES, tag, happened(*WALKS[name]))}
    assert found == {name}


@pytest.mark.parametrize("name", sorted(ENDS))
def test_both_languages_name_every_state_and_step(name: str) -> None:
    process = PROCESSES[name]
    for title in [state.title_en for state in process.states.values()] + [one.title_en for one in process.transitions]:
        assert title.isascii(), title


def test_an_objection_holds_the_award() -> None:
    objection: Said = ("complaint.lodged", {"kind": "objection"}, "complaint:1")
    answer: Said = ("complaint.answered", {}, "complaint:1")
    at = next(n for n, said in enumerate(WALKS["lot-tender"]) if said[0] == "trading.result-confirmed")
    until, after = WALKS["lot-tender"][:at], WALKS["lot-tender"][at:]
    (held,) = walk("lot-tender", *until, objection)
    assert (held.state, held.values["objections_open"]) == ("objected", ["complaint:1"])
    (answered,) = walk("lot-tender", *until, objection, answer, *after)
    assert answered.state == "archived"
    assert answered.irregular == []
    (ignored,) = walk("lot-tender", *until, objection, *after)
    assert [taken.step for taken in ignored.irregular] == ["confirm"]


def test_a_late_bid_is_noted_and_the_clarification_moves_the_deadline() -> None:
    late: Said = ("trading.bid-submitted", {"party": "B", "at": "2026-05-02T09:00:00+08:00", "commitment": 1})
    moved: Said = ("trading.clarification-issued", {"new_deadline": "2026-05-03T09:00:00+08:00"})
    begun = WALKS["lot-tender"][:4]
    assert [taken.step for taken in walk("lot-tender", *begun, late)[0].irregular] == ["bid"]
    assert walk("lot-tender", *begun, moved, late)[0].irregular == []


def test_a_waiver_booked_before_the_province_decides_is_seen() -> None:
    early = [*OFFSITE[3:], *WAIVER[:2], *WAIVER[6:]]
    told = {one.id: one.status for one in walk("cad-waiver", *early)[0].steps()}
    assert [id_ for id_, status in told.items() if status == "skipped"] == [
        "verify", "sign-deputy", "sign-director", "approve-waiver",
    ]  # fmt: skip


def test_works_that_are_blocked_may_not_start_the_next_procedure() -> None:
    order: Said = ("quality.rectification-ordered", {"blocks_next": True})
    begun = WALKS["works"][:2]
    (blocked,) = walk("works", *begun, order, ("quality.procedure-started", {}))
    assert (blocked.state, blocked.taken[-1].order) == ("blocked", "behind")
    (cleared,) = walk("works", *begun, order, ("quality.rectification-rechecked", {"order": 3, "result": "cleared"}))
    assert cleared.state == "building"


def test_two_deposits_on_a_lot_are_two_matters() -> None:
    received: list[Said] = [("fee.deposit-received", {"party": party, "amount": 5}) for party in "AB"]
    courses = walk("deposit", *received, ("fee.deposit-returned", {"deposit": 2, "amount": 5, "forfeited": True}))
    assert [(one.opened_at, one.state) for one in courses] == [(1, "received"), (2, "forfeited")]
