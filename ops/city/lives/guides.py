"""What is published for everybody: service guides, hotlines, duty lists, flow charts. From the first morning on.

Every coordinating bureau and regulator has its duty list (M30) and hotline (M36), the trading centre a service guide
with all five contents (M16), the civil air-defence office its flow chart (F5.2) and hotline (F5.3). Renewed each half
year; the guide before stays in force until the new one takes effect.
"""

from collections.abc import Iterator
from typing import Any

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from city.population import Organ
from city.world import City

CONTENTS = ("content", "flow", "norm", "charge", "channel")
ALLOWED = ("project-code", "source-document", "authorisation-letter")
"""What an applicant may be asked for."""

HALF_A_YEAR = 120
"""Working days between two issues of a guide."""

ITEMS = (
    "entry-registration", "party-registration", "notice-release", "venue", "witness", "expert-draw", "deposit",
    "archive-query", "certificate", "consultation",
)  # fmt: skip
"""Services of the trading centre."""


def wanted(city: City) -> Iterator[tuple[Organ, str]]:
    """Which organ publishes which kind."""
    for organ in city.people.organs:
        if organ.organ in ("ASB", "REG", "CAD-C"):
            yield organ, "duty-list"
            yield organ, "hotline"
        if organ.organ in ("PTC", "ASB"):
            yield organ, "service-guide"
        if organ.organ in ("CAD-C", "ASB"):
            yield organ, "flowchart"


def guides(course: Course) -> Life:
    """All guides, each half year anew."""
    course.until(moments.at(moments.day_of(course.now), 8, 31))
    while True:
        for organ, kind in wanted(course.city):
            data: dict[str, Any] = {
                "kind": kind,
                "organ": organ.org,
                "contents": list(CONTENTS)
                if kind == "service-guide"
                else ["channel" if kind == "hotline" else "content"],
                "doc": course.doc("guide"),
                "effective_from": moments.date_text(course.seconds(5, 12)),
            }
            if kind == "service-guide":
                data["items"], data["requirements_whitelist"] = list(ITEMS), list(ALLOWED)
            if kind == "hotline":
                data["hotline"] = "12345"
            subject = f"disclosure:guide-{organ.org}-{kind}"
            yield course.post("disclosure.guide-published", organ.seat, data, subject=subject, prompt=True)
        if moments.day_of(course.now) > moments.LAST - 2 * HALF_A_YEAR:
            return
        course.workdays(HALF_A_YEAR, HALF_A_YEAR + 5)


KINDS = (Kind("guides", guides, share=0, events=1, opening=True),)
