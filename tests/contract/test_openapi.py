"""The OpenAPI document is a contract: what stands in it is complete, uses our words, and changes only on purpose."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from api_document import DOCUMENT, FILE
from fieldops.api.openapi_file import main
from fieldops.api.schemas.base import Schema

SCHEMAS: Final = DOCUMENT["components"]["schemas"]
#: Words that other systems use for our things, or that we use for something else: docs/glossary.md has ours.
OTHER_WORDS: Final = {
    "agent", "appointment", "assignment", "case", "client", "driver", "employee", "engineer", "resource", "schedule",
    "service", "slot", "ticket", "timeslot", "tour", "trip", "van", "vehicle",
}  # fmt: skip
#: What customers book is called as they call it.
OF_THE_CATALOG: Final = {"create_service", "deactivate_service", "replace_service", "service_id"}
#: POSTs that change nothing one could do twice by mistake; their descriptions say so.
WITHOUT_KEY: Final = {
    "find_addresses", "locate_address", "log_in", "log_out", "look_up_customers", "receive_sms", "record_sms_receipt",
    "refresh_login", "try_plan_edit",
}  # fmt: skip
#: The SMS service sends fields of its own, at most two hundred; what is read of them is checked by hand.
SMS_FORM: Final = "/sms body"

Operation = tuple[str, str, dict[str, Any]]


def _operations() -> list[Operation]:
    """List method, path and description of every operation."""
    return [
        (method, path, operation)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema  # type: ignore[no-any-return]


def _body(operation: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of the body of an operation, if it has one."""
    if "requestBody" not in operation:
        return None
    (content,) = operation["requestBody"]["content"].values()
    return _resolved(content["schema"])


def _values(schema: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """List every schema of a single value, a list or an object within a schema, with its place."""
    schema = _resolved(schema)
    alternatives = schema.get("anyOf", schema.get("oneOf", []))
    for alternative in alternatives:
        yield from _values(alternative, where)
    if alternatives:
        return
    yield where, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _values(inner, f"{where}.{name}")
    if "items" in schema:
        yield from _values(schema["items"], f"{where}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _values(schema["additionalProperties"], f"{where}[*]")


def _is_bounded(schema: dict[str, Any]) -> bool:
    """Whether what follows a schema of something that comes in has a largest size."""
    match schema.get("type"):
        case "string":
            is_fixed = schema.get("format") in {"date", "date-time", "time"}
            return is_fixed or bool(schema.keys() & {"maxLength", "enum", "const", "pattern"})
        case "integer" | "number":
            return {"minimum", "maximum"} <= {key.replace("exclusiveM", "m") for key in schema}
        case "array":
            return "maxItems" in schema
        case "object":
            return schema.get("additionalProperties") is False or "maxProperties" in schema
        case "boolean" | "null":
            return True
    return bool(schema.keys() & {"const", "enum"})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the document where one wants, with the command that people are told to run."""
    file = tmp_path_factory.mktemp("openapi") / "openapi.json"
    main([str(file)])
    return file.read_text(encoding="utf-8")


def test_the_committed_document_is_current(written: str) -> None:
    """Clients are generated from it, and a review sees in it what a change does: renew it with
    `python -m fieldops.api.openapi_file`.
    """
    assert FILE.read_text(encoding="utf-8") == written


def test_the_document_is_the_same_whenever_it_is_written(written: str) -> None:
    """A change that nobody made would stand in every review."""
    assert json.loads(written) == DOCUMENT


def test_every_operation_reads_like_a_function() -> None:
    """Generated clients make functions of these names: `client.confirm_booking(...)`."""
    names = [operation["operationId"] for _, _, operation in _operations()]

    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []
    assert len(names) == len(set(names))


def test_every_operation_says_what_it_does() -> None:
    """A title for the list, a sentence or more for who uses it, and one place to find it."""
    for method, path, operation in _operations():
        where = (method, path)

        assert re.fullmatch(r"[A-Z][^.]{2,50}", operation["summary"]), where
        assert operation["description"].strip().endswith((".", "`")), where
        assert len(operation["tags"]) == 1, where


def test_every_body_has_an_example() -> None:
    """Who tries an operation in the interactive page begins with something that works."""
    for method, path, operation in _operations():
        body = _body(operation)
        if body is not None:
            (content,) = operation["requestBody"]["content"].values()

            assert content.get("example") or body.get("examples"), (method, path)


def _models(root: type[Schema] = Schema) -> Iterator[type[Schema]]:
    for model in root.__subclasses__():
        yield model
        yield from _models(model)


@pytest.mark.parametrize("model", [model for model in _models() if "EXAMPLE" in vars(model)], ids=lambda m: m.__name__)
def test_examples_follow_their_schemas(model: type[Schema]) -> None:
    """An example that is refused is worse than none."""
    assert model.model_validate(vars(model)["EXAMPLE"])


def test_errors_that_can_happen_are_documented() -> None:
    """A generated client knows only the answers that stand in the document."""
    for method, path, operation in _operations():
        names = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
        expected = {"422", "500"}
        if path.startswith("/v1/"):
            expected |= {"429", "503"}
        if "security" in operation:
            expected |= {"401", "403"}
        if "{" in path:
            expected |= {"404"}
        if "idempotency-key" in names:
            expected |= {"409"}
        if "if-match" in names:
            expected |= {"412"}
        if _body(operation) is not None:
            expected |= {"408", "413"}

        assert expected <= set(operation["responses"]), (method, path)


def test_every_error_is_a_problem_document() -> None:
    """One schema for all that can go wrong."""
    shared = DOCUMENT["components"]["responses"]
    for _, path, operation in _operations():
        for status, response in operation["responses"].items():
            if int(status) >= 400 and path != "/readyz":
                found = shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response

                assert set(found["content"]) == {"application/problem+json"}, (path, status)


def test_every_reference_leads_somewhere(written: str) -> None:
    """Tools stop at the first one that does not."""
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', written)):
        place: Any = DOCUMENT
        for step in reference.split("/"):
            place = place[step]

        assert place, reference


def _incoming() -> Iterator[tuple[str, dict[str, Any]]]:
    """List every schema of something that a caller fills in, with its place."""
    for method, path, operation in _operations():
        incoming = [(parameter["schema"], parameter["name"]) for parameter in operation.get("parameters", ())]
        body = _body(operation)
        if body is not None:
            incoming.append((body, "body"))
        for schema, name in incoming:
            for where, value in _values(schema, name):
                yield f"{method.upper()} {path} {where}", value


def test_everything_that_comes_in_has_a_largest_size() -> None:
    """What nobody bounded, somebody fills: texts have a length, lists a size, numbers a range, objects known names."""
    unbounded = {where for where, value in _incoming() if not _is_bounded(value)}

    assert sorted(where for where in unbounded if SMS_FORM not in where) == []


def test_unknown_fields_are_refused_in_every_body() -> None:
    """A misspelled optional field would be ignored, and nobody would know why nothing changed."""
    bodies = [(where, value) for where, value in _incoming() if "properties" in value and SMS_FORM not in where]

    assert len(bodies) > 30
    assert [where for where, value in bodies if value.get("additionalProperties") is not False] == []


def test_every_instant_is_checked_for_its_offset() -> None:
    """A plain ``datetime`` in a schema would take local times of nowhere, and numbers, too."""
    instants = [(where, value) for where, value in _incoming() if value.get("format") == "date-time"]

    assert instants
    # Our own type of instants is the one that brings an example along.
    assert sorted(where for where, value in instants if "examples" not in value) == []


def test_posts_can_be_repeated() -> None:
    """A client that lost the answer sends the request again, and must be able to say that it is the same one."""
    without = {
        operation["operationId"]
        for method, _, operation in _operations()
        if method == "post"
        and "idempotency-key" not in {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    }

    assert without == WITHOUT_KEY


def _names() -> Iterator[str]:
    """List every name a client sees."""
    for _, path, operation in _operations():
        yield from re.findall(r"[a-z_-]+", path)
        yield operation["operationId"]
        yield from (parameter["name"] for parameter in operation.get("parameters", ()))
    for schema in SCHEMAS.values():
        yield from schema.get("properties", {})
        yield from (value for value in schema.get("enum", ()) if isinstance(value, str))


def test_names_are_our_words() -> None:
    """One word for one thing, from the table in the glossary; and a word means one thing: a job runs in a worker."""
    foreign = []
    for name in sorted(set(_names())):
        words = set(re.split(r"[^a-z]+", name.lower()))
        is_our_job = re.search(r"(plan[-_]jobs?|^job_id$)", name)
        if name == "vehicle_down" or name in OF_THE_CATALOG:  # the van itself, which does not start
            continue
        if words & OTHER_WORDS or name == "time" or (words & {"job", "jobs"} and not is_our_job):
            foreign.append(name)

    assert foreign == []


def test_units_stand_in_the_names() -> None:
    """A number called `duration` is seconds to one reader and minutes to the next."""
    bare = []
    for title, schema in SCHEMAS.items():
        for name, value in schema.get("properties", {}).items():
            kinds = {inner.get("type") for where, inner in _values(value, name) if where == name}
            is_measure = re.search(r"(duration|distance|cost|price|rate|travel|wait|slack)$", name)
            if is_measure and kinds & {"integer", "number"}:
                bare.append(f"{title}.{name}")

    assert bare == []
