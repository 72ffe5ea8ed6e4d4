"""A client of the real app, without a network in between."""

from typing import Final

import pytest
from starlette.testclient import TestClient

from fieldops.api.app import create_app
from fieldops.api.security import current_actor
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context

#: Generous, so that only tests of the limits meet them.
NO_LIMITS: Final = {"rate_limit": "1000000/minute", "login_rate_limit": "1000000/minute"}
#: For tests of more than what use cases are tested for on both databases: races, uniqueness, pages, refreshing.
on_both: Final = pytest.mark.parametrize("ctx", ["sqlite", "postgres"], indirect=True)


def client_for(ctx: Context, who: Actor | str | None = None) -> TestClient:
    """
    Make a client of the app.

    Parameters
    ----------
    who
        An actor, who is then taken for authenticated; a token, which is sent with every request; or nobody.
    """
    app = create_app(ctx)
    headers = {}
    if isinstance(who, Actor):
        app.dependency_overrides[current_actor] = lambda: who
    elif who is not None:
        headers["Authorization"] = f"Bearer {who}"
    return TestClient(app, headers=headers)
