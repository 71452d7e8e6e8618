"""The log itself: a single act, a source that counts, a correction, an interference told or not."""

from typing import Any

from city import moments
from city.act import Act, Seat
from city.course import Course, Life
from city.lives.findings import interference
from city.lives.inquiries import found, opened, penalised, reported
from city.lives.registration import registered
from city.outsiders import outsider
from city.publicity import made_public
from city.records import Subject, entered


def one_entry(course: Course, type_: str, code: str, field: str, data: dict[str, Any], subject: str, **at: str) -> Act:
    """One act of an organ, with `data` as it stands; times are written in for the placeholders `$now` and `$day`."""
    filled = {
        name: moments.text(course.now)
        if value == "$now"
        else moments.date_text(course.now)
        if value == "$day"
        else value
        for name, value in data.items()
    }
    city = course.city
    seat = Seat(city.organ("PTC").org, "SYS", "urn:city:door") if code == "SYS" else city.organ(code, field).seat
    act = course.post(type_, seat, filled, subject=subject.replace("$", course.name))
    act.event.update(at)
    return act


def entry(
    course: Course,
    *,
    type_: str,
    code: str,
    data: dict[str, Any],
    subject: str,
    field: str = "",
    docs: tuple[str, ...] = (),
) -> Life:
    """A life of one act. `docs`: members that hold a document."""
    documents: dict[str, Any] = {name: course.doc("evidence") for name in docs}
    yield one_entry(course, type_, code, field, {**data, **documents}, subject)


def numbered(course: Course, *, gap: int = 0) -> Life:
    """A firm with a system of its own posts four times; before the third, `gap` of its numbers never come."""
    firm = outsider(course, "supplier")
    yield registered(course, firm)
    seat = Seat(firm.org, "BID", f"urn:city:own-{course.name}")
    for number in range(4):
        course.workdays(1, 1)
        data = {
            "party": firm.org,
            "field": "address",
            "old_hash": course.chance.hex64(),
            "new": f"示范市甲区风铃路 {number + 1} 号",
            "effective": moments.date_text(course.now),
        }
        act = course.post("party.profile-changed", seat, data, subject=f"party:{firm.org}")
        act.gap = gap if number == 2 else 0
        yield act


def corrected(course: Course, *, amount: bool = False) -> Life:
    """A fine is decided, recorded and made public; later a correction mends the amount, or the finding's wording."""
    city = course.city
    regulator = city.organ("REG", "transport")
    firm = outsider(course, "builder")
    course.subject = f"inquiry:{course.name}"
    yield registered(course, firm)
    yield (report := reported(course, regulator))
    course.workdays(1, 3)
    yield opened(course, regulator, report, [firm.org])
    course.workdays(5, 9)
    yield (finding := found(course, regulator, [firm.org], "established"))
    yield from entered(course, regulator, Subject.of(firm), finding, "CM-02", "neutral")
    yield (penalty := penalised(course, regulator, firm.org, "fine", finding))
    yield from made_public(course, penalty, regulator, party=firm.org)
    yield from entered(course, regulator, Subject.of(firm), penalty, "CM-02")
    course.workdays(1, 3)
    official = city.people.official
    path, new = ("/amount", "100000") if amount else ("/facts", "经查属实（文字更正）。")
    data = {
        "target": (penalty if amount else finding).ref,
        "reason": "录入有误",
        "field_changes": [{"path": path, "old_hash": course.chance.hex64(), "new": new}],
        "approved_by": official(regulator, "reviewer"),
        "doc": course.doc("evidence"),
    }
    yield course.post("ledger.correction-posted", regulator.seat, data, person=official(regulator, "handler"))


def interfered(course: Course, *, zero: bool = False) -> Life:
    """A week at the centre: somebody interfered and it is recorded, or nobody did and that is reported."""
    city = course.city
    centre = city.organ("PTC")
    if not zero:
        yield from interference(course)
        return
    data = {
        "about": "interference",
        "week": "2025-W40",
        "organ": centre.org,
        "author": city.people.official(centre, "handler"),
    }
    yield course.post("report.zero-reported", centre.seat, data, subject="report:2025")
