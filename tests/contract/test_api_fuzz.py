"""Whatever comes in: the service answers as its OpenAPI document says, and never with a failure of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.meta import CoverageScenario
from starlette.testclient import TestClient

from api_document import DOCUMENT
from api_worlds import Template, furnished_template

#: Rules that no schema can state refuse much of what follows its schema; who is let in is tested in test_api_guard.
LEFT_OUT: Final = ("positive_data_acceptance", "ignored_auth")
#: How often an id that leads somewhere stands where an id is asked for; the rest is made up.
KNOWN: Final = 0.7
#: Fields of bodies that hold ids.
BODY_IDS: Final = {
    "customer_id": "customer_id",
    "hold_id": "hold_id",
    "known_technician_id": "technician_id",
    "offer_id": "offer_id",
    "other_id": "stranger_id",
    "service_id": "service_id",
    "site_id": "site_id",
    "start_place_id": "base_id",
    "subject_id": "work_order_id",
    "technician_id": "technician_id",
    "territory_id": "territory_id",
    "visit_id": "visit_id",
}
#: Texts that mean something to somebody else.
ODD: Final = ("' OR 1=1 --", "{{7*7}}", "<script>", "%", "\\", "a\r\nBcc: x@example.com", "\u202e", "2026-03-08", "🔧")

#: Without a worker the service is not ready, which is no failure of this answer.
OPERATIONS: Final = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
    if operation["operationId"] != "read_readiness"
}
#: Where customers get further than 403; the other operations are tested in test_api_guard.
FOR_CUSTOMERS: Final = ("booking", "booking page", "tracking", "work orders")


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Furnish a world once; every test gets a copy of it."""
    with furnished_template(sqlite_template, tmp_path_factory.mktemp("fuzz")) as template:
        yield template


@pytest.fixture(scope="module")
def schema(template: Template) -> Any:
    """Tell the tool what stands in the document, and which ids lead somewhere."""
    ids = template.furnished.ids
    where = {f"{place}.{name}": name for name in ids for place in ("path", "query")}
    where |= {f"body.{field}": name for field, name in BODY_IDS.items()}
    config = {
        "seed": 1,
        "dictionaries": {
            "odd": {"values": list(ODD)},
            "etag": {"values": ['"0"', '"1"', '"2"']},
            **{name: {"values": [value]} for name, value in ids.items()},
        },
        "generation": {
            "with-security-parameters": False,
            "dictionaries": {"string": {"dictionary": "odd", "probability": 0.1}},
        },
        "parameters": {
            "header.If-Match": {"dictionary": "etag", "probability": KNOWN},
            **{place: {"dictionary": name, "probability": KNOWN} for place, name in where.items()},
        },
        "checks": {
            **{name: {"enabled": False} for name in LEFT_OUT},
            # The thing may not be there, or have changed, which is found before the body is looked at.
            "negative_data_rejection": {"expected-statuses": ["401", "403", "404", "405", "409", "412", "422"]},
        },
    }
    return schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(config))


def _send(schema: Any, name: str, client: TestClient, *, valid: int, invalid: int) -> None:
    """Send an operation so many requests that follow its schema, and so many that do not."""
    operation = schema.find_operation_by_id(name)
    if not OPERATIONS[name].keys() & {"parameters", "requestBody"}:
        invalid = 0  # there is nothing that could be wrong
    for mode, max_examples in ((GenerationMode.POSITIVE, valid), (GenerationMode.NEGATIVE, invalid)):
        if max_examples == 0:
            continue

        @settings(max_examples=max_examples, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Case) -> None:
            case.call_and_validate(app=client.app, headers=dict(client.headers))

        send()


def _send_edge_cases(schema: Any, name: str, client: TestClient) -> None:
    """
    Send one request of each kind that the tool's coverage phase knows: the longest text, one letter more, a type apart.

    Methods that an address does not have are in test_api_edge, every field of every body is in test_api_bodies.
    """
    operation = schema.find_operation_by_id(name)
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=schema.config.generation)
    sent = {CoverageScenario.UNSPECIFIED_HTTP_METHOD}
    for case in cases:
        if case.meta.phase.data.scenario not in sent:
            sent.add(case.meta.phase.data.scenario)
            case.call_and_validate(app=client.app, headers=dict(client.headers))


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_staff_get_what_is_documented(template: Template, schema: Any, name: str) -> None:
    """Nothing that a program with a mistake sends may break the service, or be taken for something else."""
    with template.copied(template.staff) as client:
        _send(schema, name, client, valid=2, invalid=1)
        _send_edge_cases(schema, name, client)


@pytest.mark.parametrize(
    "name", sorted(name for name, operation in OPERATIONS.items() if operation["tags"][0] in FOR_CUSTOMERS)
)
def test_customers_get_what_is_documented(template: Template, schema: Any, name: str) -> None:
    """The same for those whose requests come from the open internet."""
    with template.copied(template.furnished.customer_token) as client:
        _send(schema, name, client, valid=4, invalid=2)
