"""管理入账密钥 · Make, list and take away the keys that post over HTTP: `key add`, `key list`, `key remove`.

    sunledger key add --org 91140302MA0TT001XH --organ TEN --name "tender office"

A key is shown once; only its hash is kept. Its organisation and organ decide what it may post. A key that was taken
away is refused within five seconds; what it posted stays.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

import psycopg

from api import auth
from api.commands.printing import console, json_line, table
from api.settings import Place, opened


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="新建，仅显示一次 · make one; it is shown once")
    add.add_argument("--org", required=True, help="the organisation's unified social credit code")
    add.add_argument("--organ", required=True, help="its role, a code of the list `organs`: PTC, TEN, REG …")
    add.add_argument("--name", required=True, help="a label for people")
    acts.add_parser("list", help="列出 · list them, oldest first")
    remove = acts.add_parser("remove", help="撤销 · take one away")
    remove.add_argument("via", metavar="KEY", help="as listed and as entries name it: key:0123456789ab")


def run(given: Namespace, place: Place) -> int:
    """Make, list or take away."""
    with opened(place) as dsn, psycopg.connect(dsn, autocommit=True) as owner:
        if given.act == "add":
            _tell(auth.make_key(owner, org=given.org, organ=given.organ, name=given.name), as_json=given.json)
        elif given.act == "list":
            _list(auth.kept_keys(owner), as_json=given.json)
        else:
            auth.take_away(owner, given.via)
            _removed(given.via, as_json=given.json)
    return 0


def _tell(made: auth.MadeKey, *, as_json: bool) -> None:
    if as_json:
        json_line({"key": made.text, "via": made.poster.via, "org": made.poster.org, "organ": made.poster.organ})
        return
    console.print(f"{made.poster.via} · {made.poster.org} ({made.poster.organ})", markup=False)
    console.print(f"密钥，仅显示这一次 · the key, shown this once:\n  {made.text}", markup=False)


def _list(kept: list[auth.KeptKey], *, as_json: bool) -> None:
    if as_json:
        json_line([asdict(one) for one in kept])
        return
    rows = [(one.via, one.org, one.organ, one.name, one.made_at) for one in kept]
    table(f"密钥 {len(rows)} · keys", ("密钥 key", "单位 org", "机构 organ", "名称 name", "创建 made"), rows)


def _removed(via: str, *, as_json: bool) -> None:
    if as_json:
        json_line({"removed": via})
    else:
        console.print(f"已撤销 · taken away: {via}", markup=False)
