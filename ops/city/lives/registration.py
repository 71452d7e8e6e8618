"""Firms and experts enter the city: registered, committed, qualified, enrolled, in the order in which they are needed.

Tenderers, developers and intermediaries come on the first day, bidders and experts on the next ones. An intermediary
makes a written commitment by its legal representative and responsible persons (Z3); bidders commit themselves for each
lot, and only those that no honest lot meets make a general commitment (M33).

A qualification is decided after the credit has been looked at (Z1), and is published and exchanged within seven working
days (M25).
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

from city import moments
from city.act import Act, Seat
from city.course import Course, Life
from city.kinds import Kind
from city.lives.editions import edition_ref
from city.population import ERRING, Firm
from city.publicity import exchanged, published

KIND_OF = {
    "tenderer": ("tenderer",), "developer": ("tenderer",), "agent": ("intermediary",), "designer": ("intermediary",),
    "supervisor": ("intermediary",), "reviewer": ("intermediary", "drawing-reviewer"), "auditor": ("intermediary",),
    "builder": ("bidder",), "supplier": ("bidder",), "buyer": ("bidder",), "maker": ("bidder",),
}  # fmt: skip
"""Party kinds of the firms of each kind, in the order in which they come."""

INTERMEDIARIES = ("agent", "designer", "supervisor", "reviewer", "auditor")
FIRST_DAY = ("tenderer", "developer", *INTERMEDIARIES)

QUALIFIED = {
    "agent": ("tender-agency", "REG", "construction"), "designer": ("cad-design", "CAD-N", ""),
    "supervisor": ("supervision", "REG", "construction"), "reviewer": ("cad-drawing-review", "CAD-N", ""),
    "auditor": ("cost-consulting", "REG", "construction"), "maker": ("equipment-maker", "CAD-P", ""),
}  # fmt: skip
"""Which qualification a kind needs, and who decides on it. What national and provincial offices decide is typed in."""

TOGETHER = 40
"""Decisions in one batch of the exchange."""


def registered(course: Course, firm: Firm, *, shared: bool = True) -> Act:
    """A firm enters itself."""
    contact: dict[str, Any] = {"pid": firm.person("contact"), "phone": f"139{int(firm.account()[2:12]) % 10**8:08d}"}
    data: dict[str, Any] = {
        "uscc": firm.org,
        "name": firm.name,
        "kind": list(KIND_OF[firm.kind]),
        "legal_rep": firm.person("legal-rep"),
        "contacts": [contact],
        "basic_account": firm.account(),
        "shared": shared,
        "source_system": "示范省公共资源交易平台",
    }
    if course.often(800):
        del data["basic_account"]
    return course.post("party.entity-registered", firm.seat, data, subject=f"party:{firm.org}", prompt=True)


def committed(course: Course, firm: Firm) -> Act:
    """The general commitment of a bidder, or the written one of an intermediary."""
    written = "intermediary" in KIND_OF[firm.kind]
    signed = [{"pid": firm.person("legal-rep"), "role": "legal-representative"}]
    if written:
        signed.append({"pid": firm.person("manager"), "role": "responsible-person"})
    data = {
        "party": firm.org,
        "form": "written" if written else "standard",
        "template": edition_ref(course.city, "workflow"),
        "scope": "service" if written else "general",
        "signed_by": signed,
        "published": True,
        "doc": course.doc("commitment"),
    }
    seat = Seat(firm.org, "AGT" if written else "BID", firm.seat.source)
    return course.post("credit.commitment-made", seat, data, subject=f"credit:{firm.org}", prompt=True)


def qualified(course: Course, firm: Firm) -> Iterator[Act]:
    """Credit looked at, then the qualification granted."""
    city = course.city
    name, code, field = QUALIFIED[firm.kind]
    issuer = city.organ(code, field)
    desk = issuer if code == "REG" else city.organ("CAD-C")
    person = city.people.official(desk, "handler")
    check = {
        "purpose": "qualification",
        "party": firm.org,
        "grade_seen": "none",
        "measures_seen": [],
        "head_seq": 1,
        "person": person,
    }
    late, subject = city.head_at("head_seq"), f"credit:{firm.org}"
    yield course.post("credit.checked", desk.seat, check, subject=subject, person=person, prompt=True, late=late)
    today = moments.date_text(course.seconds(20, 60))
    data: dict[str, Any] = {
        "qualification": name,
        "action": "granted",
        "level": "a",
        "issuer": issuer.org,
        "cert_no": f"{firm.kind}-{firm.number:05d}",
        "decided_on": today,
        "valid_from": today,
        "valid_to": moments.day_text(moments.day_of(course.now) + 1825),
        "doc": course.doc("certificate"),
    }
    act = course.post(
        "party.qualification-decided", desk.seat, data, subject=f"party:{firm.org}", prompt=True, person=person
    )
    if desk is not issuer:
        act.event["attestation"], act.event["confirmer"] = "transcribed", city.people.official(desk, "reviewer")
    yield act


def registration(course: Course) -> Life:
    """Every firm there is, on the first four working days."""
    city, people = course.city, course.city.people
    first = moments.day_of(course.now)
    early = [people.firm(kind, number) for kind in FIRST_DAY for number in range(people.counts[kind])]
    late = [
        people.firm(kind, number) for kind in KIND_OF if kind not in FIRST_DAY for number in range(people.counts[kind])
    ]
    decided: list[Act] = []
    for begin, days, firms in ((first, 1, early), (city.office.workday(first, 1), 3, late)):
        for number, firm in enumerate(firms):
            course.until(_moment(course, begin, days, number, len(firms)))
            yield registered(course, firm)
            if firm.number % ERRING == 0 if KIND_OF[firm.kind] == ("bidder",) else firm.kind in INTERMEDIARIES:
                course.seconds(2, 4)
                yield committed(course, firm)
            if firm.kind in QUALIFIED:
                course.seconds(2, 4)
                for act in qualified(course, firm):
                    yield act
                    if act.type == "party.qualification-decided":
                        decided.append(act)
            elif firm.number % 5 == 1:
                course.seconds(2, 4)
                yield _represented(course, firm)
            if firm.kind in ("builder", "supplier") and firm.number % 3 == 0:
                course.seconds(2, 4)
                yield _presented(course, firm)
            if firm.number % 12 == 5:
                course.seconds(2, 4)
                yield _keyed(course, firm)
    course.workdays(1, 1)
    for at in range(0, len(decided), TOGETHER):
        batch = decided[at : at + TOGETHER]
        for act in batch:
            course.seconds(10, 30)
            organ = city.organ("REG", "construction") if act.seat.organ == "REG" else city.organ("CAD-C")
            yield published(course, act, organ, party=str(act.event["subject"]).removeprefix("party:"))
        yield from exchanged(course, batch)


def _moment(course: Course, begin: int, days: int, number: int, count: int) -> int:
    """When the n-th of so many comes: evenly over the office hours of some working days."""
    office = course.city.office
    hours = office.NOON - office.MORNING + office.EVENING - office.AFTERNOON - 1200
    day, second = divmod(number * days * hours // max(1, count), hours)
    at = moments.at(office.workday(begin, day)) + office.MORNING + 180 + second
    return at if second + 180 < office.NOON - office.MORNING else at + office.AFTERNOON - office.NOON


def _represented(course: Course, firm: Firm) -> Act:
    data = {
        "a": {"party": firm.org},
        "b": {"person": firm.person("legal-rep")},
        "relation": "legal-rep",
        "action": "start",
        "on": moments.date_text(course.now),
        "source": "company-register",
    }
    return course.post("party.affiliation-recorded", firm.seat, data, subject=f"party:{firm.org}", prompt=True)


def _presented(course: Course, firm: Firm) -> Act:
    data = {
        "issuer": "示范数字证书认证中心",
        "serial": f"CA{firm.number:06d}",
        "valid_to": moments.day_text(moments.day_of(course.now) + 700),
        "outcome": "accepted",
    }
    seat = course.city.organ("TSY", "first").seat
    return course.post("party.certificate-presented", seat, data, subject=f"party:{firm.org}")


def _keyed(course: Course, firm: Firm) -> Act:
    voucher = ("issuer", "two-persons")[firm.number % 2]
    data: dict[str, Any] = {
        "party": firm.org,
        "kid": f"k-{firm.kind}-{firm.number}",
        "alg": ("Ed25519", "ES256")[firm.number % 4 // 2],
        "public_key": urlsafe_b64encode(course.chance.bytes(32)).decode().rstrip("="),
        "sources": [f"urn:city:firm:{firm.org}"],
        "vouched_by": voucher,
        "valid_to": moments.day_text(moments.day_of(course.now) + 365),
    }
    if voucher == "issuer":
        data["certificate"] = course.doc("certificate")
    else:
        data["vouchers"] = [firm.person("legal-rep"), firm.person("manager")]
    return course.post("party.key-registered", firm.seat, data, subject=f"party:{firm.org}", prompt=True)


KINDS = (Kind("registration", registration, share=0, events=1, opening=True),)
