"""From the ranking to the contract: publicity, objections, confirmation, notices, contract, deposits back."""

from typing import Any

from city import moments
from city.act import Act
from city.course import Life
from city.publicity import exchanged
from city.together import branch, together
from city.trading.bidding import Bidder, checked
from city.trading.entering import OFFICIAL
from city.trading.lot import Lot

HOUR, DAY = moments.HOUR, moments.DAY


def publicised(lot: Lot, ranking: list[Bidder], *, publication: int = 1, correction: bool = False) -> Act:
    """The first candidates are shown for three days and some hours."""
    course = lot.course
    closes = course.now + 3 * DAY + course.chance.between(1, 30) * HOUR
    candidates = []
    for rank, one in enumerate(ranking[:3], 1):
        line: dict[str, Any] = {
            "rank": rank,
            "party_name": one.firm.name,
            "party": one.firm.org,
            "price_kind": "fen",
            "price_fen": one.price,
        }
        if one.partners:
            line["members"] = [{"name": one.firm.name, "party": one.firm.org}]
        candidates.append(line)
    data: dict[str, Any] = {
        "title": f"{lot.name}成交候选人公示",
        "project_name": lot.name,
        "lot": lot.id,
        "candidates": candidates,
        "opens_at": moments.text(course.now),
        "closes_at": moments.text(closes),
        "round": 1,
        "publication": publication,
        "channel": OFFICIAL,
        "contents": ["ranking", "quality-period", "score", "manager", "qualification", "objection-channel"],
        "doc": course.doc("notice"),
    }
    if correction:
        data["correction"] = True
    for name, rate in (("round", 2000), ("project_name", 600)):
        if course.often(rate):
            del data[name]
    seat = course.city.organ("PTC").seat if course.often(3000) else lot.tenderer.seat
    act = lot.post(
        "trading.candidates-publicised",
        seat,
        data,
        subject=f"notice:N{data['doc']['sha256'][:16]}",
        person=lot.tenderer.person("handler"),
        prompt=True,
    )
    lot.publicity_until = max(lot.publicity_until, closes)
    return act


def objection(lot: Lot, by: Bidder, about: Bidder, number: int) -> Life:
    """A bidder objects on the first or second day; the tenderer takes it up and answers within three days."""
    course = lot.course
    no = f"YY-{lot.id[21:35]}-{number}"
    subject = f"complaint:{no}"
    handler = lot.tenderer.person("buyer")
    lodged: dict[str, Any] = {
        "no": no,
        "kind": "objection",
        "via": "online",
        "subject": [about.firm.org],
        "lot": lot.id,
        "grounds": "对第一候选人的业绩材料有疑问，请予核实。",
        "anonymous": False,
        "addressee": lot.tenderer.org,
    }
    if course.often(5000):
        lodged["doc"] = course.doc("complaint")
    yield course.post("complaint.lodged", by.seat, lodged, subject=subject, prompt=True)
    course.seconds(1200, 7200)
    accepted = {"no": no, "lot": lot.id, "outcome": "accepted", "person": handler, "served_to": [by.firm.org]}
    yield course.post("complaint.acceptance-decided", lot.tenderer.seat, accepted, subject=subject, person=handler)
    course.until(course.now + course.chance.between(18, 40) * HOUR)
    signatory = lot.tenderer.person("principal")
    decided: dict[str, Any] = {
        "no": no,
        "lot": lot.id,
        "subject": [about.firm.org],
        "outcome": "rejected",
        "signatory": signatory,
        "doc": course.doc("decision"),
        "served_to": [by.firm.org],
    }
    yield course.post("complaint.decided", lot.tenderer.seat, decided, subject=subject, person=signatory, prompt=True)
    course.seconds(600, 3000)
    answer = {
        "no": no,
        "lot": lot.id,
        "at": moments.text(course.now),
        "how": "online",
        "doc": course.doc("answer"),
        "receipt": True,
    }
    yield course.post("complaint.answered", lot.tenderer.seat, answer, subject=subject, person=handler, prompt=True)


def publicity(lot: Lot, ranking: list[Bidder], *, objections: int = 0, again: bool = False) -> Life:
    """The publicity with what comes in it; afterwards it is over and every objection answered."""
    course = lot.course
    yield publicised(lot, ranking)
    if again:
        course.workdays(1, 1)
        yield publicised(lot, ranking, publication=2, correction=True)
    parts = []
    for number in range(1, objections + 1):
        own = branch(course, f"objection{number}")
        own.minutes(30, 300)
        loser = ranking[min(number, len(ranking) - 1)]
        parts.append((own, objection(lot.beside(own), loser, ranking[0], number)))
    yield from together(course, *parts)
    course.until(lot.publicity_until + 60)
    course.workdays(0, 2)


def confirmed(lot: Lot, winner: Bidder, rank: int = 1, reason: str = "") -> Life:
    """The winner's credit is looked at, the result confirmed, published and told to the winner."""
    course, city = lot.course, lot.course.city
    check = checked(lot, winner, "award")
    yield check
    course.seconds(300, 2400)
    signatory = lot.tenderer.person("principal")
    data: dict[str, Any] = {
        "winner": winner.firm.org,
        "price": winner.price,
        "rank": rank,
        "credit_check": check.ref,
        "signatory": signatory,
        "served_to": [winner.firm.org],
    }
    if rank > 1:
        data["reason_if_not_first"] = reason
    yield lot.post("trading.result-confirmed", lot.tenderer.seat, data, person=signatory, prompt=True)
    course.minutes(30, 400)
    data = {"winner": winner.firm.org, "price": winner.price, "channel": OFFICIAL, "doc": course.doc("notice")}
    seat = city.organ("PTC").seat if course.often(4000) else lot.tenderer.seat
    yield lot.post("trading.result-published", seat, data, person=lot.tenderer.person("handler"))
    course.minutes(20, 300)
    data = {
        "winner": winner.firm.org,
        "price": winner.price,
        "no": course.code("ZB"),
        "doc": course.doc("award-notice"),
        "served_to": [winner.firm.org],
    }
    yield lot.post("trading.award-notice-issued", lot.tenderer.seat, data, person=lot.tenderer.person("buyer"))


def taxed(lot: Lot) -> Life:
    """The contract is shared with the tax office on the same day (M34.p3)."""
    yield from exchanged(lot.course, [lot.acts["trading.contract-signed"]], "tax")
    lot.course.open()


def contracted(lot: Lot, winner: Bidder, days: int) -> Act:
    """The contract: price and key terms are those of the award and the document."""
    course = lot.course
    start = moments.day_of(course.now) + course.chance.between(2, 12)
    data: dict[str, Any] = {
        "no": course.code("HT"),
        "supplier": winner.firm.org,
        "price": winner.price,
        "start_due": moments.day_text(start),
        "finish_due": moments.day_text(start + days),
        "key_terms_hash": lot.key_terms,
        "doc": course.doc("contract"),
        "signed_on": moments.date_text(course.now),
        "signatories": [lot.tenderer.person("principal"), winner.firm.person("legal-rep")],
    }
    if course.often(500):
        del data["finish_due"]
    return lot.post("trading.contract-signed", lot.tenderer.seat, data, person=lot.tenderer.person("buyer"))


def returned(lot: Lot, one: Bidder, *, forfeited: bool = False) -> Act:
    """A deposit goes back to the account it came from, with interest, or is kept."""
    course = lot.course
    assert one.deposit is not None
    days = max(1, (course.now - one.deposit.at) // DAY)
    amount = int(one.deposit.data["amount"])
    data: dict[str, Any] = {
        "deposit": one.deposit.ref,
        "amount": 0 if forfeited else amount,
        "interest": 0 if forfeited else max(1, amount * 35 * days // 3_650_000),
        "to_account": one.account,
        "on": moments.date_text(course.now),
    }
    if forfeited:
        data |= {"forfeited": True, "reason": "中标后无正当理由放弃签订合同"}
        del data["to_account"]
    elif course.often(5000):
        data["forfeited"] = False
    organ = "BNK" if one.deposit.data["form"] == "transfer" else "PTC"
    return lot.post("fee.deposit-returned", course.city.organ(organ).seat, data)


def all_returned(lot: Lot, bidders: list[Bidder]) -> Life:
    """Every deposit that is still held goes back in one batch, within three days, before a holiday at once."""
    course = lot.course
    today = moments.day_of(course.now)
    if course.city.office.workday(today, 1) - today <= 3:
        course.workdays(1, 1)
    for one in [one for one in bidders if one.deposit is not None]:
        course.seconds(40, 200)
        yield returned(lot, one)
        one.deposit = None
