"""Requests of every kind, as the OpenAPI document exemplifies them, for a world where every id leads somewhere."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from api_document import DOCUMENT
from api_worlds import PASSWORD, Furnished

#: What stands in an example for what is there, by the name of the field, and by operation where that is not enough.
_IDS: Final = {
    "end_place_id": "base_id",
    "known_technician_id": "technician_id",
    "start_place_id": "base_id",
    "subject_id": "work_order_id",
}
#: What required parameters of a query are.
_QUERY: Final = {
    "date": "{date}",
    "first_date": "2026-03-16",
    "last_date": "2026-03-31",
    "subject_id": "{work_order_id}",
    "territory_id": "{territory_id}",
    "visit_id": "{booked_visit_id}",
}
_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "add_contact": {"value": "+12025550188"},
    "change_my_password": {"old_password": PASSWORD},
    "create_shifts": {"first_date": "2026-04-06", "last_date": "2026-04-17"},
    "create_territory": {"name": "Baltimore"},
    "create_user": {"email": "sam@example.com"},
    "merge_customers": {"other_id": "{stranger_id}"},
    "log_in": {"email": "kim@example.com", "password": PASSWORD},
    "report_progress": {
        "events": [
            {
                "id": "b3f1c9a2-7d4e-4f60-9a51-2c8e0d7b6f43",
                "kind": "started",
                "occurred_at": "2026-03-16T07:55:00-04:00",
                "visit_id": "vi_7h3k9c2m4p6r8t0w",
            }
        ]
    },
    "reschedule_booking": {"offer_id": "{other_offer_id}"},
    "request_booking": {"site": {"address": "1 Main Street", "latitude": 38.9, "longitude": -77.03}},
    "register_webhook": {"url": "http://127.0.0.1:9/other"},
    "create_work_order": {
        "customer": {"name": "Zoë Müller", "contacts": [{"kind": "phone", "value": "+1 202 555 0177"}]},
        "site": {"address": "1 Main Street", "latitude": 38.9, "longitude": -77.0},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """
    One operation with what its example asks.

    Attributes
    ----------
    schema
        Of the body; None = there is none.
    parameters
        As the document describes them.
    """

    name: str
    method: str
    path: str
    body: dict[str, Any] | None
    schema: dict[str, Any] | None
    parameters: list[dict[str, Any]]

    def request(self, furnished: Furnished, body: Any = None) -> dict[str, Any]:
        """Write the request for a world: keyword arguments of `TestClient.request`."""
        sent = self.body_for(furnished) if body is None else body
        names = {parameter["name"]: parameter for parameter in self.parameters}
        version = furnished.ids["plan_version"] if self.name == "edit_plan" else 1
        return {
            "method": self.method,
            "url": furnished.address(self.path),
            "json": sent,
            "params": {
                name: _QUERY[name].format_map(furnished.ids)
                for name, parameter in names.items()
                if parameter["in"] == "query" and parameter["required"]
            },
            "headers": {"If-Match": f'"{version}"'} if "If-Match" in names else {},
        }

    def body_for(self, furnished: Furnished) -> dict[str, Any] | None:
        """Return the body of the example with ids of the world."""
        if self.body is None:
            return None
        body = copy.deepcopy(self.body) | copy.deepcopy(_CHANGES.get(self.name, {}))
        return {field: _there(furnished, field, value) for field, value in body.items()}


def _there(furnished: Furnished, field: str, value: Any) -> Any:
    """Put ids of the world in the place of those of an example, wherever they are in it."""
    if isinstance(value, dict):
        return {name: _there(furnished, name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_there(furnished, field, inner) for inner in value]
    name = _IDS.get(field, field)
    if isinstance(value, str) and value.startswith("{"):
        return furnished.address(value)
    return furnished.ids[name] if value is not None and name.endswith("_id") and name in furnished.ids else value


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the document, also one that may be null."""
    if "anyOf" in schema:
        (schema,) = [other for other in schema["anyOf"] if other.get("type") != "null"] or [{}]
    if "$ref" in schema:
        return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]  # type: ignore[no-any-return]
    return schema


def _examples() -> Iterator[Example]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            schema = None if content is None else resolved(content["schema"])
            yield Example(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                body=None if schema is None else schema["examples"][0],
                schema=schema,
                parameters=operation.get("parameters", []),
            )


#: By the name of the operation.
EXAMPLES: Final = {example.name: example for example in _examples()}
#: Those that send JSON.
WITH_BODY: Final = sorted(name for name, example in EXAMPLES.items() if example.body is not None)

Place = tuple[str | int, ...]


def places(schema: dict[str, Any], value: Any, place: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """
    List where a body has fields, and their schemas.

    Objects that the body does not have are left out; fields that it does not have are not.
    """
    schema = resolved(schema)
    if "properties" in schema and isinstance(value, dict):
        for name, inner in schema["properties"].items():
            yield (*place, name), resolved(inner)
            if name in value:
                yield from places(inner, value[name], (*place, name))
    elif "items" in schema and isinstance(value, list):
        for index, item in enumerate(value[:1]):
            yield (*place, index), resolved(schema["items"])
            yield from places(schema["items"], item, (*place, index))


def with_value(body: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """Return a copy of a body with another value in one place."""
    changed = copy.deepcopy(body)
    inner: Any = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return changed


def written(place: Place) -> str:
    """Write a place as faults name it: ``visits[0].duration_s``."""
    path = ""
    for step in place:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path
