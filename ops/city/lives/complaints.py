"""Complaints, objections, queries and reports: lodged, accepted, looked into, decided, answered, in time (M36).

Who is complained of with reason is an outsider; who is not may be anybody. The clock does not start again when a
complaint is passed on. An anonymous report ends with the decision, its answer published.
"""

from dataclasses import dataclass
from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.inquiries import FIELDS, found, opened
from city.lives.registration import registered
from city.outsiders import outsider
from city.population import Organ
from city.records import Subject, entered


@dataclass(frozen=True, slots=True)
class Way:
    """One way a complaint goes. `organ`: to whom it is addressed; `passed`: to whom it is passed on."""

    kind: str
    via: str
    organ: str
    acceptance: str
    outcome: str = ""
    passed: str = ""
    looked: bool = False
    anonymous: bool = False
    ground: str = "staff-conduct"
    firm: str = "supplier"


WAYS = (
    Way("complaint", "online", "REG", "accepted", "rejected", looked=True, ground="evaluation"),
    Way("report", "phone", "DIC", "accepted", "rejected", looked=True, anonymous=True),
    Way("query", "letter", "TEN", "accepted", "rejected", ground="tender-document"),
    Way("complaint", "12345", "ASB", "not-competent", "rejected", passed="PRI", ground="charging"),
    Way("report", "visit", "ASB", "declined", ground="other"),
    Way("complaint", "visit", "REG", "accepted", "upheld", ground="qualification"),
    Way("objection", "online", "TEN", "accepted", "rejected", ground="result"),
    Way("complaint", "letter", "CAD-C", "accepted", "withdrawn", ground="performance"),
    Way("report", "12345", "REG", "accepted", "partly", looked=True, ground="performance"),
    Way("query", "online", "ASB", "accepted", "rejected", passed="REG", ground="result"),
    Way("complaint", "phone", "PRI", "declined", ground="charging"),
    Way("report", "online", "ASB", "accepted", "partly", anonymous=True, ground="performance"),
    Way("credit-objection", "online", "REG", "accepted", "rejected", ground="other"),
    Way("objection", "letter", "TEN", "declined", ground="publicity-period"),
    Way("complaint", "online", "ASB", "lodged-passed", "rejected", passed="REG", ground="conflict-of-interest"),
)  # fmt: skip
"""All ways, taken in turn."""


def complaint(course: Course, way: Way | None = None) -> Life:
    """From the complaint to its answer."""
    city = course.city
    going = way or WAYS[course.number % len(WAYS)]
    no = f"TS-{course.name}"
    course.subject = f"complaint:{no}"
    organ = desk(course, going.organ)
    guilty = going.outcome in ("upheld", "partly")
    own = guilty or going.firm != "supplier"
    firm = outsider(course, going.firm) if own else city.people.some("builder", course.chance, 1)[0]
    if own:
        yield registered(course, firm)
        course.minutes(20, 90)
    lodged = lodge(course, no, going, organ, [firm.org])
    yield lodged
    if going.acceptance == "lodged-passed":
        yield passed(course, organ, no, organ := desk(course, going.passed))
        yield settled(course, organ, no, "accepted")
    else:
        yield settled(course, organ, no, going.acceptance)
        if going.passed:
            receiver = desk(course, going.passed)
            yield passed(course, organ, no, receiver)
            organ = receiver
            yield settled(course, organ, no, "accepted")
    if going.acceptance == "declined":
        course.workdays(1, 3)
        yield answered(course, organ, no)
        return
    finding = None
    if going.looked:
        course.workdays(1, 3)
        opening = opened(course, organ, lodged, [firm.org], complaint=no)
        opening.event["subject"] = f"inquiry:{course.name}"
        yield opening
        course.workdays(5, 12)
        finding = found(course, organ, [firm.org], "partly" if guilty else "not-established", complaint=no)
        finding.event["subject"] = f"inquiry:{course.name}"
        yield finding
    course.workdays(2, 10)
    decision = decided(course, organ, no, going.outcome, [firm.org], going.ground, finding)
    yield decision
    course.workdays(1, 3)
    if not going.anonymous:
        yield answered(course, organ, no)
    elif course.number % 2:
        yield answered(course, organ, no, "published")
    if guilty:
        item = "CI-04" if going.firm == "agent" else "CM-02"
        yield from entered(course, _enterer(course, organ), Subject.of(firm), decision, item, severity="minor")


def about_lot(course: Course, lot: str, regulator: Organ, subjects: list[str]) -> Life:
    """Somebody complains of a lot when all is over; its regulator looks and finds nothing. A branch of the life."""
    no = f"TS-{course.name}"
    course.subject = f"complaint:{no}"
    way = Way(*LATER[course.chance.below(len(LATER))], "REG", "accepted", "rejected", ground="performance")
    course.workdays(3, 30)
    yield lodge(course, no, way, regulator, subjects, lot=lot)
    yield settled(course, regulator, no, "accepted")
    course.workdays(4, 18)
    yield decided(course, regulator, no, "rejected", subjects, "performance")
    course.workdays(1, 3)
    yield answered(course, regulator, no)


LATER = (("complaint", "letter"), ("report", "12345"), ("report", "visit"), ("complaint", "online"))
"""Kinds of complaint that come when a lot is over, and how."""


def desk(course: Course, code: str) -> Organ:
    """The organ that a complaint goes to; a tenderer answers queries and objections itself."""
    if code == "TEN":
        firm = course.city.people.some("tenderer", course.chance, 1)[0]
        return Organ(firm.org, "TEN", firm.name, firm.region, "", firm.seat)
    return course.city.organ(code, FIELDS[course.number % len(FIELDS)] if code == "REG" else "")


def lodge(course: Course, no: str, way: Way, organ: Organ, subjects: list[str], **tags: str) -> Act:
    """A complaint comes in: on-line by a firm, or keyed in by the organ it reached."""
    people = course.city.people
    data: dict[str, Any] = {
        "no": no,
        "kind": way.kind,
        "via": way.via,
        "subject": subjects,
        **tags,
        "grounds": "反映的情况见所附材料。",
        "ground_codes": [way.ground],
        "anonymous": way.anonymous,
        "addressee": organ.org,
    }
    if course.often(1500):
        del data["ground_codes"]
    if way.via == "online" and way.kind not in ("report",):
        firm = people.some("supplier", course.chance, 1)[0]
        return course.post("complaint.lodged", firm.seat, data, prompt=True)
    if not way.anonymous:
        data["reporter"] = people.expert(0)[:1] + course.chance.hex64()[:25]
    data["doc"] = course.doc("complaint")
    return course.post(
        "complaint.lodged", organ.seat, data, prompt=True, attestation="transcribed", person=_official(course, organ)
    )


def settled(course: Course, organ: Organ, no: str, outcome: str) -> Act:
    """The decision on acceptance, on the same or the next working day."""
    course.workdays(0, 1)
    data: dict[str, Any] = {"no": no, "outcome": outcome, "person": _official(course, organ)}
    if outcome != "accepted":
        data["reasons"] = ["不属于受理范围。" if outcome == "declined" else "不属本机关职责。"]
    return course.post("complaint.acceptance-decided", organ.seat, data, subject=f"complaint:{no}", prompt=True)


def passed(course: Course, organ: Organ, no: str, to: Organ) -> Act:
    """The complaint is passed on."""
    data = {"no": no, "to": to.org, "reason": "属贵单位职责。"}
    return course.post("complaint.transferred", organ.seat, data, at=course.minutes(10, 60), prompt=True)


def decided(
    course: Course,
    organ: Organ,
    no: str,
    outcome: str,
    subjects: list[str],
    ground: str = "other",
    finding: Act | None = None,
) -> Act:
    """The decision on a complaint."""
    data: dict[str, Any] = {
        "no": no,
        "subject": subjects,
        "outcome": outcome,
        "ground_codes": [ground],
        "remedy": "依法处理。" if outcome in ("upheld", "partly") else "驳回。",
        "signatory": _official(course, organ, "principal"),
        "doc": course.doc("decision"),
    }
    if finding is not None:
        data["finding"] = finding.ref
    return course.post("complaint.decided", organ.seat, data, subject=f"complaint:{no}")


def answered(course: Course, organ: Organ, no: str, how: str = "") -> Act:
    """The complainant is answered."""
    data: dict[str, Any] = {
        "no": no,
        "at": moments.text(course.now),
        "how": how or course.chance.pick(("online", "phone", "letter", "visit")),
        "doc": course.doc("answer"),
    }
    if course.often(7000):
        data["receipt"] = course.often(8000)
    return course.post("complaint.answered", organ.seat, data, subject=f"complaint:{no}")


def _official(course: Course, organ: Organ, role: str = "handler") -> str:
    return course.city.people.official(organ, role)


def _enterer(course: Course, organ: Organ) -> Organ:
    """Who enters the record of an upheld complaint: the organ itself when it may, else the coordinating bureau."""
    return organ if organ.organ in ("REG", "ASB") else course.city.organ("ASB")


KINDS = (Kind("complaint", complaint, share=230, events=6),)
