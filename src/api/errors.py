"""Refusals that only HTTP knows: each a word of its own, with a stable code that `api.problems` gives a status.

As in `ledger.errors`, the docstring is the message.
"""

from ledger.errors import LedgerError, Malformed, NoRight, NotFound, TooLarge


class RequestTooLarge(TooLarge):
    """请求超过上限，请分几次发送。 · The request is over the limit; send it in several parts."""


class UnknownMedia(Malformed):
    """不接受这种内容类型。 · This content type is not one we read."""

    code = "unknown-media"


class ToldClock(NoRight):
    """本台账的时钟由程序给定，不收外来事件。 · This ledger's clock is told; this server takes no posts."""

    code = "told-clock"


class WrongMethod(LedgerError):
    """此地址不接受这种请求方法。 · This address does not take this method."""

    code = "wrong-method"


class NotCovered(NotFound):
    """尚无检查点覆盖此条目，请稍后再取。 · No checkpoint covers this entry yet; ask again in a moment."""

    code = "not-covered"
