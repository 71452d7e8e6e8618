"""What supervisors find and people report although nobody in the city's other lives did wrong.

A call by an official (M31.p2, J2d), a site that publishes without right (M23), a post by somebody without the right to
it (M5): the event itself is what a rule speaks about. So an honest city has these alerts, and only these
(`city.inherent`).
"""

from typing import Any

from city import moments
from city.act import Seat
from city.course import Course, Life
from city.kinds import Kind
from city.lives.inquiries import FIELDS
from city.outsiders import stranger

HOW = ("phone", "message", "meeting", "note", "meeting-minutes")


def interference(course: Course) -> Life:
    """A handler writes down that an official interfered."""
    city = course.city
    organ = city.organ(("ASB", "PTC", "CAD-C")[course.number % 3])
    regulator = city.organ("REG", FIELDS[course.number % len(FIELDS)])
    course.subject = f"inquiry:{course.name}"
    called = course.now
    course.minutes(20, 300)
    data: dict[str, Any] = {
        "official": stranger(course),
        "official_org": regulator.org,
        "matter": f"M-{course.name}",
        "how": HOW[course.number % len(HOW)],
        "at": moments.text(called),
        "recorder": city.people.official(organ, "handler"),
        "text": "过问事项进度，要求关照。",
    }
    yield course.post("supervision.interference-recorded", organ.seat, data, prompt=True)


def channel(course: Course) -> Life:
    """A site is found that publishes what only the platforms may."""
    city = course.city
    organ = city.organ("REG", FIELDS[course.number % len(FIELDS)]) if course.number % 2 else city.organ("ASB")
    data: dict[str, Any] = {
        "channel": f"https://notices-{course.number}.example",
        "operator": "示例信息网",
        "samples": [course.doc("evidence")],
    }
    if course.often(2500):
        del data["operator"]
    yield course.post("disclosure.channel-found", organ.seat, data, subject=f"disclosure:{course.name}")


REFUSED = ("malformed", "no-right", "bad-signature", "conflict", "unknown-key")


def refusal(course: Course, *, reason: str = "") -> Life:
    """Somebody's post was refused, and the refusal was written down."""
    city = course.city
    reason = reason or REFUSED[course.number % len(REFUSED)]
    system = Seat(city.organ("PTC").org, "SYS", "urn:city:door")
    data: dict[str, Any] = {
        "action": "post",
        "object": f"urn:city:portal#{course.name}",
        "class": "internal",
        "purpose": "post",
        "request_hash": course.chance.hex64(),
        "result": "refused",
        "reason": reason,
    }
    if reason == "unknown-key":
        data["count"], data["network"] = course.chance.between(1, 40), "203.0.113.0/24"
    else:
        firm = city.people.some("supplier", course.chance, 1)[0]
        data["actor"], data["actor_org"], data["organ"] = firm.person("contact"), firm.org, "BID"
        data["type"] = "trading.bid-submitted.v1"
    yield course.post("ledger.access-logged", system, data, subject="ledger:log")


KINDS = (
    Kind("interference", interference, share=4, events=1),
    Kind("channel", channel, share=4, events=1),
    Kind("refusal", refusal, share=10, events=1),
)
