"""The demonstration behind `ops/demo`: real work in eight steps, told so that a person enjoys reading it.

set up · found a ledger · import notices · project · verify · a city in a ledger of its own · tell · serve. Every step
is the same function that the `sunledger` command calls; nothing is done here that a user could not do by hand.
"""

import argparse
import socket
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.panel import Panel
from rich.table import Table

from api import cli
from api.commands import import_, init, serve, verify
from api.commands.printing import console, text
from api.commands.project import projecting
from api.founding import Founded, Founding, found
from api.importers.notices import ImportReport
from api.settings import Place, Settings, reached
from api.two_witnesses import two_witnesses
from api.verification import Verification
from demonstration_city import city, served
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.store.postgres import Log
from projections import views
from projections.judge import shipped
from projections.views import publicity

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
SAMPLE = ROOT / "ops" / "sample" / "notices.json"


def main() -> int:
    """Run the demonstration; returns the exit code of `sunledger`."""
    parser = argparse.ArgumentParser(prog="ops/demo", description="阳光台账演示 · the Sunledger demonstration")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo", help="where the ledger lives (var/demo)")
    parser.add_argument("--notices", type=Path, default=SAMPLE, help="award-candidate notices (a made-up sample)")
    parser.add_argument("--port", type=int, default=8000, help="port of API and console (8000)")
    parser.add_argument("--city", type=int, default=20_000, metavar="N", help="events of the city; 0: none (20000)")
    parser.add_argument("--no-signer", action="store_true", help="leave out the signer and its witnesses")
    parser.add_argument("--no-serve", action="store_true", help="end after the summary")
    given = parser.parse_args()
    port = None if given.no_serve else given.port
    return cli.guarded(
        lambda: demonstrate(given.data, given.notices, port, events=given.city, signing=not given.no_signer)
    )


def demonstrate(data: Path, notices: Path, port: int | None, *, events: int = 0, signing: bool = True) -> int:
    """All steps on the ledger under `data`, then serving unless there is no port. What cannot work, fails first."""
    if not notices.is_file():
        raise CannotRun(f"没有这个文件 · no such file: {notices}")
    if port is None:
        return _steps(data, notices, None, events=events, signing=signing)
    with serve.listening(HOST, port) as sock:
        return _steps(data, notices, sock, events=events, signing=signing)


def _steps(data: Path, notices: Path, sock: socket.socket | None, *, events: int, signing: bool) -> int:
    port = None if sock is None else int(sock.getsockname()[1])
    console.rule("[bold]阳光台账 · Sunledger[/]")
    place = Place(data, None)
    with ExitStack() as running:
        dsn = running.enter_context(reached(place, make=True))
        founded = found(dsn, Contracts.load(), Founding(init.ORIGIN, init.REGION, init.ORGAN))
        report = import_.importing(dsn, notices)
        projecting(dsn)
        done = verify.verifying(dsn, log_only=False, deep=False, quiet=False)
        import_.tell(report)
        if not done.ok:
            verify.tell(done)
            return cli.FOUND_BROKEN
        beside = city(data, events) if events else None
        _tell(dsn, founded, report, done, port, None if beside is None else beside[1])
        if sock is None or port is None:
            return cli.FINE
        if beside is not None:
            running.enter_context(served(beside[0], port + 1))
        chosen = Settings(
            HOST, port, signer=data / "signer", vault=place.vault, keepers=place.keepers, documents=data / "documents"
        )
        if not signing:
            return serve.serve(dsn, chosen, sock, signing=False)
        with two_witnesses(dsn, data) as policy:
            return serve.serve(dsn, replace(chosen, policy=policy), sock)


def _tell(
    dsn: str, founded: Founded, report: ImportReport, done: Verification, port: int | None, beside: str | None
) -> None:  # fmt: skip
    with Log(dsn) as log:
        head, root = log.head(), log.root().hex()
        with log.connection() as connection:
            figures = publicity.table(connection)
            alerts = views.get("alerts")
            found_alerts = alerts.page(connection, limit=5) if alerts else None
    _readings(figures)
    if found_alerts is not None and found_alerts.rows:
        title = f"预警 {found_alerts.total} 条，前 {len(found_alerts.rows)} 条 · first alerts"
        table = Table(title=title, title_justify="left")
        for column in ("级别", "规则", "说明"):
            table.add_column(column)
        for row in found_alerts.rows:
            shown = (row["severity"], row["rule"], row.get("text_zh") or row.get("text") or "")
            table.add_row(*map(text, shown))
        console.print(table)
    else:
        console.print("没有预警：没有一个公示期不足 72 小时 · no alerts: no publicity period was under 72 hours")
    lines = [
        f"台账 ledger    {founded.created.data['origin']}",
        f"条目 entries   {head.size:,}",
        f"链头 head      {head.leaf.hex()}",
        f"默克尔根 root  {root}",
        f"核验 verified  [{'bold green' if done.ok else 'bold red'}]{done.log.sentence_zh} · {done.log.sentence_en}[/]",
    ]
    if founded.key:
        lines.append(f"首把密钥 key   {founded.key.text}  （仅显示一次 · shown once）")
    if beside is not None:
        lines.append(beside)
    if port is not None and beside is not None:
        lines.append(f"城市控制台 its console  [link]http://{HOST}:{port + 1}/[/link]")
    if port is not None:
        lines.append(f"控制台 console  [link]http://{HOST}:{port}/[/link]   (Ctrl-C 停止 · stops)")
    console.print(Panel("\n".join(lines), title="摘要 · Summary", title_align="left", expand=False))


STATES = {
    "breached": "不足 72 小时：违反 · under 72 hours: breach",
    "met": "不少于 72 小时 · 72 hours or more",
    "running": "尚在公示 · still running",
    "undeterminable": "无法判断 · undeterminable",
}


def _readings(figures: dict[str, Any]) -> None:
    """The T12 table: one article, many readings, of which only one can be a breach (decisions 2)."""
    clock = shipped().edition.clocks["T12"]
    table = Table(title=f"{clock.title} T12：{figures['total']:,} 个公示 · {clock.title_en}", title_justify="left")
    table.add_column("读法 · reading")
    table.add_column("公示数 · notices", justify="right")
    for state, sentence in STATES.items():
        if state == "breached" or figures["states"].get(state):
            table.add_row(sentence, f"{figures['states'].get(state, 0):,}", style="bold")
    for reading, zh, en in clock.readings:
        table.add_row(f"{zh} · {en}", f"{figures['readings'].get(reading, 0):,}")
    days = figures["working_days"]
    table.add_row(
        f"期内工作日 {'/'.join(map(str, days))} 天 · working days inside", "/".join(f"{days[day]:,}" for day in days)
    )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
