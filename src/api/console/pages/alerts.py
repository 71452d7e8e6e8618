"""Alerts: the list, newest first, and one alert with its reason, evidence and law.

One alert is read from the log, not from a view: what was recorded is what is shown.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.console import asking, charts, frame, lines, urls
from api.console.frame import Services, Truth
from api.console.labels import SHAPES, Labels
from api.console.pages import periods
from ledger.entry import Entry
from ledger.errors import NotFound
from projections import views
from projections.dossier import ALERT
from projections.judge import shipped
from projections.rulebook import Rule

PER_PAGE = 50
"""Fewer than elsewhere: of each the first piece of evidence is read, to say what it is about."""

FACTS = ("opens_at", "closes_at", "between_seconds", "between_days", "limit_seconds", "limit_days", "clock", "law")
"""The order in which facts are told; others follow."""
STEPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("raised", frozenset()),
    ("assigned", frozenset({"assigned"})),
    ("handled", frozenset({"explained", "escalated", "returned"})),
    ("supervised", frozenset({"supervised"})),
    ("reported", frozenset({"reported-back"})),
)
"""The loop of an alert 预警—分办—处置—督办—反馈, and the acts (code list alert-actions) that make each step."""


def listing(request: Request) -> Response:
    """`/alerts`"""
    services, label = frame.services(request), frame.labels(request)
    view = views.get("alerts")
    if view is None:
        raise NotFound("(alerts)")
    query = request.query_params
    filters = {name: query[name] for name in ("q", "severity", "rule", "scope", "project") if query.get(name)}
    found = asking.page(services, view, filters=filters, after=query.get("after") or None, limit=PER_PAGE, newest=True)
    head = services.log.head()
    values = {
        "rows": about(services, found.rows, label),
        "total": found.total,
        "query": query.get("q", ""),
        "filtered": bool(filters),
        "levels": [(code, label.code("severities", code)) for code in SHAPES],
        "chosen": query.get("severity", ""),
        "others": {name: value for name, value in filters.items() if name not in ("q", "severity")},
        "rules": len(shipped().edition.rules),
        "next": urls.again(request.url.path, query.multi_items(), after=found.next) if found.next else None,
        "path": urls.alerts(),
    }
    return frame.answer(request, "alerts", label.words("alerts.title"), values, truth=Truth(found.position, head.size))


def one(request: Request) -> Response:
    """`/a/{id}`"""
    services, label = frame.services(request), frame.labels(request)
    tag = f"alert:{request.path_params['id']}"
    entries = services.log.find(tag=tag)
    raised = next((entry for entry in entries if entry.type == ALERT), None)
    if raised is None:
        raise NotFound(f"({tag})")
    data, size = raised.data, services.log.head().size
    evidence = _evidence(services, data["evidence"])
    rule = _rule(data, label)
    later = [entry for entry in entries if entry.position > raised.position]
    values = {
        "alert": raised,
        "data": data,
        "text": label.of(data.get("text_zh"), data.get("text_en")),
        "other_text": label.of(data.get("text_en"), data.get("text_zh")),
        "evidence": lines.lines(evidence, label),
        "elsewhere": [place for place in data["evidence"] if not isinstance(place, int)],
        "facts": [_fact(fact, label) for fact in sorted(data["facts"], key=_fact_order)],
        "about": label.tag(data["subject_streams"][0], _about(evidence, label)) if data["subject_streams"] else "",
        "heading": _heading(rule, data["rule"], label),
        "rule": rule,
        "period": _period(services, evidence, label),
        "later": lines.lines(later, label),
        "steps": _steps(later, label),
    }
    title = f"{_heading(rule, data['rule'], label)} · {label.words('alert.title')}"
    return frame.answer(request, "alert", title, values, truth=Truth(size, size))


def about(services: Services, rows: list[views.Row], label: Labels) -> list[views.Row]:
    """Rows of alerts with what each is about, in the words of its first evidence."""
    told = []
    for row in rows:
        entry = services.log.entry(row["evidence_first"]) if row["evidence_first"] else None
        told.append({**row, "about": lines.saying(entry, label) if entry is not None else str(row["scope"] or "")})
    return told


def _about(evidence: list[Entry], label: Labels) -> str | None:
    return lines.saying(evidence[0], label) if evidence else None


def _heading(rule: dict[str, Any] | None, id_: str, label: Labels) -> str:
    return f"{id_} {rule['title']}" if rule is not None else label.rule(id_)


def _fact_order(fact: dict[str, str]) -> int:
    return FACTS.index(fact["name"]) if fact["name"] in FACTS else len(FACTS)


def _evidence(services: Services, places: list[Any]) -> list[Entry]:
    found = (services.log.entry(place) for place in places if isinstance(place, int))
    return [entry for entry in found if entry is not None]


def _fact(fact: dict[str, str], label: Labels) -> tuple[str, str]:
    """A fact's name and value as a reader wants them; a unit stands at the end of its name."""
    name, value = fact["name"], fact["value"]
    title, unit = label.words.get(f"fact.{name}") or name, name.rpartition("_")[2]
    if unit == "at":
        return title, label.plain_moment(value)
    if unit == "seconds" and value.isdecimal():
        return title, label.span(int(value))
    if unit == "days":
        return title, label.words("unit.days", n=value)
    return title, value


def _rule(data: dict[str, Any], label: Labels) -> dict[str, Any] | None:
    """The text of the rule the alert was raised by; None where that edition is not the one at hand."""
    edition = shipped().edition
    rule: Rule | None = edition.rules.get(data["rule"])
    if rule is None or edition.digest not in (data.get("edition_digest"), data.get("rule_edition")):
        return None
    said = {name: label.of(rule.raw[name]["zh"], rule.raw[name]["en"]) for name in ("why", "exclusions", "clears")}
    clocks = {clause["less_than"]["clock"] for clause in rule.clauses if "less_than" in clause}
    laws = [law for name in sorted(clocks) for law in edition.clocks[name].raw["law"]]
    return {
        "title": label.of(rule.title, rule.title_en),
        "law": rule.law,
        "laws": laws,
        "confidence": rule.raw["confidence"],
        "effective_from": rule.effective_from.isoformat(),
        **said,
    }


def _period(services: Services, evidence: list[Entry], label: Labels) -> charts.Markup | None:
    """The stated period of the first piece of evidence that states one."""
    made = (periods.chart(services, entry, label) for entry in evidence)
    return next((chart for chart in made if chart is not None), None)


def _steps(later: list[Entry], label: Labels) -> list[dict[str, Any]]:
    """The loop with what has been recorded of it: the first step is done by being here."""
    done = {str(entry.data.get("action")) for entry in later}
    return [{"name": label.words(f"alert.step.{name}"), "done": not acts or bool(acts & done)} for name, acts in STEPS]
