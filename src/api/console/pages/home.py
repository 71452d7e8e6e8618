"""The first page: the chain in a line, how much there is, the newest alerts, the newest entries, where to begin."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.console import asking, charts, frame, lines, urls
from api.console.frame import Services, Truth
from api.console.labels import Labels
from api.console.pages import chain
from api.console.pages.alerts import about
from projections import views
from projections.judge import shipped

QUARANTINED = "exchange.record-quarantined.v1"
NEWEST = 6
CLOCK = "T12"
OFTEN = "4"
"""Meetings from which a pair is worth a look; an address, not a threshold of any rule."""


def answer(request: Request) -> Response:
    """`/`"""
    services, label = frame.services(request), frame.labels(request)
    edge = services.log.edge()
    size, last = edge.size, services.log.entry(edge.size)
    figures, position = _figures(services, label)
    figures.insert(0, _figure("entries", label.words("home.entries"), size, urls.chain()))
    alerts = asking.page(services, _alerts(), limit=NEWEST, newest=True)
    recent = services.log.entries(after=max(size - NEWEST, 0), limit=NEWEST)
    values = {
        "size": size,
        "leaf": last.leaf.hex() if last is not None else "",
        "root": edge.root().hex(),
        "verification": chain.verification(services, size),
        "figures": figures,
        "quarantined": services.log.count(type=QUARANTINED),
        "alerts": about(services, alerts.rows, label),
        "alerts_total": alerts.total,
        "recent": lines.lines(reversed(recent), label),
        "begin": _begin(services, alerts.rows),
        "readings": _readings(services, label),
    }
    return frame.answer(request, "home", label.words("home.title"), values, truth=Truth(position, size))


def _alerts() -> views.View:
    found = views.get("alerts")
    if found is None:
        raise LookupError("alerts")
    return found


def _figures(services: Services, label: Labels) -> tuple[list[dict[str, Any]], int]:
    """How much each view holds, and the position that all of them have reached."""
    figures, positions = [], []
    for view in views.all_views():
        found = asking.page(services, view, limit=1)
        positions.append(found.position)
        figures.append(_figure(view.NAME, label.of(*view.TITLE), found.total, urls.board(view.NAME)))
    return figures, min(positions, default=0)


def _figure(name: str, title: str, total: int, url: str) -> dict[str, Any]:
    return {"name": name, "title": title, "total": total, "url": url}


def _begin(services: Services, alerts: list[views.Row]) -> list[dict[str, str]]:
    """Plain links to what is worth seeing first, each with a sentence."""
    places = [("chain", urls.chain()), ("boards", urls.board("lots"))]
    if alerts:
        scope = alerts[-1].get("scope")
        places.append(("alert", urls.alert(str(alerts[-1]["id"]))))
        if scope:
            places.append(("dossier", urls.dossier(str(scope))))
            places.append(("past", urls.dossier(str(scope), [("known", str(alerts[-1]["evaluated_at"]))])))
    else:
        lots = views.get("lots")
        some = asking.page(services, lots, limit=1, newest=True).rows if lots is not None else []
        places += [("dossier", urls.dossier(str(row["id"]))) for row in some]
    places += [("parties", urls.board("party_pairs", [("meetings.min", OFTEN)])), ("entry", urls.entry(1))]
    return [{"name": name, "url": url} for name, url in places]


def _readings(services: Services, label: Labels) -> dict[str, Any] | None:
    """One article, many readings: under how many notices each of them holds."""
    table = asking.publicity_table(services)
    clock = shipped().edition.clocks.get(CLOCK)
    if table is None or clock is None or not table["total"]:
        return None
    breached = table["states"].get("breached", 0)
    bars = [charts.Bar(label.words("reading.breach"), breached, strong=True)]
    bars += [charts.Bar(label.of(zh, en), table["readings"].get(id_, 0)) for id_, zh, en in clock.readings]
    texts = charts.BarTexts(label.words("chart.readings"), label.words("chart.readings_desc", n=table["total"]))
    return {
        "chart": charts.bars(bars, table["total"], texts),
        "total": table["total"],
        "law": clock.law,
        "title": label.of(clock.title, clock.title_en),
    }
