"""ISO/IEC 7064 pure systems with radix 2: MOD 11-2 and MOD 37-2.

    p = 0; for each character c: p = (p + value(c)) · 2 mod m
    check = (m + 1 − p) mod m

which is Σ value · 2^i from the right, i = 1, 2, 3 …, made up to 1 by the check character. The alphabet has m
characters, a character's value is its index, and the check may be any of them: `X` of MOD 11-2, `*` of MOD 37-2.
"""

DIGITS_AND_X = "0123456789X"
"""MOD 11-2: citizen numbers."""

ALPHANUMERIC_AND_STAR = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
"""MOD 37-2: deal codes."""


def check_character(body: str, alphabet: str) -> str:
    """The check character of `body`, whose characters stand in `alphabet`. Raises ValueError where one does not."""
    modulus = len(alphabet)
    p = 0
    for character in body:
        p = (p + alphabet.index(character)) * 2 % modulus
    return alphabet[(modulus + 1 - p) % modulus]
