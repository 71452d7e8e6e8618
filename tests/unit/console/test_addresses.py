"""Every address of the console is built in one place and survives whatever stands in it."""

from urllib.parse import parse_qs, unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from api.console import urls

TAGS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40).map(lambda t: f"lot:{t}")


@given(TAGS)
def test_a_dossier_address_leads_back_to_its_tag(tag: str) -> None:
    parts = urlsplit(urls.dossier(tag, [("known", "33")]))
    query = parse_qs(parts.query)
    segment = unquote(parts.path.removeprefix("/d/")) if parts.path != "/d" else query["tag"][0]
    assert (segment, query["known"], parts.path.count("/")) == (tag, ["33"], 1 if parts.path == "/d" else 2)


def test_a_tag_with_a_slash_goes_as_a_parameter() -> None:
    assert urls.dossier("source:a/b") == "/d?tag=source:a%2Fb"


def test_an_address_said_again_keeps_its_other_parameters() -> None:
    query = [("q", "桥 a"), ("lang", "en"), ("after", "1.x")]
    assert urls.again("/boards/lots", query, after="9.y", lang=None) == "/boards/lots?q=%E6%A1%A5+a&after=9.y"
