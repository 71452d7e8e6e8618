"""What can be wrong with a document that somebody else made; the docstring of each is its message.

These are answers, not faults of the program: one clear sentence to whoever sent the document. A mistake of ours in
calling this package is a ValueError instead, and nobody should catch it.
"""


class ProofError(Exception):
    """证明不可接受。 · The proof cannot be accepted."""

    code = "proof-error"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{self.message} {detail}".strip())

    @property
    def message(self) -> str:
        """The docstring, which is the message: Chinese and English."""
        return (self.__doc__ or "").strip().splitlines()[0]


class Unreadable(ProofError):
    """文本不合规定格式。 · The text does not follow its format."""

    code = "unreadable"


class ProofFailed(ProofError):
    """证明不成立。 · The proof does not hold."""

    code = "proof-failed"

    def __init__(self, claimed: bytes | None = None, computed: bytes | None = None) -> None:
        """One message whatever failed; for diagnosis the root that was claimed, and the one computed if any."""
        self.claimed = claimed
        self.computed = computed
        super().__init__()


class Unsigned(ProofError):
    """没有可信密钥的有效签名。 · There is no good signature by a key that is trusted here."""

    code = "unsigned"


class BadSignature(ProofError):
    """已知密钥名下的签名无效，全文作废。 · A signature in a known key's name is wrong; the text is refused."""

    code = "bad-signature"


class QuorumMissed(ProofError):
    """见证签名未达到策略要求。 · Fewer witnesses have cosigned than the policy demands."""

    code = "quorum-missed"
