"""Services of the trading centre and how people rate them: handled on-line, rated, bad ratings answered in time.

The share handled on-line never falls from one quarter to the next (OPR-09): after the first quarter everything is.
Nothing is asked for that the guide does not name (OPR-01).
"""

from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.guides import ALLOWED, ITEMS
from city.population import Firm

STARS = ((5, 62), (4, 24), (3, 8), (2, 4), (1, 2))
LABELS = {
    5: ("fast", "clear", "polite"),
    4: ("clear", "polite"),
    3: ("slow",),
    2: ("slow", "repeated-trips"),
    1: ("rude",),
}


def service(course: Course, *, stars: int = 0) -> Life:
    """One service, and the review of it, with so many `stars`."""
    city = course.city
    centre = city.organ("PTC")
    item = ITEMS[course.number % len(ITEMS)]
    firm = city.people.some("supplier", course.chance, 1)[0]
    course.subject = f"service:{item}"
    handled = served(course, item, firm)
    yield handled
    if not stars and not course.often(6500):
        return
    course.minutes(5, 400)
    stars = stars or course.chance.weighted(STARS)
    review = reviewed(course, handled, firm, stars)
    yield review
    if stars <= 2:
        course.workdays(1, 3)
        data = {
            "review": review.ref,
            "verified": course.often(7000),
            "action": "已向当事人致歉并改进流程。",
            "at": moments.text(course.now),
        }
        yield course.post("rating.review-answered", centre.seat, data)


def served(course: Course, item: str, firm: Firm) -> Act:
    """A service is handled by the centre."""
    city = course.city
    centre = city.organ("PTC")
    begun = course.now
    course.minutes(15, 90)
    first_quarter = moments.day_of(begun) < city.size.first + 75
    data: dict[str, Any] = {
        "service_no": f"FW-{course.name}",
        "item": item,
        "applicant": firm.org,
        "channel": "offline" if first_quarter and course.number % 9 == 4 else "online",
        "one_form": True,
        "demands": list(course.chance.some(ALLOWED, course.chance.between(0, 3))),
        "handler": city.people.official(centre, "operator-staff", course.number % 3),
        "from": moments.text(begun),
        "to": moments.text(course.now),
    }
    if course.often(1500):
        del data["applicant"]
    return course.post("platform.service-handled", centre.seat, data)


def reviewed(course: Course, handled: Act, firm: Firm, stars: int) -> Act:
    """The applicant's review."""
    data: dict[str, Any] = {
        "service": handled.ref,
        "organ": handled.seat.org,
        "stars": stars,
        "tags": list(LABELS[stars]),
        "anonymous": course.often(3000),
    }
    if course.often(4000):
        data["text"] = "满意。" if stars > 3 else "办理时间偏长。"
    return course.post("rating.review-submitted", firm.seat, data)


KINDS = (Kind("service", service, share=330, events=2),)
