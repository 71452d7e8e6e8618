"""Whole lots with one thing more: a tie, a measure, a second source, a lead. Ground for misconduct around a lot.

The lot is lived as it is (`lives.lots.tender`); what is added comes from beside it, before or after one of its acts.
"""

from collections.abc import Callable
from typing import Any

from city import moments
from city.act import Act, Seat
from city.course import Course, Life
from city.lives.lots import tender
from city.lives.registration import registered
from city.outsiders import outsider, stranger
from city.together import branch
from city.trading.ways import SMOOTH

Besides = Callable[[Course, dict[str, Act]], Act]
"""Makes the act that is added; gets a course of its own and the lot's acts so far, the first of each type."""


def lot_with(course: Course, type_: str, besides: Besides, *, before: bool) -> Life:
    """A smooth tender with one act before or after the first of a type."""
    acts: dict[str, Act] = {}
    for act in tender(course, way=SMOOTH):
        if not isinstance(act, Act):
            yield act
            continue
        first = act.type not in acts
        acts.setdefault(act.type, act)
        due = first and act.type == type_
        if due and before:
            yield besides(branch(course, "besides", act.at), acts)
        yield act
        if due and not before:
            yield besides(branch(course, "besides", act.at), acts)


def revolving(course: Course, *, signer: bool = True) -> Life:
    """Who confirmed the result is employed by the winner on the day of the contract, or somebody else is."""

    def employed(own: Course, acts: dict[str, Act]) -> Act:
        person = acts["trading.result-confirmed"].data["signatory"] if signer else stranger(own)
        winner = acts["trading.award-notice-issued"].data["winner"]
        return _tied(own, winner, {"person": person}, "employer", "start")

    return lot_with(course, "trading.contract-signed", employed, before=False)


def both_sides(course: Course, *, action: str = "start") -> Life:
    """The agent controls a bidder (`start`), or has given it up (`end`), before the bids come."""

    def controlled(own: Course, acts: dict[str, Act]) -> Act:
        agent = acts["trading.service-chosen"].data["chosen"]
        return _tied(own, agent, {"party": acts["trading.bid-submitted"].data["party"]}, "control", action)

    return lot_with(course, "trading.bid-submitted", controlled, before=True)


def barred(course: Course, *, kind: str = "bar", scope: str = "bidding") -> Life:
    """A court's measure against the first bidder, before its bid; the scope bars it from bidding or does not."""

    def measured(own: Course, acts: dict[str, Act]) -> Act:
        return measure(own, acts["trading.bid-submitted"].data["party"], kind, scope)

    return lot_with(course, "trading.bid-submitted", measured, before=True)


def two_sources(course: Course, *, days: int = 1) -> Life:
    """The tenderer's finance system tells the contract as well, signed so many days later."""

    def again(own: Course, acts: dict[str, Act]) -> Act:
        contract = acts["trading.contract-signed"]
        data = dict(contract.data)
        data["signed_on"] = moments.day_text(moments.day_of(contract.at) + days)
        seat = Seat(contract.seat.org, contract.seat.organ, "urn:city:finance-system")
        return own.post(
            "trading.contract-signed", seat, data, at=own.seconds(60, 300), subject=contract.event["subject"]
        )

    return lot_with(course, "trading.contract-signed", again, before=False)


def suspected(course: Course, *, reported: bool = True) -> Life:
    """The centre's witness suspects something at the opening; it is reported the same day, or it is not."""
    city = course.city
    centre, regulator = city.organ("PTC"), city.organ("REG", "procurement")
    person = city.people.official(centre, "operator-staff")
    course.subject = f"lot:W-{course.name}"
    course.open()
    witness = {
        "step": "opening",
        "at": moments.text(course.now),
        "observations": "投标人代表之间有异常接触。",
        "flag": "suspected",
        "witness": person,
    }
    yield course.post("trading.witness-recorded", centre.seat, witness, prompt=True)
    if reported:
        course.minutes(20, 60)
        data = {
            "lot": f"W-{course.name}",
            "what": "投标人代表之间有异常接触。",
            "noticed_at": witness["at"],
            "evidence": [course.doc("recording")],
            "to": regulator.org,
            "person": person,
        }
        yield course.post("supervision.incident-reported", centre.seat, data, subject=f"inquiry:{course.name}")
    course.workdays(2, 5)
    lead = city.people.official(regulator, "handler")
    opening: dict[str, Any] = {
        "source": {"source": centre.seat.source, "id": f"{course.name}-1"},
        "subjects": [],
        "organ": regulator.org,
        "lead": lead,
        "lot": f"W-{course.name}",
    }
    yield course.post("supervision.investigation-opened", regulator.seat, opening, subject=f"inquiry:{course.name}")


def successor(course: Course, *, same: bool = True) -> Life:
    """A firm is barred by a court; then a new bidder registers, with the same legal representative or another."""
    old = outsider(course, "builder")
    new = course.city.people.firm("builder", old.number + 7)
    yield registered(course, old)
    course.workdays(1, 5)
    yield measure(course, old.org, "bar", "bidding")
    course.workdays(10, 20)
    act = registered(course, new)
    act.data["legal_rep"] = (old if same else new).person("legal-rep")
    act.data["contacts"] = [{"pid": new.person("contact")}]
    yield act


def measure(course: Course, party: str, kind: str, scope: str) -> Act:
    """A court's measure: published by the court itself, so no bureau's seven days run."""
    court = course.city.organ("JUD")
    data = {
        "party": party,
        "kind": kind,
        "scope": [scope],
        "region": "140300",
        "from": moments.date_text(course.now),
        "decision": {"source": court.seat.source, "id": f"judgment-{course.name}"},
        "organs": [court.org],
        "doc": course.doc("decision"),
    }
    return course.post("credit.measure-imposed", court.seat, data, subject=f"credit:{party}", prompt=True)


def _tied(course: Course, party: str, other: dict[str, str], relation: str, action: str) -> Act:
    data = {
        "a": {"party": party},
        "b": other,
        "relation": relation,
        "action": action,
        "on": moments.date_text(course.now),
        "source": "company-register",
    }
    bureau = course.city.organ("ASB")
    return course.post("party.affiliation-recorded", bureau.seat, data, subject=f"party:{party}", prompt=True)
