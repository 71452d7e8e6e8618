"""Keys in a PKCS#11 token (SoftHSM): the signer signs with them as with any other, and the token never shows them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
NAMES = ("checkpoints", "tag-heads")

SIGN = """
import sys
from pathlib import Path
from ledger.proofs import checkpoint, keys, taghead
from ledger.signing import keyfile
folder = Path(sys.argv[1])
made = keyfile.make(folder, "log.example/city")
again = keyfile.load(folder, "log.example/city")
public = keyfile.public(folder)
assert (made.log.vkey, made.heads.vkey) == (again.log.vkey, again.heads.vkey) == (public.logs[0], public.heads)
note = checkpoint.sign(checkpoint.Checkpoint("log.example/city", 1, bytes(32)), made.log)
assert checkpoint.verify(note, [made.log.vkey]).log[0].key.name == "log.example/city"
assert made.heads.vkey.name == "log.example/city/heads" and made.heads.vkey.public != made.log.vkey.public
assert sorted(path.name for path in folder.iterdir()) == ["pin", "token", "vkeys"]
print("signed")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signer's folder that names a fresh token with both key pairs."""
    if not MODULE.exists() or shutil.which("pkcs11-tool") is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM and pkcs11-tool are not here (Debian: softhsm2, opensc)")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "conf"))
    run("softhsm2-util", "--init-token", "--free", "--label", "sunledger", "--pin", "1234", "--so-pin", "5678")
    tool = ("pkcs11-tool", "--module", str(MODULE), "--login", "--pin", "1234", "--keypairgen")
    for number, name in enumerate(NAMES, 1):
        run(*tool, "--key-type", "EC:edwards25519", "--label", name, "--id", f"0{number}")
    folder = tmp_path / "signer"
    folder.mkdir()
    (folder / "pin").write_text("1234\n")
    (folder / "pin").chmod(0o600)
    lines = {"module": MODULE, "token": "sunledger", "log": NAMES[0], "heads": NAMES[1], "pin": folder / "pin"}
    (folder / "token").write_text("".join(f"{word} {value}\n" for word, value in lines.items()))
    return folder


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def sign(folder: Path) -> "subprocess.CompletedProcess[str]":
    """In a process of its own: a library of a vendor stays loaded."""
    command = [sys.executable, "-c", SIGN, str(folder)]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=60)


def test_a_token_signs_checkpoints_and_no_key_lies_in_the_folder(folder: Path) -> None:
    signed = sign(folder)
    assert signed.stdout == "signed\n", signed.stderr


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("sunledger", "another", "no token another"),
        ("tag-heads", "nobody", "0 Ed25519 keys are labelled nobody"),
        ("module", "modul", "wanted is one line each"),
        ("libsofthsm2", "libnothing", "cannot open shared object"),
    ],
)
def test_a_token_that_is_not_as_described_is_named(folder: Path, old: str, new: str, reason: str) -> None:
    text = (folder / "token").read_text()
    (folder / "token").write_text(text.replace(old, new, 1))
    assert reason in sign(folder).stderr


def test_a_wrong_pin_and_one_that_others_can_read_are_refused(folder: Path) -> None:
    (folder / "pin").write_text("9999\n")
    assert "C_Login returned 0xa0" in sign(folder).stderr
    (folder / "pin").chmod(0o644)
    assert "others may read it" in sign(folder).stderr
