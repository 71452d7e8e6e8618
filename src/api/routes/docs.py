"""`/docs`: the OpenAPI document as one page of HTML, made here, without any outside asset and without script.

`/openapi.json` is FastAPI's document, completed with what only the ledger knows: an example to post for each event
type, taken from its contract, and problem documents as the answer to everything that goes wrong.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, JSONResponse

from api.problems import MEDIA_TYPE
from api.routes.contracts import example
from ledger.contracts import Contracts

router = APIRouter(include_in_schema=False)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
REFUSALS = {
    "400": "不是可接受的 JSON · not JSON as it is read here",
    "401": "密钥无效 · no key that we know",
    "403": "无权入账 · no right to post this",
    "409": "同一来源和编号已有不同内容 · same source and id, other content",
    "413": "过大 · too large",
    "415": "内容类型不符 · unknown content type",
    "422": "不合规格 · it does not fit",
    "503": "当前只读 · read-only at present",
}
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "title_en", "status"],
    "properties": {
        **{name: _TEXT for name in ("type", "title", "title_en", "detail")},
        "status": {"type": "integer"},
        "problems": {
            "type": "array",
            "items": {"type": "object", "properties": {name: _TEXT for name in ("pointer", "code", "zh", "en")}},
        },
    },
}
_RECEIPT = {
    "type": "object",
    "properties": {"position": {"type": "integer"}, "leaf": _TEXT, "recorded": _TEXT, "duplicate": {"type": "boolean"}},
}


@router.get("/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """The whole interface, for programs."""
    return JSONResponse(described(request))


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every route with its parameters, answers and examples, for people."""
    document = described(request)
    page = Markup(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{title}</title></head><body><h1>{title}</h1>'
        '<p>机器可读：<a href="/openapi.json">/openapi.json</a>；可入账的事件类型：'
        '<a href="/v1/contracts">/v1/contracts</a>。入账需密钥：<code>Authorization: Bearer slk_…</code>。'
        "出错时回答 RFC 9457 问题文档。<br>Machine-readable: /openapi.json; what may be posted: /v1/contracts. Posting "
        "needs a key. Whatever goes wrong is answered by an RFC 9457 problem document.</p>{body}</body></html>"
    ).format(title=f"{document['info']['title']} · API", body=Markup("").join(_routes(document)))
    return HTMLResponse(str(page), headers=HEADERS)


def described(request: Request) -> dict[str, Any]:
    """The OpenAPI document, made once an application."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = _completed(request.app.openapi(), state.services.contracts)
    document: dict[str, Any] = state.openapi
    return document


def _completed(document: dict[str, Any], contracts: Contracts) -> dict[str, Any]:
    document["components"] = {"schemas": {"Problem": _PROBLEM, "Receipt": _RECEIPT}}
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in document["paths"].values():
        for route in methods.values():
            route["responses"].pop("422", None)  # FastAPI's own form of it, which is never sent here
            if "200" in route["responses"]:
                route["responses"]["200"]["description"] = "如所求 · as asked"
            route["responses"]["default"] = {"description": "问题说明 · a problem document", "content": problem}
    post = document["paths"]["/v1/events"]["post"]
    post["requestBody"] = {"required": True, "content": _bodies(contracts)}
    receipt = {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}}
    post["responses"] = {
        "200": {
            "description": "已在账，回执同前 · it stood in the log already; NDJSON: a line each",
            "content": receipt,
        },
        "201": {"description": "已入账并落盘 · recorded, and durable", "content": receipt},
        **{status: {"description": said, "content": problem} for status, said in REFUSALS.items()},
    }
    return document


def _bodies(contracts: Contracts) -> dict[str, Any]:
    examples = {
        one.type: {"summary": f"{one.title} · {one.title_en}", "value": event}
        for one in contracts
        if (event := example(one)) is not None and any(line.organ != "SYS" for line in one.posters)
    }
    event = {"type": "object", "required": ["specversion", "id", "source", "type", "subject", "time", "data"]}
    return {
        "application/cloudevents+json": {"schema": event, "examples": examples},
        "application/cloudevents-batch+json": {"schema": {"type": "array", "items": event, "minItems": 1}},
        "application/x-ndjson": {"schema": _TEXT},
    }


def _routes(document: dict[str, Any]) -> Iterator[Markup]:
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            yield Markup("<section><h2><code>{} {}</code> {}</h2><p>{}</p>{}{}{}</section>").format(
                method.upper(),
                path,
                route.get("summary", ""),
                _lines(route.get("description", "")),
                _listed(
                    (one["name"], f"{one['in']}{', 必填 required' if one.get('required') else ''}")
                    for one in route.get("parameters", [])
                ),
                _listed((status, one["description"]) for status, one in route["responses"].items()),
                _examples(route),
            )


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def _listed(pairs: Iterator[tuple[str, str]]) -> Markup:
    rows = Markup("").join(Markup("<li><code>{}</code> {}</li>").format(*pair) for pair in pairs)
    return Markup("<ul>{}</ul>").format(rows) if rows else Markup("")


def _examples(route: dict[str, Any]) -> Markup:
    found = Markup("")
    for media, body in route.get("requestBody", {}).get("content", {}).items():
        for type_, one in body.get("examples", {}).items():
            found += Markup("<details><summary><code>{}</code> {} · {}</summary><pre>{}</pre></details>").format(
                type_, one["summary"], media, orjson.dumps(one["value"], option=orjson.OPT_INDENT_2).decode()
            )
    return found
