"""Every error on its way out: ours, FastAPI's, Starlette's and the database's, all as problem documents."""

import re
from collections import defaultdict
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from fieldops import errors
from fieldops.api.problems import problem_response, request_id_of, status_of, without_internals
from fieldops.api.request_faults import request_faults
from fieldops.errors import Fault, FieldopsError, InvalidInput, Unavailable, UnreachablePlaces
from fieldops.usecases.actor import Actor, Role

log = structlog.get_logger("fieldops.api")

#: Where somebody lives stands in no log; the id of the place may.
_COORDINATES: Final = re.compile(r" \(-?\d+\.\d+, -?\d+\.\d+\)")


def install_error_handlers(app: FastAPI) -> None:
    """Make the app answer every error as a problem document."""
    app.add_exception_handler(FieldopsError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(InterfaceError, _database)
    app.add_exception_handler(PoolTimeout, _database)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, FieldopsError), "registered for it"
    if status_of(type(error)) == 500:
        log.error("internal_error", request_id=request_id_of(request), exc_info=error)
    elif error.retryable:
        log.warning("unavailable", request_id=request_id_of(request), code=error.code)
    if isinstance(error, Unavailable | UnreachablePlaces) and not _is_staff(request):
        detail = _COORDINATES.sub("", str(error))
        log.warning("kept_from_customer", request_id=request_id_of(request), code=error.code, detail=detail)
        error = without_internals(error)
    return problem_response(error, request_id_of(request))


def _is_staff(request: Request) -> bool:
    """Tell whether the caller is known, and no customer."""
    actor: Actor | None = getattr(request.state, "actor", None)
    return actor is not None and actor.role is not Role.CUSTOMER


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for it"
    return problem_response(InvalidInput(request_faults(error.errors())), request_id_of(request))


def _http(request: Request, error: Exception) -> Response:
    """Translate what the frameworks raise: unknown addresses, wrong methods, bodies that cannot be read."""
    assert isinstance(error, HTTPException), "registered for it"
    ours: FieldopsError
    match error.status_code:
        case 404:
            ours = errors.NotFound("address", request.url.path[:200])
        case 405:
            allow = ", ".join(sorted(_methods_at(request)))
            ours = errors.WrongMethod(f"{request.method} is not possible here", details={"allow": allow})
        case 413:
            ours = errors.TooLarge()
        case status if status < 500:
            expected = "a request that can be read"
            ours = InvalidInput([Fault(path="body", found=str(error.detail), expected=expected)])
        case _:
            ours = errors.InternalError()
    return problem_response(ours, request_id_of(request))


def _methods_at(request: Request) -> set[str]:
    """
    Collect the methods of all operations at an address; the framework knows those of the first one only.

    Where a path is written out, that is the address, and none of those that have a name in its place: there is no
    customer ``lookup`` to be read.
    """
    methods: dict[int, set[str]] = defaultdict(set)
    for route in iter_route_contexts(request.app.routes):
        pattern: re.Pattern[str] | None = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(request.url.path):
            methods[pattern.groups].update(route.methods or ())
    return methods[min(methods)] if methods else set()


def _database(request: Request, error: Exception) -> Response:
    """Say that trying again may help: the database did not answer, or not in time."""
    cause = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
    log.warning("database_unavailable", request_id=request_id_of(request), cause=cause)
    return problem_response(errors.DatabaseBusy(), request_id_of(request))
