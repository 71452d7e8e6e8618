"""`?receipt=wait`: the proof of what was just posted, as soon as a checkpoint covers it.

Waiting keeps nobody else waiting, and never changes what happened: the events are durable before it begins. Where no
checkpoint came in time, the answer says where the receipt is fetched later.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.published import WAIT_SECONDS, Checkpoints, Published
from api.services import Services
from ledger.errors import Malformed, Problem
from ledger.post import Receipt

WAIT = "wait"


def wanted(value: str | None) -> bool:
    """Whether the parameter `receipt` asks for a proof. Raises Malformed for any other word."""
    if value not in (None, WAIT):
        zh, en = "receipt 只能是 wait。", "receipt can only be `wait`."
        raise Malformed(problems=(Problem("/receipt", "parameter", zh, en),))
    return value == WAIT


async def prove(services: Services, receipts: Sequence[Receipt]) -> list[dict[str, Any]]:
    """What each receipt gets: `proof`, the text of a `.tlog-proof` with the entry; or null, and `proof_later`."""
    answer = services.checkpoints.covering(max(receipt.position for receipt in receipts))
    try:
        covered = await asyncio.wait_for(asyncio.wrap_future(answer), WAIT_SECONDS)
    except TimeoutError:
        services.checkpoints.forget(answer)
        return [{"proof": None, "proof_later": f"/v1/receipts/{receipt.position}"} for receipt in receipts]
    return await run_in_threadpool(_proofs, services.checkpoints, receipts, covered)


def _proofs(checkpoints: Checkpoints, receipts: Sequence[Receipt], covered: Published) -> list[dict[str, Any]]:
    found = [checkpoints.receipt(receipt.position, covered, entry=True) for receipt in receipts]
    return [{"proof": None if one is None else one.text} for one in found]
