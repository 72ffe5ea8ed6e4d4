"""
Logins of staff: a password gives a login, a login gives access tokens until it ends.

A login is a chain of refresh tokens, each replaced by the next when it is used. One that comes back later was copied by
somebody: then the whole login ends, for the thief and for the owner.

Answers get lost, though (a phone in a tunnel), and tabs of a browser that start together ask with one token. So for
`GRACE` after its replacement a token is answered with the one that is live now, which nobody stores in the clear: each
token follows from the one before and the service's secret. The price is that a thief with a copy who asks within that
minute is not noticed then. He holds no more than the owner, however, the same token: the chain never forks, and the
first of the two to use it more than `GRACE` after the other ends the login.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from fieldops.errors import NotAuthenticated
from fieldops.store.ids import new_id
from fieldops.store.tables import RefreshTokenRow, UserRow
from fieldops.usecases.access_tokens import Claims, make_access_token
from fieldops.usecases.actor import Actor
from fieldops.usecases.audit import record
from fieldops.usecases.context import Context
from fieldops.usecases.passwords import verify_password
from fieldops.usecases.secrets_shown_once import fingerprint, new_secret
from fieldops.usecases.users import UserView, login_name, user_view
from fieldops.usecases.work import Work, transact, view

REFRESH_PREFIX: Final = "for_"
#: How long a token that was replaced is still answered.
GRACE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """What somebody who logged in is given."""

    access_token: str
    expires_in_s: int
    refresh_token: str
    refresh_expires_at: datetime
    user: UserView


def log_in(ctx: Context, nobody: Actor, email: str, password: str) -> LoginView:
    """
    Log in with e-mail address and password.

    Raises
    ------
    NotAuthenticated
        In the same words and after the same work whether the user is unknown, the password wrong or the user inactive.

    Notes
    -----
    Comparing takes tens of milliseconds and happens between two transactions, not in one: nobody waits for it.
    """
    user_id, password_hash = view(ctx, nobody, _find, email)
    if not verify_password(password, password_hash) or user_id is None:
        raise NotAuthenticated("e-mail address or password is wrong")
    return transact(ctx, nobody, _begin, user_id, password_hash)


def _find(work: Work, email: str) -> tuple[str | None, str | None]:
    """Look up an active user's id and password hash."""
    query = select(UserRow).where(UserRow.email == login_name(email), UserRow.is_active)
    user = work.session.scalar(query)
    return (None, None) if user is None else (user.id, user.password_hash)


def _begin(work: Work, user_id: str, password_hash: str | None) -> LoginView:
    """Begin a login, if the user is still the one whose password was compared."""
    user = work.session.get(UserRow, user_id, with_for_update=True)
    if user is None or not user.is_active or user.password_hash != password_hash:
        raise NotAuthenticated("e-mail address or password is wrong")
    login = _give_tokens(work, user, new_id("li"), new_secret(REFRESH_PREFIX))
    record(work, "user.logged_in", "user", user.id)
    return login


def refresh_login(work: Work, refresh_token: str) -> LoginView | None:
    """
    Replace a refresh token, and give a new access token.

    Within `GRACE` of its replacement the same token gets what has replaced it.

    Returns
    -------
    LoginView | None
        None when the token is not valid. That is no exception, because the end of a copied login has to be committed.
    """
    row = _lock(work, refresh_token)
    if row is None:
        return None
    user = work.session.get(UserRow, row.user_id)
    if user is None or not user.is_active:
        return None
    if row.revoked_at is None:
        if row.expires_at <= work.now:
            return None
        row.revoked_at = work.now
        return _give_tokens(work, user, row.login_id, _next_of(work, refresh_token))
    if work.now < row.revoked_at + GRACE:
        return _live_tokens(work, user, refresh_token)
    end_login(work, row.login_id)
    record(work, "login.reused", "user", row.user_id, login_id=row.login_id)
    return None


def log_out(work: Work, refresh_token: str) -> None:
    """End a login: its refresh token and its access tokens are worth nothing any more. Unknown tokens are ignored."""
    row = _lock(work, refresh_token)
    if row is not None:
        end_login(work, row.login_id)
        record(work, "user.logged_out", "user", row.user_id)


def _lock(work: Work, refresh_token: str) -> RefreshTokenRow | None:
    """
    Find a refresh token, and lock its user first.

    Whoever ends logins holds that lock, too: otherwise he would not see the token that is just being given.
    """
    token_hash = fingerprint(refresh_token)
    user_id = work.session.scalar(select(RefreshTokenRow.user_id).where(RefreshTokenRow.token_hash == token_hash))
    if user_id is None:
        return None
    work.session.get(UserRow, user_id, with_for_update=True)
    return work.session.get(RefreshTokenRow, token_hash, with_for_update=True)


def end_login(work: Work, login_id: str) -> None:
    """Revoke what is left of one login."""
    still = update(RefreshTokenRow).where(RefreshTokenRow.login_id == login_id, RefreshTokenRow.revoked_at.is_(None))
    work.session.execute(still.values(revoked_at=work.now))


def _next_of(work: Work, refresh_token: str) -> str:
    """Return the token that follows one; without the service's secret nobody can tell."""
    key = b"refresh:" + work.ctx.settings.secret.get_secret_value().encode()
    digest = hmac.digest(key, refresh_token.encode(), "sha256")
    return REFRESH_PREFIX + urlsafe_b64encode(digest).decode().rstrip("=")


def _live_tokens(work: Work, user: UserRow, refresh_token: str) -> LoginView | None:
    """Follow the chain from a token that was replaced a moment ago; None = the login has ended since."""
    while True:
        refresh_token = _next_of(work, refresh_token)
        row = work.session.get(RefreshTokenRow, fingerprint(refresh_token))
        if row is None:
            return None
        if row.revoked_at is None:
            return _login_view(work, user, row, refresh_token)


def _give_tokens(work: Work, user: UserRow, login_id: str, secret: str) -> LoginView:
    """Write the next refresh token of a login."""
    row = RefreshTokenRow(
        token_hash=fingerprint(secret),
        login_id=login_id,
        user_id=user.id,
        created_at=work.now,
        expires_at=work.now + timedelta(days=work.ctx.settings.refresh_token_days),
        revoked_at=None,
    )
    work.session.add(row)
    return _login_view(work, user, row, secret)


def _login_view(work: Work, user: UserRow, row: RefreshTokenRow, secret: str) -> LoginView:
    """Show a login with its live refresh token and a new access token."""
    settings = work.ctx.settings
    claims = Claims(user_id=user.id, login_id=row.login_id)
    return LoginView(
        access_token=make_access_token(settings, claims, work.now),
        expires_in_s=settings.access_token_minutes * 60,
        refresh_token=secret,
        refresh_expires_at=row.expires_at,
        user=user_view(user),
    )
