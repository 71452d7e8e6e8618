"""封存保管人 · Keep the key of sealed bids, and open only when shown why: a program for a supervising body.

    sunledger keeper --memory DIR --org CODE --policy FILE

Needs no ledger, only the policy that says whose checkpoints are trusted. Its keys lie in the folder of its memory: make
two sealed copies of it, on other premises. Without it nothing that was sealed to it can be opened.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import uvicorn

from api.commands.printing import console, json_line
from api.commands.serve import STOP_SECONDS, listening, stopping_is_fine
from api.routes.keeper import make_keeper_app
from api.settings import Place, read_policy
from ledger.contracts import Contracts
from ledger.keeper import Keeper

NEEDS_NO_LEDGER = True
"""It is another body's program: it knows a log by its policy."""


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--memory", type=Path, required=True, metavar="DIR", help="folder of its keys and memory")
    parser.add_argument("--org", required=True, help="code of the body that keeps, as preparations name it")
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="whose checkpoints it trusts")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8002, help="port (8002); 0 takes a free one")


def run(given: Namespace, _: Place | None) -> int:
    """Serve until told to stop."""
    policy = read_policy(given.policy)
    keeper = Keeper(given.org, Contracts.load(), given.memory, lambda: policy)
    try:
        with listening(given.host, given.port) as sock:
            host, port = sock.getsockname()[:2]
            if given.json:
                json_line({"url": f"http://{host}:{port}", "org": keeper.org})
                sys.stdout.flush()  # whoever started it waits for this line
            else:
                console.print(f"http://{host}:{port}/   {keeper.org}", markup=False, soft_wrap=True)
            config = uvicorn.Config(
                make_keeper_app(keeper),
                log_level="warning",
                timeout_graceful_shutdown=STOP_SECONDS,
                server_header=False,
            )
            server = uvicorn.Server(config)
            with stopping_is_fine():
                server.run(sockets=[sock])
            return 0 if server.started else 2
    finally:
        keeper.close()
