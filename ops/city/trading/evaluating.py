"""From the opening to the report: bids opened and decrypted, a committee formed, scores given, a ranking made.

Scores are honest: each expert sees the same quality a little differently, price and record are counted by formula, and
the ranking is what the sheets give (`totals`).
"""

from collections.abc import Sequence
from typing import Any

from city import moments
from city.act import Act, Seat
from city.chance import Chance
from city.course import Life
from city.trading.bidding import Bidder
from city.trading.experts import Committee, attended, departed, unsealed
from city.trading.lot import Lot
from city.trading.ways import SMOOTH, Way

ROOM = "urn:city:evaluation"
"""The system of the evaluation rooms: experts and committees post through it."""


def opened(lot: Lot, bidders: Sequence[Bidder]) -> Act:
    """The opening session, within minutes of the deadline."""
    course = lot.course
    host = lot.agent.person("host") if lot.agent is not None else lot.staff()
    data: dict[str, Any] = {
        "session": course.code("S"),
        "at": moments.text(course.now),
        "bids": [
            {"bid_id": one.bid_id, "party": one.firm.org, "received_at": one.bid.data["at"]}
            for one in bidders
            if one.bid is not None
        ],
        "host": host,
        "supervisor": course.city.people.official(lot.regulator, "regulator", 1),
        "av_doc": course.doc("recording", 90_000_000, 900_000_000),
        "doc": course.doc("opening-record"),
    }
    if course.often(2500):
        del data["supervisor"]
    seat = lot.agent.seat if lot.agent is not None and course.often(5000) else course.city.organ("PTC").seat
    return lot.post("trading.bid-opened", seat, data, person=host, prompt=True)


def decrypted(lot: Lot, one: Bidder) -> Act:
    """A bid is decrypted: price, period, staff, and what the file says of the machine it was written on."""
    course, firm = lot.course, one.firm
    assert one.bid is not None
    crew = course.chance.between(0, 4)
    data: dict[str, Any] = {
        "bid": one.bid.ref,
        "bid_id": one.bid_id,
        "party": firm.org,
        "plaintext_sha256": course.chance.hex64(),
        "envelope_sha256": one.bid.data["envelope_sha256"],
        "price": one.price,
        "duration": f"{course.chance.between(30, 300)}日历天",
        "key_terms_hash": lot.key_terms,
        "staff": [
            {"pid": firm.person("manager", crew), "duty": "manager"},
            {"pid": firm.person("engineer", crew), "duty": "technical-lead"},
        ],
        "contact": {"phone": firm.account()[2:13], "person": firm.person("contact")},
        "author_meta": {"author": firm.person("author"), "machine": firm.person("machine")},
        "pricing_lock": firm.account(7),
        "fingerprints": course.doc("text-fingerprints", 4_000, 90_000),
    }
    for name, rate in (("duration", 500), ("author_meta", 900), ("contact", 400)):
        if course.often(rate):
            del data[name]
    return lot.post("trading.bid-decrypted", lot.system.seat, data)


def invalidated(lot: Lot, one: Bidder, members: Sequence[str]) -> Act:
    """The committee rejects a bid on a ground of the document; all of them sign."""
    assert one.bid is not None
    data = {
        "bid": one.bid.ref,
        "bid_id": one.bid_id,
        "ground": "not-responsive",
        "text": "未响应招标文件关于质量标准的实质性要求",
        "votes": [{"pid": pid, "in_favour": True} for pid in members],
    }
    return lot.post("trading.bid-invalidated", committee_seat(lot), data, person=members[0], prompt=True)


def committee_seat(lot: Lot) -> Seat:
    """The committee posts through the library's rooms."""
    return Seat(lot.course.city.organ("LIB").org, "EXP", ROOM)


def formed(lot: Lot, group: Committee, representative: str) -> Act:
    """The committee: the drawn experts and one of the tenderer's people."""
    assert group.conducted is not None
    draw = group.conducted.ref
    members: list[dict[str, Any]] = [
        {"pid": pid, "kind": "expert", "speciality": code, "draw": draw} for pid, code in group.present
    ]
    members.append({"pid": representative, "kind": "tenderer"})
    data = {"members": members, "chair": group.present[0][0]}
    return lot.post("trading.committee-formed", lot.host, data, person=lot.tenderer.person("handler"), prompt=True)


def sheet(lot: Lot, bidder: Bidder, lowest: int, chance: Chance) -> list[dict[str, Any]]:
    """One expert's sheet for one bid: by formula where there is one, else a judgement close to what others see."""
    items = []
    for one in lot.criteria:
        code, most = one["code"], one["max"]
        if code == "price":
            score = most * lowest // bidder.price
        elif code == "record":
            score = min(most, bidder.record)
        else:
            score = most * bidder.skill // 100 + chance.between(-most * 6 // 100, most * 6 // 100)
        items.append({"code": code, "score": score, "max": most})
    return items


def bend(lot: Lot, one: Bidder, items: list[dict[str, Any]], order: int, valid: Sequence[Bidder], way: Way) -> None:
    """Change an expert's sheet (the `order`-th, from 0) as a staged way wants it."""
    judged = [item for item, criterion in zip(items, lot.criteria, strict=True) if criterion["subjective"]]
    if way.calm or (way.copied and order < 2):
        for item in judged:
            item["score"] = item["max"] * one.skill // 100 + (
                0 if way.copied else (order - 2) * item["max"] * 4 // 1000
            )
    if way.copied > 1 and order == 1 and one is valid[0]:
        judged[0]["score"] -= 1
    by_skill = sorted(valid, key=lambda other: -other.skill)
    if way.outlier and order == 0 and one is by_skill[way.outlier - (way.outlier > 0)]:
        judged[0]["score"] = max(0, judged[0]["score"] - judged[0]["max"] * way.far // 10_000)


def totals(sheets: Sequence[int], aggregation: str) -> int:
    """What the sheets of one bid give together: the mean, without highest and lowest where it is trimmed."""
    counted = sorted(sheets)[1:-1] if aggregation == "trimmed-mean" and len(sheets) > 2 else list(sheets)
    return sum(counted) // len(counted)


def evaluation(
    lot: Lot, group: Committee, bidders: Sequence[Bidder], *, reject: int = 0, revise: bool = False,
    dissent: bool = False, nobody: bool = False, way: Way = SMOOTH,
) -> Life:  # fmt: skip
    """From unsealing the list to the report; leaves `bidders` ranked in `lot.ranking`.

    `reject`: so many of the dearest bids are rejected. `revise`: an expert mends a sheet before the others have
    handed in. `nobody`: all bids are rejected, and there is no ranking.
    """
    course, chance = lot.course, lot.course.chance
    yield unsealed(lot, group)
    course.seconds(60, 240)
    representative = lot.tenderer.person("representative")
    members = [pid for pid, _ in group.present] + [representative]
    for pid, _ in group.present:
        course.seconds(20, 200)
        yield attended(lot, group, pid)
    course.seconds(30, 120)
    yield formed(lot, group, representative)
    started = course.seconds(60, 300)
    valid = list(bidders)
    for one in valid if nobody else sorted(valid, key=lambda one: -one.price)[:reject]:
        course.seconds(300, 900)
        yield invalidated(lot, one, members)
        valid = [other for other in valid if other is not one]
    if nobody:
        yield from _home(lot, group)
        return
    lowest = min(one.price for one in valid)
    sheets: dict[int, list[int]] = {one.number: [] for one in valid}
    each = 660 // len(members)
    for order, pid in enumerate(members):
        for one in valid:
            course.seconds(each + 10, each + 120)
            items = sheet(lot, one, lowest, chance)
            bend(lot, one, items, order, valid, way)
            if revise and order == 0 and one is valid[0] and len(items) > 2:
                slip = [dict(item) for item in items]
                slip[2]["score"] -= slip[2]["max"] * 2 // 100
                yield scored(lot, one, pid, slip, 1)
                course.seconds(120, 300)
                yield scored(lot, one, pid, items, 2)
            else:
                yield scored(lot, one, pid, items, 1)
            sheets[one.number].append(sum(item["score"] for item in items))
    course.seconds(60, 240)
    yield shown(lot, valid)
    ranking = ranked(lot, valid, sheets)
    course.seconds(300, 1200)
    yield completed(lot, ranking, members, started, dissent=dissent)
    yield from _home(lot, group)
    lot.ranking = [one for one, _ in ranking]


def _home(lot: Lot, group: Committee) -> Life:
    for pid, _ in group.present:
        lot.course.seconds(30, 200)
        yield departed(lot, group, pid)


def ranked(lot: Lot, valid: Sequence[Bidder], sheets: dict[int, list[int]]) -> list[tuple[Bidder, int]]:
    """Bids with their totals, best first; at the same total the lower price goes first."""
    found = [(one, totals(sheets[one.number], lot.aggregation)) for one in valid]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].price, pair[0].number))


def scored(lot: Lot, one: Bidder, pid: str, items: list[dict[str, Any]], revision: int) -> Act:
    """An expert hands in the sheet of a bid."""
    assert one.bid is not None
    data: dict[str, Any] = {
        "expert": pid,
        "bid": one.bid.ref,
        "bid_id": one.bid_id,
        "items": items,
        "revision": revision,
        "at": moments.text(lot.course.now),
    }
    if revision > 1:
        data["reason"] = "首次提交时漏看附图"
    return lot.post("trading.score-submitted", committee_seat(lot), data, person=pid, prompt=True)


def shown(lot: Lot, valid: Sequence[Bidder]) -> Act:
    """The system shows the price part when all sheets are in."""
    data = {
        "at": moments.text(lot.course.now),
        "by_system": True,
        "bids": [one.bid_id for one in valid],
    }
    return lot.post("trading.price-part-shown", lot.system.seat, data)


def completed(
    lot: Lot, ranking: Sequence[tuple[Bidder, int]], members: Sequence[str], started: int, *, dissent: bool
) -> Act:
    """The report, signed by all."""
    course = lot.course
    data: dict[str, Any] = {
        "ranking": [
            {"bid": one.bid.ref, "bid_id": one.bid_id, "total": total, "price": one.price}
            for one, total in ranking
            if one.bid is not None
        ],
        "criteria_hash": lot.criteria_hash,
        "report": course.doc("evaluation-report"),
        "signed_by": list(members),
        "started_at": moments.text(started),
        "ended_at": moments.text(course.now),
        "served_to": [lot.tenderer.org],
    }
    if dissent:
        data["dissent"] = [{"pid": members[1], "text": "对第二名技术部分得分有不同意见。"}]
    return lot.post("trading.evaluation-completed", committee_seat(lot), data, person=members[0], prompt=True)
