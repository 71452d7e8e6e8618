"""What HTTP itself asks: HEAD, methods, addresses that do not exist, errors of ours, and who may connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.commands import serve
from api.settings import Settings
from ledger.errors import CannotRun

if TYPE_CHECKING:
    from tests.contract.conftest import Served

READ = ["/livez", "/readyz", "/v1/log/head", "/v1/status", "/v1/events", "/v1/events/1", "/v1/views", "/v1/contracts"]


@pytest.mark.parametrize("address", [*READ, "/docs", "/openapi.json"])
def test_head_answers_as_get_without_a_body(served: Served, address: str) -> None:
    get, head = served.client.get(address), served.client.head(address)
    assert (get.status_code, head.status_code) == (200, 200)
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("address", READ)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_a_problem_document_that_names_the_right_one(
    served: Served, method: str, address: str
) -> None:
    answer = served.client.request(method, address)
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert "GET" in answer.headers["allow"]
    assert answer.json()["type"] == "urn:sunledger:problem:wrong-method"


@pytest.mark.parametrize("address", ["/v1", "/v1/", "/v1/nothing", "/v1/events/1/more", "/nothing"])
def test_an_unknown_address_is_a_problem_document(served: Served, address: str) -> None:
    answer = served.client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert address in answer.json()["detail"]


def test_no_answer_lets_a_browser_guess_its_type(served: Served) -> None:
    for address in (*READ, "/docs", "/v1/nothing"):
        assert served.client.get(address).headers["x-content-type-options"] == "nosniff"


def test_an_error_of_our_own_is_a_problem_document_without_its_trace(served: Served) -> None:
    services = served.client.app.state.services  # type: ignore[attr-defined]
    log, services.log = services.log, None
    try:
        answer = served.client.get("/v1/log/head")
    finally:
        services.log = log
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text


def test_the_server_binds_to_loopback_unless_told_otherwise() -> None:
    assert Settings().host == "127.0.0.1"
    with serve.listening(Settings().host, 0) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"


def test_a_port_in_use_is_one_clear_refusal() -> None:
    with serve.listening("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(CannotRun, match=f"127.0.0.1:{port}"), serve.listening("127.0.0.1", port):
            pass


def test_where_no_ledger_stands_the_server_does_not_start(dsn: str) -> None:
    with pytest.raises(CannotRun, match="sunledger init"), TestClient(make_app(dsn, Settings(console=False))):
        pass


def test_with_the_console_unknown_addresses_are_pages_and_the_api_keeps_its_own(ledger: str) -> None:
    with TestClient(make_app(ledger, Settings())) as client:
        for address, media in (("/nothing", "text/html; charset=utf-8"), ("/v1/nothing", "application/problem+json")):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["content-type"]) == (404, media)
        assert client.head("/").status_code == client.head("/v1/log/head").status_code == 200
        assert client.put("/v1/events").json()["type"] == "urn:sunledger:problem:wrong-method"
