"""A stretch of the log that is as it should be: many rows looked at together, because almost every row is.

    sound(piece, size, prev, recorded)     # each row's document, leaf hash and bytes, or None: look at them singly

Nothing is believed here that `Walk.fits` would not believe of each row by itself: leaf hash of the bytes, number,
`prev`, type, shape, `recorded`, canonical form. It costs less because JSON is read and written once for all rows, as
one array. That array is cut where the rows were joined and nowhere else: an entry begins with its `event`, an object,
and ends with its `v`, so between two entries of the array stands `"v":1},{"event":{`; where a row has these bytes
inside itself, the rows are looked at singly.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from ledger.entry import MAX_BYTES
from ledger.verification.form import canonical, moment, shaped, type_of
from ledger.verification.stored import Piece

_BEGINS = b'{"event":{'
_ENDS = b'"v":1}'
_BETWEEN = _ENDS + b"," + _BEGINS

Sound = list[tuple[dict[str, Any], bytes, bytes]]
"""Of each row its document, leaf hash and bytes."""


def sound(piece: Piece, size: int, prev: str, recorded: datetime | None) -> Sound | None:
    """Documents, leaf hashes and bytes of rows that continue a log of `size` entries whose last leaf is `prev` (hex).

    recorded: that of the last entry. None as soon as one of the rows is not beyond doubt.
    """
    digests = [sha256(b"\0" + raw).digest() for raw in piece.raws]
    if digests != piece.leaves:
        return None
    documents = _documents(piece.raws)
    if documents is None or not all(map(shaped, documents)):
        return None
    hexes = [prev, *[digest.hex() for digest in digests]]
    if (
        [one["prev"] for one in documents] != hexes[:-1]
        or [one["position"] for one in documents] != list(range(size + 1, size + len(documents) + 1))
        or piece.types not in (None, [type_of(one).encode() for one in documents])
        or not _in_time([one["recorded"] for one in documents], recorded)
    ):
        return None
    return list(zip(documents, digests, piece.raws, strict=True))


def _documents(raws: list[bytes]) -> list[dict[str, Any]] | None:
    """What the rows say, if every one is an entry in canonical form."""
    for raw in raws:
        if len(raw) > MAX_BYTES or not raw.startswith(_BEGINS) or not raw.endswith(_ENDS) or _BETWEEN in raw:
            return None
    joined = b"[%b]" % b",".join(raws)
    try:
        documents = orjson.loads(joined)
    except orjson.JSONDecodeError:
        return None
    if len(documents) != len(raws) or not all(type(one) is dict for one in documents):
        return None
    return documents if canonical(documents, joined) else None


def _in_time(texts: list[str], last: datetime | None) -> bool:
    """Every `recorded` is well formed and none is before the one before it. In this form text order is time order."""
    if texts != sorted(texts) or not all(map(moment, dict.fromkeys(texts))):
        return False
    first = moment(texts[0])
    return first is not None and (last is None or first >= last)
