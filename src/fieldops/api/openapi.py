"""The OpenAPI document: what FastAPI writes, and the errors that every operation shares."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from fieldops import errors
from fieldops.api.problems import MEDIA_TYPE, Problem, documented, status_of
from fieldops.errors import FieldopsError

_ALWAYS: Final = (errors.InvalidInput, errors.TooManyRequests, errors.DatabaseBusy, errors.InternalError)
_WITH_CREDENTIALS: Final = (errors.NotAuthenticated, errors.Forbidden)
_WITH_BODY: Final = (errors.TooLarge,)


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
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs")
            schemas["Problem"] = problem
            for operations in document["paths"].values():
                for operation in operations.values():
                    _add_errors(operation)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _add_errors(operation: dict[str, Any]) -> None:
    """Add what the operation did not name itself."""
    responses = operation["responses"]
    if "422" in responses and MEDIA_TYPE not in responses["422"].get("content", {}):
        del responses["422"]  # FastAPI's own, which we never send
    shared: list[type[FieldopsError]] = [*_ALWAYS]
    if operation.get("security"):
        shared += _WITH_CREDENTIALS
    if "requestBody" in operation:
        shared += _WITH_BODY
    if any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", ())):
        shared.append(errors.KeyReused)
    for error in shared:
        status = str(status_of(error))
        addition = documented(status_of(error), [error])
        if status not in responses:
            responses[status] = addition
        elif error.code not in responses[status].get("description", ""):
            responses[status]["description"] += " " + addition["description"]
            (content,) = addition["content"].values()
            answers = responses[status].setdefault("content", {})
            known = answers.setdefault(MEDIA_TYPE, {**content, "examples": {}})
            known["examples"] = {**known["examples"], **content["examples"]}
    operation["responses"] = dict(sorted(responses.items()))
