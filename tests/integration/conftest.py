"""Fixtures of the tests of the API."""

import pytest

from api_client import NO_LIMITS
from fieldops.usecases.context import Context
from worlds import FakeClock, make_context


@pytest.fixture
def clock() -> FakeClock:
    """Time that goes on when told to."""
    return FakeClock()


@pytest.fixture
def ctx(request: pytest.FixtureRequest, clock: FakeClock) -> Context:
    """Give a context without limits worth mentioning, over SQLite; over each kind of database to `on_both`."""
    kind = getattr(request, "param", "sqlite")
    database = request.getfixturevalue(f"{kind}_database")
    return make_context(database, clock=clock, **NO_LIMITS, link_rate_limit="1000000/minute")
