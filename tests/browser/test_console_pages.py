"""What a person sees: pages in Chromium, their texts against the API, screenshots for eyes in `var/screenshots`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, Page

from api.console import urls
from api.services import Services
from ledger import clock
from ledger.entry import Entry
from projections import views
from projections.dossier import ALERT

SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
SIZE = {"width": 1366, "height": 768}
LISTEN = """() => {
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));
}"""


class City(Protocol):
    """The served ledger of `conftest`."""

    url: str
    services: Services


class Visit:
    """A page with an ear for everything the browser complains about."""

    def __init__(self, page: Page, city: City) -> None:
        self.page, self.city = page, city
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(f"({LISTEN})()")

    def to(self, address: str, shot: str = "") -> Page:
        """Open a page, look for complaints and overflow, and keep a picture of it."""
        self.page.goto(self.city.url + address)
        if shot:
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{shot}.png", full_page=True)
        assert self.page.evaluate("() => window.violations") == []
        wide = self.page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{address} scrolls sideways"
        assert self.complaints == []
        return self.page

    def texts(self, selector: str) -> list[str]:
        """The texts of all that matches, blanks closed up."""
        return [" ".join(text.split()) for text in self.page.locator(selector).all_inner_texts()]


@pytest.fixture
def visit(city: City, chromium: Browser) -> Iterator[Visit]:
    context = chromium.new_context(viewport=SIZE, locale="zh-CN")  # type: ignore[arg-type]
    yield Visit(context.new_page(), city)
    context.close()


@pytest.fixture
def plain(city: City, chromium: Browser) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = chromium.new_context(viewport=SIZE, java_script_enabled=False, base_url=city.url)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def alert(city: City) -> Entry:
    return city.services.log.find(type=ALERT, limit=1)[0]


def _scope(alert: Entry) -> str:
    return str(alert.data["subject_streams"][0])


def _civil(text: str) -> str:
    return clock.parse(text).astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M")


def _yuan(fen: int) -> str:
    """Money as the console should write it, thought out anew: 万元 where four digits of it are zero, else 元."""
    if fen >= 1_000_000 and fen % 10_000 == 0:
        return f"{fen // 1_000_000:,}.{fen % 1_000_000 // 10_000:02} 万元"
    return f"{fen // 100:,}.{fen % 100:02} 元"


def _view(city: City, name: str) -> Any:
    view = views.get(name)
    assert view is not None
    with city.services.log.connection() as connection:
        return view.page(connection)


def test_home_tells_what_there_is(visit: Visit, city: City) -> None:
    visit.to("/", "home")
    head = httpx.get(f"{city.url}/v1/log/head").json()
    assert visit.texts("[data-figure=entries]") == [f"{head['size']:,}"]
    for name in views.names():
        assert visit.texts(f"[data-figure={name}]") == [f"{_view(city, name).total:,}"]
    root = city.services.log.root().hex()
    assert visit.texts(".chainline .hash")[1] == f"{root[:12]}…"
    newest = [row["text_zh"] for row in reversed(_view(city, "alerts").rows)]
    assert visit.texts(".alerts a[href^='/a/']") == newest[:6]


def test_lots_are_the_views_rows(visit: Visit, city: City) -> None:
    visit.to("/boards/lots", "lots")
    rows = _view(city, "lots").rows
    assert visit.texts("td.c-title > a") == [row["title"] for row in rows]
    assert visit.texts("td.c-first_name") == [row["first_name"] for row in rows]
    money = [_yuan(row["price_fen"]) for row in rows if row["price_kind"] == "fen"]
    shown = [text for text, row in zip(visit.texts("td.c-price_kind"), rows, strict=True) if row["price_kind"] == "fen"]
    assert shown == money
    assert visit.texts("td.c-opens_at") == [f"{_civil(row['opens_at'])} – {_civil(row['closes_at'])}" for row in rows]


def test_a_dossier_shows_its_entries_and_moves_in_time(visit: Visit, city: City, alert: Entry) -> None:
    page = visit.to(urls.dossier(_scope(alert)), "dossier")
    entries = city.services.log.find(tag=_scope(alert))
    assert visit.texts(".timeline .position") == [f"#{entry.position}" for entry in entries]
    candidates = sorted(entries[0].data["candidates"], key=lambda one: int(one["rank"]))
    assert visit.texts("td.price") == [_yuan(one["price_fen"]) for one in candidates]
    slider = page.locator("input[data-drives=known]")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => document.querySelectorAll('.timeline .event').length === 1")
    assert visit.texts(".timeline .position") == [f"#{entries[0].position}"]
    assert page.evaluate("() => document.activeElement.dataset.drives") == "known"
    assert page.evaluate("() => location.search") == f"?known={entries[0].position}"
    assert slider.get_attribute("aria-valuetext") == (
        f"第 {entries[0].position} 号条目，{_civil(entries[0].recorded)} +08:00"
    )
    assert "历史时点" in page.inner_text(".band-past")
    page.screenshot(path=SHOTS / "dossier-past.png")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.timeline .event').length > 1")
    assert page.input_value("#known") == ""
    assert visit.complaints == []


def test_an_alert_gives_reason_evidence_and_law(visit: Visit, alert: Entry) -> None:
    visit.to(urls.alert(alert.subject.removeprefix("alert:")), "alert")
    assert visit.texts(".lead") == [alert.data["text_zh"]]
    assert visit.texts("#h-evidence ~ .timeline .position") == [f"#{place}" for place in alert.data["evidence"]]
    facts = {fact["name"]: fact["value"] for fact in alert.data["facts"]}
    assert f"{_civil(facts['opens_at'])} +08:00" in visit.texts(".facts td")
    assert "公示期不得少于3日" in visit.texts("blockquote")[0]
    assert "预警是问题，不是结论" in visit.texts(".note")[0]


def test_the_chain_shows_head_root_and_the_last_verification(visit: Visit, city: City) -> None:
    visit.to("/chain", "chain")
    head, record = city.services.log.head(), city.services.last_verification()
    assert record is not None
    hashes = [text.replace(" ", "") for text in visit.texts(".hash")]
    assert {head.leaf.hex(), city.services.log.root().hex(), record["root"]} <= set(hashes)
    assert f"已重算至第 {record['checked']} 号" in visit.texts(".verdict .check-good")[0]
    assert visit.texts(".verdict .lead") == [record["zh"]]


def test_an_entry_shows_its_exact_bytes_and_hashes(visit: Visit, alert: Entry) -> None:
    page = visit.to(urls.entry(alert.position), "entry")
    assert page.locator(".bytes").text_content() == alert.raw.decode()
    hashes = [text.replace(" ", "") for text in visit.texts(".hash")]
    assert {alert.leaf.hex(), alert.prev} <= set(hashes)
    assert len(visit.texts(".check-good")) >= 1


def test_every_other_screen_is_quiet_in_both_languages(visit: Visit, alert: Entry) -> None:
    for name in views.names():
        visit.to(urls.board(name), f"board-{name}")
    visit.to("/alerts", "alerts")
    visit.to("/boards/lots?lang=en", "lots-en")
    assert "lang" not in visit.page.url
    visit.to("/", "home-en")
    visit.to(urls.dossier(_scope(alert)), "dossier-en")
    visit.to("/?lang=zh&size=large", "home-large")


def test_a_filter_answers_while_it_is_written_and_keeps_the_focus(visit: Visit, city: City) -> None:
    page = visit.to("/boards/lots")
    wanted = [row["title"] for row in _view(city, "lots").rows if "监理" in row["title"]]
    page.locator("#q").press_sequentially("监理")
    page.wait_for_function("(many) => document.querySelectorAll('tbody tr').length === many", arg=len(wanted))
    assert visit.texts("td.c-title > a") == wanted
    assert page.evaluate("() => document.activeElement.id") == "q"
    assert page.inner_text("#live") == f"共 {len(wanted)} 条"
    assert "q=" in page.url
    assert visit.complaints == []


def test_a_lost_server_leaves_the_old_rows_and_offers_to_try_again(visit: Visit) -> None:
    page = visit.to("/boards/lots")
    before = visit.texts("td.c-title > a")
    page.route("**/boards/lots?*", lambda route: route.abort())
    page.locator("#q").fill("桥")
    page.wait_for_selector("#live button")
    assert visit.texts("td.c-title > a") == before
    page.unroute("**/boards/lots?*")
    page.click("#live button")
    page.wait_for_function("(many) => document.querySelectorAll('tbody tr').length < many", arg=len(before))


def test_without_javascript_everything_can_be_read_and_filtered(plain: Page, alert: Entry) -> None:
    plain.goto("/boards/lots")
    plain.fill("#q", "监理")
    plain.click("form.filters button")
    assert "q=" in plain.url
    assert all("监理" in text for text in plain.locator("td.c-title").all_inner_texts())
    plain.goto(urls.dossier(_scope(alert)))
    assert plain.locator("input[type=range]").first.is_hidden()
    plain.fill("#known", str(alert.position - 1))
    plain.click(".moment button:not([type=button])")
    assert f"known={alert.position - 1}" in plain.url
    assert alert.subject.removeprefix("alert:") not in plain.inner_html("#view")
    plain.click("text=返回最新")
    assert alert.subject.removeprefix("alert:") in plain.inner_html("#view")


def test_a_page_fits_a_narrow_window(visit: Visit, alert: Entry) -> None:
    visit.page.set_viewport_size({"width": 400, "height": 800})
    for address in ("/", "/alerts", "/chain", urls.dossier(_scope(alert))):
        visit.to(address)
