"""A client of the real app, without a network in between."""

from typing import Any, Final

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from fieldops.api.app import create_app
from fieldops.api.security import Bearer, current_actor
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context

#: Generous, so that only tests of the limits meet them.
NO_LIMITS: Final = {f"{what}rate_limit": "1000000/minute" for what in ("", "login_", "booking_", "locate_")}
#: For tests of more than what use cases are tested for on both databases: races, uniqueness, pages, refreshing.
on_both: Final = pytest.mark.parametrize("ctx", ["sqlite", "postgres"], indirect=True)
#: Of the app that lends its operations to all others, once it is made.
_lender: list[FastAPI] = []


def client_for(ctx: Context, who: Actor | str | None = None) -> TestClient:
    """
    Make a client of the app.

    Parameters
    ----------
    who
        An actor, who is then taken for authenticated; a token, which is sent with every request; or nobody.
    """
    app = made_app(ctx)
    headers = {}
    if isinstance(who, Actor):
        app.dependency_overrides[current_actor] = lambda: who
    elif who is not None:
        headers["Authorization"] = f"Bearer {who}"
    return TestClient(app, headers=headers)


def made_app(ctx: Context) -> FastAPI:
    """Make the app, so that it answers at once."""
    app = create_app(ctx)
    _share_operations(ctx, app)
    return app


def _share_operations(ctx: Context, app: FastAPI) -> None:
    """
    Give an app the operations of another one, which is the same for all.

    Notes
    -----
    With the first request FastAPI works out what the operations of an app take and give: longer than most tests last.
    """
    if not _lender:
        _lender.append(create_app(ctx))
        # The operations ask the app they were made for who stands in for whom; it asks the one that answers.
        _lender[0].dependency_overrides[current_actor] = _caller
    lent = iter([route for route in _lender[0].routes if _is_of_operations(route)])
    app.router.routes[:] = [next(lent) if _is_of_operations(route) else route for route in app.routes]


def _is_of_operations(route: BaseRoute) -> bool:
    """Whether a route is a router that was included, not a page."""
    return not isinstance(route, Route | Mount)


def _caller(request: Request, bearer: Bearer) -> Actor:
    """Give whom the app takes for authenticated; otherwise look who it is."""
    stands_in = request.app.dependency_overrides.get(current_actor)
    return current_actor(request, bearer) if stands_in is None else stands_in()


def problem_of(answer: Any) -> Any:
    """Read a problem document, and judge its form."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:fieldops:error:{problem['code']}"
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    return problem
