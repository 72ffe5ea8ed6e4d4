"""Names of stored things: a prefix that says what it is, and 16 random characters."""

import secrets
from typing import Final

#: Crockford's base 32 in lower case: no letter that reads like a digit.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
RANDOM_CHARACTERS: Final = 16


#: The letters of every two: ten random bits at a time.
_PAIRS: Final = tuple(first + second for first in ALPHABET for second in ALPHABET)


def new_id(prefix: str) -> str:
    """Make a name nobody can guess: ``bk_`` and 80 random bits for a booking."""
    bits = secrets.randbits(5 * RANDOM_CHARACTERS)
    return f"{prefix}_" + "".join(_PAIRS[bits >> shift & 1_023] for shift in range(0, 5 * RANDOM_CHARACTERS, 10))
