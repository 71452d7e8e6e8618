"""Errors as problem details (RFC 9457), in Chinese and English; the one table from stable code to HTTP status."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from ledger.errors import LedgerError, Problem

STATUS = {
    "malformed": 422,
    "not-json": 400,
    "unknown-media": 415,
    "too-large": 413,
    "no-right": 403,
    "told-clock": 403,
    "unknown-key": 401,
    "disclosure-wrong": 422,
    "seal-wrong": 422,
    "conflict": 409,
    "condition-failed": 409,
    "not-found": 404,
    "wrong-method": 405,
    "read-only": 503,
    "log-behind": 503,
    "not-covered": 404,
    "clock-behind": 503,
    "cannot-run": 503,
    "broken": 500,
    "document-too-large": 413,
    "map-invalid": 422,
    "disposed": 410,
    "key-gone": 500,
    "no-document-store": 503,
    "will-not-sign": 500,
    "another-log": 500,
}
"""Every code a client can meet. What is not here is our own bug: 500."""

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1


def document(error: LedgerError) -> dict[str, Any]:
    """The problem document: type, title, status, detail, and each bad place with a sentence in each language."""
    zh, _, en = error.message.partition(" · ")
    body: dict[str, Any] = {
        "type": f"urn:sunledger:problem:{error.code}",
        "title": zh,
        "title_en": en,
        "status": STATUS.get(error.code, 500),
    }
    if error.detail:
        body["detail"] = error.detail
    if error.problems:
        body["problems"] = [shown(one) for one in error.problems]
    return body


def shown(one: Problem) -> dict[str, str]:
    """One bad place, or one odd one, with a sentence in each language, and what was given there where that is told."""
    given = {} if one.given is None else {"given": one.given}
    return {"pointer": one.pointer, "code": one.code, "zh": one.zh, "en": one.en, **given}


def response(error: LedgerError, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer for an error."""
    body = document(error)
    more = dict(headers or {})
    if error.code == "unknown-key":
        more["WWW-Authenticate"] = "Bearer"
    if body["status"] == 503:
        more["Retry-After"] = str(RETRY_SECONDS)
    return JSONResponse(body, status_code=body["status"], media_type=MEDIA_TYPE, headers=more)
