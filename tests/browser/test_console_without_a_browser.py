"""Every address of the console, in both languages, now and then, whole and in part: what the HTML itself promises."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any, Protocol

import httpx2 as httpx
import psycopg
import pytest

from api.console import urls
from api.console.pages import dossier
from api.services import Services
from ledger.entry import Entry
from ledger.store import checkpoints
from projections import views
from projections.dossier import ALERT, CANDIDATES

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
VOID = {"meta", "link", "input", "img", "br", "line", "rect", "polygon", "circle"}


class City(Protocol):
    """The served ledger of `conftest`."""

    url: str
    services: Services


class Html(HTMLParser):
    """What is looked at: tags with attributes, texts, and whether every element was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture
def web(city: City) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=city.url, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def alert(city: City) -> Entry:
    found = city.services.log.find(type=ALERT, limit=1)
    assert found, "the sample holds alerts"
    return found[0]


@pytest.fixture(scope="session")
def addresses(city: City, alert: Entry) -> list[str]:
    """Every kind of page, now and at moments past."""
    notice = city.services.log.find(type=CANDIDATES, limit=1)[0]
    scope = str(alert.data["subject_streams"][0])
    seen = alert.data["evidence"][0]
    return [
        urls.home(),
        *(urls.board(name) for name in views.names()),
        urls.board("lots", [("q", "没有这样的标段")]),
        urls.alerts(),
        urls.alert(alert.subject.removeprefix("alert:")),
        *(urls.dossier(tag) for tag in (*notice.tags, scope)),
        urls.dossier(scope, [("known", str(seen))]),
        urls.dossier(scope, [("known", str(seen)), ("true", "2026-01-01"), ("late", "1")]),
        urls.dossier(scope, [("true", "2020-01-01")]),
        urls.entry(1),
        urls.entry(notice.position),
        urls.entry(alert.position),
        urls.chain(),
        urls.find([("q", "公示")]),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", [False, True], ids=["whole", "fragment"])
def test_every_page_keeps_its_promises(web: httpx.Client, addresses: list[str], language: str, part: bool) -> None:
    headers = {"Cookie": f"lang={language}", **({"X-Fragment": "1"} if part else {})}
    for address in addresses:
        answer = web.get(address, headers=headers)
        assert answer.status_code == 200, address
        page = Html(answer.text)
        whole = page.count("html") == 1
        assert page.open == [], f"{address}: unclosed {page.open}"
        assert whole != (part and 'id="view"' in answer.text), address
        assert page.count("h1") == whole, address
        assert page.count("style") == 0
        ids = Counter(str(attributes["id"]) for _, attributes in page.tags if "id" in attributes)
        assert [name for name, many in ids.items() if many > 1] == [], address
        for tag, attributes in page.tags:
            assert not [name for name in attributes if name == "style" or name.startswith("on")], (address, tag)
            assert tag != "script" or attributes.get("src"), address
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, address
        assert "X-Fragment" in answer.headers["Vary"].split(", "), address


def test_every_link_on_the_first_pages_leads_somewhere(web: httpx.Client, addresses: list[str]) -> None:
    links: set[str] = set()
    for address in addresses[:14]:
        page = Html(web.get(address).text)
        links |= {str(a["href"]) for tag, a in page.tags if tag in ("a", "link") and a.get("href")}
        links |= {str(a["src"]) for tag, a in page.tags if tag in ("script", "img") and a.get("src")}
    assert all(link.startswith(("/", "#main")) for link in links)
    some = sorted(links, key=lambda link: (link.partition("/")[2].partition("/")[0], len(link)))[
        :: max(len(links) // 60, 1)
    ]
    broken = [link for link in some if link.startswith("/") and web.get(link).status_code >= 400]
    assert broken == []


def test_each_page_says_the_position_it_is_true_for(web: httpx.Client, city: City, alert: Entry) -> None:
    size = city.services.log.head().size
    assert f"数据截至第 {size:,} 号条目" in web.get("/boards/lots").text
    seen = alert.data["evidence"][0]
    past = web.get(urls.dossier(alert.data["subject_streams"][0], [("known", str(seen))])).text
    assert f"数据截至第 {seen:,} 号条目" in past
    assert f"历史时点：第 {seen} 号条目" in past


def test_nothing_from_the_future_shows_at_a_past_moment(web: httpx.Client, alert: Entry) -> None:
    scope, id_ = str(alert.data["subject_streams"][0]), alert.subject.removeprefix("alert:")
    assert id_ in web.get(urls.dossier(scope)).text
    before = web.get(urls.dossier(scope, [("known", str(alert.position - 1))]))
    view = before.text.partition('id="view"')[2]
    assert id_ not in view
    shown = {int(position) for position in re.findall(r'href="/e/(\d+)"', view)}
    assert shown
    assert max(shown) < alert.position


def test_a_date_becomes_a_position_with_the_leaf_it_stands_on(web: httpx.Client, city: City) -> None:
    tag = "source:urn:sunledger:import:notices"
    answer = web.get(urls.dossier(tag, [("known", "2100-01-01")]))
    size = city.services.log.head().size
    last = city.services.log.entry(size)
    assert last is not None
    assert answer.status_code == 303
    assert answer.headers["location"] == urls.dossier(tag, [("known", str(size)), ("head", last.leaf.hex()[:16])])
    assert "band-alien" not in web.get(answer.headers["location"]).text
    assert "band-alien" in web.get(urls.dossier(tag, [("known", str(size)), ("head", "0" * 16)])).text


def test_the_language_is_the_readers_and_is_kept(city: City) -> None:
    with httpx.Client(base_url=city.url) as reader:
        assert "从这里开始" in reader.get("/").text
        assert "Begin here" in reader.get("/?lang=en").text
        assert "Begin here" in reader.get("/").text
        assert "lang=" not in reader.get("/boards/lots").headers.get("set-cookie", "")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/boards/nothing", 404),
        ("/d/lot:nobody", 404),
        ("/e/999999999", 404),
        ("/e/99999999999999999999999", 404),
        ("/a/nothing", 404),
        ("/d", 422),
        ("/d/lot:nobody?known=yesterday", 422),
        ("/boards/lots?nonsense=1", 422),
        ("/boards/lots?after=x", 422),
        ("/boards/lots?readings.min=many", 422),
        ("/static/0000000000000000/app.css", 404),
        ("/nowhere/at/all", 404),
    ],
)
def test_what_cannot_be_shown_says_so_with_the_status_of_the_api(web: httpx.Client, address: str, status: int) -> None:
    answer = web.get(address)
    assert answer.status_code == status
    if not address.startswith("/static"):
        assert Html(answer.text).count("h1") == 1


def test_an_unknown_address_of_the_api_stays_the_apis(web: httpx.Client) -> None:
    assert web.get("/v1/nothing").headers["content-type"].startswith("application/")


def test_a_static_file_may_be_kept_for_ever(web: httpx.Client) -> None:
    page = Html(web.get("/").text)
    sheet = next(str(a["href"]) for tag, a in page.tags if tag == "link" and a["rel"] == "stylesheet")
    answer = web.get(sheet)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["content-type"].startswith("text/css")


def test_the_first_page_keeps_its_budget(web: httpx.Client) -> None:
    page = Html(web.get("/").text)
    files = {str(a.get("href") or a.get("src")) for tag, a in page.tags if tag in ("link", "script", "img")}
    sizes = [len(web.get(one).content) for one in ("/", *files)]
    assert (len(sizes), sum(sizes) < 70_000) == (4, True)  # the icon is fetched once for the mark and the tab


def test_what_a_notice_says_is_escaped(web: httpx.Client) -> None:
    page = web.get("/find", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def _cells(html: str, column: str) -> list[str]:
    found = re.findall(rf'<td class="c-{column}[^"]*">(.*?)</td>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]


def test_a_boards_rows_are_the_apis_rows(web: httpx.Client, city: City) -> None:
    with city.services.log.connection() as connection:
        view = views.get("parties")
        assert view is not None
        page: Any = view.page(connection)
    html = web.get("/boards/parties").text
    assert _cells(html, "name") == [row["name"] for row in page.rows]
    assert _cells(html, "candidacies") == [f"{row['candidacies']:,}" for row in page.rows]
    assert f"共 {page.total:,} 条" in html


def test_a_number_asked_at_least_filters_and_the_count_says_so(web: httpx.Client, city: City) -> None:
    with city.services.log.connection() as connection:
        view = views.get("party_pairs")
        assert view is not None
        wanted = view.page(connection, filters={"meetings": "3.."})
    html = web.get("/boards/party_pairs?meetings.min=3").text
    assert 0 < wanted.total < 80
    assert (html.count("<tr>") - 1, f"共 {wanted.total} 条" in html) == (wanted.total, True)


def test_an_empty_ledger_has_pages_that_say_so(empty_city: City) -> None:
    with httpx.Client(base_url=empty_city.url, timeout=20) as reader:
        pages = {
            address: reader.get(address) for address in ("/", "/alerts", "/chain", "/boards/lots", "/e/1", "/find")
        }
    assert {answer.status_code for answer in pages.values()} == {200}
    assert all("模拟台账" in answer.text for answer in pages.values())
    assert "尚未核验" in pages["/chain"].text
    assert "尚无检查点" in pages["/chain"].text
    assert 'class="empty' in pages["/alerts"].text
    assert 'class="empty' in pages["/boards/lots"].text


def test_the_chain_page_tells_of_a_signed_checkpoint_only_when_there_is_one(empty_city: City) -> None:
    page = f"{empty_city.url}/chain"
    assert "尚无已发布的签名检查点" in httpx.get(page).text
    with psycopg.connect(empty_city.services.dsn, autocommit=True) as owner:
        checkpoints.publish(owner, 7, "test.example/log\n7\nAAAA\n\n— test.example/log AAAA\n")
    told = httpx.get(page).text
    assert "尚无已发布的签名检查点" not in told
    assert "本页未核对签名" in told


def test_a_dossier_too_long_to_fold_is_listed_page_by_page(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, city: City
) -> None:
    monkeypatch.setattr(dossier, "LONGEST", 10)
    monkeypatch.setattr(dossier, "PER_PAGE", 20)
    address: str | None = "/d/source:urn:sunledger:import:notices"
    positions: list[int] = []
    while address is not None:
        html = web.get(address).text
        positions += [int(found) for found in re.findall(r'<a class="position" href="/e/(\d+)"', html)]
        further = re.search(r'<p class="more"><a href="([^"]+)"', html)
        address = unescape(further[1]) if further else None
    every = city.services.log.find(tag="source:urn:sunledger:import:notices", limit=1000)
    assert positions == [entry.position for entry in every]
