"""镜像 · Follow a log, believe none of it, keep one's own copy and the head of every tag.

    sunledger mirror URL DIR --policy FILE [--key slk_…]     follow a server, or a folder of tiles, until told to stop
    sunledger mirror DIR                                     what is known of the log, and whether it stands still
    sunledger mirror DIR --head lot:A01-1 [--name NAME]      a signed statement where a tag's history ends

Exit code 1: something does not fit. It is said where; a signed checkpoint of another history is kept in DIR/evidence.
"""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from threading import Event

from api.commands.printing import console, json_line, progress_bar
from api.commands.receipt import read_receipt
from api.commands.witness import log_key, print_key
from api.settings import Place
from ledger.errors import CannotRun, Unknown
from ledger.mirror import Mirror
from ledger.mirroring.source import source_of
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import PrivateKey, good_name
from ledger.proofs.policy import NONE, Log, Policy
from ledger.signing import keyfile

NEEDS_NO_LEDGER = True
"""It is another body's program: it knows a log by its address and its key."""

EVERY_SECONDS = 5.0
POLICY, KEY = "policy", "key"


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("places", nargs="+", metavar="[URL] DIR", help="where to read (URL or folder), and one's own")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="whose signatures count (kept in DIR)")
    parser.add_argument("--log", action="append", default=[], metavar="VKEY", help="the log's key, instead of a policy")
    parser.add_argument(
        "--key-change", action="append", default=[], type=Path, metavar="FILE", help="receipt of a ledger.key-changed"
    )
    parser.add_argument("--key", help="a reader's key, slk_… (SUNLEDGER_KEY)")
    parser.add_argument("--once", action="store_true", help="read up to the newest checkpoint, then stop")
    parser.add_argument("--every", type=float, default=EVERY_SECONDS, help=f"seconds between looks ({EVERY_SECONDS:g})")
    parser.add_argument("--head", metavar="TAG", help="sign where the history of a tag ends")
    parser.add_argument("--name", help="the mirror's name for ever, like mirror.example/audit (at its first signature)")
    parser.add_argument("--show-key", action="store_true", help="print the mirror's public key and stop")


def run(given: Namespace, _: Place | None) -> int:
    """Follow, or do the one thing asked."""
    if len(given.places) > 2:
        raise CannotRun("[URL] DIR")
    folder = Path(given.places[-1])
    if given.show_key:
        print_key(_key(folder, given.name).vkey, as_json=given.json)
        return 0
    policy = policy_of(folder, given.policy, given.log)
    mirror = Mirror(folder, policy)
    try:
        _keep(folder, policy)
        for file in given.key_change:
            mirror.follow_key(read_receipt(file))
        if len(given.places) == 2:
            return _follow(mirror, given)
        if given.head is not None:
            statement = mirror.head(given.head, _key(folder, given.name))
            if given.json:
                json_line({"statement": statement})
            else:
                console.print(statement, end="", markup=False, soft_wrap=True)
            return 0
        return _tell(mirror, as_json=given.json)
    finally:
        mirror.close()


def policy_of(folder: Path, file: Path | None, logs: list[str]) -> Policy:
    """The policy given, else the one kept in the folder. Raises CannotRun where there is none, or it is none."""
    kept = folder / POLICY
    try:
        if logs:
            return Policy(tuple(Log(log_key(text)) for text in logs), (), (), NONE)
        if file is not None or kept.exists():
            return Policy.parse((file or kept).read_bytes())
    except ProofError as fault:
        raise CannotRun(str(fault)) from fault
    raise CannotRun("请用 --policy 或 --log 指明台账的公钥 · say whose log this is: --policy FILE or --log VKEY")


def _keep(folder: Path, policy: Policy) -> None:
    """The policy stays beside the mirror, so that it need not be named again."""
    folder.mkdir(parents=True, exist_ok=True)
    passing = folder / f".{POLICY}.new"
    passing.write_text(policy.text, "utf-8")
    passing.replace(folder / POLICY)


def _follow(mirror: Mirror, given: Namespace) -> int:
    """Read, once or until stopped. While the log is away it is tried again; what is broken ends it with exit code 1."""
    source = source_of(given.places[0], given.key or os.environ.get("SUNLEDGER_KEY"))
    told: list[str] = []
    try:
        while True:
            try:
                with progress_bar("读取 · reading", quiet=given.json) as bar:
                    mirror.step(source, bar)
            except Unknown:
                raise
            except CannotRun as passing:
                if given.once:
                    raise
                console.print(f"{passing}", style="yellow", markup=False)
            if given.once:
                return _tell(mirror, as_json=given.json)
            if (alarms := mirror.alarms()) != told:
                told = alarms
                for alarm in alarms:
                    console.print(f"■ {alarm}", style="bold red", markup=False)
            Event().wait(given.every)
    finally:
        source.close()


def _tell(mirror: Mirror, *, as_json: bool) -> int:
    """What is known of the log; 1 when there is an alarm."""
    memory, alarms = mirror.memory, mirror.alarms()
    known, seen = memory.known(), memory.watched()
    if as_json:
        json_line(
            {
                "origin": known.origin,
                "size": known.size,
                "root": known.root.hex(),
                "checkpoint": seen.note or None,
                "since": seen.since,
                "alarms": alarms,
            }
        )
    else:
        console.print(f"{known.origin} · {known.size:,} · {known.root.hex()}", markup=False)
        for alarm in alarms:
            console.print(f"■ {alarm}", style="bold red", markup=False)
    return 1 if alarms else 0


def _key(folder: Path, name: str | None) -> PrivateKey:
    """The mirror's own key, made under `name` when it is first wanted. Raises CannotRun."""
    path = folder / KEY
    if not path.exists():
        if name is None or not good_name(name):
            raise CannotRun("第一次签名请用 --name 命名，不含空格与加号 · name it with --name, no blanks, no plus sign")
        folder.mkdir(parents=True, exist_ok=True)
        keyfile.write(path, PrivateKey.generate(name))
    key = keyfile.read(path)
    if name not in (None, key.vkey.name):
        raise CannotRun(f"{folder}: 密钥属于 {key.vkey.name} · the key there is of {key.vkey.name}")
    return key
