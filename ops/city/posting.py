"""The city to a server: each poster with a key of its own, runs of one poster's events as one atomic post.

The server's clock is real, so its `recorded` are those of today and replay shows one moment; its checkpoints are its
own, so expert draws are those of the file the city would be. What only the ledger itself may say (organ SYS) is left
out and counted.
"""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg

from api.auth import make_key
from city.act import Act, Seat
from city.paper import Paper
from city.world import City
from ledger.canonical import encode
from ledger.errors import CannotRun

AT_ONCE = 100
"""Events of one atomic post."""

Send = Callable[[bytes, str], tuple[int, bytes]]
"""Posts a JSON array with a key; gives status and answer."""


class Posting:
    """A sink that posts. `key_of` gives the key of a seat. Raises CannotRun where the server refuses."""

    def __init__(self, city: City, send: Send, key_of: Callable[[Seat], str]) -> None:
        self._city, self._send, self._key_of = city, send, key_of
        self._paper = Paper(None)
        self.tick, self.root, self.head = self._paper.tick, self._paper.root, self._paper.head
        self._waiting: list[Act] = []
        self._keys: dict[tuple[str, str], str] = {}
        self.left_out = 0

    def act(self, act: Act) -> None:
        """Post one event with those of the same poster before it."""
        self._paper.act(act)
        if act.seat.organ == "SYS":
            self.left_out += 1
            return
        if self._waiting and (len(self._waiting) >= AT_ONCE or _poster(self._waiting[0]) != _poster(act)):
            self._post()
        self._waiting.append(act)

    def close(self) -> None:
        """Post what waits."""
        if self._waiting:
            self._post()

    def _post(self) -> None:
        first = self._waiting[0]
        key = self._keys.get(_poster(first))
        if key is None:
            key = self._keys[_poster(first)] = self._key_of(first.seat)
        status, answer = self._send(encode([act.event for act in self._waiting]), key)
        if status not in (200, 201):
            raise CannotRun(f"{first.event['type']} {first.event['id']}: {status} {answer[:2000].decode()}")
        self._waiting = []


def _poster(act: Act) -> tuple[str, str]:
    return act.seat.org, act.seat.organ


def sender(url: str) -> Send:
    """Posts to the server at an address over one connection. Raises CannotRun where it cannot be reached."""
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or parts.hostname is None:
        raise CannotRun(f"网址格式不对，例 · no address, write it like http://127.0.0.1:8000: {url}")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=120)

    def send(body: bytes, key: str) -> tuple[int, bytes]:
        media = "application/cloudevents-batch+json"
        headers = {"Authorization": f"Bearer {key}", "Content-Type": media}
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/v1/events", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError as away:
            raise CannotRun(f"{url}: {away}") from away

    return send


def keys_in(dsn: str) -> Callable[[Seat], str]:
    """Makes a key for each seat that posts, in the ledger at `dsn` (a connection of the database's owner)."""

    def key_of(seat: Seat) -> str:
        with psycopg.connect(dsn) as owner:
            return make_key(owner, org=seat.org, organ=seat.organ, name="city").text

    return key_of
