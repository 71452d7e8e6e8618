"""One entry: what, who, when; its fields by title; its place in the chain, hashed again here; its exact bytes."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.console import fields, frame, lines
from api.console.frame import Services, Truth
from api.console.labels import Labels
from ledger.entry import NO_LEAF, Entry
from ledger.errors import NotFound
from projections.dossier import ALERT

MOST_ALERTS = 50


def answer(request: Request) -> Response:
    """`/e/{position}`"""
    services, label = frame.services(request), frame.labels(request)
    position = request.path_params["position"]
    entry = services.log.entry(position)
    if entry is None:
        raise NotFound(f"(#{position})")
    before, after = services.log.entry(position - 1), services.log.entry(position + 1)
    size = services.log.head().size
    contract = services.contracts.get(entry.type)
    values = {
        "entry": entry,
        "line": lines.line(entry, label),
        "contract": contract,
        "description": label.of(contract.raw["description"], contract.raw["x-description-en"]) if contract else "",
        "fields": fields.of_data(entry.data, contract, label, _hides(services, entry, label)),
        "sealed": entry.is_sealed,
        "envelope": _envelope(entry, label),
        "links": [(tag, ordinal, previous) for tag, (ordinal, previous) in sorted(entry.links.items())],
        "leaf": entry.leaf.hex(),
        "follows": entry.prev == (before.leaf if before is not None else NO_LEAF).hex(),
        "followed": None if after is None else after.prev == entry.leaf.hex(),
        "bytes": entry.raw.decode(),
        "length": len(entry.raw),
        "alerts": [lines.line(one, label) for one in _citing(services, entry)],
        "newer": position + 1 if position < size else None,
        "older": position - 1 if position > 1 else None,
    }
    title = f"#{position} {label.type(entry.type)}"
    return frame.answer(request, "entry", title, values, truth=Truth(size, size))


def _hides(services: Services, entry: Entry, label: Labels) -> dict[str, str]:
    return {one.digest: label.of(one.zh, one.en) for one in services.disclosing.look(entry).hidden}


def _envelope(entry: Entry, label: Labels) -> list[tuple[str, str, str]]:
    """What stands beside the payload: name, kind (tag, code, text), value."""
    event = entry.event
    found = [("type", "code", entry.type), ("id", "code", entry.id), ("source", "code", entry.source)]
    if entry.subject:
        found.append(("subject", "tag", entry.subject))
    if entry.project:
        found.append(("project", "tag", f"project:{entry.project}"))
    if "attestation" in event:
        found.append(("attestation", "text", label.code("attestation", event["attestation"])))
    shown = {"specversion", "type", "id", "source", "subject", "project", "attestation", "time", "data"}
    found += [(name, "code", str(event[name])) for name in sorted(event) if name not in shown]
    return [(label.words.get(f"envelope.{name}") or name, kind, value) for name, kind, value in found]


def _citing(services: Services, entry: Entry) -> list[Entry]:
    """Alerts that name this entry as evidence; found on the entry's own subject."""
    if not entry.subject:
        return []
    raised: list[Any] = services.log.find(tag=entry.subject, type=ALERT, limit=MOST_ALERTS)
    return [alert for alert in raised if entry.position in alert.data.get("evidence", ())]
