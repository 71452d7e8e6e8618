"""Inquiries: seen on the spot or referred, opened, found, penalised, recorded, and what the party does about it.

Whoever is punished here is an outsider. Every ending of a credit record is lived through: repaired, refused and asked
again, voided by decision, error or objection, expired; the waiting periods before a repair (minor one month, general
three) are kept.
"""

from dataclasses import dataclass
from typing import Any

from city import moments
from city.act import Act, Seat
from city.course import Course, Life
from city.kinds import Kind
from city.lives.registration import registered
from city.outsiders import outsider
from city.population import Organ
from city.publicity import made_public
from city.records import Subject, disclosed, entered

FIELDS = (
    "construction",
    "transport",
    "water",
    "development",
    "land",
    "state-assets",
    "rural",
    "environment",
    "procurement",
)
"""The regulators, by field."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way an inquiry goes. `penalty` empty: nothing is established."""

    firm: str
    penalty: str
    item: str
    severity: str
    ending: str


PATHS = (
    Path("supplier", "warning", "CM-02", "minor", "repair"), Path("builder", "fine", "CM-02", "general", "repair"),
    Path("agent", "warning", "CI-04", "minor", "again"), Path("builder", "", "", "", ""),
    Path("supplier", "fine", "CM-05", "general", "overturned"),
    Path("supervisor", "other", "CI-06", "general", "error"),
    Path("buyer", "confiscate", "CM-02", "general", "objection"), Path("builder", "bar", "CM-01", "grave", "bar"),
    Path("designer", "revoke", "CI-01", "grave", "void-repaired"),
    Path("supplier", "warning", "CM-04", "minor", "expire"),
    Path("builder", "other", "CM-07", "serious", "again-disclosed"), Path("agent", "fine", "CI-03", "serious", "limit"),
    Path("supplier", "", "", "", "partly"), Path("builder", "warning", "CM-06", "minor", "void-asked"),
    Path("supplier", "warning", "CM-02", "minor", "void-entered"),
    Path("builder", "fine", "CM-02", "minor", "repair-expired"),
)  # fmt: skip
"""All ways, taken in turn."""


def inquiry(course: Course, path: Path | None = None) -> Life:
    """From the report to the end of the record."""
    city = course.city
    way = path or PATHS[course.number % len(PATHS)]
    regulator = city.organ("REG", FIELDS[course.number % len(FIELDS)])
    firm = outsider(course, way.firm or "supplier")
    who = Subject.of(firm)
    course.subject = f"inquiry:{course.name}"
    yield registered(course, firm)
    yield (report := reported(course, regulator))
    course.workdays(1, 6)
    yield opened(course, regulator, report, [firm.org])
    course.workdays(6, 25)
    if not way.penalty:
        outcome = "partly" if way.ending == "partly" else "not-established"
        yield found(course, regulator, [firm.org], outcome)
        return
    finding = found(course, regulator, [firm.org], "established")
    yield finding
    yield from entered(course, regulator, who, finding, way.item, "neutral")
    course.workdays(1, 5)
    penalty = penalised(course, regulator, firm.org, way.penalty, finding)
    yield penalty
    yield from made_public(course, penalty, regulator, party=firm.org)
    days = {"expire": 40, "repair-expired": 75, "void-repaired": 1095}.get(way.ending, 1095)
    act = yield from entered(course, regulator, who, penalty, way.item, severity=way.severity, until=days)
    yield from ended(course, regulator, who, firm.seat, act, way)


def reported(course: Course, to: Organ) -> Act:
    """The operator reports what it saw (M22)."""
    centre = course.city.organ("PTC")
    person = course.city.people.official(centre, "operator-staff")
    data = {
        "what": "工作人员发现疑似违规行为，已固定证据。",
        "noticed_at": moments.text(course.now - 1800),
        "evidence": [course.doc("recording")],
        "to": to.org,
        "person": person,
    }
    return course.post("supervision.incident-reported", centre.seat, data, person=person)


def opened(course: Course, organ: Organ, source: Act, subjects: list[str], **tags: Any) -> Act:
    """An inquiry is opened by an organ."""
    lead = course.city.people.official(organ, "handler")
    data: dict[str, Any] = {
        "source": source.ref,
        "subjects": subjects,
        "organ": organ.org,
        "lead": lead,
        "due": moments.day_text(moments.day_of(course.now) + 60),
        **tags,
    }
    if course.often(2000):
        del data["due"]
    return course.post("supervision.investigation-opened", organ.seat, data, person=lead)


def found(course: Course, organ: Organ, subjects: list[str], outcome: str, *, crime: bool = False, **tags: Any) -> Act:
    """The conclusion of an inquiry."""
    signatory = course.city.people.official(organ, "principal")
    facts = {
        "established": "经查属实。",
        "partly": "部分情况属实，情节轻微。",
        "not-established": "未发现所反映的问题。",
    }
    data: dict[str, Any] = {
        "outcome": outcome,
        "facts": facts[outcome],
        "violated": [] if outcome == "not-established" else ["M37"],
        "crime_suspected": crime,
        "docs": [course.doc("decision")],
        "signatory": signatory,
        "subjects": subjects,
        **tags,
    }
    return course.post("supervision.finding-made", organ.seat, data, person=signatory)


def penalised(course: Course, organ: Organ, party: str, kind: str, finding: Act) -> Act:
    """A penalty, with what its kind wants."""
    data: dict[str, Any] = {
        "party": party,
        "kind": kind,
        "decision_no": course.code("CF"),
        "decided_on": moments.date_text(course.now),
        "doc": course.doc("decision"),
        "served_to": [party],
    }
    if kind in ("fine", "confiscate"):
        data["amount"] = course.chance.between(20, 900) * 100_000
    if kind == "bar":
        data["until"] = moments.day_text(moments.day_of(course.now) + 365)
    person = course.city.people.official(organ, "principal")
    return course.post(
        "supervision.penalty-decided",
        organ.seat,
        data,
        person=person,
        causation=f"{finding.seat.source}#{finding.event['id']}",
    )


def ended(course: Course, organ: Organ, who: Subject, seat: Seat, act: Act, way: Path) -> Life:
    """What becomes of the record."""
    ending = way.ending
    if ending in ("overturned", "error", "void-entered"):
        course.workdays(20, 40)
        yield voided(course, organ, who, act, "error" if ending == "error" else "decision-overturned")
    elif ending in ("bar", "limit"):
        course.workdays(1, 2)
        measure = imposed(course, organ, who, ending, act)
        yield measure
        course.minutes(30, 90)
        yield _stopped(course, organ, who.code, [act, measure])
        yield from made_public(course, measure, organ, **who.tags)
    elif ending == "objection":
        yield from _objected(course, organ, who, seat, act)
    elif ending == "again-disclosed":
        course.workdays(30, 60)
        yield disclosed(course, act, organ, who, "on-request")
    elif ending == "void-repaired" or ending == "expire":
        course.days(45, 60)
        if ending == "void-repaired":
            yield voided(course, organ, who, act, "decision-overturned")
    else:
        yield from _repaired(course, organ, who, seat, act, way)


def _repaired(course: Course, organ: Organ, who: Subject, seat: Seat, act: Act, way: Path) -> Life:
    wait = 34 if way.severity == "minor" else 95
    course.days(wait, wait + 10)
    course.open()
    asked = applied(course, who, seat, act)
    yield asked
    if way.ending == "void-asked":
        course.workdays(3, 8)
        yield voided(course, organ, who, act, "error")
        return
    course.workdays(5, 14)
    if way.ending == "again":
        yield repair_decided(course, organ, who, act, asked, "refused")
        course.workdays(20, 30)
        asked = applied(course, who, seat, act)
        yield asked
        course.workdays(5, 14)
    yield repair_decided(course, organ, who, act, asked, "granted")
    if way.ending == "repair-expired":
        course.workdays(5, 14)
        yield voided(course, organ, who, act, "error")


def _stopped(course: Course, organ: Organ, party: str, matters: list[Act]) -> Act:
    """A gate asks about the party and is told what is open."""
    data: dict[str, Any] = {
        "gate": "bidding",
        "asked_by": organ.org,
        "party": party,
        "answer": "matters-open",
        "open": [act.ref for act in matters],
        "as_of_position": 1,
    }
    door = Seat(course.city.organ("PTC").org, "SYS", "urn:city:door")
    late = course.city.head_at("as_of_position")
    return course.post("ledger.gate-asked", door, data, subject=f"party:{party}", late=late)


def _objected(course: Course, organ: Organ, who: Subject, seat: Seat, act: Act) -> Life:
    """The party objects to the record, is right, and the record is voided."""
    from city.lives.complaints import answered, decided, settled

    course.workdays(10, 20)
    no = f"YY-{course.name}"
    data = {
        "no": no,
        "kind": "credit-objection",
        "via": "online",
        "subject": [],
        "grounds": "信用信息与事实不符。",
        "anonymous": False,
        "addressee": organ.org,
    }
    mine = Seat(who.code, "BID", seat.source)
    yield course.post("complaint.lodged", mine, data, subject=f"complaint:{no}")
    yield settled(course, organ, no, "accepted")
    course.workdays(4, 12)
    decision = decided(course, organ, no, "upheld", [])
    yield decision
    course.workdays(0, 1)
    yield answered(course, organ, no)
    course.workdays(1, 3)
    yield voided(course, organ, who, act, "objection-upheld", complaint=decision.ref)


def imposed(course: Course, organ: Organ, who: Subject, kind: str, source: Act, days: int = 0) -> Act:
    """A measure, now; `days` it lasts, 0: until lifted."""
    scopes = {"bar": ["bidding", "procurement"], "limit": ["bidding"], "focus": ["spot-check"], "reward": ["approval"]}
    today = moments.day_of(course.now)
    data: dict[str, Any] = {
        **who.tags,
        "kind": kind,
        "scope": scopes[kind],
        "region": "140300",
        "from": moments.day_text(today),
        "decision": source.ref,
        "legal_basis": "公共资源交易平台管理办法 第三十四条",
        "organs": [organ.org],
        "doc": course.doc("decision"),
    }
    if days:
        data["to"] = moments.day_text(today + days)
    return course.post("credit.measure-imposed", organ.seat, data, subject=who.stream)


def lifted(course: Course, organ: Organ, who: Subject, measure: Act, ground: str, decision: Act | None = None) -> Act:
    """A measure is lifted by one person and approved by another."""
    official = course.city.people.official
    data: dict[str, Any] = {
        **who.tags,
        "measure": measure.ref,
        "ground": ground,
        "approved_by": official(organ, "principal"),
        "doc": course.doc("decision"),
    }
    if decision is not None:
        data["decision"] = decision.ref
    return course.post("credit.measure-lifted", organ.seat, data, subject=who.stream, person=official(organ, "handler"))


def voided(course: Course, organ: Organ, who: Subject, act: Act, ground: str, **more: Any) -> Act:
    """A record is taken back."""
    data = {"record": act.ref, **who.tags, "ground": ground, **more, "doc": course.doc("decision")}
    return course.post("credit.record-voided", organ.seat, data, subject=who.stream)


def applied(course: Course, who: Subject, seat: Seat, act: Act) -> Act:
    """The party asks for repair, with proof and a new promise."""
    data = {
        **who.tags,
        "record": act.ref,
        "actions": [course.doc("evidence")],
        "commitment": course.doc("commitment"),
    }
    organ = "AGT" if who.kind == "intermediary" else "BID"
    return course.post("credit.repair-applied", Seat(who.code, organ, seat.source), data, subject=who.stream)


def repair_decided(course: Course, organ: Organ, who: Subject, act: Act, asked: Act, outcome: str) -> Act:
    """The entering organ decides on a repair, with reasons."""
    person = course.city.people.official(organ, "principal")
    data = {
        **who.tags,
        "application": asked.ref,
        "record": act.ref,
        "outcome": outcome,
        "reasons": ["已改正并履行全部义务。" if outcome == "granted" else "义务尚未履行完毕。"],
        "decided_by": person,
        "doc": course.doc("decision"),
    }
    return course.post("credit.repair-decided", organ.seat, data, subject=who.stream, person=person)


KINDS = (Kind("inquiry", inquiry, share=330, events=22),)
