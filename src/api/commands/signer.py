"""签名程序 · Follow the log, check every entry against a memory of one's own, sign checkpoints; until told to stop.

    sunledger signer --data DIR [--memory DIR]        follows and signs; `serve` starts one as its child
    sunledger signer --data DIR --policy FILE         asks the witnesses of the policy too (DATA/policy)
    sunledger signer --memory DIR --show-key          the keys to check with, for policies and for everybody
    sunledger signer --memory DIR --head lot:A-1      a tag-head statement from the signer that is running

    sunledger signer --data DIR --change-key planned  makes the next key and the entry that names it; then both sign

Exit code 1: the log contradicts the memory. It stays refused until the log is mended and --look-again compares it with
the same memory once more. A memory that was lost is made again with --recover FILE, the last checkpoint it signed.
"""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, current_thread, main_thread

from api.commands.parent import end_with_parent
from api.commands.printing import console, json_line
from api.key_change import change_key
from api.settings import Place, memory_folder, opened, policy_file, read_policy
from ledger.contracts import Contracts
from ledger.cosigning import MORE_SECONDS, WAIT_SECONDS
from ledger.errors import CannotRun
from ledger.proofs.failures import ProofError
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.signer import Cosign, Signer
from ledger.signer import run as follow
from ledger.signing import door, keyfile
from ledger.signing.witnessing import Witnessing


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--memory", type=Path, metavar="DIR", help="the signer's own folder (DATA/signer)")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="which witnesses to ask, and how many are enough")
    parser.add_argument(
        "--wait", type=float, default=WAIT_SECONDS, metavar="S", help=f"seconds for the quorum ({WAIT_SECONDS:g})"
    )
    parser.add_argument(
        "--more", type=float, default=MORE_SECONDS, metavar="S", help=f"seconds for the others ({MORE_SECONDS:g})"
    )
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--show-key", action="store_true", help="print the public keys")
    acts.add_argument("--head", metavar="TAG", help="ask the running signer where the history of a tag ends")
    acts.add_argument("--checkpoint", action="store_true", help="ask the running signer for a checkpoint, now")
    acts.add_argument("--look-again", action="store_true", help="compare again after a refusal, then follow")
    acts.add_argument("--change-key", metavar="REASON", help="make the log's next key; planned, suspected, staff …")
    acts.add_argument("--recover", type=Path, metavar="FILE", help="begin a lost memory again from a checkpoint")


def needs_ledger(given: Namespace) -> bool:
    """What is asked of a folder, or of a signer that runs, needs no ledger once the folder is named."""
    asking = given.show_key or given.head is not None or given.checkpoint
    return not (asking and given.memory is not None)


def run(given: Namespace, place: Place | None) -> int:
    """Follow until told to stop, or do the one thing asked."""
    folder = given.memory if place is None else memory_folder(place, given.memory)
    if folder is None:
        raise CannotRun("--memory DIR：签名程序需要自己的文件夹 · the signer needs a folder of its own")
    if given.show_key:
        return _show(folder, as_json=given.json)
    if given.head is not None or given.checkpoint:
        print_note(door.ask(folder, "checkpoint" if given.checkpoint else f"head {given.head}"), as_json=given.json)
        return 0
    if place is None:
        raise CannotRun("a signer without a log to follow")
    if given.change_key is not None:
        return _change(folder, place, given)
    stop = Event()
    _stop_on_signals(stop)
    if given.with_parent:
        end_with_parent(stop.set)
    policy = read_policy(policy_file(folder, given.policy))
    with opened(place) as dsn, _asking(dsn, policy, given) as cosign, _signer(folder, given, cosign) as signer:
        if given.look_again:
            signer.memory.look_again()
        serve(signer, dsn, stop)
    return 0


@contextmanager
def _asking(dsn: str, policy: Policy | None, given: Namespace) -> Iterator[Witnessing | None]:
    """The witnesses of the policy; None where there is no policy."""
    if policy is None:
        yield None
        return
    asking = Witnessing(dsn, policy, wait=given.wait, more=given.more)
    try:
        yield asking
    finally:
        asking.close()


def serve(signer: Signer, dsn: str, stop: Event) -> None:
    """Follow and answer at the door until told to stop. Raises WillNotSign."""

    def answer(word: str, rest: str) -> str:
        match word:
            case "head":
                return signer.head(rest)
            case "checkpoint":
                return signer.look_now(dsn)
            case _:
                raise CannotRun(f"head TAG, or checkpoint, not {word[:20]}")

    opening = door.Door(signer.folder, answer)
    try:
        follow(signer, dsn, stop)
    finally:
        opening.close()


def print_note(note: str, *, as_json: bool) -> None:
    """A signed note, exactly; with --json as one value."""
    if as_json:
        json_line({"note": note})
    else:
        sys.stdout.write(note)


def _signer(folder: Path, given: Namespace, cosign: Cosign | None) -> Signer:
    if given.recover is None:
        return Signer(folder, cosign)
    note = given.recover.read_bytes()
    try:
        return Signer.recover(folder, Note.parse(note).full, cosign)
    except ProofError as fault:
        raise CannotRun(f"{given.recover}: {fault}") from fault


def _show(folder: Path, *, as_json: bool) -> int:
    keys = keyfile.public(folder)
    if keys is None:
        raise CannotRun(f"{folder}: 还没有密钥 · no key yet")
    if as_json:
        json_line({"log": keys.logs[0].text, "heads": keys.heads.text, "earlier": [key.text for key in keys.logs[1:]]})
    else:
        for key in (keys.logs[0], keys.heads, *keys.logs[1:]):
            console.print(key.text, markup=False, soft_wrap=True)
    return 0


def _change(folder: Path, place: Place, given: Namespace) -> int:
    with opened(place) as dsn:
        policy = policy_file(folder, given.policy)
        done = change_key(dsn, Contracts.load(), folder, policy, given.change_key)
    change = done.change
    if given.json:
        json_line(
            {
                "position": change.position,
                "old": change.old.text,
                "new": change.new.text,
                "both_until": change.both_until,
                "policy": None if done.policy is None else str(done.policy),
            }
        )
        return 0
    console.print(f"第 {change.position} 条 · entry {change.position}: {change.new.text}", markup=False, soft_wrap=True)
    console.print(f"两把密钥并行签名至 · both keys sign until {change.both_until}", markup=False)
    if done.policy is not None:
        console.print(f"策略已更新，请分发 · the policy was rewritten, hand it out: {done.policy}", markup=False)
    return 0


def _stop_on_signals(stop: Event) -> None:
    """Ctrl-C and SIGTERM end it in order: what is being read is remembered or forgotten whole."""
    if current_thread() is main_thread():
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, lambda *_: stop.set())
