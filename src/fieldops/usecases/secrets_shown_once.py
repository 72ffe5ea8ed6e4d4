"""Random secrets that are given to somebody once, while only their SHA-256 is kept."""

import hashlib
import secrets
from typing import Final

#: 256 random bits: nothing to guess, so a fast hash is enough to keep them by.
RANDOM_BYTES: Final = 32


def new_secret(prefix: str) -> str:
    """Make a secret; the prefix says what it opens."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def fingerprint(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
