"""Rate limits: loops and guessing are slowed down, everybody else never notices."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from limits.storage import MemoryStorage

from api_client import client_for
from fieldops.api.limits import Limits, network_of
from fieldops.errors import TooManyRequests
from fieldops.store.database import Database
from fieldops.usecases import logins
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.users import create_user
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

    assert [attempt("kim@example.com"), attempt(" KIM@example.com "), attempt("kim@example.com")] == [401, 401, 429]


def test_guessing_tokens_is_slow(ctx: Context) -> None:
    """Every wrong token counts for the address it came from; a right one is never refused for what others do there."""
    key = _key(ctx, "shop")

    client = client_for(ctx, "fok_" + "x" * 43)
    assert _statuses(client, 3) == [401, 401, 429]
    right = client.get("/v1/territories", headers={"Authorization": f"Bearer {key}"})
    assert right.status_code == 200


def test_guessing_refresh_tokens_is_slow(ctx: Context) -> None:
    """They are tokens, too; and here, too, a right one goes through."""
    generous = replace(ctx, settings=ctx.settings.model_copy(update={"rate_limit": "100/hour"}))
    client = client_for(generous)
    user = transact(
        ctx, SYSTEM, create_user, email="kim@example.com", name="Kim", role="ops", password_hash="not compared"
    )
    login = transact(ctx, SYSTEM, logins._begin, user.id, "not compared")

    def refresh(token: str) -> int:
        return client.post("/v1/auth/refresh", json={"refresh_token": token}).status_code

    assert [refresh("for_guess") for _ in range(3)] == [401, 401, 429]
    assert refresh(login.refresh_token) == 200


def test_accounts_that_are_attacked_are_counted_for_every_address(ctx: Context) -> None:
    """From a thousand addresses a password is not found faster than from one; spaces make no other account."""
    limits = Limits(ctx.settings)

    limits.count_login("192.0.2.1", "kim@example.com")
    limits.count_login("192.0.2.2", "\tKim@Example.com ")

    with pytest.raises(TooManyRequests):
        limits.count_login("192.0.2.3", "kim@example.com")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_whoever_has_an_ipv6_network_is_one_caller(address: str, network: str) -> None:
    """Any home has 2^64 addresses: counted one by one, a limit would be none."""
    assert network_of(address) == network


def test_strangers_do_not_fill_the_memory(ctx: Context) -> None:
    """Everybody who came once is forgotten with the end of the window he came in."""
    limits = Limits(ctx.settings.model_copy(update={"rate_limit": "3/second"}))
    for number in range(300):
        limits.count_address(f"192.0.2.{number}")
    storage = limits._limiter.storage
    assert isinstance(storage, MemoryStorage)
    came = len(storage.storage)

    # The storage forgets in a thread of its own, begun by whoever comes next.
    until = time.monotonic() + 20
    while len(storage.storage) > 100 and time.monotonic() < until:
        limits.count_actor(SYSTEM) if limits._limiter.test(limits._actors, "actor", SYSTEM.id) else None
        threading.Event().wait(0.05)

    assert came > 100
    assert len(storage.storage) <= 2
    assert len(storage.expirations) <= 2
    assert len(storage.locks) <= 2


def test_requests_without_credentials_are_counted_by_address(ctx: Context) -> None:
    """Asking without a token, too, costs us something."""
    assert _statuses(client_for(ctx), 4) == [401, 401, 401, 429]


def test_health_is_never_limited(ctx: Context) -> None:
    """Whoever restarts processes that do not answer must not be told to wait."""
    assert _statuses(client_for(ctx), 10, "/healthz") == [200] * 10
