"""The chained log as a DCB recorder of the `eventsourcing` package: its users and its test cases feel at home.

A `DCBEvent` is bytes with a type and tags. Here it becomes a CloudEvent whose bytes travel as `data_base64`; the tags
stand in `links` like all tags, and in the order given in the attribute `tags`, separated by blanks (a CloudEvent holds
either `data` or `data_base64`, so the order cannot stand in `data`). Types and tags are names, never Python paths;
what is not visible ASCII is percent-encoded on the way in and decoded on the way out.

Never set POSTGRES_ENABLE_DB_FUNCTIONS for the package's own recorders beside this one: their inserts then take no lock
and a reader that tails them loses events.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Self, cast
from urllib.parse import quote, unquote
from uuid import uuid4

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
    DCBSubscription,
)
from eventsourcing.persistence import IntegrityError

from ledger.admission import Poster
from ledger.canonical import encode
from ledger.entry import Entry
from ledger.errors import ConditionFailed
from ledger.post import AppendCondition, Post, Wanted
from ledger.store.follow import Follower
from ledger.store.postgres import Log
from ledger.writer import Writer

_VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "%")


class LedgerRecorder(DCBRecorder):
    """Appends through a `Writer`, reads through a `Log`; both stay the caller's to close."""

    def __init__(self, log: Log, writer: Writer, poster: Poster, *, source: str = "urn:sunledger:recorder") -> None:
        self._log = log
        self._writer = writer
        self._poster = poster
        self._source = source

    @property
    def dsn(self) -> str:
        """The database the log stands in."""
        return self._log.dsn

    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> DCBReadResponse:
        """Events behind `after` that match the query, in order; `head` as the package defines it."""
        head = self._log.head().size
        if limit == 0:
            return _Response([], None)
        entries = self._log.matching(_wanted(query), after or 0, limit)
        found = [entry for entry in entries if entry.position <= head]
        return _Response(found, found[-1].position if limit is not None and found else head)

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """Append all or nothing; returns the last position. Raises IntegrityError when the condition fails."""
        wanted = None
        if condition is not None:
            wanted = AppendCondition(_wanted(condition.fail_if_events_match), condition.after or 0)
        try:
            return self._writer.append([self._post(event) for event in events], wanted)[-1].position
        except ConditionFailed as failed:
            raise IntegrityError(str(failed)) from failed

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> DCBSubscription[Self]:
        """All matching events behind `after`, then each new one as it becomes durable."""
        return cast("DCBSubscription[Self]", _Subscription(self, query, after))

    def _post(self, event: DCBEvent) -> Post:
        tags = [_name(tag) for tag in event.tags]
        document = {
            "data_base64": b64encode(event.data).decode(),
            "id": str(uuid4()),
            "source": self._source,
            "specversion": "1.0",
            "tags": " ".join(tags),
            "type": _name(event.type),
        }
        return Post.of(document, tags=tuple(sorted(set(tags))), poster=self._poster.stated())


class _Response(DCBReadResponse):
    def __init__(self, entries: list[Entry], head: int | None) -> None:
        self._entries = iter(entries)
        self._head = head

    @property
    def head(self) -> int | None:
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        return sequenced(next(self._entries))


class _Subscription(DCBSubscription[LedgerRecorder]):
    """Follows the log: a notification is a hint, every second is looked anyway, nothing is missed or reordered."""

    def __init__(self, recorder: LedgerRecorder, query: DCBQuery | None, after: int | None) -> None:
        super().__init__(recorder, query, after)
        self._follower = Follower(recorder.dsn)

    def __next__(self) -> DCBSequencedEvent:
        while not self._has_been_stopped:
            for event in self._recorder.read(self._query, after=self._last_position, limit=1):
                self._last_position = event.position
                return event
            self._follower.wait()
        raise StopIteration

    def stop(self) -> None:
        super().stop()
        self._follower.close()


def sequenced(entry: Entry) -> DCBSequencedEvent:
    """An entry as the package sees it: the bytes of a recorder event, the canonical payload of any other."""
    event = entry.event
    data = b64decode(event["data_base64"]) if "data_base64" in event else encode(event.get("data"))
    tags = event["tags"].split() if "tags" in event else list(entry.tags)
    return DCBSequencedEvent(DCBEvent(unquote(entry.type), data, [unquote(tag) for tag in tags]), entry.position)


def _wanted(query: DCBQuery | None) -> tuple[Wanted, ...]:
    items = query.items if query is not None else []
    return tuple(Wanted(tuple(map(_name, item.types)), tuple(map(_name, item.tags))) for item in items)


def _name(text: str) -> str:
    return quote(text, safe=_VISIBLE)
