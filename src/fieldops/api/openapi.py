"""The OpenAPI document: what FastAPI writes, and the errors that every operation shares."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from fieldops import errors
from fieldops.api.problems import MEDIA_TYPE, Problem, documented, example_of, status_of
from fieldops.errors import FieldopsError

_ALWAYS: Final = (errors.InvalidInput, errors.InternalError)
#: Of everything but the addresses for those who run the service.
_VERSIONED: Final = (errors.TooManyRequests, errors.DatabaseBusy)
_WITH_CREDENTIALS: Final = (errors.NotAuthenticated, errors.Forbidden)
_WITH_BODY: Final = (errors.TooLarge, errors.TooSlow)
_WITH_KEY: Final = (errors.KeyReused,)
_TEXT: Final = {"schema": {"type": "string"}}
_HEADERS: Final = {
    "401": {"WWW-Authenticate": {"description": "How to show credentials.", **_TEXT}},
    "408": {"Retry-After": {"description": "Seconds until trying again may help.", **_TEXT}},
    "429": {"Retry-After": {"description": "Seconds until the next request is answered.", **_TEXT}},
    "503": {"Retry-After": {"description": "Seconds until trying again may help.", **_TEXT}},
}
_REPLAYED: Final = {"description": "`true` when the request was done before: this is the answer it got.", **_TEXT}


def install_openapi(app: FastAPI) -> None:
    """Make the app describe its errors as they are."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            _complete(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    """Add the shared errors to every operation, and what they refer to."""
    components = document["components"]
    schemas = components["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    named: set[str] = set()
    shared: dict[str, Any] = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            responses = operation["responses"] = _with_errors(path, operation)
            for status, response in responses.items():
                content = response.get("content", {})
                names = set(content.get(MEDIA_TYPE, {}).get("examples", ()))
                named |= names
                if len(names) == len(content) == 1:
                    (name,) = names
                    shared[name] = response
                    responses[status] = {"$ref": f"#/components/responses/{name}"}
    components["responses"] = dict(sorted(shared.items()))
    components["examples"] = {name: example_of(getattr(errors, name)) for name in sorted(named)}


def _with_errors(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of an operation with those it did not name itself."""
    responses = operation["responses"]
    if "422" in responses and MEDIA_TYPE not in responses["422"].get("content", {}):
        del responses["422"]  # FastAPI's own, which we never send
    has_key = any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", ()))
    for errors_shared, applies in (
        (_ALWAYS, True),
        (_VERSIONED, path.startswith("/v1/")),
        (_WITH_CREDENTIALS, "security" in operation),
        (_WITH_BODY, "requestBody" in operation),
        (_WITH_KEY, has_key),
    ):
        for error in errors_shared if applies else ():
            _add(responses, error)
    for status, response in responses.items():
        if status in _HEADERS and MEDIA_TYPE in response["content"]:
            response["headers"] = _HEADERS[status]
        elif status.startswith("2") and has_key:
            response["headers"] = {"Idempotent-Replayed": _REPLAYED}
    return dict(sorted(responses.items()))


def _add(responses: dict[str, Any], error: type[FieldopsError]) -> None:
    """Add an error beside what has its status already."""
    status = str(status_of(error))
    addition = documented([error])
    if status not in responses:
        responses[status] = addition
    elif error.code not in responses[status].get("description", ""):
        responses[status]["description"] += " " + addition["description"]
        content = addition["content"][MEDIA_TYPE]
        known = responses[status].setdefault("content", {}).setdefault(MEDIA_TYPE, {**content, "examples": {}})
        known["examples"] = {**known["examples"], **content["examples"]}
