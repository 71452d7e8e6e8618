"""Honest lots: what rules on trading, experts, evaluation and collusion look at, counted again from the acts alone."""

from collections import Counter, defaultdict
from hashlib import sha256
from hmac import digest as hmac_digest
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from city.act import Act
from city.lives import lots
from city.rehearsal import refusals, rehearse
from city.telling import Wish, city_of
from city.world import City
from ledger import clock
from ledger.contracts import Contracts
from ledger.identifiers import deal

Dossier = dict[str, list[Act]]
TURNS = 14
DAY = 86_400


@pytest.fixture(scope="module")
def city(contracts: Contracts) -> City:
    made = city_of(Wish(events=20_000), contracts)
    made.root = lambda moment: sha256(str(moment).encode()).digest()
    return made


@pytest.fixture(scope="module")
def told(city: City) -> list[list[Act]]:
    """Lots of every category and method, each so many times."""
    return [
        rehearse(city, lots.life_of(category, method), number * 100 + index)
        for index, (category, method) in enumerate(lots.SHARES)
        for number in range(1, TURNS + 1)
    ]


@pytest.fixture(scope="module")
def dossiers(told: list[list[Act]]) -> list[Dossier]:
    """The acts of each lot by type."""
    made: list[Dossier] = []
    for acts in told:
        by_type = defaultdict(list)
        for act in acts:
            by_type[act.type].append(act)
        made.append(by_type)
    return made


def moment(text: str) -> float:
    return clock.parse(text).timestamp()


def deadline(dossier: Dossier) -> float:
    moved = [one.data["new_deadline"] for one in dossier["trading.clarification-issued"] if "new_deadline" in one.data]
    return moment(moved[-1] if moved else dossier["trading.document-filed"][-1].data["bid_deadline"])


def test_every_act_of_a_lot_would_be_admitted(city: City, told: list[list[Act]]) -> None:
    assert [refused for acts in told for act in acts for refused in refusals(city, act)] == []


def test_a_lot_has_a_sound_deal_code_and_no_two_have_the_same(dossiers: list[Dossier]) -> None:
    codes = [one["trading.project-registered"][0].data["lot_id"] for one in dossiers]
    assert [deal.faults(code) for code in codes] == [()] * len(codes)
    assert len(set(codes)) == len(codes)


def test_a_draw_can_be_drawn_again_by_anybody(city: City, dossiers: list[Dossier]) -> None:
    seen = 0
    for dossier in dossiers:
        for drawn in dossier["draw.conducted"]:
            request = next(one for one in dossier["draw.requested"] if one.event["subject"] == drawn.event["subject"])
            reveals = [bytes.fromhex(one["reveal"]) for one in drawn.data["seed_reveals"]]
            assert [sha256(one).hexdigest() for one in reveals] == [
                one["sha256"] for one in request.data["seed_commitments"]
            ]
            hour = (request.recorded // 3_600_000_000 + 1) * 3600
            assert drawn.data["checkpoint"]["id"] == f"tick-{clock.stamp(clock.parse(stamp_of(hour)))}"
            seed = sha256(reveals[0] + reveals[1] + city.root(hour)).digest()
            order = sorted(drawn.data["pool"], key=lambda one: hmac_digest(seed, one["pid"].encode(), "sha256"))
            ranks = Counter[str]()
            first: dict[str, int] = Counter(
                one["speciality"] for one in drawn.data["pool"] if one["pid"] in drawn.data["result"]
            )
            for one in order:
                ranks[one["speciality"]] += 1
                assert (one["pid"] in drawn.data["result"]) == (ranks[one["speciality"]] <= first[one["speciality"]])
            seen += 1
    assert seen > 80


def stamp_of(hour: int) -> str:
    from city import moments

    return moments.stamp(hour * 1_000_000)


def test_committees_are_drawn_odd_and_two_thirds_experts(dossiers: list[Dossier]) -> None:
    for dossier in dossiers:
        confirmed = {one.data["pid"] for one in dossier["draw.expert-responded"] if one.data["response"] == "confirmed"}
        attended = {one.data["pid"] for one in dossier["draw.expert-attended"]}
        rounds = Counter(one.event["subject"] for one in dossier["draw.conducted"])
        assert not rounds or max(rounds.values()) <= 2
        for formed in dossier["trading.committee-formed"]:
            members = formed.data["members"]
            experts = {one["pid"] for one in members if one["kind"] == "expert"}
            assert len(members) >= 5
            assert len(members) % 2 == 1
            assert len(experts) * 3 >= len(members) * 2
            assert experts <= confirmed & attended


def test_the_ranking_is_what_the_sheets_give(dossiers: list[Dossier]) -> None:
    seen = 0
    for dossier in dossiers:
        for done in dossier["trading.evaluation-completed"]:
            document = dossier["trading.document-filed"][-1].data
            assert done.data["criteria_hash"] == document["criteria_hash"]
            sheets: dict[str, dict[str, int]] = defaultdict(dict)
            for one in dossier["trading.score-submitted"]:
                if one.at < moment(done.data["started_at"]) or one.at > done.at:
                    continue
                sheets[one.data["bid_id"]][one.data["expert"]] = sum(item["score"] for item in one.data["items"])
            for line in done.data["ranking"]:
                found = sorted(sheets[line["bid_id"]].values())
                counted = found[1:-1] if document["aggregation"] == "trimmed-mean" else found
                assert line["total"] == sum(counted) // len(counted)
            totals = [line["total"] for line in done.data["ranking"]]
            assert totals == sorted(totals, reverse=True)
            valid = len(done.data["ranking"])
            assert moment(done.data["ended_at"]) - moment(done.data["started_at"]) >= 600 * valid
            seen += 1
    assert seen > 60


def test_no_sheet_stands_out_and_no_two_are_alike(dossiers: list[Dossier]) -> None:
    for dossier in dossiers:
        subjective = (
            {one["code"] for one in dossier["trading.document-filed"][-1].data["criteria"] if one["subjective"]}
            if dossier["trading.document-filed"]
            else set()
        )
        by_item: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        by_expert: dict[str, list[int]] = defaultdict(list)
        for one in dossier["trading.score-submitted"]:
            for item in one.data["items"]:
                if item["code"] in subjective and one.data["revision"] == 1:
                    by_item[one.data["bid_id"], item["code"]].append((item["score"], item["max"]))
                    by_expert[one.data["expert"]].append(item["score"])
        for scores in by_item.values():
            middle = median(score for score, _ in scores)
            assert all(abs(score - middle) * 4 <= most for score, most in scores)
        vectors = [tuple(vector) for vector in by_expert.values() if len(vector) >= 6]
        assert len(set(vectors)) == len(vectors)


def test_bids_come_in_time_unaltered_and_each_from_its_own_machine(dossiers: list[Dossier]) -> None:
    for dossier in dossiers:
        sent = {one.event["id"]: one.data for one in dossier["trading.bid-submitted"]}
        if not sent:
            continue
        for bid in sent.values():
            late = moment(bid["at"]) > deadline(dossier)
            assert late == ("rejected_reason" in bid)
        for one in dossier["trading.bid-decrypted"]:
            assert one.data["envelope_sha256"] == sent[one.data["bid"]["id"]]["envelope_sha256"]
        for opened in dossier["trading.bid-opened"][-1:]:
            assert 0 <= opened.at - deadline(dossier) <= 1800
            assert all(one.at > opened.at for one in dossier["trading.bid-decrypted"][-1:])
        _unshared(sent.values(), "device", ("mac", "cpu", "disk", "board", "ip", "net24"))
        _unshared((one.data for one in dossier["trading.bid-decrypted"]), "author_meta", ("author", "machine"))
        accounts = Counter((one.data["account"], one.data["party"]) for one in dossier["fee.deposit-received"])
        assert len({account for account, _ in accounts}) == len({party for _, party in accounts})


def _unshared(payloads: Any, member: str, names: tuple[str, ...]) -> None:
    """Nobody has what another party of the lot has."""
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for data in payloads:
        for name in names:
            if name in data.get(member, {}):
                owners[name, data[member][name]].add(data["party"])
    assert [key for key, parties in owners.items() if len(parties) > 1] == []


def test_prices_follow_no_rule(dossiers: list[Dossier]) -> None:
    for dossier in dossiers:
        opened = {one["bid_id"] for act in dossier["trading.bid-opened"][-1:] for one in act.data["bids"]}
        prices = sorted(one.data["price"] for one in dossier["trading.bid-decrypted"] if one.data["bid_id"] in opened)
        gaps = [after - before for before, after in pairwise(prices)]
        assert all((after - before) * 10_000 > 5 * before for before, after in pairwise(prices))
        if len(gaps) > 1:
            assert (max(gaps) - min(gaps)) * 100 * len(gaps) > 2 * sum(gaps)


def test_periods_are_kept_from_notice_to_deposit(dossiers: list[Dossier]) -> None:
    for dossier in dossiers:
        if dossier["trading.bid-submitted"] and dossier["trading.project-registered"][0].data["method"] == "open":
            assert deadline(dossier) - dossier["trading.document-filed"][-1].at >= 20 * DAY
        for shown in dossier["trading.candidates-publicised"]:
            assert moment(shown.data["closes_at"]) - moment(shown.data["opens_at"]) >= 72 * 3600
            reports = [one.at for one in dossier["trading.evaluation-completed"] if one.at < shown.at]
            if reports and not shown.data.get("correction"):
                assert shown.at - reports[-1] <= 3 * DAY
        for result in dossier["trading.result-confirmed"]:
            assert all(result.at >= moment(one.data["closes_at"]) for one in dossier["trading.candidates-publicised"])
        for lodged, answered in zip(dossier["complaint.lodged"], dossier["complaint.answered"], strict=True):
            assert lodged.data["kind"] != "objection" or answered.at - lodged.at <= 3 * DAY
        for contract in dossier["trading.contract-signed"]:
            award = dossier["trading.award-notice-issued"][0]
            assert 0 < contract.at - award.at <= 30 * DAY
            assert contract.data["price"] == award.data["price"]
            for document in dossier["trading.document-filed"][-1:]:
                assert contract.data["key_terms_hash"] == document.data["key_terms_hash"]
            for returned in dossier["fee.deposit-returned"]:
                assert returned.at - contract.at <= 5 * DAY
        steps = [one.at for one in dossier["trading.contract-signed"] + dossier["trading.performance-recorded"]]
        assert all(after - before <= 90 * DAY for before, after in pairwise(steps))
