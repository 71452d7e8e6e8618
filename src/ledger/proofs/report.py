"""The printable report of an evidence bundle: one page of HTML, without script, for a file or a hearing.

It repeats what the verifier has found, and proves nothing itself: whoever doubts it runs a verifier on the same bundle.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape

from ledger.proofs.offline.verify import Found, moment

_STYLE = (
    "body{font:15px/1.5 'Noto Sans CJK SC','Noto Sans SC',system-ui,sans-serif;max-width:62rem;margin:2rem auto;"
    "padding:0 1rem;color:#1a1a1a}h1{font-size:1.4rem}table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{border-bottom:1px solid #ccc;text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top;"
    "overflow-wrap:anywhere}.note{border-left:4px solid #a60;padding-left:1rem}"
    "@media print{body{margin:0;font-size:11px}tr{break-inside:avoid}thead{display:table-header-group}}"
)
_ENDS = {
    "read": ("历史到此为止，由通读全部台账者声明。", "The history ends here, by somebody who has read the whole log."),
    "word": ("历史到此为止，仅为经营者自称。", "The history ends here, by the operator's word alone."),
    "nobody": (
        "无人声明历史到此为止：末尾可能被截去。",
        "Nobody states that the history ends here: it may be cut off.",
    ),
}
_NOTE = (
    "本页由制作证据包者生成，本身不证明任何事；以核验程序的结果为准。",
    "Whoever made the bundle made this page. It proves nothing by itself: run one of the verifiers.",
)


def report(found: Found, titles: Mapping[str, str]) -> bytes:
    """The page, for a bundle that holds. `titles`: event types in words; a type without one stands as it is."""
    facts = [
        ("卷宗 dossier", found.tag),
        ("台账 log", found.origin),
        ("检查点 checkpoint", f"{found.size} · {found.root.hex()}"),
        *(("台账签名 signed by", label) for label in found.log),
        *(("见证 witness", f"{name} · {label} · {moment(at)}") for name, label, at in found.witnesses),
        ("条目 entries", str(len(found.entries))),
        *_known(found),
        *((f"披露 shown #{position}", shown) for position, shown in found.disclosed),
        *(("末条声明 head", f"{', '.join(who)} · {_word(own)}") for _, who, own in found.statements),
    ]
    rows = [_row(entry, titles, found.known) for entry in found.entries]
    head = _cells(
        "th", ("序号 no.", "位置 position", "入账 recorded", "事件 event", "来源、编号 source, id", "叶哈希 leaf")
    )
    page = [
        "<!doctype html>",
        f'<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(found.tag)} · 证据包 · evidence bundle</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>证据包 · Evidence bundle<br>{escape(found.tag)}</h1>",
        f'<p class="note">{_NOTE[0]}<br>{_NOTE[1]}</p>',
        f"<table>{''.join(_cells('td', fact) for fact in facts)}</table>",
        "<p><strong>{}</strong><br>{}</p>".format(*_ENDS[found.end]),
        f"<table><thead>{head}</thead><tbody>",
        *rows,
        "</tbody></table></body></html>\n",
    ]
    return "\n".join(page).encode()


def _known(found: Found) -> list[tuple[str, str]]:
    if found.known == found.size:
        return []
    count = sum(position <= found.known for _, position, _, _, _ in found.entries)
    return [("所知 known", f"#{found.known}: {count}；其后各条以 * 标出 · later ones bear a *")]


def _row(entry: tuple[int, int, str, str, bytes], titles: Mapping[str, str], known: int) -> str:
    ordinal, position, recorded, leaf, raw = entry
    event = json.loads(raw).get("event", {})
    type_ = str(event.get("type", "–"))
    named = f"{titles[type_]} · {type_}" if type_ in titles else type_
    mark = "" if position <= known else " *"
    place = f"{event.get('source', '–')} {event.get('id', '–')}"
    return _cells("td", (f"{ordinal}{mark}", f"#{position}", recorded, named, place, leaf))


def _cells(kind: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(text)}</{kind}>' for text in texts)}</tr>"


def _word(operator: bool) -> str:
    return "经营者自称 · the operator's word" if operator else "由其通读 · has read the log"
