"""`/docs`: the OpenAPI document as one page of HTML, made here, without any outside asset and without script."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every route with its parameters and answers."""
    document = request.app.openapi()
    body = Markup("").join(_routes(document))
    page = Markup(
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title>'
        "<h1>{title}</h1><p>机器可读：<a href='/openapi.json'>/openapi.json</a>。"
        "入账需密钥：<code>Authorization: Bearer slk_…</code>。出错时回答 RFC 9457 问题文档。</p>{body}"
    ).format(title=f"{document['info']['title']} · API", body=body)
    return HTMLResponse(str(page), headers=HEADERS)


def _routes(document: dict[str, Any]) -> Iterator[Markup]:
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            yield Markup("<h2><code>{} {}</code> {}</h2><p>{}</p>{}").format(
                method.upper(), path, route.get("summary", ""), _lines(route.get("description", "")), _parameters(route)
            )


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def _parameters(route: dict[str, Any]) -> Markup:
    rows = Markup("").join(
        Markup("<li><code>{}</code> ({}{}) {}</li>").format(
            one["name"], one["in"], ", 必填" if one.get("required") else "", one.get("description", "")
        )
        for one in route.get("parameters", [])
    )
    return Markup("<ul>{}</ul>").format(rows) if rows else Markup("")
