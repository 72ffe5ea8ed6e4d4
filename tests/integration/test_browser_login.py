"""Logins of browsers: kept in a cookie, lost by no tunnel, and of no use to anybody else's page."""

from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from typing import Any, Final

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api_client import NO_LIMITS, client_for, on_both
from fieldops.api.login_cookie import COOKIE
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.logins import GRACE
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.users import create_user, deactivate_user, set_password
from fieldops.usecases.work import transact
from worlds import FakeClock, make_context

PASSWORD: Final = "correct horse battery staple"
#: Argon2 is slow on purpose: one hash is enough for all tests.
PASSWORD_HASH: Final = hash_password(PASSWORD)
OWN: Final = {"Sec-Fetch-Site": "same-origin"}


def _add_user(ctx: Context, email: str = "kim@example.com") -> str:
    facts = {"email": email, "name": "Kim", "role": "dispatcher", "password_hash": PASSWORD_HASH}
    return transact(ctx, SYSTEM, create_user, **facts).id


def _log_in(client: TestClient, *, cookie: bool = True, email: str = "kim@example.com", **options: Any) -> Any:
    body = {"email": email, "password": PASSWORD, "cookie": cookie}
    return client.post("/v1/auth/login", json=body, **options)


def _refresh(client: TestClient, token: str | None = None) -> Any:
    return client.post("/v1/auth/refresh", json={} if token is None else {"refresh_token": token})


def _knows(client: TestClient, login: Any) -> bool:
    """Tell whether the access token of a login is worth something."""
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    return client.get("/v1/auth/me", headers=headers).status_code == 200


def _cookie(answer: Any) -> Morsel[str]:
    """Read the cookie that an answer sets."""
    return SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]


def _reuses(ctx: Context) -> int:
    """Count how often a copied token was noticed."""
    with ctx.database.reading() as session:
        return len(session.scalars(select(AuditRow.id).where(AuditRow.action == "login.reused")).all())


@on_both
def test_a_browser_logs_in_goes_on_and_logs_out_without_seeing_its_refresh_token(ctx: Context) -> None:
    """The whole life of a login in a browser; nothing that a script could carry away lasts longer than minutes."""
    _add_user(ctx)
    client = client_for(ctx)

    login = _log_in(client)
    kept = _cookie(login)
    renewed = _refresh(client)

    assert (login.status_code, login.json()["refresh_token"]) == (200, None)
    assert (kept["path"], kept["samesite"], kept["httponly"], kept["max-age"]) == (
        "/v1/auth", "strict", True, str(14 * 86_400),
    )  # fmt: skip
    assert kept.value not in login.text
    assert (renewed.status_code, renewed.json()["refresh_token"]) == (200, None)
    assert _cookie(renewed).value != kept.value
    assert _knows(client, renewed)
    out = client.post("/v1/auth/logout", json={})
    assert (out.status_code, _cookie(out).value, _cookie(out)["max-age"]) == (204, "", "0")
    assert not _knows(client, renewed)
    assert _refresh(client).status_code == 401


def test_programs_log_in_as_before(ctx: Context) -> None:
    """Without asking for it nobody gets a cookie, and a token in the body counts more than one that lies about."""
    _add_user(ctx)
    browser, program = client_for(ctx), client_for(ctx)
    _log_in(browser)

    login = _log_in(program, cookie=False)
    renewed = _refresh(program, login.json()["refresh_token"])
    mixed = _refresh(browser, renewed.json()["refresh_token"])

    for answer in (login, renewed, mixed):
        assert answer.json()["refresh_token"].startswith("for_")
        assert "Set-Cookie" not in answer.headers
    assert _refresh(browser).status_code == 200


def test_a_cookie_goes_over_tls_where_there_is_tls(sqlite_database: Database) -> None:
    """Without the mark a browser would show it to whoever answers on port 80."""
    _add_user(make_context(sqlite_database))
    plain = client_for(make_context(sqlite_database, **NO_LIMITS))
    public = client_for(make_context(sqlite_database, public_url="https://book.example.com", **NO_LIMITS))
    encrypted = TestClient(plain.app, base_url="https://testserver")

    assert [bool(_cookie(_log_in(client))["secure"]) for client in (plain, public, encrypted)] == [False, True, True]


@on_both
def test_an_answer_that_was_lost_ends_no_login(ctx: Context, clock: FakeClock) -> None:
    """A phone in a tunnel asks again with the token it has: it gets the same next one, and nobody is logged out."""
    _add_user(ctx)
    client = client_for(ctx)
    first = _log_in(client, cookie=False).json()["refresh_token"]

    lost = _refresh(client, first)
    clock.advance(GRACE - timedelta(seconds=1))
    again = _refresh(client, first)

    assert again.json()["refresh_token"] == lost.json()["refresh_token"] != first
    assert again.json()["refresh_expires_at"] == lost.json()["refresh_expires_at"]
    assert _knows(client, again)
    assert _knows(client, lost)
    clock.advance(timedelta(minutes=10))
    assert _refresh(client, again.json()["refresh_token"]).status_code == 200
    assert _reuses(ctx) == 0


@on_both
def test_ten_tabs_that_start_together_stay_logged_in(ctx: Context, clock: FakeClock) -> None:
    """A browser that restores its tabs asks ten times with one cookie; whichever answer comes last is the one kept."""
    _add_user(ctx)
    client = client_for(ctx)
    shared = _log_in(client, cookie=False).json()["refresh_token"]

    tabs = [_refresh(client, shared) for _ in range(5)]
    reloaded = _refresh(client, tabs[0].json()["refresh_token"])
    tabs += [_refresh(client, shared) for _ in range(5)]

    assert all(_knows(client, tab) for tab in [*tabs, reloaded])
    # Who asks after the reload is led to where the chain has got, not to a token that is used up.
    assert {tab.json()["refresh_token"] for tab in tabs[5:]} == {reloaded.json()["refresh_token"]}
    clock.advance(timedelta(hours=1))
    assert _refresh(client, tabs[-1].json()["refresh_token"]).status_code == 200


@on_both
def test_a_thief_within_the_minute_is_noticed_when_the_two_part(ctx: Context, clock: FakeClock) -> None:
    """He gets the same token as the owner, no other: the second to use it, minutes later, ends the login for both."""
    _add_user(ctx)
    client = client_for(ctx)
    copied = _log_in(client, cookie=False).json()["refresh_token"]
    owner = _refresh(client, copied)
    clock.advance(timedelta(seconds=30))
    thief = _refresh(client, copied)
    assert thief.status_code == 200

    clock.advance(timedelta(minutes=5))
    thief = _refresh(client, thief.json()["refresh_token"])
    assert _reuses(ctx) == 0
    clock.advance(timedelta(minutes=9))
    owner = _refresh(client, owner.json()["refresh_token"])

    assert owner.status_code == 401
    assert not _knows(client, thief)
    assert _refresh(client, thief.json()["refresh_token"]).status_code == 401
    assert _reuses(ctx) == 1


@on_both
@pytest.mark.parametrize("end", ["logout", "password", "deactivate"])
def test_no_minute_is_granted_to_a_login_that_has_ended(ctx: Context, end: str) -> None:
    """Whoever locks out a thief means now: neither the last token nor the one before it opens anything."""
    user_id = _add_user(ctx)
    client = client_for(ctx)
    first = _log_in(client, cookie=False).json()["refresh_token"]
    second = _refresh(client, first).json()["refresh_token"]
    if end == "logout":
        client.post("/v1/auth/logout", json={"refresh_token": second})
    elif end == "password":
        transact(ctx, SYSTEM, set_password, user_id, "another hash")
    else:
        transact(ctx, SYSTEM, deactivate_user, user_id)

    assert [_refresh(client, token).status_code for token in (first, second, first)] == [401, 401, 401]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Content-Type": "application/json"}, id="another name of ours"),
        pytest.param({"Sec-Fetch-Site": "none", "Content-Type": "application/json"}, id="a bookmark"),
        pytest.param({"Content-Type": "text/plain"}, id="a form that writes JSON"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, id="a form"),
        pytest.param({}, id="a script without a type"),
    ],
)
def test_a_foreign_page_can_do_nothing_with_the_cookie(ctx: Context, headers: dict[str, str]) -> None:
    """Should a browser send the cookie along, a foreign page still neither renews the login nor ends it."""
    _add_user(ctx)
    client = client_for(ctx)
    login = _log_in(client)

    refused = [client.post(f"/v1/auth/{what}", headers=headers) for what in ("refresh", "logout")]

    assert [answer.status_code for answer in refused] == [403, 403]
    assert all("Set-Cookie" not in answer.headers for answer in refused)
    assert _knows(client, login)
    assert client.post("/v1/auth/refresh", headers=OWN).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}, id="another site"),
        pytest.param({"Content-Type": "text/plain"}, id="a form that writes JSON"),
    ],
)
def test_a_foreign_page_cannot_log_somebody_in(ctx: Context, headers: dict[str, str]) -> None:
    """Else whoever is tricked into the login of a stranger writes down customers for that stranger to read."""
    _add_user(ctx)
    body = f'{{"email": "kim@example.com", "password": "{PASSWORD}", "cookie": true}}'

    answer = client_for(ctx).post("/v1/auth/login", content=body, headers=headers)

    assert answer.status_code in {403, 422}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("value", ["x", "for_unknown", "a" * 300, ""])
def test_a_cookie_that_is_worth_nothing_is_cleared(ctx: Context, value: str) -> None:
    """Otherwise every start of the page would begin with the same refusal."""
    client = client_for(ctx)

    answer = client.post("/v1/auth/refresh", json={}, headers={"Cookie": f"{COOKIE}={value}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "E4001")
    assert _cookie(answer)["max-age"] == "0"
    assert answer.headers["WWW-Authenticate"]


def test_without_any_token_there_is_nothing_to_go_on_with(ctx: Context) -> None:
    """A page that starts asks first; that nobody is logged in is no attack and ends in a plain answer."""
    client = client_for(ctx)

    assert client.post("/v1/auth/refresh").status_code == 401
    assert client.post("/v1/auth/refresh", json={}).status_code == 401
    assert client.post("/v1/auth/logout", json={}).status_code == 204
