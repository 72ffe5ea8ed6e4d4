"""Rate limits: loops and guessing are slowed down, everybody else never notices."""

from typing import Any

import pytest

from api_client import client_for
from fieldops.store.database import Database
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact
from worlds import add_territory, add_work_order, make_context


@pytest.fixture
def ctx(sqlite_database: Database) -> Context:
    """Give a context with small limits: three requests an hour, or two where it matters more."""
    return make_context(sqlite_database, rate_limit="3/hour", login_rate_limit="2/hour", link_rate_limit="2/hour")


def _key(ctx: Context, name: str) -> str:
    made = transact(ctx, SYSTEM, create_api_key, name=name, scopes=["bookings:read"])
    assert made.key is not None
    return made.key


def _statuses(client: Any, count: int, address: str = "/v1/territories") -> list[int]:
    return [client.get(address).status_code for _ in range(count)]


def test_each_caller_has_a_limit_of_his_own(ctx: Context) -> None:
    """One program in a loop must not shut out the others: also not those behind the same address."""
    shop, other = _key(ctx, "shop"), _key(ctx, "other")
    client = client_for(ctx)

    def ask(key: str) -> Any:
        return client.get("/v1/territories", headers={"Authorization": f"Bearer {key}"})

    assert [ask(shop).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ask(other).status_code == 200
    refused = ask(shop)
    assert refused.json()["code"] == "E4003"
    assert 0 < int(refused.headers["Retry-After"]) <= 3_600


def test_links_have_a_smaller_limit(ctx: Context) -> None:
    """A customer clicks a few times; a program that got hold of a link does not."""
    with ctx.database.writing() as session:
        order = add_work_order(session, add_territory(session))
    link = transact(ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order.id)

    assert _statuses(client_for(ctx, link.token), 3, "/v1/auth/me") == [200, 200, 429]


def test_guessing_passwords_is_slow_for_each_account_and_address(ctx: Context) -> None:
    """Ten tries a minute never find a password."""
    client = client_for(ctx)

    def attempt(email: str) -> int:
        return client.post("/v1/auth/login", json={"email": email, "password": "guess"}).status_code

    assert [attempt("kim@example.com"), attempt("KIM@example.com"), attempt("kim@example.com")] == [401, 401, 429]


def test_guessing_tokens_is_slow(ctx: Context) -> None:
    """Every wrong token counts for the address it came from; then even the right one has to wait."""
    key = _key(ctx, "shop")

    guesses = [client_for(ctx, "fok_" + "x" * 43)]
    assert _statuses(guesses[0], 3) == [401, 401, 429]
    right = guesses[0].get("/v1/territories", headers={"Authorization": f"Bearer {key}"})
    assert right.status_code == 429


def test_requests_without_credentials_are_counted_by_address(ctx: Context) -> None:
    """Asking without a token, too, costs us something."""
    assert _statuses(client_for(ctx), 4) == [401, 401, 401, 429]


def test_health_is_never_limited(ctx: Context) -> None:
    """Whoever restarts processes that do not answer must not be told to wait."""
    assert _statuses(client_for(ctx), 10, "/healthz") == [200] * 10
