"""What keeps an archived document from being destroyed although its time is over: what is still open about it.

    open_about(log, ["lot:E1403000123001", "archive:A-2026-0031"])     # 412, or None

Destroying cannot be taken back, so this asks for more than ARC-03, which looks back: nothing is destroyed while an
alert, a complaint or an investigation that concerns its lot, case or dossier has not been ended by an entry.
"""

from collections.abc import Iterable

from ledger.entry import Entry
from ledger.store.postgres import Log

PAGE = 500
PREFIXES = ("lot:", "case:", "archive:")

ENDED_BY = {
    "supervision.alert-raised.v1": ("alert:", ("supervision.alert-closed.v1",)),
    "complaint.lodged.v1": ("complaint:", ("complaint.decided.v1", "complaint.answered.v1")),
    "supervision.investigation-opened.v1": ("inquiry:", ("supervision.finding-made.v1",)),
}
"""Type that opens → prefix of its own stream, and the types that end it there."""


def open_about(log: Log, tags: Iterable[str]) -> int | None:
    """The position of the first thing still open about any of these tags; tags that name no matter are passed over."""
    for tag in sorted(tag for tag in tags if tag.startswith(PREFIXES)):
        for opening in ENDED_BY:
            after = 0
            while found := log.find(tag=tag, type=opening, after=after, limit=PAGE):
                for entry in found:
                    if not _ended(log, entry):
                        return entry.position
                after = found[-1].position
    return None


def _ended(log: Log, opening: Entry) -> bool:
    prefix, types = ENDED_BY[opening.type]
    own = [tag for tag in opening.tags if tag.startswith(prefix)]
    return bool(own) and all(any(log.last(tag=tag, type=type_) is not None for type_ in types) for tag in own)
