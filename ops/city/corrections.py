"""Corrections: of a hundred acts, one or two are mended a day or three later, in a text that changes no fact.

The organ that posted the act posts the correction, one of its people keys it in and another approves it. The old value
is named by its hash, the new one is written out (`ledger.correction-posted`).
"""

from hashlib import sha256

from city import moments
from city.act import Act
from city.chance import Chance
from city.course import MICRO
from city.population import person
from city.world import City
from ledger.canonical import encode

MENDED_BP = 950
"""Of 10,000 acts that have a text to mend, how many are mended."""


def correction(city: City, chance: Chance, act: Act) -> Act | None:
    """The correction of an act, if it is one that will be mended."""
    names = city.facts[act.type].prose
    if not names or not chance.often(MENDED_BP):
        return None
    present = [name for name in names if name in act.data]
    if not present:
        return None
    name = chance.pick(present)
    old = act.data[name]
    moment = act.recorded // MICRO + chance.between(1, 3) * moments.DAY
    day = city.office.workday(moments.day_of(moment))
    at = max(moment, city.office.within(day, chance))
    change = {"path": f"/{name}", "old_hash": sha256(encode(old)).hexdigest(), "new": f"{old}（文字更正）"}
    event = {
        "specversion": "1.0",
        "id": f"c-{act.event['id']}",
        "source": act.seat.source,
        "type": city.facts["ledger.correction-posted"].type,
        "subject": act.event["subject"],
        "time": moments.text(at),
        "person": person(city.seed, "official", act.seat.org, "handler", 0),
        "data": {
            "target": act.ref,
            "reason": "文字笔误",
            "field_changes": [change],
            "approved_by": person(city.seed, "official", act.seat.org, "reviewer", 0),
            "doc": {
                "id": f"c-{act.event['id']}",
                "kind": "evidence",
                "sha256": chance.hex64(),
                "bytes": 20_000 + chance.below(80_000),
                "media_type": "application/pdf",
            },
        },
    }
    if "project" in act.event:
        event["project"] = act.event["project"]
    return Act(act.seat, event, at, at * MICRO + chance.between(20, 180) * MICRO)
