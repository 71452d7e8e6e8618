"""What is secret is posted like anything else, stands in the log as digests, and can be told from a repeat."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import secrecy
from ledger.admission import Poster, admit, admit_all
from ledger.contracts import Contracts
from ledger.errors import Conflict, Malformed
from ledger.store.postgres import Log
from ledger.vault import Closed, Vault
from ledger.writer import Writer

PHONE, ACCOUNT = "13800138000", "6222020200112233445"
POSTER = Poster("12140300MA0TT001XR", "PTC", "key:abc")
SEED = secrecy.b64(bytes(range(32)))

PIDS = tuple("p" + str(n).rjust(25, "0") for n in range(2))

Event = dict[str, Any]


@pytest.fixture
def log(ledger: str) -> Iterator[Log]:
    with Log(ledger) as reading:
        yield reading


@pytest.fixture
def vault(log: Log, tmp_path: Path) -> Vault:
    first = log.entry(1)
    assert first is not None
    return Vault.make(tmp_path / "vault", first.leaf.hex())


@pytest.fixture
def writer(ledger: str, vault: Vault) -> Iterator[Writer]:
    with Writer(ledger, vault=vault) as writing:
        yield writing


def registered(contracts: Contracts, id: str = "e-1", phones: tuple[str | None, ...] = (PHONE,), **more: Any) -> Event:
    """An organisation with contacts, and an account unless it is left out."""
    contract = contracts.get("party.entity-registered.v1")
    assert contract is not None
    given = contract.raw["x-examples"][0]
    people = [{"pid": PIDS[n]} | ({"phone": phone} if phone else {}) for n, phone in enumerate(phones)]
    data = {name: value for name, value in given["data"].items() if name not in ("contacts", "basic_account")}
    return {
        "specversion": "1.0", "id": id, "source": "urn:example:ptc", "type": contract.type, "time": given["time"],
        "subject": given["subject"], "data": data | {"contacts": people, "basic_account": ACCOUNT}, **more,
    }  # fmt: skip


def shown(log: Log, vault: Vault, position: int) -> tuple[Event, list[str]]:
    """The opened event of an entry, and what it hides in spite of the vault."""
    entry = log.entry(position)
    assert entry is not None
    rows = log.disclosures(secrecy.digests(entry.event))
    texts = [text for row in rows if not isinstance(text := vault.show(row), Closed)]
    opened = secrecy.restore(entry.event, texts)
    return opened, secrecy.digests(opened)


def test_a_secret_stands_in_the_entry_as_a_digest_and_opens_through_the_vault(
    log: Log, vault: Vault, writer: Writer, contracts: Contracts
) -> None:
    event = registered(contracts, phones=(PHONE, None))
    receipt = writer.append([admit(event, POSTER, contracts)])[0]
    entry = log.entry(receipt.position)
    assert entry is not None
    assert PHONE.encode() not in entry.raw
    assert ACCOUNT.encode() not in entry.raw
    assert len(secrecy.digests(entry.event)) == 5, "phone and e-mail of two, and the account"
    assert shown(log, vault, receipt.position) == (event, [])
    assert len({row.key_id for row in log.disclosures(secrecy.digests(entry.event))}) == 5


def test_the_seed_is_taken_off_and_makes_the_same_bytes_for_everybody(
    log: Log, writer: Writer, contracts: Contracts
) -> None:
    post = admit(registered(contracts, seed=SEED), POSTER, contracts)
    receipt = writer.append([post])[0]
    entry = log.entry(receipt.position)
    assert entry is not None
    assert b"seed" not in entry.raw
    contract = contracts.get(entry.type)
    assert contract is not None
    assert entry.event == secrecy.commit(registered(contracts), contract.secrets, secrecy.unb64(SEED)).event


@pytest.mark.parametrize("seed", [None, SEED])
def test_a_repeat_gets_the_first_receipt_and_other_content_is_a_conflict(
    seed: str | None, writer: Writer, contracts: Contracts
) -> None:
    more = {} if seed is None else {"seed": seed}

    def post(**data: Any) -> Any:
        event = registered(contracts, phones=(PHONE, None), **more)
        return admit(event | {"data": event["data"] | data}, POSTER, contracts)

    first = writer.append([post()])[0]
    again = writer.append([post()])[0]
    assert (again.position, again.leaf, again.duplicate, again.erased) == (first.position, first.leaf, True, False)
    for other in (
        {"basic_account": "1"}, {"name": "另名"}, {"contacts": [{"pid": PIDS[0], "phone": PHONE}]},
        {"contacts": [{"pid": PIDS[0]}, {"pid": PIDS[1], "phone": PHONE}]},
    ):  # fmt: skip
        with pytest.raises(Conflict):
            writer.append([post(**other)])


def test_the_same_event_twice_in_one_post_is_one_event(writer: Writer, contracts: Contracts) -> None:
    events = [registered(contracts), registered(contracts)]
    first, second = writer.append(admit_all(events, POSTER, contracts), careful=True)
    assert (first.position, first.duplicate, second.duplicate) == (second.position, False, True)
    other = [registered(contracts, "e-2"), registered(contracts, "e-2", phones=("1",))]
    with pytest.raises(Conflict):
        writer.append(admit_all(other, POSTER, contracts), careful=True)


def test_a_repeat_of_what_was_erased_gets_the_first_receipt_marked_so(
    log: Log, vault: Vault, writer: Writer, contracts: Contracts
) -> None:
    first = writer.append([admit(registered(contracts), POSTER, contracts)])[0]
    entry = log.entry(first.position)
    assert entry is not None
    rows = log.disclosures(entry.event["data"]["_sd"])
    vault.erase([row.key_id for row in rows])
    again = writer.append([admit(registered(contracts), POSTER, contracts)])[0]
    assert (again.position, again.duplicate, again.erased) == (first.position, True, True)
    with pytest.raises(Conflict):
        writer.append([admit(registered(contracts, phones=("1",)), POSTER, contracts)])


def test_without_a_vault_a_type_with_secrets_is_refused_by_place(ledger: str, contracts: Contracts) -> None:
    with Writer(ledger) as writer, pytest.raises(Malformed) as refused:
        writer.append([admit(registered(contracts), POSTER, contracts)])
    assert {one.pointer for one in refused.value.problems} == {
        "/data/basic_account", "/data/contacts/0/phone", "/data/contacts/0/email"
    }  # fmt: skip
    assert all("--vault" in one.zh and "no vault is open here" in one.en for one in refused.value.problems)
    assert PHONE not in str(refused.value.problems)


def test_nothing_is_committed_while_the_vault_keeps_no_keys(
    log: Log, vault: Vault, writer: Writer, contracts: Contracts
) -> None:
    size = log.head().size
    (vault.folder / "keys").rename(vault.folder / "gone")
    with pytest.raises(Exception, match="vault cannot be written"):
        writer.append([admit(registered(contracts), POSTER, contracts)])
    assert log.head().size == size
    (vault.folder / "gone").rename(vault.folder / "keys")
    assert writer.append([admit(registered(contracts), POSTER, contracts)])[0].position == size + 1
