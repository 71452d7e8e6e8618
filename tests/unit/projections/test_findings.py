"""A finding has one identity, and its payload is the alert's."""

import re
from base64 import b32encode
from hashlib import sha256
from pathlib import Path

from ledger.contracts import Contracts
from projections.findings import Finding, alert_id, dedupe_key

FORMAT = Path(__file__).parents[3] / "schemas" / "formats" / "rule.md"
FINDING = Finding(
    rule="TRD-11",
    edition="0" * 64,
    severity="H",
    scope="notice:n-1",
    evidence=(17,),
    facts=(("clock", "T12"),),
    text_zh="公示期 63 小时，少于 72 小时。",
    text_en="The publicity period was 63 h, less than 72 h.",
    readings=(),
    evaluated_at=17,
    dedupe_key=dedupe_key(1, "notice:n-1", (17,)),
)


def test_the_identity_is_the_hash_of_rule_edition_key_and_severity() -> None:
    made = b"TRD-11\n" + b"0" * 64 + b"\n1|notice:n-1|17\nH"
    assert FINDING.id == b32encode(sha256(made).digest()).decode().lower()[:26]
    assert re.fullmatch("[a-z2-7]{26}", FINDING.id)


def test_the_worked_case_of_the_format_page_is_what_the_code_gives() -> None:
    assert f"`{FINDING.id}`" in FORMAT.read_text(encoding="utf-8")


def test_another_rule_edition_key_or_severity_is_another_alert() -> None:
    base = ("TRD-11", "0" * 64, "1|notice:n-1|17", "H")
    others = [
        ("TRD-12", *base[1:]),
        (base[0], "1" * 64, *base[2:]),
        (*base[:2], "2|notice:n-1|17", "H"),
        (*base[:3], "C"),
    ]
    assert len({alert_id(*each) for each in [base, *others]}) == 5


def test_the_triggering_positions_stand_ascending_in_the_key() -> None:
    assert dedupe_key(2, "lot:A1", (30, 4)) == "2|lot:A1|4,30"


def test_the_payload_of_the_alert_with_its_edition_fits_the_contract() -> None:
    contract = Contracts.load().get("supervision.alert-raised.v1")
    assert contract is not None
    assert contract.problems({**FINDING.alert_data(), "rule_edition": 3}) == []


def test_the_payload_of_the_alert_names_evidence_facts_and_both_texts() -> None:
    assert FINDING.alert_data() == {
        "alert_no": FINDING.id,
        "rule": "TRD-11",
        "severity": "H",
        "subject_streams": ["notice:n-1"],
        "evidence": [17],
        "facts": [{"name": "clock", "value": "T12"}],
        "text_zh": "公示期 63 小时，少于 72 小时。",
        "text_en": "The publicity period was 63 h, less than 72 h.",
        "evaluated_at": 17,
        "implicated_orgs": [],
        "retrospective": False,
        "dedupe_key": "1|notice:n-1|17",
    }
