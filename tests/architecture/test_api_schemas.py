"""What the API accepts is bounded everywhere, and its instants know their offset."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from fieldops.api.openapi import install_openapi
from fieldops.api.routes import ROUTERS


@cache
def _document() -> dict[str, Any]:
    """Write the OpenAPI document; that needs no context."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    install_openapi(app)
    return app.openapi()


def _parts(schema: Any, path: str, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, dict[str, Any]]]:
    """List a schema and everything inside it, with where it is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _parts(_document()["components"]["schemas"][name], f"{path}:{name}", seen | {name})
        return
    yield path, schema
    for key in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(key, ()):
            yield from _parts(inner, path, seen)
    for name, inner in schema.get("properties", {}).items():
        yield from _parts(inner, f"{path}.{name}", seen)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _parts(schema[key], f"{path}.{key}", seen)


def _inputs() -> Iterator[tuple[str, dict[str, Any]]]:
    """List everything a caller can fill in: parameters and JSON bodies."""
    for path, operations in _document()["paths"].items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", ()):
                yield from _parts(parameter["schema"], f"{where} {parameter['name']}")
            # Forms come from services of others, who send what they like; what is read of them is checked by hand.
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                yield from _parts(content["application/json"]["schema"], f"{where} body")


def _is_bounded(schema: dict[str, Any]) -> bool:
    """Whether nobody can send more than somebody thought of."""
    if "enum" in schema or "const" in schema:
        return True
    match schema.get("type"):
        case "string":
            return "maxLength" in schema or schema.get("format") in {"date", "date-time", "time"} or "pattern" in schema
        case "integer" | "number":
            low, high = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
            return bool(low & schema.keys()) and bool(high & schema.keys())
        case "array":
            return "maxItems" in schema
        case "object":
            return "properties" in schema or schema.get("additionalProperties") is False or "maxProperties" in schema
    return True


def test_everything_a_caller_fills_in_is_bounded() -> None:
    """A text of a megabyte, a list of a million, a number no column holds: refused by the schema, not by luck."""
    inputs = list(_inputs())

    assert len(inputs) > 50
    assert sorted({path for path, schema in inputs if not _is_bounded(schema)}) == []


def test_every_instant_is_checked_for_its_offset() -> None:
    """A plain ``datetime`` in a schema would take local times of nowhere, and numbers, too."""
    instants = [part for part in _inputs() if part[1].get("format") == "date-time"]

    assert instants
    assert sorted({path for path, schema in instants if "examples" not in schema}) == []


def test_unknown_fields_are_refused_in_every_body() -> None:
    """A misspelled optional field would be ignored, and nobody would know why nothing changed."""
    bodies = [(path, schema) for path, schema in _inputs() if schema.get("properties")]

    assert [path for path, schema in bodies if schema.get("additionalProperties") is not False] == []
