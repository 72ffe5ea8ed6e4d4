"""Logins that end while they go on: whoever was locked out stays locked out."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text

from fieldops.store.database import Database
from fieldops.store.tables import RefreshTokenRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.logins import LoginView, _begin, log_out, refresh_login
from fieldops.usecases.users import create_user, deactivate_user, set_password
from fieldops.usecases.work import Work, transact
from worlds import make_context

#: Nobody compares it here.
PASSWORD_HASH = "not a hash"
#: How long a thread may take to get as far as it can, seconds.
LIMIT_S = 20.0


@pytest.fixture
def ctx(database: Database) -> Context:
    """Give a context."""
    return make_context(database)


def _wait_until_blocked(database: Database) -> None:
    """Wait until somebody waits for a lock; on SQLite the second writer does not even begin."""
    until = time.monotonic() + LIMIT_S
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not database.is_sqlite and time.monotonic() < until:
        with database.reading() as session:
            if session.scalar(query):
                return
        Event().wait(0.01)
    assert database.is_sqlite, "nobody waits"


def _end_by_logging_out(ctx: Context, user_id: str, login: LoginView) -> None:  # noqa: ARG001
    transact(ctx, SYSTEM, log_out, login.refresh_token)


def _end_by_new_password(ctx: Context, user_id: str, login: LoginView) -> None:  # noqa: ARG001
    transact(ctx, SYSTEM, set_password, user_id, "another hash")


def _end_by_locking_out(ctx: Context, user_id: str, login: LoginView) -> None:  # noqa: ARG001
    transact(ctx, SYSTEM, deactivate_user, user_id)


@pytest.mark.parametrize("end", [_end_by_logging_out, _end_by_new_password, _end_by_locking_out])
def test_a_login_that_is_just_being_refreshed_ends_all_the_same(
    ctx: Context, end: Callable[[Context, str, LoginView], None]
) -> None:
    """The thief refreshes, the owner changes the password: the token that is given in this moment must die, too."""
    user = transact(
        ctx, SYSTEM, create_user, email="kim@example.com", name="Kim", role="ops", password_hash=PASSWORD_HASH
    )
    login = transact(ctx, SYSTEM, _begin, user.id, PASSWORD_HASH)
    has_new_token, may_commit = Event(), Event()

    def refresh(work: Work) -> Any:
        renewed = refresh_login(work, login.refresh_token)
        work.session.flush()
        has_new_token.set()
        may_commit.wait(LIMIT_S)
        return renewed

    with ThreadPoolExecutor(2) as threads:
        refreshing = threads.submit(transact, ctx, SYSTEM, refresh)
        assert has_new_token.wait(LIMIT_S)
        ending = threads.submit(end, ctx, user.id, login)
        try:
            _wait_until_blocked(ctx.database)
        finally:
            may_commit.set()
        renewed = refreshing.result()
        ending.result()

    assert isinstance(renewed, LoginView)
    with ctx.database.reading() as session:
        assert session.scalars(select(RefreshTokenRow.user_id).where(RefreshTokenRow.revoked_at.is_(None))).all() == []


def test_two_refreshes_at_once_are_one(ctx: Context) -> None:
    """Two tabs that start together ask with one cookie: both get the same next token, and nobody is logged out."""
    user = transact(
        ctx, SYSTEM, create_user, email="kim@example.com", name="Kim", role="ops", password_hash=PASSWORD_HASH
    )
    login = transact(ctx, SYSTEM, _begin, user.id, PASSWORD_HASH)
    has_new_token, may_commit = Event(), Event()

    def refresh(work: Work) -> Any:
        renewed = refresh_login(work, login.refresh_token)
        work.session.flush()
        has_new_token.set()
        may_commit.wait(LIMIT_S)
        return renewed

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(transact, ctx, SYSTEM, refresh)
        assert has_new_token.wait(LIMIT_S)
        second = threads.submit(transact, ctx, SYSTEM, refresh_login, login.refresh_token)
        try:
            _wait_until_blocked(ctx.database)
        finally:
            may_commit.set()
        tokens = {first.result().refresh_token, second.result().refresh_token}

    assert len(tokens) == 1
    with ctx.database.reading() as session:
        live = session.scalars(select(RefreshTokenRow.user_id).where(RefreshTokenRow.revoked_at.is_(None))).all()
    assert live == [user.id]
