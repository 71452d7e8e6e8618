"""The page on changed keys: its receipt proves what its text says, byte for byte."""

import re
from pathlib import Path

import pytest

from ledger.proofs.failures import ProofError
from ledger.proofs.keys import PrivateKey
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt, check
from ledger.proofs.succession import accept, extended, in_force

PAGE = (Path(__file__).parents[2] / "schemas" / "formats" / "key-change.md").read_text("utf-8")
OLD, NEW = (PrivateKey.of(bytes([seed] * 32), "log.example/city").vkey for seed in (1, 7))
BLOCKS = re.findall(r"```(?:json|text)\n(.*?)\n```", PAGE, re.DOTALL)


def trusting(key: str) -> Policy:
    return Policy.parse(f"log {key} https://log.example\nquorum none\n")


def test_the_receipt_of_the_page_proves_the_change_to_whoever_has_the_old_key() -> None:
    entry, text = BLOCKS
    receipt = Receipt.parse(f"{text}\n")
    assert receipt.extra == entry.encode()
    change = accept(receipt, trusting(OLD.text))
    assert (change.position, change.old, change.new) == (2, OLD, NEW)
    follower = extended(trusting(OLD.text), [change])
    assert [(log.key, log.url) for log in follower.logs] == [(OLD, "https://log.example"), (NEW, "https://log.example")]
    assert check(receipt, follower).position == 2
    assert in_force([OLD], [change], lambda _: True) == [NEW]
    assert in_force([NEW], [change], lambda _: False) == [NEW]
    assert in_force([PrivateKey.generate("log.example/city").vkey], [change], lambda _: False)[1:] == []


def test_the_new_key_cannot_vouch_for_itself() -> None:
    with pytest.raises(ProofError):
        accept(Receipt.parse(f"{BLOCKS[1]}\n"), trusting(NEW.text))
