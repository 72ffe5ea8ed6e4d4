"""Somebody with a password, as tests of the edge use them."""

from typing import Any, Final

from starlette.testclient import TestClient

from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.users import UserView, create_user
from fieldops.usecases.work import transact

PASSWORD: Final = "correct horse battery staple"
EMAIL: Final = "kim@example.com"
#: Argon2 is slow on purpose: one hash is enough for all tests.
PASSWORD_HASH: Final = hash_password(PASSWORD)
#: Adds a user over HTTP.
USER: Final = {"email": EMAIL, "name": "Kim", "role": "ops", "password": PASSWORD}


def add_user(ctx: Context, **changes: Any) -> UserView:
    """Add Kim, who dispatches, or somebody else."""
    facts = {"email": EMAIL, "name": "Kim", "role": "dispatcher", "password_hash": PASSWORD_HASH}
    return transact(ctx, SYSTEM, create_user, **{**facts, **changes})


def log_in(client: TestClient, password: str = PASSWORD, email: str = EMAIL) -> Any:
    """Log in; gives the answer."""
    return client.post("/v1/auth/login", json={"email": email, "password": password})


def read_me(client: TestClient, token: str) -> Any:
    """Ask who somebody with a token is; gives the answer."""
    return client.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
