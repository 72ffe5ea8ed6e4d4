"""Logins that end while they go on: whoever was locked out stays locked out."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
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


def _logged_in(ctx: Context) -> tuple[str, LoginView]:
    """Add a user and log in; give the user's id."""
    user = transact(
        ctx, SYSTEM, create_user, email="kim@example.com", name="Kim", role="ops", password_hash=PASSWORD_HASH
    )
    return user.id, transact(ctx, SYSTEM, _begin, user.id, PASSWORD_HASH)


@contextmanager
def _refreshing(ctx: Context, login: LoginView) -> Iterator[tuple[ThreadPoolExecutor, Future[Any]]]:
    """
    Stop a refresh between the token it gives and its commit; what is begun meanwhile has to wait for it.

    Gives the threads, and what becomes of the refresh when they are left.
    """
    has_new_token, may_commit = Event(), Event()

    def refresh(work: Work) -> Any:
        renewed = refresh_login(work, login.refresh_token)
        work.session.flush()
        has_new_token.set()
        may_commit.wait(LIMIT_S)
        return renewed

    with ThreadPoolExecutor(2) as threads:
        refreshed = threads.submit(transact, ctx, SYSTEM, refresh)
        try:
            assert has_new_token.wait(LIMIT_S)
            yield threads, refreshed
            _wait_until_blocked(ctx.database)
        finally:
            may_commit.set()


def _live_tokens_of(ctx: Context) -> list[str]:
    """Say whose the tokens are that still refresh something."""
    with ctx.database.reading() as session:
        return list(session.scalars(select(RefreshTokenRow.user_id).where(RefreshTokenRow.revoked_at.is_(None))))


@pytest.mark.parametrize("end", [_end_by_logging_out, _end_by_new_password, _end_by_locking_out])
def test_a_login_that_is_just_being_refreshed_ends_all_the_same(
    ctx: Context, end: Callable[[Context, str, LoginView], None]
) -> None:
    """The thief refreshes, the owner changes the password: the token that is given in this moment must die, too."""
    user_id, login = _logged_in(ctx)

    with _refreshing(ctx, login) as (threads, refreshed):
        ended = threads.submit(end, ctx, user_id, login)

    ended.result()
    assert isinstance(refreshed.result(), LoginView)
    assert _live_tokens_of(ctx) == []


def test_two_refreshes_at_once_are_one(ctx: Context) -> None:
    """Two tabs that start together ask with one cookie: both get the same next token, and nobody is logged out."""
    user_id, login = _logged_in(ctx)

    with _refreshing(ctx, login) as (threads, first):
        second = threads.submit(transact, ctx, SYSTEM, refresh_login, login.refresh_token)

    assert len({first.result().refresh_token, second.result().refresh_token}) == 1
    assert _live_tokens_of(ctx) == [user_id]
