"""The chain: how long it is, its head and root, who signed it, and what the last verification found.

A verification reaches this page as a small record of plain values:

    {"ok": true, "verdict": "consistent", "zh": "…", "en": "…", "checked": 1296, "root": "<64 hex>",
     "started_at": "…Z", "finished_at": "…Z", "views": null,
     "problems": [{"table": "entry", "column": "leaf", "position": 17, "kind": "changed", "zh": "…", "en": "…"}]}

(`api.verification` makes it; `verdict` is consistent, broken, newer or views-differ.) A good mark speaks of the entries
that were hashed again then, up to `checked`, and never of those that came later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.console import asking, charts, frame
from api.console.frame import Services, Truth
from api.console.labels import Labels
from ledger import clock
from ledger.asking import OK, TEXTS
from ledger.store import checkpoints, witnesses
from ledger.store.postgres import Log
from ledger.store.witnesses import Told
from projections import views

CHECKPOINT = "ledger.checkpoint-sealed.v1"


@dataclass(frozen=True, slots=True)
class Verification:
    """The last verification: `since` counts the entries that came after it.

    `views` says whether views and alerts, made anew, were those that stood there; None where they were not looked at.
    """

    good: bool
    verdict: str
    zh: str
    en: str
    checked: int
    since: int
    root: str | None
    started_at: str | None
    finished_at: str | None
    seconds: int | None
    problems: tuple[Mapping[str, Any], ...]
    views: bool | None


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest published checkpoint: how many entries it states, and whose cosignatures it carries."""

    size: int
    cosigned: tuple[str, ...]


def answer(request: Request) -> Response:
    """`/chain`"""
    services, label = frame.services(request), frame.labels(request)
    edge = services.log.edge()
    size, last = edge.size, services.log.entry(edge.size)
    values = {
        "size": size,
        "leaf": last.leaf.hex() if last is not None else "",
        "root": edge.root().hex(),
        "created": services.created,
        "verification": verification(services, size),
        "checkpoint": services.log.last(type=CHECKPOINT),
        "signed": _signed(services.log),
        "witnesses": [_witness(one, label) for one in witnesses.told(services.log)],
        "checkpoints": services.log.count(type=CHECKPOINT),
        "views": [_standing(services, view, size, label) for view in views.all_views()],
        "tree": charts.subtrees(
            size, charts.TreeTexts(label.words("chart.tree"), label.words("chart.tree_desc", n=size))
        ),
    }
    return frame.answer(request, "chain", label.words("chain.title"), values, truth=Truth(size, size))


def verification(services: Services, size: int) -> Verification | None:
    """The last verification, None when there was none."""
    record = services.last_verification()
    if record is None:
        return None
    checked = int(record["checked"])
    return Verification(
        good=bool(record["ok"]) and not record.get("problems"),
        verdict=str(record["verdict"]),
        zh=str(record["zh"]),
        en=str(record["en"]),
        checked=checked,
        since=max(size - checked, 0),
        root=record.get("root"),
        started_at=record.get("started_at"),
        finished_at=record.get("finished_at"),
        seconds=_seconds(record.get("started_at"), record.get("finished_at")),
        problems=tuple(record.get("problems", ())),
        views=None if record.get("views") is None else bool(record["views"]["ok"]),
    )


def _seconds(start: str | None, end: str | None) -> int | None:
    if start is None or end is None:
        return None
    return int((clock.parse(end) - clock.parse(start)).total_seconds())


def _standing(services: Services, view: views.View, size: int, label: Labels) -> dict[str, Any]:
    found = asking.page(services, view, limit=1)
    return {
        "name": view.NAME,
        "title": label.of(*view.TITLE),
        "position": found.position,
        "lag": max(size - found.position, 0),
        "total": found.total,
    }


def _signed(log: Log) -> Signed | None:
    """What the newest published checkpoint says; None before there is one.

    Its signatures are not checked here: the page says so, and `sunledger verify --signer` does it.
    """
    note = checkpoints.newest(log)
    if note is None:
        return None
    text, _, lines = note.rpartition("\n\n")
    origin, size, *_ = text.split("\n")
    names = [line.split(" ")[1] for line in lines.splitlines() if line.count(" ") >= 2]
    return Signed(int(size), tuple(name for name in dict.fromkeys(names) if name != origin))


def _witness(told: Told, label: Labels) -> dict[str, Any]:
    state = told.state
    return {
        "name": state.name,
        "state": label.of(*TEXTS[state.state]) if state.state in TEXTS else state.state,
        "fine": state.state == OK,
        "since": state.since,
        "size": state.size,
        "detail": state.detail,
    }
