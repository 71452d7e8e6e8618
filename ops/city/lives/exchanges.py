"""The exchange: batches to every peer with their receipts, incidents that are mended in time, rows in quarantine.

An incident is reported within the hour and entered again, under its number, when it is over and mended (OPR-10).
No outage of a supervision channel lasts four hours (EXC-04).
"""

from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.editions import edition_ref
from city.publicity import PEERS, service_system

INCIDENTS = (
    ("outage", "PTC"),
    ("breach", "TSY"),
    ("data-loss", "PTC"),
    ("unauthorised-read", "LIB"),
    ("outage", "ASB"),
)
QUARANTINED = (
    "missing", "wrong-type", "bad-period", "no-candidates", "too-long", "duplicate-in-file", "malformed-json",
    "period-reversed", "bad-id", "duplicate-name", "unrepresentable", "not-an-object", "changed-after-import",
)  # fmt: skip


def push(course: Course) -> Life:
    """An edition or two are pushed to a peer, which takes them all."""
    peers = tuple(PEERS)
    peer = peers[course.number % len(peers)]
    kinds = ("rules", "duty-list", "parameters")[: 1 + course.number % 3]
    sent = pushed(course, peer, [edition_ref(course.city, kind) for kind in kinds])
    yield sent
    data = {"batch": sent.ref, "accepted": sent.data["count"], "digest": sent.data["digest"]}
    seat = course.city.organ(*PEERS[peer]).seat
    yield course.post("exchange.batch-acknowledged", seat, data, at=course.seconds(5, 900))


def pushed(course: Course, peer: str, refs: list[dict[str, str]]) -> Act:
    """A batch is sent."""
    course.subject = f"exchange:{peer}"
    data: dict[str, Any] = {
        "peer": peer,
        "batch": f"TS-{course.name}",
        "refs": refs,
        "count": len(refs),
        "digest": course.chance.hex64(),
    }
    if course.often(2000):
        data["refs_doc"] = course.doc("other")
    return course.post("exchange.batch-sent", service_system(course.city), data)


def incident(course: Course, kind: str = "", lasts: int = 0) -> Life:
    """An incident, from its report to its remedy; an outage `lasts` so many seconds."""
    usual, code = INCIDENTS[course.number % len(INCIDENTS)]
    kind = kind or usual
    owner = course.city.organ(code)
    course.subject = f"exchange:system-{code.lower()}"
    begun = course.now
    data: dict[str, Any] = {
        "incident_no": f"SG-{course.name}",
        "kind": kind,
        "from": moments.text(begun),
        "cause": "设备故障。" if kind == "outage" else "配置不当。",
    }
    if kind == "outage":
        data["channels"] = [("REG", "AUD", "DIC")[course.number % 3]]
    else:
        data["affected_seq"] = [course.number]
    course.minutes(5, 25)
    yield course.post("exchange.incident-recorded", owner.seat, data, prompt=True)
    if kind == "outage":
        over = begun + (lasts or course.chance.between(1800, 9000))
        course.until(over)
    else:
        over = course.workdays(1, 3)
    data = {**data, "to": moments.text(over), "remedy": "已恢复并完成复查。"}
    yield course.post("exchange.incident-recorded", owner.seat, data, prompt=True)


def quarantine(course: Course) -> Life:
    """A row of a table that could not become an event."""
    reason = QUARANTINED[course.number % len(QUARANTINED)]
    course.subject = "exchange:county-tables"
    data: dict[str, Any] = {
        "file": f"county-{course.number % 7}.csv",
        "line": course.chance.between(2, 900),
        "path": "/period",
        "value": "即日起三天",
        "reason": reason,
        "detail": "此行未能入账 · this row was not entered",
        "sha256": course.chance.hex64(),
    }
    if course.often(2500):
        del data["value"]
    yield course.post("exchange.record-quarantined", course.city.organ("PTC").seat, data)


KINDS = (
    Kind("push", push, share=30, events=2),
    Kind("incident", incident, share=8, events=2),
    Kind("quarantine", quarantine, share=6, events=1),
)
