"""An evidence bundle is damaged in some fifty ways: Python, browser and shell name the same step, each by itself.

The Python verifier is called, the page is opened from disk in Chromium and given the zip, the recipe runs in bash.
"""

import random
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, FilePayload, Page

from ledger.proofs.bundle import pack
from ledger.proofs.keys import PrivateKey
from ledger.proofs.offline import texts, verify
from ledger.proofs.tree import leaf_hash

if TYPE_CHECKING:
    from tests.conftest import CaseFile

Files = dict[str, bytes]
Verdict = tuple[str, str, str]
"""Verdict, code of the step ("" where it holds), who vouches for the end."""

SIZE = 60
STATEMENTS = ("statements/1", "statements/2")


@pytest.fixture(scope="module")
def case(case_file: "type[CaseFile]") -> "CaseFile":
    return case_file(SIZE)


class VerifierPage:
    """The page, opened from disk, and everything it asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.asked, self.complaints = page, list[str](), list[str]()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path.as_uri())

    def verdict(self, files: Files) -> Verdict:
        """What the page says of a zip of these files."""
        self.page.set_input_files("#zip", FilePayload(name="case.zip", mimeType="application/zip", buffer=pack(files)))
        box = self.page.locator("#verdict")
        box.wait_for(state="visible", timeout=20_000)
        said = re.match(r"verdict (\w+) · end (\w+)", box.inner_text())
        assert said, box.inner_text()
        return said[1], box.get_attribute("data-code") or "", said[2]


@pytest.fixture(scope="module")
def in_browser(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VerifierPage]:
    path = tmp_path_factory.mktemp("page") / "verify.html"
    path.write_bytes(texts()["verify.html"])
    context = chromium.new_context(locale="zh-CN")
    yield VerifierPage(context.new_page(), path)
    context.close()


def in_python(files: Files) -> Verdict:
    found = verify.check(files)
    return found.verdict, found.refused.code if found.refused else "", found.end


def in_shell(files: Files, folder: Path) -> Verdict:
    shutil.rmtree(folder, ignore_errors=True)
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    (folder / "recipe.sh").write_bytes(texts()["recipe.sh"])
    ran = subprocess.run(
        ["bash", folder / "recipe.sh"], capture_output=True, text=True, timeout=120, errors="replace", check=False
    )
    code = re.search(r"^✗ (\w+)", ran.stdout, re.MULTILINE)
    said = re.search(r"^verdict (\w+) · end (\w+)$", ran.stdout, re.MULTILINE)
    assert said, ran.stdout + ran.stderr
    assert ran.returncode == {"holds": 0, "refused": 1, "undecided": 2}[said[1]], ran.stderr
    assert ran.stderr == ""
    return said[1], code[1] if code else "", said[2]


@pytest.fixture
def all_three(in_browser: VerifierPage, tmp_path: Path) -> Callable[[Files], Verdict]:
    if not shutil.which("openssl") or not subprocess.check_output(["openssl", "version"]).startswith(b"OpenSSL 3"):
        pytest.skip("openssl 3 is not installed")

    def verdict(files: Files) -> Verdict:
        said = {
            "python": in_python(files),
            "browser": in_browser.verdict(files),
            "shell": in_shell(files, tmp_path / "b"),
        }
        assert len(set(said.values())) == 1, said
        return said["python"]

    return verdict


def cut(files: Files, first: int, last: int | None) -> Files:
    """Without the lines from `first` to `last` of entries and proofs."""
    kept = {}
    for name in ("entries", "proofs"):
        lines = files[name].splitlines(keepends=True)
        del lines[first:last]
        kept[name] = b"".join(lines)
    return files | kept


def lines(files: Files, name: str, change: Callable[[list[bytes]], object]) -> Files:
    """With the lines of one file changed in place."""
    rows = files[name].splitlines(keepends=True)
    change(rows)
    return files | {name: b"".join(rows)}


def swap(files: Files, name: str, old: bytes, new: bytes) -> Files:
    assert old in files[name], f"{name} has no {old!r}"
    return files | {name: files[name].replace(old, new, 1)}


def without(files: Files, *names: str) -> Files:
    return {name: raw for name, raw in files.items() if name not in names}


def turn(files: Files, name: str, at: int, bits: int = 1) -> Files:
    raw = bytearray(files[name])
    raw[at] ^= bits
    return files | {name: bytes(raw)}


def spoil(files: Files, name: str, line: int) -> Files:
    """With one bit of the signature in this line turned."""
    rows = files[name].splitlines(keepends=True)
    before, _, encoded = rows[line].rpartition(b" ")
    signature = bytearray(b64decode(encoded))
    signature[-9] ^= 1
    rows[line] = before + b" " + b64encode(signature) + b"\n"
    return files | {name: b"".join(rows)}


def exchange(rows: list[bytes]) -> None:
    rows[4], rows[5] = rows[5], rows[4]


def damages(case: "CaseFile", whole: Files) -> Iterator[tuple[str, Files, str]]:
    """Name, damaged bundle, and the code of the step that must see it (`holds …` where nobody can)."""
    alone = without(whole, *STATEMENTS)
    stranger = PrivateKey.of(bytes([9] * 32), "stranger.example")
    false = case.statement(case.HEADS, ordinal=10).encode()
    older = case.statement(case.READER, ordinal=10, size=32).encode()
    root = case.checkpoint().split("\n")[2].encode()
    yield "an entry in the middle is gone", cut(alone, 9, 10), "history"
    yield "the first entry is gone", cut(alone, 0, 1), "history"
    yield "the last is gone, the mirror knows", cut(whole, -1, None), "statement"
    yield "the last ten are gone, the mirror knows", cut(whole, -10, None), "statement"
    yield (
        "the last ten are gone, a true statement of the log when it was shorter",
        (cut(alone, -10, None) | {"statements/1": older}),
        "statement",
    )
    yield (
        "the last ten are gone, the operator lies, the mirror does not",
        (cut(whole, -10, None) | {"statements/1": false}),
        "statement",
    )
    yield (
        "the last ten are gone, the operator lies alone",
        cut(alone, -10, None) | {"statements/1": false},
        "holds word",
    )
    yield "the last is gone, and so is every statement", cut(alone, -1, None), "holds nobody"
    yield "two entries change places", lines(lines(alone, "entries", exchange), "proofs", exchange), "history"
    yield "two proofs change places", lines(whole, "proofs", exchange), "inclusion"
    yield (
        "an entry stands there twice",
        (lines(lines(whole, "entries", lambda r: r.insert(3, r[3])), "proofs", lambda r: r.insert(3, r[3]))),
        "history",
    )
    yield "a byte of an entry", turn(whole, "entries", 30), "inclusion"
    yield "a digit of a path", swap(whole, "proofs", whole["proofs"][9:11], b"00"), "inclusion"
    yield "a path is a hash short", lines(whole, "proofs", lambda r: r.insert(0, r.pop(0)[:-66] + b"\n")), "inclusion"
    yield (
        "a path is a hash too long",
        (lines(whole, "proofs", lambda r: r.insert(0, r.pop(0)[:-1] + b" " + b"0" * 64 + b"\n"))),
        "inclusion",
    )
    yield "another place", lines(whole, "proofs", lambda r: r.insert(0, b"3" + r.pop(0)[1:])), "inclusion"
    yield "a place beyond the log", lines(whole, "proofs", lambda r: r.insert(0, b"99" + r.pop(0)[1:])), "inclusion"
    yield "capital digits", whole | {"proofs": whole["proofs"].upper()}, "format"
    yield "a proof less", lines(whole, "proofs", lambda r: r.pop()), "format"
    yield "no entry at all", whole | {"entries": b"\n", "proofs": b"\n"}, "format"
    yield "no last line end", whole | {"entries": whole["entries"][:-1]}, "format"
    yield "a zero byte", swap(whole, "entries", b'"event"', b'"eve\0nt"'), "format"
    yield "a file is missing", without(whole, "readers"), "format"
    yield "another tag", swap(whole, "bundle", b"lot:A-1", b"lot:A-2"), "history"
    yield "another log", swap(whole, "bundle", b"/case", b"/cast"), "checkpoint"
    yield "known beyond the log", swap(whole, "bundle", b"\n60\n", b"\n61\n"), "format"
    yield "a later format", swap(whole, "bundle", b"/v1", b"/v2"), "newer"
    yield "another root", swap(whole, "checkpoint", root, b"A" * 43 + b"="), "checkpoint"
    yield "another size", swap(whole, "checkpoint", b"\n60\n", b"\n61\n"), "checkpoint"
    yield "a size written otherwise", swap(whole, "checkpoint", b"\n60\n", b"\n060\n"), "checkpoint"
    yield "not signed by the log", lines(whole, "checkpoint", lambda r: r.pop(4)), "checkpoint"
    yield "a wrong signature of the log", spoil(whole, "checkpoint", 4), "checkpoint"
    yield "a wrong cosignature", spoil(whole, "checkpoint", 5), "checkpoint"
    yield "a wrong statement", spoil(whole, "statements/2", -1), "statement"
    yield (
        "line ends of another system",
        whole | {"checkpoint": whole["checkpoint"].replace(b"\n", b"\r\n")},
        "checkpoint",
    )
    yield "one cosignature less", lines(whole, "checkpoint", lambda r: r.pop()), "quorum"
    yield "cosigned by a stranger", whole | {"checkpoint": case.checkpoint(case.WITNESSES[0]).encode()}, "quorum"
    yield "no quorum", swap(whole, "policy", b"quorum two\n", b""), "policy"
    yield "a group in a circle", swap(whole, "policy", b"audit discipline finance\n", b"audit two finance\n"), "policy"
    yield "a key id of another key", swap(whole, "policy", case.LOG.vkey.id.hex().encode(), b"00000000"), "policy"
    yield "a policy that is no text", swap(whole, "policy", "两".encode(), b"\xff"), "policy"
    yield (
        "a reader who is the log",
        swap(whole, "readers", case.HEADS.vkey.text.encode(), case.LOG.vkey.text.encode()),
        "readers",
    )
    yield "a statement by nobody known", whole | {"statements/2": case.statement(stranger).encode()}, "statement"
    yield "a statement of another tag", swap(whole, "statements/2", b"lot:A-1", b"lot:A-2"), "statement"
    yield "a statement with a changed end", swap(whole, "statements/1", b"\n20\n", b"\n19\n"), "statement"
    yield "the mirror contradicts", whole | {"statements/2": case.statement(case.READER, 19).encode()}, "statement"
    yield "a checkpoint as a statement", whole | {"statements/3": whole["checkpoint"]}, "statement"


def test_what_is_whole_holds_for_all_three(case: "CaseFile", all_three: Callable[[Files], Verdict]) -> None:
    whole = case.bundle()
    assert all_three(whole) == ("holds", "", "read")
    assert all_three(without(whole, "statements/2")) == ("holds", "", "word")
    assert all_three(without(whole, *STATEMENTS)) == ("holds", "", "nobody")
    assert all_three(case.bundle(known=30)) == ("holds", "", "read")


def test_a_tag_of_odd_letters_is_found_by_all_three(
    case_file: "type[CaseFile]", all_three: Callable[[Files], Verdict]
) -> None:
    assert all_three(case_file(9, r'lot:a"b\c{d}],"x":[*').bundle()) == ("holds", "", "read")


def test_the_smallest_log_holds_for_all_three(
    case_file: "type[CaseFile]", all_three: Callable[[Files], Verdict]
) -> None:
    assert all_three(case_file(3).bundle()) == ("holds", "", "read")


def test_every_damage_is_named_alike_by_all_three(case: "CaseFile", all_three: Callable[[Files], Verdict]) -> None:
    whole, told = case.bundle(), {}
    for name, files, code in damages(case, whole):
        verdict, found, end = all_three(files)
        told[name] = (code, f"holds {end}" if verdict == "holds" else found)
    assert len(told) >= 30
    assert {name: pair for name, pair in told.items() if pair[0] != pair[1]} == {}


def test_entries_that_a_log_should_never_hold_are_named_alike_by_all_three(
    case_file: "type[CaseFile]", all_three: Callable[[Files], Verdict]
) -> None:
    """The operator logs what no writer of ours seals: the proof of inclusion holds, and the entry is refused."""
    for old, new, wanted in (
        (b'"position":9', b'"position":8', ("refused", "entry")),
        (b'"v":1}', b'"v":2}', ("undecided", "newer")),
        (b'"v":1}', b'"v":1,"w":1}', ("refused", "entry")),
        (case_file(9).leaves[5].hex().encode(), b"0" * 64, ("refused", "history")),
        (b'"lot:A-1":[3,', b'"lot:A-1":[4,', ("refused", "history")),
    ):
        made = case_file(9)
        good = without(made.bundle(), *STATEMENTS)
        raw = made.entries[-1].replace(old, new)
        assert raw != made.entries[-1]
        made.entries[-1], made.leaves[-1] = raw, leaf_hash(raw)
        proofs = "".join(f"{proof.line}\n" for proof in made.proofs()).encode()
        entries = b"".join(made.entries[index] + b"\n" for index in made.mine)
        files = good | {"entries": entries, "proofs": proofs, "checkpoint": made.checkpoint().encode()}
        assert all_three(files)[:2] == wanted


def test_bytes_changed_at_random_are_judged_alike_by_all_three(
    case_file: "type[CaseFile]", all_three: Callable[[Files], Verdict]
) -> None:
    whole, chance = case_file(12).bundle(), random.Random(7)
    names = ["bundle", "policy", "checkpoint", "entries", "proofs", "readers", *STATEMENTS]
    verdicts = []
    for name in names * 2:
        at = chance.randrange(len(whole[name]))
        verdicts.append((name, all_three(turn(whole, name, at, 1 << chance.randrange(8)))[0]))
    assert {verdict for name, verdict in verdicts if name in ("entries", "proofs", "bundle")} == {"refused"}


def test_the_page_asks_for_nothing_and_complains_of_nothing(in_browser: VerifierPage, case: "CaseFile") -> None:
    assert in_browser.verdict(case.bundle())[0] == "holds"
    assert [url for url in in_browser.asked if not url.startswith("file:")] == []
    assert in_browser.complaints == []
    told = in_browser.page.inner_text("body")
    assert "由其通读 · read by: mirror.example/audit" in told
    assert "经营者自称 · the operator's word: example.com/log/case/heads" in told


def test_a_browser_without_ed25519_says_what_it_could_not_check(
    chromium: Browser, case: "CaseFile", tmp_path: Path
) -> None:
    path = tmp_path / "verify.html"
    path.write_bytes(texts()["verify.html"])
    context = chromium.new_context()
    context.add_init_script(
        "crypto.subtle.importKey = async () => { throw new DOMException('none', 'NotSupportedError'); }"
    )
    old = VerifierPage(context.new_page(), path)
    assert old.verdict(case.bundle()) == ("undecided", "unchecked", "read")
    assert old.verdict(cut(case.bundle(), 3, 4)) == ("refused", "history", "nobody")
    assert "Ed25519" in old.page.inner_text("#facts")
    context.close()


def test_the_page_takes_a_folder_and_a_zip_made_by_others(
    in_browser: VerifierPage, case: "CaseFile", tmp_path: Path
) -> None:
    for name, raw in case.bundle().items():
        (tmp_path / "case" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "case" / name).write_bytes(raw)
    shutil.make_archive(str(tmp_path / "deflated"), "zip", tmp_path, "case")
    for selector, what in (("#folder", tmp_path / "case"), ("#zip", tmp_path / "deflated.zip")):
        in_browser.page.set_input_files(selector, what)
        box = in_browser.page.locator("#verdict")
        box.wait_for(state="visible", timeout=20_000)
        assert box.inner_text().startswith("verdict holds · end read")
    assert in_python(verify.load(tmp_path / "deflated.zip"))[0] == "holds"


def test_shown_members_hold_where_their_entries_hide_them_and_nowhere_else(
    case: "CaseFile", all_three: Callable[[Files], Verdict]
) -> None:
    files = case.bundle()
    shown = [f"{index + 1} {case.SHOWN}\n".encode() for index in case.mine[:3]]
    assert all_three(files | {"disclosures": b"".join(shown)}) == all_three(files)
    assert all_three(files)[0] == "holds"
    other = case.SHOWN[:-3] + ("AAA" if case.SHOWN[-3:] != "AAA" else "BBB")
    for wrong, code in (
        (f"3 {other}\n".encode(), "disclosure"),
        (shown[0] + f"4 {case.SHOWN}\n".encode(), "disclosure"),
        (b"3 \n", "format"),
        (f"3  {case.SHOWN}\n".encode(), "format"),
        (f"03 {case.SHOWN}\n".encode(), "format"),
        (f"3 {case.SHOWN}=\n".encode(), "format"),
        (shown[0][:-1], "format"),
        (shown[0] + b"\n", "format"),
        (b"", "format"),
    ):
        assert all_three(files | {"disclosures": wrong})[:2] == ("refused", code), wrong
