"""Whether a post is what stands in the log already, when part of its content is secret.

Without secrets, and with salts of the poster's own seed, the committed bytes decide. Else the ledger drew the salts:
they are read back from the stored disclosures, and the new post is committed with them. Where some are erased the rest
decides, and the first receipt says so.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import orjson

from ledger import secrecy
from ledger.canonical import encode
from ledger.errors import ReadOnly
from ledger.post import Post
from ledger.vault import Closed


class Same(Enum):
    """How a post compares with what stands in the log under its source and id."""

    YES = "the same content"
    AS_FAR_AS_KEPT = "the same, as far as it is not erased"
    NO = "other content"


def twins(one: Post, other: Post) -> bool:
    """Whether two posts say the same, before either of them is in the log."""
    if one.event == other.event:
        return True
    if not one.disclosures or one.seeded or other.seeded:
        return False
    texts = {secret.digest: secret.text for secret in one.disclosures}
    return compare(other, orjson.loads(one.event), texts) is Same.YES


def compare(post: Post, stored: Mapping[str, Any], texts: Mapping[str, str | Closed]) -> Same:
    """How a post compares with a stored committed event and the disclosures of its digests.

    Raises ReadOnly where a stored disclosure is damaged: then nothing can be said (`sunledger verify` names it).
    """
    if encode(stored) == post.event:
        return Same.YES
    fresh = orjson.loads(post.event)
    if post.seeded or not post.disclosures or _clear(fresh) != _clear(stored):
        return Same.NO
    wanted = {secret.pointer: secret for secret in post.disclosures}
    erased = False
    for pointer, held in secrecy.hidden(stored):
        for one in held:
            text = texts.get(one)
            if text is Closed.NO_KEY:
                erased = True
                continue
            if not isinstance(text, str):
                raise ReadOnly("(what stands under this source and id cannot be read to compare it)")
            salt, name, _ = secrecy.read(text)
            secret = wanted.get(f"{pointer}/{name}")
            if secret is None:
                return Same.NO
            value = secrecy.read(secret.text)[2]
            if secrecy.digest(secrecy.disclosure(salt, name, value)) != one:
                return Same.NO
    return Same.AS_FAR_AS_KEPT if erased else Same.YES


def _clear(value: Any) -> Any:
    """What stands in clear, with how many members each object hides."""
    if isinstance(value, dict):
        return {name: len(inner) if name == secrecy.DIGESTS else _clear(inner) for name, inner in value.items()}
    return [_clear(item) for item in value] if isinstance(value, list) else value
