"""A dossier: all entries of one tag at a moment, what they add up to, and the control that moves the moment.

Everything shown is folded from the entries that remain after the cut, so nothing from the future can slip in. What is
drawn from views (who else a firm met) is of today and therefore shown for today alone.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import asking, frame, lines, urls
from api.console.frame import Band, Services, Truth
from api.console.labels import Labels
from api.console.moment import HEAD_DIGITS, Moment, read
from api.console.pages import control, periods
from ledger.entry import Entry
from ledger.errors import Malformed, NotFound, Problem
from projections import dossier, views
from projections.dossier import CANDIDATES, Dossier

PER_PAGE = 200
LONGEST = 1000
"""Entries that are folded for a page; a longer dossier (a busy source) is listed page by page, not added up."""
LOTS_SHOWN = 100
RIVALS_SHOWN = 12


def answer(request: Request) -> Response:
    """`/d/{tag}` and `/d?tag=`"""
    services, label = frame.services(request), frame.labels(request)
    tag = request.path_params.get("tag") or request.query_params.get("tag", "")
    if not tag:
        raise Malformed(problems=(Problem("/tag", "tag", "请写明标签，例：lot:A1。", "Name a tag, e.g. lot:A1."),))
    size = services.log.head().size
    moment = read(request.query_params, services.log, size)
    if not moment.canonical:
        return RedirectResponse(urls.dossier(tag, moment.query(head=_leaf(services, moment))), 303)
    many = services.log.count(tag=tag)
    if not many:
        raise NotFound(f"({tag})")
    if many > LONGEST:
        return _long(request, tag, many, moment)
    whole = dossier.load(services.log, tag)
    shown = moment.cut(whole, services.log, size)
    values = {
        "tag": tag,
        "moment": moment,
        "control": control.of(whole, moment, label),
        **_contents(services, tag, shown, moment, label),
        **_listed(shown, moment, request.query_params.get("page", ""), label),
        "whole": len(whole.entries),
        "bands": _bands(services, tag, moment, label),
        "share": urls.dossier(tag, moment.query(head=_leaf(services, moment))),
    }
    truth = Truth(size if moment.known is None else moment.known, size, past=moment.known is not None)
    return frame.answer(request, "dossier", f"{values['heading']} · {label.kind(tag)}", values, truth=truth)


def _long(request: Request, tag: str, many: int, moment: Moment) -> Response:
    """A dossier too long to fold: its entries in the order recorded, up to `known`, one page at a time."""
    services, label = frame.services(request), frame.labels(request)
    size, after = services.log.head().size, request.query_params.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 19 else 0
    found = services.log.find(tag=tag, after=start, limit=PER_PAGE)
    shown = [entry for entry in found if moment.known is None or entry.position <= moment.known]
    more = len(shown) == PER_PAGE
    values = {
        "tag": tag,
        "many": many,
        "entries": lines.lines(shown, label),
        "further": urls.dossier(tag, [*moment.query(), ("after", str(shown[-1].position))]) if more else None,
        "bands": _bands(services, tag, moment, label),
    }
    truth = Truth(size if moment.known is None else moment.known, size, past=moment.known is not None)
    return frame.answer(request, "long", f"{tag} · {label.kind(tag)}", values, truth=truth)


def _contents(services: Services, tag: str, shown: Dossier, moment: Moment, label: Labels) -> dict[str, Any]:
    """What the entries that remain add up to."""
    state = shown.state()
    latest = _latest_notice(shown.entries)
    said = periods.verdict(services, latest) if latest is not None and _is_narrow(tag) else None
    return {
        "state": state,
        "heading": _heading(tag, state),
        "latest": latest,
        "verdict": said,
        "period": periods.chart(services, latest, label, said) if latest is not None and _is_narrow(tag) else None,
        "lots": _lots(tag, shown),
        "rivals": _rivals(services, tag) if moment.latest and tag.startswith("party:") else [],
        "shows_candidates": _is_narrow(tag),
    }


def _heading(tag: str, state: dossier.State) -> str:
    names = ("project_name", "title") if tag.startswith("project:") else ("name", "title", "project_name")
    return next((str(state[name]) for name in names if state[name]), tag)


def _listed(shown: Dossier, moment: Moment, page: str, label: Labels) -> dict[str, Any]:
    """The entries of one page; without another order asked for, in the order of the dossier."""
    number = max(int(page), 1) if page.isdecimal() and len(page) < 7 else 1
    first = (number - 1) * PER_PAGE
    some = shown.entries[first : first + PER_PAGE]
    query = moment.query()
    more = first + PER_PAGE < len(shown.entries)
    return {
        "entries": lines.lines(some, label),
        "range": (first + 1, first + len(some)) if some else None,
        "total": len(shown.entries),
        "earlier": urls.dossier(shown.tag, [*query, ("page", str(number - 1))]) if number > 1 else None,
        "further": urls.dossier(shown.tag, [*query, ("page", str(number + 1))]) if more else None,
    }


def _is_narrow(tag: str) -> bool:
    """Whether the dossier is about one lot or notice, so that one period and one list of candidates speak for it."""
    return tag.startswith(("lot:", "notice:"))


def _latest_notice(entries: Sequence[Entry]) -> Entry | None:
    notices = [entry for entry in entries if entry.type == CANDIDATES]
    return max(notices, key=dossier.happened, default=None)


def _lots(tag: str, shown: Dossier) -> list[dict[str, Any]]:
    """The lots of a project or party, each folded from the same entries."""
    if not tag.startswith(("project:", "party:")):
        return []
    found = []
    for lot in shown.state()["lots"][:LOTS_SHOWN]:
        state = dossier.fold(lot, [entry for entry in shown.entries if lot in entry.tags])
        found.append({**state, "own_rank": _rank(state["candidates"], tag.partition(":")[2])})
    return found


def _rank(candidates: list[dict[str, Any]], party: str) -> int | None:
    """The best rank of a firm among candidates, alone or in a consortium."""
    ranks = [one["rank"] for one in candidates if any(party == firm for firm, _ in dossier.seats_of(one))]
    return min(ranks, default=None)


def _rivals(services: Services, tag: str) -> list[dict[str, Any]]:
    """The firms met most often, from the view of pairs: a pattern, not a finding."""
    pairs = views.get("party_pairs")
    if pairs is None:
        return []
    found = []
    for own, other in (("a", "b"), ("b", "a")):
        for row in asking.page(services, pairs, filters={own: tag}, limit=1000).rows:
            found.append(
                {
                    "tag": row[other],
                    "name": row[f"{other}_name"],
                    "meetings": row["meetings"],
                    "own_first": row[f"{own}_first"],
                    "other_first": row[f"{other}_first"],
                }
            )
    return sorted(found, key=lambda rival: (-rival["meetings"], rival["tag"]))[:RIVALS_SHOWN]


def _leaf(services: Services, moment: Moment) -> str | None:
    entry = services.log.entry(moment.known) if moment.known else None
    return None if entry is None else entry.leaf.hex()


def _bands(services: Services, tag: str, moment: Moment, label: Labels) -> list[Band]:
    bands = []
    back, back_text = urls.dossier(tag), label.words("band.back")
    if moment.head is not None and moment.known is not None:
        leaf = _leaf(services, moment) or ""
        if leaf[:HEAD_DIGITS] != moment.head:
            bands.append(Band("alien", label.words("band.alien"), urls.chain(), label.words("band.to_chain")))
    if not moment.latest:
        bands.append(Band("past", _said(services, moment, label), back, back_text))
    if moment.late:
        bands.append(Band("past", label.words("band.late")))
    return bands


def _said(services: Services, moment: Moment, label: Labels) -> str:
    """The moment in a sentence."""
    entry = services.log.entry(moment.known) if moment.known else None
    known = label.plain_moment(entry.recorded) if entry is not None else "–"
    if moment.true is None:
        return label.words("band.known", n=moment.known, when=known)
    true = f"#{moment.true}" if isinstance(moment.true, int) else label.plain_moment(moment.true)
    if moment.known is None:
        return label.words("band.true", when=true)
    return label.words("band.both", n=moment.known, when=known, true=true)
