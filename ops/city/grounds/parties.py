"""What befalls parties and systems: two complaints, years without evaluation, a leak looked into, a link cut off."""

from city import moments
from city.act import Act, Pause
from city.course import Course, Life
from city.grounds.bodies import long_ago, overseen
from city.lives.complaints import Way, answered, decided, lodge, settled
from city.lives.evaluations import evaluated
from city.lives.inquiries import found, opened
from city.lives.registration import committed, registered
from city.outsiders import outsider, stranger
from city.population import Firm
from city.records import Subject, entered


def intermediary(course: Course, *, scored: bool = True, tie: str = "") -> Life:
    """An agent of more than a year, committed; evaluated, and with an official's share begun or given up (`tie`)."""
    firm = outsider(course, "agent")
    yield long_ago(course, registered(course, firm))
    course.seconds(20, 60)
    yield committed(course, firm)
    if scored:
        course.minutes(5, 20)
        yield evaluated(course, Subject.of(firm), [])
    if tie:
        course.minutes(5, 20)
        yield held(course, firm, tie)
    course.workdays(3, 5)
    yield overseen(course, course.city.organ("ASB").seat, "joint-enforcement", firm.org)


def held(course: Course, firm: Firm, action: str) -> Act:
    """An official holds a part of an intermediary, or gives it up."""
    city = course.city
    official = city.people.official(city.organ("REG", "procurement"), "handler")
    data = {
        "a": {"party": firm.org},
        "b": {"person": official},
        "relation": "official-holds",
        "action": action,
        "on": moments.date_text(course.now),
        "source": "found",
    }
    return course.post("party.affiliation-recorded", city.organ("ASB").seat, data, subject=f"party:{firm.org}")


def leaked(course: Course, *, leak: bool = True) -> Life:
    """An inquiry into a leak; in the end one is found, or not."""
    city = course.city
    bureau = city.organ("ASB")
    firm = outsider(course, "tenderer")
    course.subject = f"inquiry:{course.name}"
    yield registered(course, firm)
    course.minutes(5, 20)
    seen = overseen(course, bureau.seat, "duty-check", firm.org)
    yield seen
    course.workdays(1, 3)
    yield opened(course, bureau, seen, [firm.org])
    course.workdays(5, 9)
    yield (finding := found(course, bureau, [firm.org], "partly" if leak else "not-established"))
    if leak:
        course.minutes(20, 60)
        data = {
            "object": finding.ref,
            "class": "commercial",
            "leaked_by": stranger(course),
            "at": moments.text(finding.at - 20 * moments.DAY),
            "finding": finding.ref,
        }
        yield course.post("disclosure.leak-found", bureau.seat, data)


def cut_off(course: Course, *, days: int = 0) -> Life:
    """A required system is suspended within an hour, or for so many days; never in the first sixty days of the city."""
    city = course.city
    bureau = city.organ("ASB")
    yield Pause(moments.at(city.size.first + 62))
    course.until(moments.at(city.office.workday(max(moments.day_of(course.now), city.size.first + 62)), 20, 5))
    for status in ("suspended", "connected"):
        data = {"system": "internet-supervision", "norm_version": "V2.0", "status": status}
        subject = "exchange:internet-supervision"
        yield course.post("exchange.system-connected", bureau.seat, data, subject=subject, prompt=True)
        course.until(course.now + (days * moments.DAY or 1200))


def complained_twice(course: Course, *, upheld: int = 2) -> Life:
    """Two complaints about one firm, of which so many are upheld."""
    regulator = course.city.organ("REG", "procurement")
    firm = outsider(course, "supplier")
    yield registered(course, firm)
    for number in (1, 2):
        course.workdays(5, 10)
        no = f"TS-{course.name}-{number}"
        course.subject = f"complaint:{no}"
        way = Way("complaint", "letter", "REG", "accepted", ground="qualification")
        yield lodge(course, no, way, regulator, [firm.org])
        yield settled(course, regulator, no, "accepted")
        course.workdays(3, 8)
        right = number <= upheld
        yield (
            decision := decided(course, regulator, no, "upheld" if right else "rejected", [firm.org], "qualification")
        )
        course.workdays(1, 2)
        yield answered(course, regulator, no)
        if right:
            yield from entered(course, regulator, Subject.of(firm), decision, "CM-02", severity="minor")
