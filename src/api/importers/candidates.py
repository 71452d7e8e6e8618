"""One row of an award-candidate feed, understood as one `trading.candidates-publicised` event.

    {"infoid": "…", "infourl": "/…",
     "parsed_data": {"project_name": "…", "publicity_period": "2026年02月02日 17时00分至2026年02月05日 17时00分",
                     "bidders_and_prices": [{"bidder": "…", "price": "…"}, …], "full_url": "https://…"},
     "raw_data": {"title": "…中标候选人公示", "infodate": "2026-02-02"}}

Pure: a row gives the same event for ever, whatever stands in the ledger. Names, prices and titles are kept as written
beside what was understood of them; nothing that the notice does not say is filled in.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.importers.faults import unusable
from api.importers.names import Bidder, bidder, name_id
from api.importers.periods import period
from api.importers.prices import Price, price
from api.importers.titles import Marks, marks

SOURCE = "urn:sunledger:import:notices"
"""The `source` of everything this importer posts."""

TYPE = "trading.candidates-publicised.v1"

SINGLE_SECTION = 3
"""A section has at most three candidates (招标投标法实施条例 第五十三条); a notice with more is not known to be one."""

MAX_CANDIDATES = 120
"""With members an entry may carry 400 tags; the longest notice of the known feed has 28 candidates."""

MAX_MEMBERS = 50
_NAME, _TEXT = 1000, 4000
_ID = re.compile(r"[0-9A-Za-z._~-]{1,64}")
_BIDDERS = "/parsed_data/bidders_and_prices"


@dataclass(frozen=True, slots=True)
class Notice:
    """A row understood: the event without its `sequence`, and what is counted in the report."""

    id: str
    event: dict[str, Any]
    kinds: Counter[str]
    marks: Marks
    consortia: int
    single: bool


def understand(row: Any) -> Notice:
    """The notice of one decoded row. Raises Unusable with the first thing that stands in the way."""
    if not isinstance(row, dict):
        raise unusable("", "not-an-object", row)
    notice_id = _text(row, "infoid", "", _NAME)
    if not _ID.fullmatch(notice_id):
        raise unusable("/infoid", "bad-id", notice_id)
    parsed, source = _object(row, "parsed_data"), _object(row, "raw_data")
    name = _text(parsed, "project_name", "/parsed_data", _NAME)
    title = _text(source, "title", "/raw_data", _NAME)
    opens_at, closes_at = period(
        _text(parsed, "publicity_period", "/parsed_data", _TEXT), "/parsed_data/publicity_period"
    )
    bidders = _bidders(parsed)
    said = marks(title, name)
    single = is_single(bidders, said)
    data: dict[str, Any] = {
        "title": title,
        "project_name": name,
        "candidates": [_candidate(rank, who, offer) for rank, (who, offer) in enumerate(bidders, 1)],
        "opens_at": opens_at,
        "closes_at": closes_at,
        "round": said.round,
        "publication": said.publication,
        "correction": said.correction,
        "source_notice": {"id": notice_id, "url": _address(row, parsed)},
    }
    if single:
        data["lot"] = name_id(said.section)
    event = {
        "specversion": "1.0",
        "id": notice_id,
        "source": SOURCE,
        "type": TYPE,
        "subject": f"notice:{notice_id}",
        "time": opens_at,
        "project": name_id(said.project),
        "attestation": "imported",
        "data": data,
    }
    kinds = Counter(offer.kind for _, offer in bidders)
    return Notice(notice_id, event, kinds, said, sum(bool(who.members) for who, _ in bidders), single)


def is_single(bidders: list[tuple[Bidder, Price]], said: Marks) -> bool:
    """Whether the notice holds one section, as far as its form shows.

    Not so where it has more than three candidates, names several sections, lists one bidder twice, or where a column
    head stands again in the middle: then a second table may have begun. Such a notice gets no lot rather than a wrong
    one. (Five candidates of one section also occur where the tenderer chooses among them; the feed does not say so.)
    """
    names = {who.name for who, _ in bidders}
    heads = [rank for rank, (_, offer) in enumerate(bidders) if offer.kind == "none" and "报价" in offer.text]
    return len(bidders) <= SINGLE_SECTION and len(names) == len(bidders) and not said.several and heads in ([], [0])


def as_written(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the notice itself says in an event: equal for two imports of an unchanged notice, by whatever version."""
    data = event["data"]
    lines = [(item["rank"], item.get("party_name"), item.get("price_text")) for item in data["candidates"]]
    wording = [data.get(name) for name in ("title", "project_name", "opens_at", "closes_at", "source_notice")]
    return (event["subject"], wording, lines)


def _bidders(parsed: dict[str, Any]) -> list[tuple[Bidder, Price]]:
    lines = parsed.get("bidders_and_prices")
    if lines is None or lines == []:
        raise unusable(_BIDDERS, "no-candidates", lines)
    if not isinstance(lines, list):
        raise unusable(_BIDDERS, "wrong-type", lines)
    if len(lines) > MAX_CANDIDATES:
        raise unusable(_BIDDERS, "too-long", lines)
    found: list[tuple[Bidder, Price]] = []
    for index, line in enumerate(lines):
        path = f"{_BIDDERS}/{index}"
        if not isinstance(line, dict):
            raise unusable(path, "wrong-type", line)
        who = bidder(_text(line, "bidder", path, _TEXT))
        if len(who.members) > MAX_MEMBERS:
            raise unusable(f"{path}/bidder", "too-long", line["bidder"])
        found.append((who, price(_text(line, "price", path, _TEXT, blank=True))))
    return found


def _candidate(rank: int, who: Bidder, offer: Price) -> dict[str, Any]:
    candidate: dict[str, Any] = {
        "rank": rank,
        "party_name": who.name,
        "party": who.party,
        "price_kind": offer.kind,
        "price_text": offer.text,
    }
    if who.members:
        candidate["members"] = [{"name": firm.name, "party": firm.party} for firm in who.members]
    if offer.fen is not None:
        candidate["price_fen"] = offer.fen
    if offer.bp is not None:
        candidate["rate_bp"] = offer.bp
    return candidate


def _address(row: dict[str, Any], parsed: dict[str, Any]) -> str:
    """The notice's address; where the feed gives none, its path on the site."""
    if "full_url" in parsed:
        return _text(parsed, "full_url", "/parsed_data", _TEXT)
    return _text(row, "infourl", "", _TEXT)


def _object(row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    if value is None:
        raise unusable(f"/{name}", "missing", "")
    if not isinstance(value, dict):
        raise unusable(f"/{name}", "wrong-type", value)
    return value


def _text(holder: dict[str, Any], name: str, path: str, limit: int, *, blank: bool = False) -> str:
    """The trimmed text of a member; `blank` says whether it may be empty."""
    if name not in holder:
        raise unusable(f"{path}/{name}", "missing", "")
    value = holder[name]
    if not isinstance(value, str):
        raise unusable(f"{path}/{name}", "wrong-type", value)
    text = value.strip()
    if not text and not blank:
        raise unusable(f"{path}/{name}", "missing", value)
    if len(text) > limit:
        raise unusable(f"{path}/{name}", "too-long", text)
    return text
