"""Small lots: registered, admitted, served and no further. Ground for misconduct about entry, choice and agents.

    served(course, chooser="centre")      # the trading centre chose the agent, not the tenderer

The tenderer and the agent are outsiders; the lot is a procurement of goods that asks for nothing else.
"""

from dataclasses import dataclass
from typing import Any

from city import moments
from city.act import Act, Seat
from city.course import Course, Life
from city.lives.registration import committed, qualified, registered
from city.outsiders import outsider, stranger
from city.population import Firm
from city.publicity import exchanged, published

STEPS = [
    "registration",
    "notice",
    "document",
    "opening",
    "evaluation",
    "auction",
    "publicity",
    "confirmation",
    "complaint",
    "performance",
]
"""All steps: nothing of the lot needs a room."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A lot, its project, who tenders and who serves."""

    course: Course
    tenderer: Firm
    agent: Firm
    number: int = 0

    @property
    def lot(self) -> str:
        """The lot's number."""
        return f"L-{self.course.name}-{self.number}"

    def post(self, type_: str, seat: Seat, data: dict[str, Any], **more: Any) -> Act:
        """An act on the lot."""
        return self.course.post(type_, seat, data, subject=f"lot:{self.lot}", **more)


def ground(course: Course, number: int = 0) -> Ground:
    """The outsiders of a life, and its project."""
    course.project = f"P-{course.name}"
    return Ground(course, outsider(course, "tenderer"), outsider(course, "agent"), number)


def coded(on: Ground) -> Act:
    """The project gets its code."""
    city = on.course.city
    data = {
        "name": "示范采购项目",
        "developer": on.tenderer.org,
        "region": "140300",
        "class": "file",
        "funding": ["fiscal"],
        "state_funded_bp": 10_000,
        "investment": 300_000_00,
        "tender_mandatory": False,
        "secret_level": "none",
    }
    return on.course.post(
        "project.coded", city.organ("ASB").seat, data, subject=f"project:{on.course.project}", prompt=True
    )


def entered_lot(on: Ground, *, tenderer: Seat | None = None, handler: str = "") -> Life:
    """Registered and admitted."""
    city = on.course.city
    centre = city.organ("PTC")
    seat = tenderer or on.tenderer.seat
    data: dict[str, Any] = {
        "lot_id": on.lot,
        "name": "示范货物采购",
        "region": "140300",
        "catalogue_item": "C2.1",
        "entry_basis": "catalogue",
        "tenderer": seat.org,
        "content": "goods",
        "method": "open",
        "estimate": 300_000_00,
        "electronic_steps": list(STEPS),
        "regulator": city.organ("REG", "procurement").org,
        "source_doc": on.course.doc("approval"),
    }
    on.course.minutes(10, 40)
    yield on.post("trading.project-registered", seat, data, prompt=True)
    on.course.minutes(10, 40)
    data = {"outcome": "accepted", "handler": handler or city.people.official(centre, "operator-staff")}
    yield on.post("trading.entry-decided", centre.seat, data, prompt=True)


def chosen(
    on: Ground, *, kind: str = "agent", chooser: str = "", channel: str = "online", agent: Firm | None = None
) -> Act:
    """The tenderer chooses an agent or a trading system."""
    city = on.course.city
    systems = [city.organ("TSY", "first").org, city.organ("TSY", "second").org]
    picked = (agent or on.agent).org if kind == "agent" else systems[0]
    data = {
        "kind": kind,
        "chosen": picked,
        "chosen_by": on.tenderer.person("buyer"),
        "chooser_org": city.organ("PTC").org if chooser == "centre" else on.tenderer.org,
        "options": [picked] if kind == "agent" else systems,
        "channel": channel,
    }
    on.course.minutes(10, 40)
    return on.post("trading.service-chosen", on.tenderer.seat, data, prompt=True)


def served(
    course: Course,
    *,
    kind: str = "agent",
    chooser: str = "",
    channel: str = "online",
    commitment: bool = True,
    qualification: bool = True,
    venue: str = "",
    own: bool = False,
) -> Life:
    """A lot up to the choice of its agent (or system). `venue`: a room is assigned. `own`: the centre tenders."""
    city, on = course.city, ground(course)
    for firm in (on.tenderer, on.agent):
        yield registered(course, firm)
        course.seconds(20, 60)
    if commitment:
        yield committed(course, on.agent)
        course.seconds(20, 60)
    if qualification:
        decided: list[Act] = []
        for act in qualified(course, on.agent):
            yield act
            decided.append(act)
        course.minutes(20, 60)
        yield published(course, decided[-1], city.organ("REG", "construction"), party=on.agent.org)
        yield from exchanged(course, decided[-1:])
    course.open()
    yield coded(on)
    centre = Seat(city.organ("PTC").org, "TEN", "urn:city:tenderers") if own else None
    yield from entered_lot(on, tenderer=centre)
    if own:
        return
    yield chosen(on, kind=kind, chooser=chooser, channel=channel)
    if venue:
        course.minutes(10, 30)
        begin = moments.at(moments.day_of(course.now) + 1, 9)
        data = {"venue": venue, "step": "opening", "from": moments.text(begin), "to": moments.text(begin + 7200)}
        yield on.post("trading.venue-assigned", city.organ("PTC").seat, data)


def concentrated(course: Course, *, of_one: int = 4) -> Life:
    """Eight lots of one tenderer; one agent serves so many, others of the city the rest."""
    city, first = course.city, ground(course)
    for firm in (first.tenderer, first.agent):
        yield registered(course, firm)
        course.seconds(20, 60)
    yield committed(course, first.agent)
    course.seconds(20, 60)
    decided: list[Act] = []
    for act in qualified(course, first.agent):
        yield act
        decided.append(act)
    course.minutes(20, 60)
    yield published(course, decided[-1], city.organ("REG", "construction"), party=first.agent.org)
    yield from exchanged(course, decided[-1:])
    course.open()
    yield coded(first)
    others = city.people.some("agent", course.chance, 6)
    for number in range(8):
        on = Ground(course, first.tenderer, first.agent, number)
        course.workdays(3, 6)
        yield from entered_lot(on)
        yield chosen(on, agent=first.agent if number < of_one else others[number % len(others)])


def two_families(course: Course, *, same: bool = True) -> Life:
    """One project: who approved the method for a regulator, and who admitted the lot for the operator."""
    city, on = course.city, ground(course)
    centre, regulator = city.organ("PTC"), city.organ("REG", "procurement")
    one, other = stranger(course, 1), stranger(course, 1 if same else 2)
    yield registered(course, on.tenderer)
    for organ, person, role, family in (
        (regulator, one, "regulator", "regulate"),
        (centre, other, "operator-staff", "operate"),
    ):
        course.minutes(5, 20)
        data = {
            "person": person,
            "org": organ.org,
            "role": role,
            "family": family,
            "from": moments.date_text(course.now),
            "doc": course.doc("appointment"),
        }
        yield course.post("rulebook.appointment-recorded", organ.seat, data, subject=f"person:{person}", prompt=True)
    course.minutes(5, 20)
    yield coded(on)
    for act in entered_lot(on, handler=other):
        yield act
        if isinstance(act, Act) and act.type == "trading.project-registered":
            data = {
                "method": "open",
                "grounds": "other-law",
                "organ": regulator.org,
                "signatory": one,
                "decision_no": course.code("FS"),
                "doc": course.doc("approval"),
            }
            course.seconds(60, 300)
            yield on.post("trading.method-approved", regulator.seat, data, prompt=True)


def after_termination(course: Course, *, contract: bool = True) -> Life:
    """A lot is terminated; months later an audit finds (or does not find) that the same was bought without it."""
    city, on = course.city, ground(course)
    yield registered(course, on.tenderer)
    course.minutes(5, 20)
    yield coded(on)
    yield from entered_lot(on)
    course.workdays(3, 9)
    data = {"to": "terminated", "ground": "project-cancelled", "by": on.tenderer.org, "doc": course.doc("decision")}
    yield on.post("trading.state-changed", on.tenderer.seat, data)
    course.workdays(20, 40)
    if contract:
        yield off_platform(course, on, "C2.1", 280_000_00)
        return
    yield course.post(
        "supervision.oversight-recorded",
        city.organ("AUD").seat,
        {"kind": "audit", "target": on.tenderer.org, "organs": [city.organ("AUD").org], "report": course.doc("report")},
        subject=f"inquiry:{course.name}",
    )


def bought_outside(course: Course, *, item: str = "C2.1", amounts: tuple[int, ...] = (300_000_00,)) -> Life:
    """An audit finds contracts of one body that never came to the platform."""
    on = ground(course)
    yield registered(course, on.tenderer)
    course.minutes(5, 20)
    yield coded(on)
    for amount in amounts:
        course.workdays(3, 9)
        yield off_platform(course, on, item, amount)


def off_platform(course: Course, on: Ground, item: str, amount: int) -> Act:
    """One contract found outside."""
    data: dict[str, Any] = {
        "catalogue_item": item,
        "contract_source": "audit",
        "tenderer": on.tenderer.org,
        "content": "goods",
        "signed_on": moments.date_text(course.now - 5 * moments.DAY),
        "parties": [on.tenderer.org, outsider(course, "supplier").org],
        "amount": amount,
        "evidence": [course.doc("contract")],
    }
    seat = course.city.organ("AUD").seat
    return course.post("trading.off-platform-found", seat, data, subject=f"project:{course.project}")
