#!/usr/bin/env python3
"""核验证据包 · Verify an evidence bundle, offline. One file: Python 3.9 or newer and the package `cryptography`.

    python3 verify.py [BUNDLE] [--policy FILE] [--readers FILE] [--json]

BUNDLE is the folder or the zip file; without it, the folder in which this file lies. What is proved, in this order, and
the code that is printed where a step fails:

    format       the files are there and have their form
    policy       whose word counts: the keys of the log and of the witnesses
    checkpoint   the log has signed its size and root, and no signature of a known key is wrong
    quorum       as many witnesses have cosigned as the policy asks for
    inclusion    each entry, by its exact bytes, is in the log of that size and root
    entry        each entry can be read, and stands at the position that was proved
    history      on the tag the ordinals run 1, 2, 3 … n, and each entry names the hash of the one before
    readers      whose word counts for the end of a history
    statement    n is the end of the tag's history, by each tag-head statement

Exit code 0 holds, 1 refused, 2 could not be decided. Policy and readers that came with the bundle prove only as much as
you know that these keys are the right ones: compare them, or give files of your own.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write("请先安装 cryptography，或改用 verify.html、recipe.sh · install cryptography, or use the others\n")
    sys.exit(2)

SENTENCES = {
    "format": ("文件缺失或格式有误", "a file is missing, or has not its form"),
    "newer": ("需要更新的核验程序", "a newer verifier is needed"),
    "policy": ("见证策略有误", "the policy is wrong"),
    "checkpoint": ("检查点没有台账的有效签名", "the checkpoint has no good signature of the log"),
    "quorum": ("见证签名未达到策略要求", "fewer witnesses have cosigned than the policy asks for"),
    "inclusion": ("条目不在台账中，或内容被改", "an entry is not in the log, or was changed"),
    "entry": ("不是该位置的条目", "no entry of that position"),
    "history": ("历史有缺：序号或前一条不符", "the history has a gap: ordinal or entry before do not fit"),
    "disclosure": ("披露与条目不符", "a disclosure does not fit the entry it is said to be of"),
    "readers": ("读者名单有误", "the list of readers is wrong"),
    "statement": ("末条声明无效，或与证据包不符", "a tag-head statement is no good, or contradicts the bundle"),
}
NOTE, COSIGNATURE = 1, 4
MAX_NUMBER = 2**63 - 1
MAX_ENTRY = 65_535
FILES = ("bundle", "policy", "checkpoint", "entries", "proofs", "readers")
OPTIONAL = "disclosures"
LIMITS = {"entries": 2**30, "proofs": 2**30, "disclosures": 2**30, "policy": 100_000, "readers": 100_000}
OTHER_LIMIT = 1_000_000
_META = re.compile(
    rb'([1-9][0-9]{0,18}),"poster":\{[^{}]*\},(?:"proof":\{[^{}]*\},)?'
    rb'"prev":"[0-9a-f]{64}","recorded":"([^"\\]*)","v":1\}'
)
_HIDES = re.compile(rb'"_sd":\[([^]]*)\]')
_SHOWN = re.compile("([1-9][0-9]{0,18}) ([A-Za-z0-9_-]{1,100000})")
_LINK = re.compile(rb'([1-9][0-9]{0,18}),(null|"[0-9a-f]{64}")\]')


class Refused(Exception):
    """The bundle does not hold: a code of `SENTENCES`, and where or what."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")


@dataclass(frozen=True)
class Key:
    """A public key with its name and kind; `id` is four bytes."""

    name: str
    kind: int
    public: bytes
    id: bytes

    @property
    def label(self) -> str:
        """Name and key id, by which signature lines name a key. Anybody can make another key with the same."""
        return f"{self.name}+{self.id.hex()}"

    @property
    def vkey(self) -> str:
        """The whole key, to be compared with what its owner publishes."""
        return f"{self.label}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass
class Policy:
    """Keys of logs and witnesses, groups as (name, count, members), and the quorum's name."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: list[tuple[str, int, list[str]]] = field(default_factory=list)
    quorum: str = ""


@dataclass
class Found:
    """What was proved so far.

    witnesses    (name in the policy, key, POSIX seconds) of each that cosigned
    entries      (ordinal, position, recorded, leaf hash in hex, exact bytes)
    statements   (file, signers, whether they are all the operator's own)
    disclosed    (position, name and value as JSON) of each hidden member that the bundle shows
    """

    origin: str = ""
    tag: str = ""
    known: int = 0
    size: int = 0
    root: bytes = b""
    log: list[str] = field(default_factory=list)
    witnesses: list[tuple[str, str, int]] = field(default_factory=list)
    entries: list[tuple[int, int, str, str, bytes]] = field(default_factory=list)
    statements: list[tuple[str, list[str], bool]] = field(default_factory=list)
    disclosed: list[tuple[int, str]] = field(default_factory=list)
    refused: Refused | None = None

    @property
    def verdict(self) -> str:
        """`holds`, `refused` or `undecided`."""
        if self.refused is None:
            return "holds"
        return "undecided" if self.refused.code == "newer" else "refused"

    @property
    def end(self) -> str:
        """Who vouches for the end of the history: somebody who has `read` the log, the operator's `word`, `nobody`."""
        if any(not operator for _, _, operator in self.statements):
            return "read"
        return "word" if self.statements else "nobody"


def check(files: dict[str, bytes]) -> Found:
    """Everything, in the order of this file's docstring; what is wrong first stands in `refused`."""
    found = Found()
    try:
        statements = _check_form(files, found)
        policy = read_policy(files["policy"])
        check_checkpoint(files["checkpoint"], policy, found)
        if not 0 < found.known <= found.size:
            raise Refused("format", "bundle: known position")
        check_entries(files["entries"][:-1].split(b"\n"), lines_of(files["proofs"], "format", "proofs"), found)
        if OPTIONAL in files:
            check_disclosures(lines_of(files[OPTIONAL], "format", OPTIONAL), found)
        keys = read_readers(files["readers"], policy)
        for name in statements:
            check_statement(name, files[name], keys, found)
    except Refused as refused:
        found.refused = refused
    return found


def _check_form(files: dict[str, bytes], found: Found) -> list[str]:
    """The files that must be there, and the four lines of `bundle`; returns the names of the statements."""
    statements = sorted(name for name in files if re.fullmatch("statements/[^/]+", name))
    for name in [*FILES, *(one for one in (OPTIONAL,) if one in files), *statements]:
        raw = files.get(name, b"")
        if b"\0" in raw or not raw.endswith(b"\n") or len(raw) > LIMITS.get(name, OTHER_LIMIT):
            raise Refused("format", name)
    head = lines_of(files["bundle"], "format", "bundle")
    if head[0] != "sunledger/bundle/v1" and re.fullmatch("sunledger/bundle/v[0-9]+", head[0]):
        raise Refused("newer", head[0])
    known = decimal(head[3]) if len(head) == 4 else None
    if known is None or head[0] != "sunledger/bundle/v1" or not head[1] or not re.fullmatch("[!-~]{1,128}", head[2]):
        raise Refused("format", "bundle")
    found.origin, found.tag, found.known = head[1], head[2], known
    return statements


def lines_of(raw: bytes, code: str, what: str) -> list[str]:
    """The lines of a text that is UTF-8; its last line end is there already."""
    try:
        return raw.decode("utf-8")[:-1].split("\n")
    except UnicodeDecodeError:
        raise Refused(code, f"{what}: UTF-8") from None


def unbase64(text: str) -> bytes | None:
    """The bytes of canonical base64, else None."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return value if base64.b64encode(value).decode() == text else None


def decimal(text: str) -> int | None:
    """A number from 0 to 2^63-1 in its one spelling, else None."""
    return int(text) if re.fullmatch("0|[1-9][0-9]{0,18}", text) and int(text) <= MAX_NUMBER else None


def good_name(name: str) -> bool:
    """Whether a key may have this name."""
    return bool(name) and "+" not in name and not any(one.isspace() or one < " " for one in name)


def read_key(text: str, kind: int, code: str, others: Iterable[Key]) -> Key:
    """The key of a vkey, `name+id+base64(kind, public key)`, if it stands nowhere among `others`."""
    name, _, rest = text.partition("+")
    id_, _, encoded = rest.partition("+")
    value = unbase64(encoded) or b""
    if len(text.encode()) > 1000 or not good_name(name) or len(value) != 33 or value[0] != kind:
        raise Refused(code, text[:60])
    key = Key(name, kind, value[1:], hashlib.sha256(name.encode() + b"\n" + value).digest()[:4])
    if id_ != key.id.hex() or any(key.public == one.public or key.label == one.label for one in others):
        raise Refused(code, text[:60])
    return key


def words_of(raw: bytes, code: str) -> list[list[str]]:
    """The lines of a file as words, without empty lines and comments."""
    lines = lines_of(raw, code, code)
    if any(re.search("[\x00-\x08\x0b-\x1f\x7f]", line) for line in lines):
        raise Refused(code, "control character")
    rows = [[word for word in re.split("[ \t]+", line) if word] for line in lines]
    return [row for row in rows if row and not row[0].startswith("#")]


def read_note(raw: bytes, code: str, what: str) -> tuple[list[str], list[tuple[str, bytes, bytes]]]:
    """A signed note: the lines of its text, and (name, key id, body) of each signature line."""
    whole = "\n".join(lines_of(raw, code, what)) + "\n"
    text, empty, tail = whole.rpartition("\n\n")
    rows = tail[:-1].split("\n")
    if not empty or len(rows) > 100 or re.search("[\x00-\x09\x0b-\x1f]", whole):
        raise Refused(code, what)
    signatures = []
    for row in rows:
        name, _, encoded = row[2:].partition(" ")
        value = unbase64(encoded) or b""
        if not row.startswith("— ") or not good_name(name) or len(value) < 5:
            raise Refused(code, f"{what}: {row[:60]}")
        signatures.append((name, value[:4], value[4:]))
    return text.split("\n"), signatures


def good_signatures(
    lines: list[str], signatures: list[tuple[str, bytes, bytes]], keys: Iterable[Key], code: str
) -> list[tuple[Key, int]]:
    """Each signature by one of `keys`, with its time (0 for a plain one). One that is wrong refuses the whole."""
    known = {(key.name, key.id): key for key in keys}
    text, good = "".join(f"{line}\n" for line in lines).encode(), []
    for name, id_, body in signatures:
        if (key := known.get((name, id_))) is None:
            continue
        at, message = 0, text
        if key.kind == COSIGNATURE:
            at, body = int.from_bytes(body[:8], "big"), body[8:]
            message = b"cosignature/v1\ntime %d\n%b" % (at, text)
        if len(body) != 64 or at > MAX_NUMBER or not _signed(key.public, body, message):
            raise Refused(code, name)
        good.append((key, at))
    return good


def _signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def read_policy(raw: bytes) -> Policy:
    """Logs, witnesses, groups and quorum of a policy file (C2SP tlog-policy)."""
    policy, names, members = Policy(), {"none"}, {"none"}
    for words in words_of(raw, "policy"):
        wrong, kind, count = Refused("policy", " ".join(words)[:80]), words[0], len(words)
        if kind == "log" and count in (2, 3):
            policy.logs.append(read_key(words[1], NOTE, "policy", policy.logs))
        elif kind == "quorum" and count == 2:
            if policy.quorum or words[1] not in names:
                raise wrong
            policy.quorum = words[1]
        elif kind == "witness" and count in (3, 4) and words[1] not in names:
            policy.witnesses[words[1]] = read_key(words[2], COSIGNATURE, "policy", policy.witnesses.values())
            names.add(words[1])
        elif kind == "group" and count > 3 and words[1] not in names:
            for member in words[3:]:
                if member not in names or member in members:
                    raise wrong
                members.add(member)
            enough = {"any": "1", "all": str(count - 3)}.get(words[2], words[2])
            if not re.fullmatch("[1-9][0-9]{0,4}", enough) or int(enough) > count - 3:
                raise wrong
            policy.groups.append((words[1], int(enough), words[3:]))
            names.add(words[1])
        else:
            raise wrong
    if not policy.quorum:
        raise Refused("policy", "quorum")
    return policy


def check_checkpoint(raw: bytes, policy: Policy, found: Found) -> None:
    """Who has signed origin, size and root, and whether that is enough."""
    lines, signatures = read_note(raw, "checkpoint", "checkpoint")
    size = decimal(lines[1]) if len(lines) == 3 else None
    root = (unbase64(lines[2]) or b"") if len(lines) == 3 else b""
    if size is None or len(root) != 32 or lines[0] != found.origin:
        raise Refused("checkpoint", lines[0][:80])
    own = [key for key in policy.logs if key.name == found.origin]
    good = good_signatures(lines, signatures, [*own, *policy.witnesses.values()], "checkpoint")
    found.log = [key.vkey for key, _ in good if key.kind == NOTE]
    if not found.log:
        raise Refused("checkpoint", found.origin)
    found.size, found.root, times = size, root, dict(good)
    found.witnesses = [(name, key.vkey, times[key]) for name, key in policy.witnesses.items() if key in times]
    met = {"none"} | {name for name, _, _ in found.witnesses}
    for name, count, members in policy.groups:
        if sum(member in met for member in members) >= count:
            met.add(name)
    if policy.quorum not in met:
        raise Refused("quorum", policy.quorum)


def check_entries(rows: list[bytes], proofs: list[str], found: Found) -> None:
    """Inclusion of every line of `entries`, then what each says of itself, then the chain of the tag."""
    if len(rows) != len(proofs):
        raise Refused("format", f"entries {len(rows)}, proofs {len(proofs)}")
    places, leaves = [], [hashlib.sha256(b"\x00" + row).digest() for row in rows]
    for row, line in zip(rows, proofs):  # noqa: B905 (Python 3.9 has no `strict`)
        parts = re.fullmatch("([0-9]{1,19})((?: [0-9a-f]{64}){0,63})", line)
        index = decimal(parts[1]) if parts else None
        if parts is None or index is None or not 0 < len(row) <= MAX_ENTRY:
            raise Refused("format", f"proofs: {line[:40]}")
        places.append((index, [bytes.fromhex(one) for one in parts[2].split()]))
    for leaf, (index, path) in zip(leaves, places):  # noqa: B905
        if root_of(leaf, index, found.size, path) != found.root:
            raise Refused("inclusion", f"#{index + 1}")
    read = [read_entry(row, index + 1, found.tag) for row, (index, _) in zip(rows, places)]  # noqa: B905
    before, last = "null", 0
    for number, (row, leaf, (position, recorded, link)) in enumerate(zip(rows, leaves, read), 1):  # noqa: B905
        if link != (number, before) or position <= last:
            raise Refused("history", f"#{position}: {link[0] if link else '–'} ≠ {number}")
        before, last = f'"{leaf.hex()}"', position
        found.entries.append((number, position, recorded, leaf.hex(), row))


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that a path leads to (RFC 9162 section 2.1.3.2), None where it cannot be a path of this place."""
    fn, sn, root = index, size - 1, leaf
    if index >= size:
        return None
    for other in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            root = hashlib.sha256(b"\x01" + other + root).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = hashlib.sha256(b"\x01" + root + other).digest()
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 else None


def read_entry(row: bytes, position: int, tag: str) -> tuple[int, str, tuple[int, str] | None]:
    """Position, `recorded`, and the tag's ordinal with the hash before.

    An entry is canonical JSON, where no string holds a bare quote: so its own `links` are the last `,"links":{`, and
    what stands behind them has one form.
    """
    version = re.search(rb'"v":([0-9]+)\}\Z', row)
    if version and version[1] != b"1":
        raise Refused("newer", f"#{position}")
    links, _, meta = row.rpartition(b',"links":{')[2].rpartition(b'},"position":')
    parts = _META.fullmatch(meta)
    if parts is None or int(parts[1]) != position:
        raise Refused("entry", f"#{position}")
    name = tag.replace("\\", "\\\\").replace('"', '\\"').encode()
    rest = (b"," + links.partition(b'},"opens":{')[0]).partition(b',"' + name + b'":[')[2]
    link = _LINK.match(rest)
    return position, parts[2].decode("utf-8", "replace"), (int(link[1]), link[2].decode()) if link else None


def check_disclosures(lines: list[str], found: Found) -> None:
    """Each shown member is one that its entry hides: the digest of the disclosure stands in an `_sd` of the entry."""
    rows = {position: row for _, position, _, _, row in found.entries}
    for line in lines:
        parts = _SHOWN.fullmatch(line)
        position = decimal(parts[1]) if parts else None
        if parts is None or position is None:
            raise Refused("format", f"disclosures: {line[:40]}")
        digest = base64.urlsafe_b64encode(hashlib.sha256(parts[2].encode()).digest()).rstrip(b"=")
        if not any(b'"' + digest + b'"' in held for held in _HIDES.findall(rows.get(position, b""))):
            raise Refused("disclosure", f"#{position}")
        try:
            shown = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4)).decode("utf-8")
        except ValueError as fault:
            raise Refused("disclosure", f"#{position}") from fault
        found.disclosed.append((position, shown))


def read_readers(raw: bytes, policy: Policy) -> list[Key]:
    """The keys whose tag-head statements count; none of them may be a key of the log itself."""
    keys: list[Key] = []
    for words in words_of(raw, "readers"):
        if words[0] != "reader" or len(words) not in (2, 3):
            raise Refused("readers", " ".join(words)[:80])
        keys.append(read_key(words[1], NOTE, "readers", [*keys, *policy.logs]))
    return keys


def check_statement(name: str, raw: bytes, keys: list[Key], found: Found) -> None:
    """Whether a tag-head statement is of this log, size, root and tag, and ends where the bundle ends."""
    lines, signatures = read_note(raw, "statement", name)
    ordinal, _, _, leaf, _ = found.entries[-1]
    root, last = base64.b64encode(found.root).decode(), base64.b64encode(bytes.fromhex(leaf)).decode()
    if len(lines) != 7 or lines[:5] != ["sunledger/tag-head/v1", found.origin, str(found.size), root, found.tag]:
        raise Refused("statement", f"{name}: origin, size, root, tag")
    signers = [key for key, _ in good_signatures(lines, signatures, keys, "statement")]
    if not signers:
        raise Refused("statement", f"{name}: 签名人未知 · signed by nobody known")
    if lines[5:] != [str(ordinal), last]:
        raise Refused("statement", f"{', '.join(key.name for key in signers)}: {lines[5][:20]} ≠ {ordinal}")
    own = [key for key in signers if key.name == found.origin or key.name.startswith(found.origin + "/")]
    found.statements.append((name, [key.vkey for key in signers], own == signers))


def load(path: Path) -> dict[str, bytes]:
    """The files of a folder or zip that are read here, by name. A zip may hold everything in one folder."""
    if path.is_dir():
        found = [path / name for name in (*FILES, OPTIONAL)] + sorted((path / "statements").glob("*"))
        return {one.relative_to(path).as_posix(): one.read_bytes() for one in found if one.is_file()}
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist()]
            top = next((name[: -len("bundle")] for name in names if re.fullmatch("([^/]+/)?bundle", name)), "")
            wanted = re.compile(re.escape(top) + f"({'|'.join((*FILES, OPTIONAL))}|statements/[^/]+)")
            infos = [one for one in archive.infolist() if wanted.fullmatch(one.filename)]
            if len(set(names)) != len(names) or sum(one.file_size for one in infos) > 2**31:
                raise Refused("format", path.name)
            return {one.filename[len(top) :]: archive.read(one) for one in infos}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as fault:
        raise Refused("format", f"{path.name}: {fault}") from fault


def tell(found: Found, brought: list[str]) -> str:
    """The verdict for people. `brought`: which of policy and readers came with the bundle."""
    out = [f"卷宗 dossier     {found.tag}", f"台账 log         {found.origin}"]
    if found.log:
        out += [
            f"检查点 checkpoint {found.size} · {found.root.hex()}",
            *(f"  台账 log        {one}" for one in found.log),
        ]
        out += [f"  见证 witness    {name} ({label}) {moment(at)}" for name, label, at in found.witnesses]
    if found.entries:
        known = sum(position <= found.known for _, position, _, _, _ in found.entries)
        out.append(f"✓ {len(found.entries)} 条均在台账中，序号连续 · every entry is in the log, ordinals without a gap")
        if found.known < found.size:
            out.append(f"  至 #{found.known} 所知 {known} 条 · known at #{found.known}: {known}")
    if found.disclosed:
        out.append(f"✓ {len(found.disclosed)} 项披露与条目相符 · disclosures fit their entries")
        out += [f"  #{position} {shown}" for position, shown in found.disclosed]
    for name, signers, operator in found.statements:
        who = "经营者自称 · the operator's word" if operator else "由其通读 · read by"
        out.append(f"✓ {name} 末条 head {len(found.entries)} · {who}: {', '.join(signers)}")
    if found.refused is not None:
        zh, en = SENTENCES[found.refused.code]
        out.append(f"✗ {found.refused.code}: {zh} · {en} ({found.refused.detail})")
    elif found.end == "nobody":
        out.append("! 无人声明历史到此为止，末尾可能被截去 · nobody states that the history ends here: it may be cut")
    if brought:
        out.append(f"! {', '.join(brought)} 随包而来，请核对密钥 · came with the bundle: compare the keys above")
    return "\n".join([*out, f"verdict {found.verdict} · end {found.end}", ""])


def moment(at: int) -> str:
    """POSIX seconds as RFC 3339, up to the year 9999."""
    last = 253_402_300_799  # of the year 9999
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if at <= last else str(at)  # noqa: UP017


def main() -> int:
    """Check the bundle that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--policy", type=Path, help="a policy of your own, instead of the bundle's")
    parser.add_argument("--readers", type=Path, help="readers of your own, instead of the bundle's")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    given = parser.parse_args()
    own = {name: path for name, path in (("policy", given.policy), ("readers", given.readers)) if path is not None}
    try:
        found = check({**load(given.bundle), **{name: path.read_bytes() for name, path in own.items()}})
    except Refused as refused:
        found = Found(refused=refused)
    except OSError as fault:
        sys.stderr.write(f"verify: {fault}\n")
        return 2
    if given.json:
        code = None if found.refused is None else found.refused.code
        told = {"verdict": found.verdict, "code": code, "end": found.end, "entries": len(found.entries)}
        sys.stdout.write(json.dumps(told) + "\n")  # noqa: TID251 (a report, nothing that is hashed)
    else:
        sys.stdout.write(tell(found, [name for name in ("policy", "readers") if name not in own]))
    return {"holds": 0, "refused": 1, "undecided": 2}[found.verdict]


if __name__ == "__main__":
    sys.exit(main())
