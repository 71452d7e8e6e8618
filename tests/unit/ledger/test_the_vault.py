"""The vault gives back what it locked, to nobody else, until a key is erased; then never again."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ledger import clock
from ledger.errors import Broken, CannotRun
from ledger.secrecy import Disclosure, Secret, digest, disclosure
from ledger.vault import Closed, Locked, Vault
from ledger.vaulting import keyfiles

LOG = "ab" * 32

COMMAND = """
import os, sys
from pathlib import Path
act, name = sys.argv[1:]
file = Path(sys.argv[0]).with_name(name)
if act == "make":
    file.write_bytes(os.urandom(32))
elif act == "destroy":
    file.unlink(missing_ok=True)
elif not file.exists():
    sys.exit("no such key")
else:
    key = file.read_bytes()
    sys.stdout.buffer.write(bytes(a ^ b for a, b in zip(sys.stdin.buffer.read(), key)))
"""


def told(value: object, name: str = "phone") -> Disclosure:
    text = disclosure("0123456789012345678901", name, value)
    return Disclosure(digest(text), text, f"/data/{name}", Secret(name, "personal"))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.make(tmp_path / "vault", LOG)


def test_what_is_locked_comes_back_and_lies_nowhere_in_clear(vault: Vault) -> None:
    secrets = [told("13800138000"), told(None), told({"deep": [1, "座机"]})]
    rows = vault.lock(secrets)
    assert [vault.show(row) for row in rows] == [one.text for one in secrets]
    assert [row.digest for row in rows] == [one.digest for one in secrets]
    kept = b"".join(path.read_bytes() for path in vault.folder.rglob("*") if path.is_file())
    assert all(one.text.encode() not in kept + rows[0].ciphertext for one in secrets)


def test_a_number_given_and_none_given_take_the_same_room(vault: Vault) -> None:
    given, absent = vault.lock([told("13800138000"), told(None)])
    assert len(given.ciphertext) == len(absent.ciphertext)


def test_another_process_reads_and_writes_the_same_vault(vault: Vault) -> None:
    row = vault.lock([told("1")])[0]
    other = Vault.open(vault.folder, LOG)
    assert other.show(row) == told("1").text
    assert vault.show(other.lock([told("2")])[0]) == told("2").text
    assert len(keyfiles.numbers(vault.folder / "keys")) == 2


def test_a_row_opens_under_its_own_key_and_digest_only(vault: Vault) -> None:
    one, two = vault.lock([told("1"), told("2")])
    assert vault.show(Locked(two.digest, one.key_id, one.nonce, one.ciphertext)) is Closed.CHANGED
    assert vault.show(Locked(one.digest, two.key_id, one.nonce, one.ciphertext)) is Closed.CHANGED
    assert vault.show(Locked(one.digest, one.key_id, two.nonce, one.ciphertext)) is Closed.CHANGED
    assert vault.show(Locked(one.digest, one.key_id, one.nonce, one.ciphertext[:-1])) is Closed.CHANGED
    for nowhere in (b"", bytes(12), b"\xff" * 12, one.key_id[:-2] + b"\0\x09"):
        assert vault.show(Locked(one.digest, nowhere, one.nonce, one.ciphertext)) is Closed.NO_KEY


def test_an_erased_key_is_gone_for_every_reader_and_its_neighbours_are_not(vault: Vault) -> None:
    one, two, three = vault.lock([told("1"), told("2"), told("3")])
    other = Vault.open(vault.folder, LOG)
    assert other.show(two) == told("2").text
    assert vault.erase([two.key_id]) == 1
    assert vault.erase([two.key_id]) == 0
    assert [at.show(two) for at in (vault, other)] == [Closed.NO_KEY, Closed.NO_KEY]
    assert [other.show(one), other.show(three)] == [told("1").text, told("3").text]
    assert vault.show(vault.lock([told("4")])[0]) == told("4").text


def test_a_copy_of_the_vault_reads_what_was_erased_until_the_epoch_closes(vault: Vault, tmp_path: Path) -> None:
    row, stays = vault.lock([told("1"), told("2")])
    copied = {path.name: path.read_bytes() for path in (vault.folder / "keys").iterdir()}
    vault.erase([row.key_id])

    def of_the_copy() -> str | Closed:
        for name, raw in copied.items():
            (vault.folder / "keys" / name).write_bytes(raw)
        return Vault.open(vault.folder, LOG).show(row)

    now = {path.name: path.read_bytes() for path in (vault.folder / "keys").iterdir()}
    assert of_the_copy() == told("1").text
    for name, raw in now.items():
        (vault.folder / "keys" / name).write_bytes(raw)
    closed = vault.turn(clock.now())
    assert (closed.epoch.key, closed.living, closed.erased) == ("kek-1", 1, 1)
    assert Vault.open(vault.folder, LOG).show(stays) == told("2").text
    with pytest.raises(CannotRun, match="kek-1"):
        of_the_copy()


def test_an_epoch_has_its_time(vault: Vault) -> None:
    began = clock.parse(vault.epochs.open().began)
    assert not vault.epochs.is_due(began + timedelta(days=29))
    assert vault.epochs.is_due(began + timedelta(days=30))
    vault.turn(began + timedelta(days=30))
    assert not vault.epochs.is_due(began + timedelta(days=31))
    assert vault.epochs.open().number == 2


@pytest.mark.parametrize("call", range(3))
def test_a_turn_cut_off_goes_on_where_it_was(vault: Vault, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    rows = [Vault.open(vault.folder, LOG).lock([told(n)])[0] for n in range(2)]
    vault.put("group", bytes(32))
    calls = iter(range(9))
    real = os.fsync

    def failing(file: int) -> None:
        if next(calls) == 3 * call:
            raise OSError(5, "the disk is gone")
        real(file)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(CannotRun):
            vault.turn(clock.now())
    again = Vault.open(vault.folder, LOG)
    assert [again.show(row) for row in rows] == [told(0).text, told(1).text]
    again.turn(clock.now())
    assert [one.number for one in again.epochs.all()] == [1, 2]
    assert [again.show(row) for row in rows] == [told(0).text, told(1).text]
    assert again.get("group") == bytes(32)


def test_a_changed_key_file_is_noticed(vault: Vault) -> None:
    row = vault.lock([told("1")])[0]
    path = keyfiles.path_of(vault.folder / "keys", 1)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Broken, match="changed"):
        Vault.open(vault.folder, LOG).show(row)


def test_a_file_cut_off_in_its_last_chunk_keeps_the_others(vault: Vault) -> None:
    row = vault.lock([told("1")])[0]
    torn = vault.lock([told("2")])[0]
    path = keyfiles.path_of(vault.folder / "keys", 1)
    path.write_bytes(path.read_bytes()[:-3])
    again = Vault.open(vault.folder, LOG)
    assert [again.show(row), again.show(torn)] == [told("1").text, Closed.NO_KEY]
    again.turn(clock.now())
    assert again.show(row) == told("1").text


def test_keys_can_be_wrapped_by_a_command(tmp_path: Path) -> None:
    (tmp_path / "hsm").mkdir()
    script = tmp_path / "hsm" / "hold.py"
    script.write_text(COMMAND, encoding="utf-8")
    vault = Vault.make(tmp_path / "vault", LOG, command=(sys.executable, str(script)))
    row, erased = vault.lock([told("1"), told("2")])
    vault.erase([erased.key_id])
    vault.turn(clock.now())
    again = Vault.open(vault.folder, LOG)
    assert [again.show(row), again.show(erased)] == [told("1").text, Closed.NO_KEY]
    assert not (vault.folder / "kek").exists()
    (tmp_path / "hsm" / "kek-2").unlink()
    with pytest.raises(CannotRun, match="no such key"):
        Vault.open(vault.folder, LOG).show(row)


def test_single_secrets_have_names_and_survive_an_epoch(vault: Vault) -> None:
    vault.put("seal:lot:A#trading.bid-opened", b"k" * 32)
    vault.turn(clock.now())
    assert Vault.open(vault.folder, LOG).get("seal:lot:A#trading.bid-opened") == b"k" * 32
    assert vault.get("seal:lot:B") is None
    vault.forget("seal:lot:A#trading.bid-opened")
    assert vault.get("seal:lot:A#trading.bid-opened") is None


def test_a_vault_is_of_one_log_and_for_its_owner_alone(vault: Vault, tmp_path: Path) -> None:
    assert Vault.make(vault.folder, LOG).epochs.open() == vault.epochs.open()
    assert vault.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in vault.folder.rglob("*.key")} == {0}
    with pytest.raises(CannotRun, match="another ledger"):
        Vault.open(vault.folder, "cd" * 32)
    with pytest.raises(CannotRun, match="no vault stands here"):
        Vault.open(tmp_path / "elsewhere", LOG)
    vault.folder.chmod(0o750)
    with pytest.raises(CannotRun, match="chmod 700"):
        Vault.open(vault.folder, LOG)
