"""Passwords: hashed with Argon2id, compared in a time that does not depend on how wrong they are."""

import secrets
import threading
from functools import cache
from typing import Final

from pwdlib import PasswordHash

from fieldops.errors import Fault, InvalidInput

SHORTEST: Final = 12
LONGEST: Final = 200
#: Of a generated password: 16 random bytes.
GENERATED_BYTES: Final = 16

#: Each hash takes 64 MiB while it is computed: a crowd at the door must not fill the memory.
_at_once = threading.BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """
    Return what is stored of a password. Takes tens of milliseconds: never inside a write transaction.

    Raises
    ------
    InvalidInput
        When it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        expected = f"{SHORTEST} to {LONGEST} characters"
        raise InvalidInput([Fault(path="password", found=f"{len(password)} characters", expected=expected)])
    with _at_once:
        return _hasher().hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """
    Tell whether a password is right.

    Parameters
    ----------
    password_hash
        As stored; None when there is no such user: then the same work is done, and the answer is no.
    """
    known = password_hash is not None
    compared_with = password_hash or _hash_of_nobody()
    with _at_once:
        is_right = _hasher().verify(password[:LONGEST], compared_with)
    return is_right and known and len(password) <= LONGEST


def generate_password() -> str:
    """Make a password that nobody guesses."""
    return secrets.token_urlsafe(GENERATED_BYTES)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _hash_of_nobody() -> str:
    """Hash something, for comparisons with the passwords of users who do not exist."""
    return _hasher().hash(generate_password())
