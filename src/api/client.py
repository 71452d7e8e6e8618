"""Post to a ledger over HTTP, for other Python programs: send, ask again with the same bytes, keep the receipts.

    client = Client("https://ledger.example", "slk_…", receipts=Path("receipts.jsonl"))
    client.post({"specversion": "1.0", "id": "N-88", …})      # → {"position": 3, "leaf": "…", …}

An answer can be lost after the post is durable. Asking again is safe, because source and id are the idempotency key and
the bytes are the same: the ledger answers with the first receipt, `duplicate`. (A sealed event needs a `seed` of the
poster's for that; see `schemas/formats/submission.md`.) A refusal is an answer and is never asked again.
"""

import os
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from threading import Event as Pause
from typing import Any
from urllib.parse import urlsplit

import orjson

from ledger.canonical import encode
from ledger.errors import CannotRun

AGAIN = frozenset({502, 503, 504})
"""Answers that say nothing of the post itself: read-only for a while, or a proxy without its server."""

MEDIA = "application/json"


class Rejected(Exception):
    """The ledger refused: the HTTP status and the problem document (`schemas/formats/problem.md`)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, problem
        super().__init__(f"{status} {problem.get('title', '')} · {problem.get('title_en', '')}")


class Client:
    """One poster of one ledger. `timeout` and `pause` in seconds; the pause doubles from one attempt to the next."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        receipts: Path | None = None,
        timeout: float = 30.0,
        attempts: int = 6,
        pause: float = 0.5,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise CannotRun(f"({url}: no address of a ledger, https://…)")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._address, self._path = parts.netloc, f"{parts.path.rstrip('/')}/v1/events"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": MEDIA}
        self._receipts, self._timeout, self._attempts, self._pause = receipts, timeout, attempts, pause

    def post(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The receipt of an event, kept on disk before it is returned.

        Raises Rejected, and CannotRun when no attempt was answered: then the same call may be made again.
        """
        receipt = self._answered(encode(event))
        self._keep([event], [receipt])
        return receipt

    def post_all(self, events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The receipts of events that go in together or not at all; else as `post`."""
        receipts: list[dict[str, Any]] = self._answered(encode(list(events)))["receipts"]
        self._keep(events, receipts)
        return receipts

    def _answered(self, body: bytes) -> dict[str, Any]:
        lost = ""
        for attempt in range(self._attempts):
            if attempt:
                Pause().wait(self._pause * 2 ** (attempt - 1))
            try:
                status, raw = self._ask(body)
                said = orjson.loads(raw)
            except (OSError, HTTPException, orjson.JSONDecodeError) as fault:
                lost = type(fault).__name__
                continue
            if status in (200, 201) and isinstance(said, dict):
                return said
            if status not in AGAIN:
                raise Rejected(status, said if isinstance(said, dict) else {})
            lost = str(status)
        raise CannotRun(f"({self._address}: no receipt in {self._attempts} attempts, the last: {lost})")

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        connection = self._kind(self._address, timeout=self._timeout)
        try:
            connection.request("POST", self._path, body, self._headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _keep(self, events: Sequence[Mapping[str, Any]], receipts: Sequence[Mapping[str, Any]]) -> None:
        """Append a line for each receipt and wait until all are on disk."""
        if self._receipts is None:
            return
        with self._receipts.open("ab") as kept:
            for event, receipt in zip(events, receipts, strict=True):
                kept.write(orjson.dumps({"source": event["source"], "id": event["id"], "receipt": receipt}) + b"\n")
            kept.flush()
            os.fsync(kept.fileno())
