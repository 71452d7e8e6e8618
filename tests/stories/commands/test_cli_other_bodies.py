"""What other bodies run: a mirror of a served log, a witness of it, and files for any web server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from ledger.proofs import taghead
from ledger.proofs.checkpoint import verify
from ledger.proofs.keys import VerifierKey
from ledger.witness import request

if TYPE_CHECKING:
    from tests.stories.commands.conftest import Home, Said, Serving

    Make = Callable[..., dict[str, Any]]
    Run = Callable[..., Said]

SECONDS = 60


def checkpoint_of(server: Serving, size: int) -> str:
    """The first checkpoint that covers so many entries."""
    end = monotonic() + SECONDS
    while monotonic() < end:
        note = httpx.get(f"{server.url}/checkpoint", timeout=10)
        if note.status_code == 200 and int(note.text.split("\n")[1]) >= size:
            return note.text
        sleep(0.1)
    raise TimeoutError("no checkpoint")


def test_a_served_log_is_mirrored_verified_exported_and_cosigned(
    home: Home, event: Make, command_line: Run, tmp_path: Path
) -> None:
    mine = tmp_path / "mirror"
    with home.serving() as server:
        server.wait_until_ready()
        position = server.post(home.key, event("mirror-1")).json()["position"]
        note = checkpoint_of(server, position)
        vkey = home.run("signer", "--show-key", "--json").value
        vkey = next(text for text in _texts(vkey) if "/heads" not in text)

        unknown = command_line("mirror", server.url, mine, "--once")
        assert (unknown.code, "--policy" in unknown.err) == (2, True)
        keyless = command_line("mirror", server.url, mine, "--log", vkey, "--once")
        assert (keyless.code, "slk_" in keyless.err) == (2, True)
        first = command_line("mirror", server.url, mine, "--log", vkey, "--key", home.key, "--once", "--json")
        assert (first.code, first.value["alarms"]) == (0, [])
        assert first.value["size"] >= position
        server.post(home.key, event("mirror-2"))
        checkpoint_of(server, first.value["size"] + 1)
        second = command_line("mirror", server.url, mine, "--once", "--json", SUNLEDGER_KEY=home.key)
        assert second.value["size"] > first.value["size"], "policy and key are remembered and given otherwise"

        exported = home.run("export", "tiles", tmp_path / "files", "--json")
        assert (exported.code, exported.value["size"] >= second.value["size"]) == (0, True)
        witnessed(tmp_path / "witness", vkey, note)
    verified = command_line("verify", "--mirror", mine, "--json")
    assert (verified.code, verified.value["verdict"], verified.value["checked"]) == (0, "intact", second.value["size"])
    assert command_line("verify", "--mirror", tmp_path / "files", "--log", vkey).code == 0
    again = command_line("mirror", tmp_path / "files", tmp_path / "copy", "--log", vkey, "--once")
    assert again.code == 0

    nameless = command_line("mirror", mine, "--head", "lot:mirror-1")
    assert (nameless.code, "--name" in nameless.err) == (2, True)
    named = command_line("mirror", mine, "--head", "lot:mirror-1", "--name", "mirror.example/audit")
    own = VerifierKey.parse(command_line("mirror", mine, "--show-key").out.strip())
    head, _ = taghead.verify(named.out, [own])
    assert (head.tag, head.size) == ("lot:mirror-1", second.value["size"])
    assert head.ordinal == 2, "the event, and what prepares its lot for sealed ones"
    assert (mine / "key").stat().st_mode & 0o777 == 0o600

    newest = max((mine / "tile" / "entries").rglob("*.p/[0-9]*"), key=lambda partial: int(partial.name))
    newest.write_bytes(newest.read_bytes().replace(b"mirror-1", b"mirror-9"))
    damaged = command_line("verify", "--mirror", mine)
    assert damaged.code == 1
    assert f"position {position}: ledger.entry.entry was changed" in damaged.out


def witnessed(memory: Path, vkey: str, note: str) -> None:
    """A witness cosigns the note, and says in its health what it remembers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "witness", "--memory", memory, "--name", "witness.example/audit",
         "--log", vkey, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        about = json.loads((process.stdout or sys.stdin.buffer).readline())
        with httpx.Client(base_url=about["url"], timeout=SECONDS) as client:
            answer = client.post("/add-checkpoint", content=request(0, [], note).encode())
            assert answer.status_code == 200
            signed = verify(note + answer.text, [VerifierKey.parse(vkey)], [VerifierKey.parse(about["vkey"])])
            assert len(signed.cosigned) == 1
            again = client.post("/add-checkpoint", content=request(0, [], note).encode())
            assert (again.status_code, again.headers["content-type"]) == (409, "text/x.tlog.size")
            assert again.text == f"{signed.checkpoint.size}\n"
            assert client.post("/add-checkpoint", content=b"x" * 100_001).status_code == 413
            assert client.get("/add-checkpoint").status_code == 405
            health = client.get("/").json()
        assert health["logs"][0]["size"] == signed.checkpoint.size
        assert health["logs"][0]["root"] == signed.checkpoint.root.hex()
        assert health["logs"][0]["alarms"] == []
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for one in (value.values() if isinstance(value, dict) else value) for text in _texts(one)]
