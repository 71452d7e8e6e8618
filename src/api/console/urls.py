"""Every address of the console is built here; templates never join strings.

>>> dossier("lot:A1", [("known", "33")])
'/d/lot:A1?known=33'
"""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

Query = Iterable[tuple[str, str]]
_TAG_SAFE = ":.~-_"


def home() -> str:
    """The first page."""
    return "/"


def board(view: str, query: Query = ()) -> str:
    """A view as a table."""
    return _with(f"/boards/{quote(view, safe='')}", query)


def dossier(tag: str, query: Query = ()) -> str:
    """All entries of a tag. A tag that cannot be one path segment goes as a parameter."""
    if "/" in tag or tag in (".", ".."):
        return _with("/d", [("tag", tag), *query])
    return _with(f"/d/{quote(tag, safe=_TAG_SAFE)}", query)


def entry(position: int) -> str:
    """An entry: one address for ever."""
    return f"/e/{position}"


def document(digest: str) -> str:
    """A document that anybody may read, by its hash."""
    return f"/v1/documents/{digest}"


def alerts(query: Query = ()) -> str:
    """The list of alerts."""
    return _with("/alerts", query)


def alert(id_: str) -> str:
    """One alert."""
    return f"/a/{quote(id_, safe='')}"


def chain(query: Query = ()) -> str:
    """The state of the chain and the last verification."""
    return _with("/chain", query)


def find(query: Query = ()) -> str:
    """The one search box."""
    return _with("/find", query)


def static(name: str, digest: str) -> str:
    """A file of the console; the address changes with its content, so it may be kept for ever."""
    return f"/static/{digest}/{name}"


def again(path: str, query: Query, **changed: str | None) -> str:
    """The same address with some parameters set (text) or left out (None)."""
    kept = [(name, value) for name, value in query if name not in changed and value]
    return _with(quote(path, safe="/:.~-_"), [*kept, *((n, v) for n, v in changed.items() if v is not None)])


def _with(path: str, query: Query) -> str:
    pairs = list(query)
    return f"{path}?{urlencode(pairs, safe=':')}" if pairs else path
