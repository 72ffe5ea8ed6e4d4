"""Every operation of the app, whoever wrote it: nobody comes in without the right to."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api_client import client_for
from fieldops.api import routes, security
from fieldops.api.security import Needs
from fieldops.usecases.actor import SCOPES_OF, SYSTEM, Actor, Role, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact
from worlds import add_technician, add_territory, add_work_order

#: Addresses for those who run the service; they tell nothing about anybody.
FOR_OPERATORS = {("GET", path) for path in ("/healthz", "/readyz", "/metrics", "/docs", "/docs/start.js")}

Operation = tuple[str, str]


def _operations(ctx: Context) -> dict[Operation, tuple[tuple[frozenset[Scope], ...], bool]]:
    """List every operation with what it asks for, one scope of each set, and whether it is declared to be public."""
    found: dict[Operation, tuple[tuple[frozenset[Scope], ...], bool]] = {}
    app: Any = client_for(ctx).app
    for context in iter_route_contexts(app.routes):
        route: Any = context
        if isinstance(route.original_route, APIRoute):
            calls = list(_calls(route.dependant))
            needs = tuple(frozenset(call.scopes) for call in calls if isinstance(call, Needs))
            is_public = security.anonymous in calls or security.uncounted in calls
            found |= {(method, route.path): (needs, is_public) for method in route.methods}
    return found


def _guarded(ctx: Context) -> list[Operation]:
    """List the operations that check the caller."""
    return sorted(operation for operation, (needs, _) in _operations(ctx).items() if needs)


def _calls(dependant: Dependant) -> Iterator[Any]:
    """List everything an operation depends on, however deep."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _address(path: str) -> str:
    """Fill in a path: dates where dates stand, names elsewhere."""
    filled = re.sub(r"\{(date|day)\}", "2026-03-16", path)
    return re.sub(r"\{[^}]+\}", "xx_7h3k9c2m4p6r8t0w", filled)


def test_every_operation_checks_the_caller_or_says_that_everybody_may(ctx: Context) -> None:
    """An operation somebody forgot to guard is open to the world, and nobody notices."""
    operations = _operations(ctx)
    unguarded = {operation: is_public for operation, (needs, is_public) in operations.items() if not needs}

    assert {operation for operation, is_public in unguarded.items() if not is_public} == FOR_OPERATORS
    assert len(_guarded(ctx)) > 20


def test_every_router_is_part_of_the_app() -> None:
    """Routes in a module nobody lists are neither served nor tested."""
    names = [module.name for module in pkgutil.iter_modules(routes.__path__, "fieldops.api.routes.")]

    assert {id(importlib.import_module(name).router) for name in names} == {id(router) for router in routes.ROUTERS}


def test_public_operations_are_few(ctx: Context) -> None:
    """Each one is a decision: who wants another one has to write it down here."""
    public = {operation for operation, (needs, _) in _operations(ctx).items() if not needs}

    assert public - FOR_OPERATORS <= {
        ("POST", "/v1/auth/login"),
        ("POST", "/v1/auth/refresh"),
        ("POST", "/v1/auth/logout"),
        ("POST", "/v1/messages/inbound/sms"),
        ("POST", "/v1/messages/receipts/sms"),
        ("GET", "/v1/booking"),
        ("GET", "/v1/booking/{territory_id}"),
        ("POST", "/v1/booking/{territory_id}/locate"),
        ("POST", "/v1/booking/{territory_id}/requests"),
        ("GET", "/v1/ui-config"),
        ("GET", "/v1/unsubscribe"),
        ("POST", "/v1/unsubscribe"),
        ("GET", "/v1/territories/{territory_id}/basemap.geojson"),
    }


def test_without_credentials_nothing_opens(ctx: Context) -> None:
    """401 with the way to show credentials, at every address and before anything else is looked at."""
    client = client_for(ctx)

    for method, path in _guarded(ctx):
        answer = client.request(method, _address(path))
        assert (answer.status_code, answer.json()["code"]) == (401, "E4001"), (method, path)
        assert answer.headers["WWW-Authenticate"], (method, path)


def test_a_token_in_the_address_opens_calendars_only(ctx: Context) -> None:
    """Addresses end up in logs and histories: a token there must not be good for more."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        technician, order = add_technician(session, territory), add_work_order(session, territory)
    tokens = [
        transact(ctx, SYSTEM, issue_link, LinkPurpose.CALENDAR, technician.id).token,
        transact(ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order.id).token,
    ]
    client = client_for(ctx)

    for method, path in _guarded(ctx):
        if path.endswith(".ics"):
            continue
        for token in tokens:
            assert client.request(method, _address(path), params={"token": token}).status_code == 401, (method, path)


@pytest.mark.parametrize(
    ("role", "own"),
    [(Role.TECHNICIAN, Scope.OWN_DAY), (Role.CUSTOMER, Scope.OWN_BOOKING), (Role.INTEGRATION, Scope.MESSAGES_READ)],
)
def test_one_right_does_not_open_what_needs_another(ctx: Context, role: Role, own: Scope) -> None:
    """A technician at the dispatchers' addresses, a customer at the technicians': 403, and which scope is missing."""
    client = client_for(ctx, Actor(id="somebody", role=role, scopes=frozenset({own})))
    operations, refused = _operations(ctx), 0

    for method, path in _guarded(ctx):
        missing = [some for some in operations[method, path][0] if own not in some]
        if missing:
            answer = client.request(method, _address(path))
            assert (answer.status_code, answer.json()["code"]) == (403, "E4002"), (method, path)
            assert answer.json()["details"]["needs"] == sorted(missing[0]), (method, path)
            refused += 1

    assert refused > 10


def test_no_role_but_ops_may_give_rights(ctx: Context) -> None:
    """Users, keys and territories are changed by ops alone."""
    admin = {operation for operation, (needs, _) in _operations(ctx).items() if needs == ({Scope.ADMIN},)}

    assert {("POST", "/v1/users"), ("POST", "/v1/api-keys"), ("PUT", "/v1/territories/{territory_id}")} <= admin
    assert [role for role in Role if Scope.ADMIN in SCOPES_OF.get(role, ())] == [Role.OPS, Role.SYSTEM]
