"""核验 · Re-hash every stored byte, rebuild chain, links and tiles, recompute views and alerts.

Exit code 1 when broken; every fault is named by table, column and position. Exit code 2 when the log has entries of a
newer format than this program knows: that is no verdict.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from api import outside, verification
from api.commands.mirror import policy_of
from api.commands.printing import console, json_line, progress_bar, table, text
from api.custody import opened_store
from api.settings import Place, documents_folder, opened, policy_file, read_policy
from api.vaults import vault_of
from ledger import clock
from ledger.documents import Documents
from ledger.holdings import Audit
from ledger.mirroring.verifying import verify
from ledger.verification.outside import Record
from ledger.verification.verdict import State
from projections.compare import Comparison

NAMED = 20
"""Differences of views shown one by one; `--json` has more."""

_STEPS = {
    "entry": "逐字节核验 · every byte",
    "view": "按接口所见 · as the API sees it",
    "documents": "查找文件引用 · who refers to documents",
    "document": "核对文件 · every document",
    "replay": "重算视图与预警 · views and alerts",
}


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--log-only", action="store_true", help="the log alone, without views and alerts")
    parser.add_argument("--deep", action="store_true", help="read every position as the API reads it, not a sample")
    parser.add_argument("--signer", type=Path, metavar="DIR", help="compare with this signer's memory and checkpoints")
    parser.add_argument(
        "--known", action="append", default=[], type=Path, metavar="FILE", help="a checkpoint or receipt kept elsewhere"
    )
    parser.add_argument("--witness", action="append", default=[], metavar="URL", help="compare with what it cosigned")
    parser.add_argument("--documents", type=Path, metavar="DIR", help="re-hash the documents here (DATA/documents)")
    parser.add_argument("--mirror", type=Path, metavar="DIR", help="a mirror's or an exported folder, without a ledger")
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="with --mirror, --known: whose signatures count (DIR/policy)"
    )
    parser.add_argument("--log", action="append", default=[], metavar="VKEY", help="with --mirror: the log's key")


def needs_ledger(given: Namespace) -> bool:
    """A folder of tiles is verified by itself."""
    return given.mirror is None


def run(given: Namespace, place: Place | None) -> int:
    """Verify; 0 consistent, 1 broken, 2 no verdict: a newer verifier is needed."""
    if place is None:
        done = _folder(given)
    else:
        with opened(place) as dsn:
            documents = _store(place, given.documents, dsn, quiet=given.json)
            done = verifying(
                dsn,
                log_only=given.log_only,
                deep=given.deep,
                quiet=given.json,
                signer=given.signer,
                documents=documents,
                vault=place.vault,
                outside=_others(given),
            )
    if given.json:
        json_line(done.as_json())
    else:
        tell(done)
    if done.log.state is State.NEWER:
        return 2
    return 0 if done.ok else 1


def _others(given: Namespace) -> Callable[[str], Sequence[Record]] | None:
    """What others hold of the log, by its name; None where nothing was named."""
    if not given.known and not given.witness:
        return None
    policy = read_policy(policy_file(None, given.policy))
    return lambda origin: [*outside.kept(given.known, origin, policy), *outside.witnessed(given.witness, origin)]


def _store(place: Place, given: Path | None, dsn: str, *, quiet: bool) -> Documents | None:
    """The document store, where one is named or stands beside the database, and its vault; none is made for this."""
    folder = documents_folder(place, given)
    if folder is None or not folder.is_dir():
        return None
    if place.vault is None or not (place.vault / "vault.json").exists():
        if not quiet:
            console.print(
                "文件未核对：密钥库不在此处 · documents not checked: the vault is not here", style="bold yellow"
            )
        return None
    return opened_store(folder, vault_of(dsn, place.vault))


def _folder(given: Namespace) -> verification.Verification:
    """A folder of tiles, from its own bytes, compared with the checkpoint that is signed in it."""
    started = clock.stamp(clock.now())
    policy = policy_of(given.mirror, given.policy, given.log)
    with progress_bar(_STEPS["entry"], quiet=given.json) as bar:
        verdict = verify(given.mirror, policy, progress=lambda _, done, total: bar(done, total))
    return verification.Verification(started, clock.stamp(clock.now()), verdict, None)


def verifying(
    dsn: str,
    *,
    log_only: bool,
    deep: bool,
    quiet: bool,
    signer: Path | None = None,
    documents: Documents | None = None,
    vault: Path | None = None,
    outside: Callable[[str], Sequence[Record]] | None = None,
) -> verification.Verification:
    """Verify with a progress bar unless `quiet`; the rest as in `api.verification.run`."""
    with progress_bar(_STEPS["entry"], quiet=quiet) as bar:
        return verification.run(
            dsn,
            log_only=log_only,
            deep=deep,
            signer=signer,
            documents=documents,
            vault=vault,
            outside=outside,
            progress=lambda what, done, total: bar(done, total, _STEPS.get(what, what)),
        )


def tell(done: verification.Verification) -> None:
    """The verdict for people, with every fault found."""
    console.print(
        text(f"{done.log.sentence_zh}\n{done.log.sentence_en}"), style="bold green" if done.log.ok else "bold red"
    )
    for forged in done.forged:
        console.print(text(forged), style="bold red")
    console.print(f"已核验 {done.log.size:,} 条 entries · 根 root {done.log.root.hex()}")
    if done.log.faults:
        rows = [
            (
                one.table,
                one.column or "–",
                "–" if one.position is None else one.position,
                f"{one.kind.value[0]}。{one.zh}",
                one.en,
            )
            for one in done.log.faults
        ]
        table("改动或损坏 · Faults", ("表 table", "列 column", "条目 position", "说明", "in English"), rows)
        if done.log.more:
            console.print("还有更多 · and more")
    if done.log.disclosed:
        counts = {name: done.log.disclosed.get(name, 0) for name in ("open", "not-checked", "erased")}
        zh = "保密内容：{open} 项已打开核对，{not-checked} 项未核对（此处没有密钥），{erased} 项已销毁"
        en = "disclosures: {open} opened and compared, {not-checked} not checked (no key here), {erased} erased"
        console.print(f"{zh.format(**counts)} · {en.format(**counts)}", markup=False)
    if done.views is not None:
        _tell_views(done.views)
    if done.documents is not None and (done.documents.held or done.documents.unlogged):
        _tell_documents(done.documents)


def _tell_documents(found: Audit) -> None:
    zh = f"保管文件 {found.held}：{found.checked} 份逐字节相符，{found.disposed} 份已处置"
    en = f"documents held {found.held}: {found.checked} agree byte by byte, {found.disposed} disposed of"
    console.print(f"{zh} · {en}", style="bold green" if found.ok else "bold red", markup=False)
    for one in found.faults[:NAMED]:
        console.print(text(f"  #{one.position} {one.document}: {one.zh} · {one.en}"))
    for id in found.waiting[:NAMED]:
        console.print(text(f"  已处置而尚未销毁 disposed of, not destroyed yet: {id}"))
    for id in found.unlogged[:NAMED]:
        console.print(text(f"  台账未载 not in the log: {id}"))


def _tell_views(found: Comparison) -> None:
    if found.ok:
        console.print("视图与预警可由台账重算得到 · views and alerts agree with the log", style="bold green")
    else:
        console.print("视图或预警与台账不符 · views or alerts differ from the log", style="bold red")
    for one in found.differences[:NAMED]:
        console.print(text(f"  {one.view} {one.key}: {one.live} ≠ {one.recomputed}"))
    for missing in found.missing[:NAMED]:
        console.print(text(f"  缺预警 missing alert {missing}"))
    for odd in found.not_reproducible[:NAMED]:
        console.print(text(f"  预警不可重现 not reproducible {odd.key}"))
    if found.outdated:
        names = ", ".join(found.outdated)
        console.print(text(f"  待重建，未比对 · to be rebuilt, not compared: {names} (sunledger rebuild)"))
