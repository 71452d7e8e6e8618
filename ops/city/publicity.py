"""What follows every decision about a trading party: it is published, exchanged and acknowledged within seven days.

Article 25 asks for both halves within seven working days of the decision: on the web, and to the trading platform.

    yield decided
    yield from made_public(course, decided, regulator, party=firm.org)
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from city import moments
from city.act import Act, Referable, Seat
from city.course import Course, Life
from city.population import Organ
from city.world import City

PEERS = {
    "investment": ("ASB", ""), "construction-approval": ("REG", "construction"), "gov-service": ("GOV", ""),
    "credit": ("REG", "development"), "internet-supervision": ("ASB", ""), "provincial-platform": ("PRV", ""),
    "tax": ("TAX", ""), "trading": ("TSY", "first"),
}  # fmt: skip
"""The systems that data are exchanged with, and the organ that acknowledges for each."""


def service_system(city: City) -> Seat:
    """The service system of the platform: it pushes batches."""
    return Seat(city.organ("PTC").org, "SYS", "urn:city:exchange")


def exchanged(course: Course, acts: Sequence[Referable], peer: str = "provincial-platform") -> Life:
    """A batch that holds these acts, and its receipt."""
    digest = sha256("\n".join(act.ref["id"] for act in acts).encode()).hexdigest()
    subject = f"exchange:{peer}"
    data: dict[str, Any] = {
        "peer": peer,
        "batch": f"{course.name}-b{course.posted}",
        "refs": [act.ref for act in acts],
        "count": len(acts),
        "digest": digest,
    }
    sent = course.post(
        "exchange.batch-sent", service_system(course.city), data, at=course.seconds(60, 1800), subject=subject
    )
    yield sent
    data = {"batch": sent.ref, "accepted": len(acts), "digest": digest}
    seat = course.city.organ(*PEERS[peer]).seat
    yield course.post("exchange.batch-acknowledged", seat, data, at=course.seconds(5, 600), subject=subject)


def published(course: Course, act: Act, organ: Organ, **tags: str) -> Act:
    """The publication of a decision by an organ, now; `tags` are `party`, `lot`, `case`."""
    data = {"subject": act.ref, **tags, "phase": "decision", "decision_on": moments.date_text(act.at)}
    return made_known(course, organ, data, f"disclosure:{act.event['id']}")


def made_known(course: Course, organ: Organ, about: dict[str, Any], subject: str) -> Act:
    """A publication now, of what `about` says: `subject` and `phase` at least."""
    doc = course.doc("published-text")
    data: dict[str, Any] = {
        **about,
        "channel": ["city-platform", "provincial-platform"],
        "content_sha256": doc["sha256"],
        "doc": doc,
        "at": moments.text(course.now),
    }
    if course.often(3000):
        data["url"] = f"https://platform.example/open/{course.name}"
    return course.post("disclosure.published", organ.seat, data, subject=subject)


def made_public(course: Course, act: Act, organ: Organ, **tags: str) -> Life:
    """Published one to three working days later, and exchanged on the same day."""
    course.workdays(1, 3)
    yield published(course, act, organ, **tags)
    yield from exchanged(course, [act])
    course.open()
