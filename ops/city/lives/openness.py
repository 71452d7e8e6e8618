"""What the organs publish of their work in the five phases, take down and replace, or withhold on a stated ground.

A text that is replaced is withdrawn first (DIS-07); what is withheld names its ground, its basis and who approved it
(DIS-06). Only the two platforms carry trading information (DIS-03).
"""

from typing import Any

from city.course import Course, Life
from city.kinds import Kind
from city.lives.editions import edition_ref
from city.lives.oversight import overseen
from city.publicity import made_known

PHASES = ("decision", "execution", "management", "service", "result")
EXEMPTIONS = (
    ("state-secret", "政府信息公开条例 第十四条"), ("commercial", "政府信息公开条例 第十五条"),
    ("personal", "政府信息公开条例 第十五条"), ("other-law", "统计法 第九条"),
)  # fmt: skip


def openness(course: Course, *, replaced: bool = False) -> Life:
    """One text of one phase; every third is `replaced` later."""
    city = course.city
    organ = city.organ(("ASB", "PTC")[course.number % 2])
    phase = PHASES[course.number % len(PHASES)]
    course.subject = f"disclosure:{course.name}"
    about = {"subject": edition_ref(city, "parameters"), "phase": phase}
    first = made_known(course, organ, about, course.subject)
    yield first
    if course.number % 3 and not replaced:
        return
    course.workdays(5, 20)
    data: dict[str, Any] = {
        "target": first.ref,
        "reason": "内容有更新。",
        "approved_by": city.people.official(organ, "principal"),
    }
    yield course.post("disclosure.withdrawn", organ.seat, data)
    course.minutes(20, 90)
    yield made_known(course, organ, about, course.subject)


def withholding(course: Course) -> Life:
    """A report that is not published."""
    city = course.city
    exemption, basis = EXEMPTIONS[course.number % len(EXEMPTIONS)]
    organ = city.organ("ASB")
    course.subject = f"inquiry:{course.name}"
    yield (done := overseen(course, "analysis-evaluation", organ, organ))
    course.workdays(1, 4)
    data: dict[str, Any] = {
        "subject": done.ref,
        "exemption": exemption,
        "legal_basis": basis,
        "approved_by": city.people.official(organ, "principal"),
    }
    if course.often(5000):
        data["until"] = "2028-12-31"
    yield course.post("disclosure.withheld", organ.seat, data, subject=f"disclosure:{course.name}")


KINDS = (Kind("openness", openness, share=30, events=2), Kind("withholding", withholding, share=8, events=2))
