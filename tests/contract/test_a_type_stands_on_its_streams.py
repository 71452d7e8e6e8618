"""Where a type may stand: on one stream, on one of several, or, for what speaks about something else, on any."""

from typing import Any

import pytest

from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.errors import Malformed

DOC = {"id": "s-1", "kind": "decision", "sha256": "0" * 64, "bytes": 1, "media_type": "application/pdf"}
KEEPER = Poster(org="12140300MA0TT1303G", organ="LIB", via="key:test")


def suspended(subject: str) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": "1", "source": "urn:example:library", "type": "party.status-changed.v1",
        "subject": subject, "time": "2026-04-10T09:00:00+08:00",
        "data": {"status": "suspended", "reason": "未按规定回避", "doc": DOC},
    }  # fmt: skip


@pytest.mark.parametrize("subject", ["party:91140302MA0TT001XH", "person:p0000000000000000000000053"])
def test_a_status_is_of_a_party_or_of_a_person(contracts: Contracts, subject: str) -> None:
    assert subject in admit(suspended(subject), KEEPER, contracts).tags


@pytest.mark.parametrize("subject", ["lot:A01-1", "partyx:1", "party:", "*:1"])
def test_a_status_on_another_stream_is_refused_and_both_are_named(contracts: Contracts, subject: str) -> None:
    with pytest.raises(Malformed) as refused:
        admit(suspended(subject), KEEPER, contracts)
    told = [one for one in refused.value.problems if one.code == "stream"]
    assert [one.pointer for one in told] == ["/subject"]
    assert "「party:」或「person:」" in told[0].zh
    assert "`party:` or `person:`" in told[0].en


@pytest.mark.parametrize("subject", ["lot:A01-1", "case:1", "fee:1"])
def test_a_correction_stands_on_the_stream_of_what_it_corrects(contracts: Contracts, subject: str) -> None:
    change = {"path": "/price", "old_hash": "0" * 64, "new": "1"}
    event = suspended(subject) | {
        "type": "ledger.correction-posted.v1",
        "data": {"target": 7, "reason": "笔误", "field_changes": [change]},
    }
    assert subject in admit(event, KEEPER, contracts).tags
