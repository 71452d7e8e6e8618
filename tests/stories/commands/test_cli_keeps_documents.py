"""A trading centre keeps a tender document and an evaluation report; an auditor reads, a page is torn out, and an
archive ends. All with the real command.
"""

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

PEOPLE = ["p0000000000000000000000021", "p0000000000000000000000023"]


def test_a_document_lives_and_ends_by_entries(held: Any, tmp_path: Path, event: Callable[..., dict[str, Any]]) -> None:
    public, report = tmp_path / "tender.pdf", tmp_path / "report.pdf"
    public.write_bytes(os.urandom(100_000))
    report.write_bytes(os.urandom(300_000))
    first = put(held, public, "tender-document", "public", "30y")
    second = put(held, report, "evaluation-report", "commercial", "none", "--lot", "A-1")
    assert first["doc"]["media_type"] == "application/pdf"
    assert put(held, public, "tender-document", "public", "30y") == first | {"duplicate": True}

    auditor = held.run("key", "--json", "add", "--org", "11140300MA0TT041XF", "--organ", "AUD", "--name", "audit").value
    secret, out = second["doc"]["sha256"], tmp_path / "out.pdf"
    refused = held.run("document", "--key", auditor["key"], "get", secret, "-o", out)
    assert (refused.code, "/purpose" in refused.err, out.exists()) == (2, True, False)
    read = held.run("document", "--key", auditor["key"], "get", secret, "-o", out, "--purpose", "核查投诉")
    assert (read.code, out.read_bytes()) == (0, report.read_bytes())

    whole = held.run("verify", "--json").value
    assert (whole["ok"], whole["documents"]["held"], whole["documents"]["checked"]) == (True, 2, 2)
    (stored,) = (held.data / "documents" / "public").glob("*/*/content")
    raw = stored.read_bytes()
    stored.write_bytes(raw[:50_000])
    torn = held.run("verify", "--json")
    assert (torn.code, torn.value["verdict"]) == (1, "documents-differ")
    assert torn.value["documents"]["faults"][0]["position"] == first["position"]
    stored.write_bytes(raw)

    filed = {"dossier": "A-1", "subject": "A-1", "kind": "electronic", "doc": second["doc"], "retention": "none"}
    position = append(held, event, "f-1", "archive.item-filed.v1", filed)
    ended = {"item": position, "action": "destroyed", "basis": "期满", "approved_by": PEOPLE}
    disposal = append(held, event, "d-1", "archive.item-disposed.v1", ended)
    assert held.run("document", "--json", "dispose").value == [{"document": second["doc"]["id"], "position": disposal}]
    gone = held.run("document", "get", sha256(report.read_bytes()).hexdigest(), "-o", out, "--purpose", "x")
    assert (gone.code, f"#{disposal}" in gone.err) == (2, True)
    after = held.run("verify", "--json").value
    assert (after["ok"], after["documents"]["disposed"], after["documents"]["checked"]) == (True, 1, 1)


def put(held: Any, file: Path, kind: str, cls: str, retention: str, *more: str) -> dict[str, Any]:
    said = held.run("document", "put", file, "--kind", kind, "--class", cls, "--retention", retention, *more)
    assert said.code == 0, said.err
    value: dict[str, Any] = said.value
    return value


def append(held: Any, event: Callable[..., dict[str, Any]], id: str, type_: str, data: dict[str, Any]) -> int:
    one = event(id) | {"type": type_, "subject": "archive:A-1", "data": data}
    said = held.run("append", "-", stdin=json.dumps(one).encode())  # noqa: TID251  (a foreign file)
    assert said.code == 0, said.out
    return int(said.value["position"])
