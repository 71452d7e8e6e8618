"""核对回执 · Check a receipt offline, with files alone: is this entry in the log that this key signs?

    sunledger receipt check FILE --entry FILE --vkey VKEY       or --policy FILE

FILE is a `.tlog-proof`, as `POST /v1/events?receipt=wait` or `GET /v1/receipts/{position}` gave it. --entry is the
entry as it was received, byte for byte; without it the one that the receipt carries is checked, and printed for you to
compare with what you sent. The vkey must not come from whoever is to be checked: `sunledger signer --show-key`, once,
on paper. Where the log has changed its key since, --key-change takes the receipt of the entry that says so
(`ledger.key-changed`), signed by the key you have. Exit code 0: it holds; 1: it does not.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from api.commands.printing import console, json_line, pairs
from ledger.errors import CannotRun
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import VerifierKey
from ledger.proofs.policy import Log, Policy
from ledger.proofs.receipt import Checked, Receipt, check
from ledger.proofs.succession import accept, extended

NEEDS_NO_LEDGER = True


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    checking = acts.add_parser("check", help="核对 · check one")
    checking.add_argument("file", type=Path, help="the receipt, a .tlog-proof")
    checking.add_argument("--entry", type=Path, help="the entry's exact bytes")
    checking.add_argument(
        "--key-change", action="append", default=[], type=Path, metavar="FILE", help="receipt of a ledger.key-changed"
    )
    trusted = checking.add_mutually_exclusive_group(required=True)
    trusted.add_argument("--vkey", help="the log's key")
    trusted.add_argument("--policy", type=Path, help="a policy file: the log's key, and which witnesses are enough")


def run(given: Namespace, _: None) -> int:
    """Check; 0 it holds, 1 it does not."""
    raw, entry = given.file.read_bytes(), given.entry.read_bytes() if given.entry is not None else None
    try:
        policy = followed(_policy(given), given.key_change)
        receipt = Receipt.parse(raw)
        if entry is None and receipt.extra is None:
            raise CannotRun("--entry FILE：回执不带条目 · the receipt does not carry the entry")
        checked = check(receipt, policy, _as_received(entry, receipt))
    except ProofError as fault:
        if given.json:
            json_line({"ok": False, "code": fault.code, "message": str(fault)})
        else:
            console.print(str(fault), style="bold red", markup=False)
        return 1
    _tell(checked, as_json=given.json)
    return 0


def read_receipt(file: Path) -> Receipt:
    """The receipt of a file. Raises CannotRun where it is none."""
    try:
        return Receipt.parse(file.read_bytes())
    except ProofError as fault:
        raise CannotRun(f"{file}: {fault}") from fault


def followed(policy: Policy, changes: list[Path]) -> Policy:
    """The policy with the keys that these receipts prove to follow its logs', one after another. Raises ProofError."""
    for file in changes:
        policy = extended(policy, [accept(read_receipt(file), policy)])
    return policy


def _as_received(entry: bytes | None, receipt: Receipt) -> bytes | None:
    """The entry's bytes; an editor's or a shell's line end behind them is none of the entry's."""
    if (
        entry is not None
        and entry.endswith(b"\n")
        and (receipt.extra is None or receipt.extra == entry.rstrip(b"\r\n"))
    ):
        return entry.rstrip(b"\r\n")
    return entry


def _policy(given: Namespace) -> Policy:
    try:
        if given.policy is not None:
            return Policy.parse(given.policy.read_bytes())
        return Policy((Log(VerifierKey.parse(given.vkey)),), (), (), "none")
    except ProofError as fault:
        raise CannotRun(str(fault)) from fault


def _tell(checked: Checked, *, as_json: bool) -> None:
    known = checked.signed.checkpoint
    witnesses = [good.key.name for good in checked.signed.cosigned]
    if as_json:
        json_line(
            {
                "ok": True,
                "position": checked.position,
                "origin": known.origin,
                "size": known.size,
                "root": known.root.hex(),
                "witnesses": witnesses,
                "entry": checked.entry.decode("utf-8", "replace"),
            }
        )
        return
    console.print("回执成立：此条目在台账中 · the receipt holds: this entry is in the log", style="bold green")
    pairs(
        {
            "台账 origin": known.origin,
            "条目 position": checked.position,
            "检查点 checkpoint": f"{known.size} {known.root.hex()}",
            "见证 witnesses": ", ".join(witnesses) or "–",
        }
    )
    console.print(checked.entry.decode("utf-8", "replace"), markup=False, soft_wrap=True)
