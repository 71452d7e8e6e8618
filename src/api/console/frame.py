"""What every page stands in: who reads, the position the page is true for, bands, headers, whole page or fragment.

A page hands over a template's name and its values; `answer` adds the frame and the headers of the security policy.
With the header `X-Fragment: 1` the part of the page alone is sent, from the same values, so that the two cannot
disagree. Nothing a person chooses here (language, size) is part of a link: both live in a cookie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.console import language, urls
from api.console.labels import Keeper, Labels
from api.console.language import Words
from api.disclosing import Disclosing
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.store.postgres import Log
from projections import views

SIMULATED = "simulated."
A_YEAR = 365 * 24 * 3600
STATIC = ("app.css", "app.js", "icon.svg")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "X-Fragment",
    "Cache-Control": "no-store",
}
"""Of every page. Without `no-store` the back button could show a bare fragment."""


class Services(Protocol):
    """What the console asks of the program around it (`request.app.state.services`)."""

    @property
    def log(self) -> Log:
        """The log, for reading."""
        ...

    @property
    def contracts(self) -> Contracts:
        """The event contracts."""
        ...

    @property
    def custody(self) -> Keeper | None:
        """Who keeps the documents; None where nobody does."""
        ...

    @property
    def disclosing(self) -> Disclosing:
        """What is said of members that entries hide."""
        ...

    @property
    def created(self) -> Entry:
        """Entry 1 of the ledger."""
        ...

    def last_verification(self) -> Mapping[str, Any] | None:
        """The last verification as `api.console.pages.chain` reads it; None when there was none."""
        ...

    def alarms(self) -> list[str]:
        """What is wrong right now: a stopped writer, a stopped runner."""
        ...


@dataclass(frozen=True, slots=True)
class Band:
    """A line under the head that changes how the page is to be read; `kind` is past, demo, alien or broken."""

    kind: str
    text: str
    link: str | None = None
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a page is true for: position `at` of a log of `size` entries; `past` where that was asked for."""

    at: int
    size: int
    past: bool = False

    @property
    def lag(self) -> int:
        """Entries the page should have seen and has not."""
        return 0 if self.past else max(self.size - self.at, 0)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: language, size of print, and whether the choice was made by this very request."""

    lang: str
    large: bool
    chosen: tuple[tuple[str, str], ...] = ()


def services(request: Request) -> Services:
    """The program's services behind a request."""
    found: Services = request.app.state.services
    return found


def reader(request: Request) -> Reader:
    """Who reads, by `?lang=` and `?size=` or the cookies of an earlier choice."""
    chosen = tuple(
        (name, value)
        for name, allowed in (("lang", language.LANGUAGES), ("size", ("normal", "large")))
        if (value := request.query_params.get(name)) in allowed and value is not None
    )
    lang = dict(chosen).get("lang", request.cookies.get("lang", language.DEFAULT))
    size = dict(chosen).get("size", request.cookies.get("size", "normal"))
    return Reader(lang if lang in language.LANGUAGES else language.DEFAULT, size == "large", chosen)


def words(request: Request) -> Words:
    """The console's sentences in the reader's language."""
    return language.words(reader(request).lang)


def labels(request: Request) -> Labels:
    """Labels in the reader's language."""
    found = services(request)
    return Labels(words(request), found.contracts, found.custody)


def answer(
    request: Request,
    template: str,
    title: str,
    values: Mapping[str, Any],
    *,
    truth: Truth,
    bands: Sequence[Band] = (),
    status: int = 200,
) -> HTMLResponse:
    """The page `templates/<template>.html`, or its part when a fragment is asked for and there is one."""
    who = reader(request)
    fragment = request.headers.get("X-Fragment") == "1" and f"_parts/{template}.html" in _templates()
    context = {
        "w": language.words(who.lang),
        "label": labels(request),
        "url": urls,
        "asset": {name: asset(name) for name in STATIC},
        "frame": _frame(request, who, title, truth, bands),
        **values,
    }
    html = _environment().get_template(f"_parts/{template}.html" if fragment else f"{template}.html").render(context)
    response = HTMLResponse(html, status, headers=HEADERS)
    for name, value in who.chosen:
        response.set_cookie(name, value, max_age=A_YEAR, httponly=True, samesite="lax")
    return response


@cache
def static_bytes(name: str) -> bytes:
    """A file of `static/`."""
    return (files(__package__) / "static" / name).read_bytes()


@cache
def digest(name: str) -> str:
    """The fingerprint in a static file's address."""
    return sha256(static_bytes(name)).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a static file."""
    return urls.static(name, digest(name))


def _frame(request: Request, who: Reader, title: str, truth: Truth, bands: Sequence[Band]) -> dict[str, Any]:
    path, query = request.url.path, request.query_params.multi_items()
    origin = str(services(request).created.data.get("origin", ""))
    said = language.words(who.lang)
    alarms = [Band("broken", said("band.alarm", what=alarm)) for alarm in services(request).alarms()]
    demo = [Band("demo", said("band.simulated"))] if origin.startswith(SIMULATED) else []
    other = "en" if who.lang == "zh" else "zh"
    return {
        "lang": "zh-CN" if who.lang == "zh" else "en",
        "large": who.large,
        "title": title,
        "origin": origin,
        "truth": truth,
        "bands": [*alarms, *bands, *demo],
        "other_language": urls.again(path, query, lang=other, size=None),
        "other_size": urls.again(path, query, size="normal" if who.large else "large", lang=None),
        "sections": _sections(path, said),
        "find": request.query_params.get("q", "") if path == urls.find() else "",
    }


def _sections(path: str, said: Words) -> list[dict[str, Any]]:
    first = "lots" if "lots" in views.names() else next(iter(views.names()), "")
    places = [
        ("home", urls.home(), path == "/"),
        ("boards", urls.board(first), path.startswith("/boards/")),
        ("alerts", urls.alerts(), path.startswith(("/alerts", "/a/"))),
        ("chain", urls.chain(), path.startswith("/chain")),
    ]
    return [{"title": said(f"nav.{name}"), "url": url, "here": here} for name, url, here in places]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__ or "api.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _templates() -> frozenset[str]:
    return frozenset(_environment().list_templates())
