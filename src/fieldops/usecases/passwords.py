"""Passwords: hashed with Argon2id, compared in a time that does not depend on how wrong they are."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from pwdlib import PasswordHash

from fieldops.errors import Fault, InvalidInput, TooBusy

SHORTEST: Final = 12
LONGEST: Final = 200
#: Of a generated password: 16 random bytes.
GENERATED_BYTES: Final = 16

#: Each hash takes 64 MiB while it is computed: a crowd at the door must not fill the memory.
_at_once = threading.BoundedSemaphore(4)
#: Those who compute, and those who wait for them: the other threads are for everybody else.
_inside = threading.BoundedSemaphore(12)
#: Whoever has waited so long is sent away.
LONGEST_WAIT_S: Final = 1.0


def hash_password(password: str) -> str:
    """
    Return what is stored of a password. Takes tens of milliseconds: never inside a write transaction.

    Raises
    ------
    InvalidInput
        When it is too short or too long.
    TooBusy
        When too many others are being hashed.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        expected = f"{SHORTEST} to {LONGEST} characters"
        raise InvalidInput([Fault(path="password", found=f"{len(password)} characters", expected=expected)])
    with _room():
        return _hasher().hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """
    Tell whether a password is right.

    Parameters
    ----------
    password_hash
        As stored; None when there is no such user: then the same work is done, and the answer is no.

    Raises
    ------
    TooBusy
        When too many others are being compared.
    """
    known = password_hash is not None
    compared_with = password_hash or _hash_of_nobody()
    with _room():
        is_right = _hasher().verify(password[:LONGEST], compared_with)
    return is_right and known and len(password) <= LONGEST


def generate_password() -> str:
    """Make a password that nobody guesses."""
    return secrets.token_urlsafe(GENERATED_BYTES)


@contextmanager
def _room() -> Iterator[None]:
    """Wait for a place to compute a hash, but not for long, and not with many others."""
    if not _inside.acquire(blocking=False):
        raise TooBusy
    try:
        if not _at_once.acquire(timeout=LONGEST_WAIT_S):
            raise TooBusy
        try:
            yield
        finally:
            _at_once.release()
    finally:
        _inside.release()


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _hash_of_nobody() -> str:
    """Hash something, for comparisons with the passwords of users who do not exist."""
    return _hasher().hash(generate_password())
