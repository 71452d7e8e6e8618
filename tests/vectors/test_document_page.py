"""The page on documents tells the truth: record, event, answer and file are what the program makes and reads."""

import json
import re
from hashlib import sha256
from pathlib import Path

from ledger.contracts import Contracts, schemas
from ledger.keeping.deposit import Deposit
from ledger.keeping.sealed_file import HEADER_BYTES, opened

PAGE = (schemas() / "formats" / "document.md").read_text("utf-8")
CONTENT = "评标报告（样本）\n".encode()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)


class OneKey:
    """The data key of the page."""

    def make(self) -> tuple[str, bytes]:
        raise NotImplementedError

    def open(self, name: str) -> bytes:
        return {"5b0c1f6f8a7d4e2b9c3d0e1f2a3b4c5d": bytes(range(32))}[name]

    def destroy(self, name: str) -> None:
        raise NotImplementedError


def test_answer_record_and_event_of_the_page_are_those_of_one_deposit(contracts: Contracts) -> None:
    answer, record, event = blocks("json")
    deposit = Deposit.parse(record.encode())
    assert deposit.doc() == json.loads(answer)["doc"]
    assert deposit.event() == json.loads(event)
    assert deposit.sha256 == sha256(CONTENT).hexdigest()
    contract = contracts.get("archive.document-held.v1")
    assert contract is not None
    assert contract.problems(deposit.event()["data"]) == []


def test_the_encrypted_file_of_the_page_opens(tmp_path: Path) -> None:
    header, chunk = blocks("text")[0].splitlines()
    file = tmp_path / "content"
    file.write_bytes(header.encode().ljust(HEADER_BYTES - 1) + b"\n" + bytes.fromhex(chunk))
    assert b"".join(opened(file, OneKey())) == CONTENT
