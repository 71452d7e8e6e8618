"""Two witnesses for the demonstration: processes of their own, folders of their own, stopped with it.

In life they belong to supervising bodies and run on their machines; here they show what they do. The policy asks for
one of the two, so that the demonstration goes on when you end the other: `sunledger status` and `/chain` then name it.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger.canonical import decode
from ledger.errors import CannotRun
from ledger.proofs.keys import VerifierKey
from ledger.proofs.policy import Group, Log, Policy, Witness
from ledger.signer import ROLE, Signer
from ledger.signing import keyfile
from ledger.store.connect import connect

NAMES = ("audit", "discipline")
STOP_SECONDS = 15


@contextmanager
def two_witnesses(dsn: str, data: Path) -> Iterator[Path]:
    """Run them for the log at `dsn` meanwhile; gives the policy file that names them, `policy` under `data`."""
    key = _log_key(dsn, data / "signer")
    with ExitStack() as running:
        found = tuple(running.enter_context(_witness(data / "witnesses" / name, name, key)) for name in NAMES)
        policy = Policy((Log(key),), found, (Group("either", 1, NAMES),), "either")
        file = data / "policy"
        file.write_text(policy.text, "utf-8")
        yield file


def _log_key(dsn: str, folder: Path) -> VerifierKey:
    """The signer's public key; it reads the log first where it has none yet, and publishes nothing."""
    if (keys := keyfile.public(folder)) is None:
        with Signer(folder, lambda _: None) as signer, connect(dsn, ROLE) as connection:
            signer.step(connection)
            return signer.keys.log.vkey
    return keys.logs[0]


@contextmanager
def _witness(memory: Path, name: str, log: VerifierKey) -> Iterator[Witness]:
    """One witness, as a child in a group of its own: Ctrl-C is for the parent, who then stops it in order."""
    command = [sys.executable, "-m", "api.cli", "witness", "--json", "--with-parent", "--port", "0"]
    command += ["--memory", str(memory), "--name", f"witness.example/{name}", "--log", log.text]
    with subprocess.Popen(  # noqa: S603  (our own program)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    ) as child:
        try:
            told = decode(child.stdout.readline()) if child.stdout is not None else None
            if not isinstance(told, dict):
                raise CannotRun(f"见证未能启动 · the witness {name} did not start")
            yield Witness(name, VerifierKey.parse(told["vkey"]), told["url"])
        finally:
            child.terminate()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()  # its memory is durable at every moment
