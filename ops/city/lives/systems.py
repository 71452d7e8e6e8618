"""The systems the platform is connected to, from the first morning on; maintenance suspends one now and then.

A suspension lasts some minutes of an evening: the required systems stand connected at every tick of the clock (EXC-01).
"""

from typing import Any

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from city.publicity import PEERS


def systems(course: Course) -> Life:
    """All systems connected, then a maintenance of one of them every fortnight."""
    bureau = course.city.organ("ASB")
    person = course.city.people.official(bureau, "administrator")
    course.until(moments.at(moments.day_of(course.now), 8, 32))
    names = [*PEERS, "trading-2"]

    def state(name: str, status: str) -> dict[str, Any]:
        system = "trading" if name == "trading-2" else name
        data: dict[str, Any] = {"system": system, "norm_version": "V2.0", "status": status}
        if system == "trading":
            data["name"] = "示范市电子交易系统" if name == "trading" else "示范省电子招投标系统"
            data["source"] = "urn:city:tsy" if name == "trading" else "urn:city:tsy-2"
            data["categories"] = ["C1", "C2", "C3", "C4", "C5"]
            data["mlps_level"] = 3
        return data

    def told(name: str, status: str) -> dict[str, Any]:
        data = state(name, status)
        if course.often(7000):
            data["doc"] = course.doc("report")
        return data

    for name in names:
        course.seconds(5, 12)
        subject = f"exchange:{name}"
        yield course.post(
            "exchange.system-connected",
            bureau.seat,
            told(name, "connected"),
            subject=subject,
            person=person,
            prompt=True,
        )
    turn = 0
    while course.now < moments.at(moments.LAST):
        day = moments.day_of(course.workdays(9, 11))
        name = names[turn % len(names)]
        turn += 1
        for minute, status in ((5, "suspended"), (40, "connected")):
            course.until(moments.at(day, 21, minute) + course.chance.below(600))
            yield course.post(
                "exchange.system-connected", bureau.seat, told(name, status), subject=f"exchange:{name}", person=person,
                prompt=True,
            )  # fmt: skip


KINDS = (Kind("systems", systems, share=0, events=1, opening=True),)
