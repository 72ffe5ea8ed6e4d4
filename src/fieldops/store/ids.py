"""Names of stored things: a prefix that says what it is, and 16 random characters."""

import secrets
from typing import Final

#: Crockford's base 32 in lower case: no letter that reads like a digit.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
RANDOM_CHARACTERS: Final = 16


def new_id(prefix: str) -> str:
    """Make a name nobody can guess: ``bk_`` and 80 random bits for a booking."""
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
