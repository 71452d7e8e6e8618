"""A keeper over HTTP: a key for a month, and one clear line for whoever asks for more without showing why."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.keepers import seals_of
from api.routes.keeper import make_keeper_app
from ledger import clock
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.keeper import Keeper, epoch_of
from ledger.vault import Vault


@pytest.fixture
def client(contracts: Contracts, tmp_path: Path) -> Iterator[TestClient]:
    keeper = Keeper("AUDIT", contracts, tmp_path / "memory", lambda: None)
    with TestClient(make_keeper_app(keeper)) as asking:
        yield asking
    keeper.close()


def test_a_keeper_gives_its_key_of_this_month_and_of_no_other_time(client: TestClient) -> None:
    month = epoch_of(clock.now())
    first, again = client.get(f"/key/{month}"), client.get(f"/key/{month}")
    assert (first.status_code, len(first.content)) == (200, 32)
    assert first.content == again.content
    assert client.get("/key/2020-01").status_code == 422


def test_a_keeper_that_is_not_shown_why_says_so(client: TestClient) -> None:
    answer = client.post("/open", content=b"{}")
    assert answer.status_code == 422
    assert "cannot be read" in answer.text
    assert client.get("/").json() == {"org": "AUDIT", "opened": []}


@pytest.mark.parametrize("line", ["keeper AUDIT", "keeper AUDIT ftp://x", "witness AUDIT https://x", "# nobody"])
def test_a_file_of_keepers_that_names_none_is_refused(contracts: Contracts, tmp_path: Path, line: str) -> None:
    (tmp_path / "keepers").write_text(f"{line}\n", "utf-8")
    vault = Vault.make(tmp_path / "vault", "00" * 32)
    with pytest.raises(CannotRun, match="keeper"):
        seals_of(tmp_path, vault, contracts, told=False, trusted=lambda: None)
