"""Every exception of the house; the docstring of each is its message.

Two kinds of wrong never mix. A *stranger's* wrong (`Refused` and below) is answered once, clearly, with the place and
what to do. *Our own* broken invariant (`Broken`, `Lost`) stops the program. Each class has a stable `code`; which HTTP
status that becomes is decided in `api.problems`, never here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place: a JSON pointer (RFC 6901), a stable code, a sentence in each language.

    `given` is what stood there, shortened; `MASK` where it is or could be a secret, None where nothing stood or it has
    no bearing. It is for the one who sent it: no sentence repeats it.
    """

    pointer: str
    code: str
    zh: str
    en: str
    given: str | None = None


MASK = "•••"
"""What `Problem.given` shows of what may not be shown."""


class LedgerError(Exception):
    """台账出错。 · The ledger failed."""

    code = "ledger-error"

    def __init__(self, detail: str = "", *, problems: tuple[Problem, ...] = ()) -> None:
        self.detail = detail
        self.problems = problems
        super().__init__(f"{self.message} {detail}".strip())

    @property
    def message(self) -> str:
        """The docstring, which is the message: Chinese and English."""
        return (self.__doc__ or "").strip().splitlines()[0]


class Refused(LedgerError):
    """未予入账。 · The post was refused."""

    code = "refused"


class Malformed(Refused):
    """内容不合规格，请按所列位置修改后重发。 · The content does not fit; mend the places named and send it again."""

    code = "malformed"


class NotJson(Malformed):
    """不是本台账接受的 JSON。 · This is not JSON as this ledger accepts it."""

    code = "not-json"


class TooLarge(Malformed):
    """条目超过 65,535 字节，请把长清单放入附件。 · The entry is over 65,535 bytes; put the long list in a document."""

    code = "too-large"


class NoRight(Refused):
    """无权入账此类事件；本次尝试已记录。 · No right to post this type; the attempt itself is recorded."""

    code = "no-right"


class DisclosureWrong(Refused):
    """这份披露与条目不符。 · The disclosure does not belong to this entry."""

    code = "disclosure-wrong"


class SealWrong(Refused):
    """封存内容或开启请求不成立。 · What was sealed, or the wish to open it, does not hold."""

    code = "seal-wrong"


class Unknown(Refused):
    """密钥无效。 · The key is not known."""

    code = "unknown-key"


class Conflict(Refused):
    """同一来源和编号已有不同内容入账。 · The same source and id already stand in the log with other content."""

    code = "conflict"

    def __init__(self, detail: str = "", *, position: int | None = None) -> None:
        self.position = position
        super().__init__(detail)


class ConditionFailed(Refused):
    """追加条件不成立：已有符合条件的条目。 · The append condition failed: matching entries stand in the log."""

    code = "condition-failed"


class ReadOnly(LedgerError):
    """台账当前只读，稍后请重发。 · The ledger is read-only at present; send the post again later."""

    code = "read-only"


class NotFound(LedgerError):
    """没有找到。 · Not found."""

    code = "not-found"


class CannotRun(LedgerError):
    """无法运行。 · Could not run."""

    code = "cannot-run"


class ContractInvalid(CannotRun):
    """事件合同文件有误。 · A contract file is wrong."""

    code = "contract-invalid"


class UnsafeServer(CannotRun):
    """数据库设置不保证落盘，拒绝写入。 · The database server does not promise durability; the writer does not start."""

    code = "unsafe-server"


class ClockBehind(CannotRun):
    """本机时钟落后于最后一条目的入账时间。 · The clock is behind the last entry's recorded time."""

    code = "clock-behind"


class Broken(LedgerError):
    """台账数据被改动或损坏。 · The ledger's data were changed or damaged."""

    code = "broken"

    def __init__(self, detail: str, *, position: int | None = None) -> None:
        self.position = position
        super().__init__(detail)


class WillNotSign(Broken):
    """签名程序拒绝签名：台账与它的记忆不符。 · The signer refuses: the log is not what it remembers."""

    code = "will-not-sign"

    def __init__(self, detail: str, *, position: int | None = None) -> None:
        super().__init__(detail if position is None else f"#{position}: {detail}", position=position)
