"""见证 · Cosign the checkpoints of other people's logs, and remember them: a program for a supervising body.

Needs no ledger, only the logs' public keys. Its own key is made at the first start, in the folder of its memory; the
public half is printed at each start and goes into the policy files of whoever trusts this witness.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import uvicorn

from api.commands.parent import end_with_parent
from api.commands.printing import console, json_line
from api.commands.receipt import read_receipt
from api.commands.serve import STOP_SECONDS, listening, stopping_is_fine
from api.routes.witness import health_of, make_witness_app
from api.settings import Place
from ledger.errors import CannotRun
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import COSIGNATURE, PrivateKey, VerifierKey, good_name
from ledger.signing import keyfile
from ledger.witness import FILE, Witness

NEEDS_NO_LEDGER = True
"""It is another body's program: it knows a log by its address and its key."""


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--memory", type=Path, required=True, metavar="DIR", help="folder of its key and memory")
    parser.add_argument("--name", help="the witness's name for ever, like witness.example/audit (at the first start)")
    parser.add_argument("--log", action="append", default=[], metavar="VKEY", help="key of a log to cosign; repeatable")
    parser.add_argument(
        "--key-change",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="receipt of a log's ledger.key-changed",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8001, help="port (8001); 0 takes a free one")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    parser.add_argument("--show-key", action="store_true", help="print the public key and stop")


def run(given: Namespace, _: Place | None) -> int:
    """Serve until told to stop."""
    key = _key(given.memory, given.name)
    if given.show_key:
        print_key(key.vkey, as_json=given.json)
        return 0
    witness = Witness(given.memory, key, [log_key(text) for text in given.log])
    try:
        for file in given.key_change:
            witness.follow_key(read_receipt(file))
        with listening(given.host, given.port) as sock:
            host, port = sock.getsockname()[:2]
            if given.json:
                json_line({"url": f"http://{host}:{port}"} | health_of(witness))
                sys.stdout.flush()  # whoever started it waits for this line
            else:
                console.print(f"http://{host}:{port}/   {key.vkey.text}", markup=False, soft_wrap=True)
            config = uvicorn.Config(
                make_witness_app(witness),
                log_level="warning",
                timeout_graceful_shutdown=STOP_SECONDS,
                server_header=False,
            )
            server = uvicorn.Server(config)
            if given.with_parent:
                end_with_parent(lambda: setattr(server, "should_exit", True))
            with stopping_is_fine():
                server.run(sockets=[sock])
            return 0 if server.started else 2
    finally:
        witness.close()


def log_key(text: str) -> VerifierKey:
    """A log's key from the command line. Raises CannotRun where it is none."""
    try:
        return VerifierKey.parse(text)
    except ProofError as fault:
        raise CannotRun(f"--log: {fault}") from fault


def print_key(key: VerifierKey, *, as_json: bool) -> None:
    """The public key, alone on its line."""
    if as_json:
        json_line({"vkey": key.text})
    else:
        console.print(key.text, markup=False, soft_wrap=True)


def _key(memory: Path, name: str | None) -> PrivateKey:
    """The key of the memory, made under `name` at the first start.

    Raises CannotRun where the name is another one, or the key is there without its memory: a witness that has forgotten
    what it cosigned may contradict itself, so it must not go on.
    """
    path = memory / "key"
    if not path.exists():
        if name is None or not good_name(name):
            raise CannotRun("第一次启动请用 --name 命名，不含空格与加号 · name it with --name, no blanks, no plus sign")
        Witness.prepare(memory).close()
        keyfile.write(path, PrivateKey.generate(name, COSIGNATURE))
    elif not (memory / FILE).exists():
        raise CannotRun(
            f"{memory}: 有密钥而无记忆，此见证不可再用，请另建 · a key without its memory: this witness may contradict "
            "itself and must not go on; begin a new one, under a new name"
        )
    key = keyfile.read(path)
    if key.vkey.kind != COSIGNATURE or name not in (None, key.vkey.name):
        raise CannotRun(f"{memory}: 密钥属于 {key.vkey.name} · the key there is of {key.vkey.name}")
    return key
