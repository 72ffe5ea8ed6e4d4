"""Hashing of passwords for tests: as slow as it has to be, it would take longer than what most of them are about."""

from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fieldops.usecases import passwords

QUICK: Final = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
#: What the service hashes with; processes of their own do in tests, too.
AS_SERVED: Final = passwords._hasher()


def hash_quickly() -> None:
    """Have this process hash so from now on."""
    passwords._hasher = lambda: QUICK  # type: ignore[assignment]
