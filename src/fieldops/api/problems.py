"""Errors over HTTP: the one place that knows which class has which status, and what a problem document says."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import Field
from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import Response

from fieldops import errors
from fieldops.api.schemas.base import Schema
from fieldops.errors import FieldopsError, InvalidInput

MEDIA_TYPE: Final = "application/problem+json"
#: The nearest ancestor counts.
STATUS_OF: Final[Mapping[type[FieldopsError], int]] = {
    errors.FieldopsError: 500,
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PlanVersionStale: 412,
    errors.VersionStale: 412,
    errors.NotAllowed: 403,
    errors.NotAuthenticated: 401,
    errors.TooManyRequests: 429,
    errors.TooLarge: 413,
    errors.TooSlow: 408,
    errors.WrongMethod: 405,
    errors.Unavailable: 503,
}
#: What ``Retry-After`` says when the error does not, seconds.
RETRY_AFTER_S: Final = 2


class FaultSchema(Schema):
    """One thing that is wrong with the request."""

    path: str = Field(examples=["visits[0].duration_minutes"])
    found: str = Field(examples=["-30"])
    expected: str = Field(examples=["a whole number from 1 to 1440"])


class Problem(Schema):
    """What every error looks like (RFC 9457). `code` is stable; docs/errors.md says what to do about it."""

    type: str = Field(examples=["urn:fieldops:error:E3001"])
    title: str = Field(description="The same for every error of this code.")
    status: int = Field(examples=[409])
    detail: str = Field(description="What happened this time.")
    code: str = Field(examples=["E3001"], pattern="^E[0-9]{4}$")
    details: dict[str, Any] = Field(description="What a program needs to go on, such as fresh offers.")
    faults: list[FaultSchema] = Field(description="Everything that is wrong with the request; empty for other errors.")
    request_id: str | None = Field(description="Name it when you ask for help.")


def status_of(error: type[FieldopsError]) -> int:
    """Return the HTTP status of a class of errors."""
    return next(STATUS_OF[ancestor] for ancestor in error.__mro__ if ancestor in STATUS_OF)


def problem_of(error: FieldopsError, request_id: str | None) -> Problem:
    """Write an error as a problem document; what is internal stays out of it."""
    status = status_of(type(error))
    faults = error.faults if isinstance(error, InvalidInput) else ()
    title = _title(type(error))
    if isinstance(error, InvalidInput) and not faults:
        detail = title
    elif faults:
        detail = f"{len(faults)} fault{'' if len(faults) == 1 else 's'} in the request"
    else:
        detail = str(error) if status != 500 else title
    return Problem(
        type=f"urn:fieldops:error:{error.code}",
        title=title,
        status=status,
        detail=detail,
        code=error.code,
        details={} if status == 500 else to_jsonable_python(dict(error.details), fallback=str),
        faults=[FaultSchema.model_validate(fault) for fault in faults],
        request_id=request_id,
    )


def problem_response(error: FieldopsError, request_id: str | None) -> Response:
    """Answer with an error."""
    problem = problem_of(error, request_id)
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="fieldops"'
    if error.retryable:
        headers["Retry-After"] = str(error.details.get("retry_after_s", RETRY_AFTER_S))
    if isinstance(error, errors.TooSlow):
        headers["Connection"] = "close"
    if "allow" in error.details:
        headers["Allow"] = str(error.details["allow"])
    return Response(problem.model_dump_json(), problem.status, headers, MEDIA_TYPE)


def without_internals(error: FieldopsError) -> FieldopsError:
    """Make an error of the same class that says nothing of servers, places and people behind it."""
    if isinstance(error, InvalidInput):
        return type(error)([])
    wait = {name: value for name, value in error.details.items() if name == "retry_after_s"}
    return type(error)(details=wait)


def request_id_of(request: Request) -> str | None:
    """Return the id of the request that is being served."""
    return getattr(request.state, "request_id", None)


def problems(*error_classes: type[FieldopsError]) -> dict[int | str, dict[str, Any]]:
    """
    Document errors of an operation: ``responses=problems(NotFound, WindowTaken)``.

    Notes
    -----
    What any operation may answer (wrong input, missing rights, limits, a busy database) is documented without being
    named.
    """
    by_status: dict[int, list[type[FieldopsError]]] = defaultdict(list)
    for error in error_classes:
        by_status[status_of(error)].append(error)
    return {status: documented(classes) for status, classes in sorted(by_status.items())}


def documented(classes: Iterable[type[FieldopsError]]) -> dict[str, Any]:
    """Describe one error status, with an example for every code; `example_of` makes what it refers to."""
    listed = list(classes)
    examples = {error.__name__: {"$ref": f"#/components/examples/{error.__name__}"} for error in listed}
    return {
        "description": " ".join(f"`{error.code}` {_title(error)}" for error in listed),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }


def _title(error: type[FieldopsError]) -> str:
    return (error.__doc__ or "").strip().splitlines()[0]


def example_of(error: type[FieldopsError]) -> dict[str, Any]:
    """Make an example of a problem document, with a title."""
    fault = {"path": "query.limit", "found": "'many'", "expected": "a whole number"}
    problem = Problem(
        type=f"urn:fieldops:error:{error.code}",
        title=_title(error),
        status=status_of(error),
        detail=_title(error),
        code=error.code,
        details={},
        faults=[FaultSchema.model_validate(fault)] if issubclass(error, InvalidInput) else [],
        request_id="rq_7h3k9c2m4p6r8t0w",
    )
    return {"summary": _title(error), "value": json.loads(problem.model_dump_json())}
