"""Every field of every body: what it takes, and that what it does not take is refused by its name."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from api_requests import EXAMPLES, WITH_BODY, Example, Place, places, with_value, written
from api_worlds import Template, furnished_template

#: Texts that mean something to a database, a template, a page, a mail server or a terminal.
ATTACKS: Final = (
    "'; drop table customers; --",
    "{{7*7777777}}{% for x in ().__class__.__mro__ %}x{% endfor %}",
    "<script>alert(1)</script>",
    "x\r\nBcc: everybody@example.com\r\n\r\nhello",
    "${7*7777777} #{7*7777777} %(secret)s {0.__class__}",
)
#: What they come to when somebody evaluates them.
EVALUATED: Final = "54444439"
#: Examples of what the service cannot have: a login of its own, an address somebody has to know.
CANNOT_SUCCEED: Final = {"locate_address", "log_out", "refresh_login"}
NUMBERS: Final = {"integer", "number"}


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Furnish a world once; every test gets a copy of it."""
    with furnished_template(sqlite_template, tmp_path_factory.mktemp("bodies")) as template:
        yield template


def _send(template: Template, client: TestClient, example: Example, body: Any = None) -> Any:
    return client.request(**example.request(template.furnished, body))


def _body(template: Template, example: Example) -> dict[str, Any]:
    """Return a body that is right."""
    body = example.body_for(template.furnished)
    assert body is not None
    return body


def _fields(example: Example, body: dict[str, Any]) -> list[tuple[Place, dict[str, Any]]]:
    assert example.schema is not None
    return list(places(example.schema, body))


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - CANNOT_SUCCEED - {"read_readiness"}))
def test_examples_work(template: Template, name: str) -> None:
    """Whoever copies an example from the document, with ids that are there, gets what he wants."""
    example = EXAMPLES[name]
    if name in {"receive_sms", "record_sms_receipt"}:
        pytest.skip("the SMS service signs its requests: see test_messages_api")

    with template.copied(template.staff) as client:
        answer = _send(template, client, example)

    # Has ended, is booked, its job was called off.
    if name in {"ask_for_call", "cancel_replan", "erase_customer", "give_contact", "publish_plan"}:
        assert (answer.status_code, answer.json()["code"]) == (409, "E3005")
    elif name == "leave_waitlist":  # nobody waits
        assert (answer.status_code, answer.json()["code"]) == (404, "E2001")
    else:
        assert answer.is_success, answer.text


@pytest.mark.parametrize("name", WITH_BODY)
def test_text_is_text_in_every_field(template: Template, name: str) -> None:
    """Taken as it is, or refused by the name of its field: nothing is evaluated, and nothing breaks."""
    example, body = EXAMPLES[name], _body(template, EXAMPLES[name])
    texts = [place for place, schema in _fields(example, body) if schema.get("type") == "string"]
    for attack in ATTACKS:
        with template.copied(template.staff) as client:
            for place in texts:
                answer = _send(template, client, example, with_value(body, place, attack))
                where = (written(place), attack, answer.text)

                assert answer.status_code in {200, 201, 204, 401, 403, 404, 409, 412, 422}, where
                assert EVALUATED not in answer.text, where
                if answer.status_code == 422:
                    # `skills` names one that is missing; `customer`, that there is a `customer_id`, too.
                    assert any(written(place).startswith(fault["path"]) for fault in answer.json()["faults"]), where
            customers = client.get("/v1/customers").text

        assert template.furnished.ids["customer_id"] in customers
        assert EVALUATED not in customers


@pytest.mark.parametrize("name", WITH_BODY)
def test_numbers_out_of_range_are_refused_by_name(template: Template, name: str) -> None:
    """Negative prices, durations of years, numbers no column can hold: 422, and which field it was."""
    example, body = EXAMPLES[name], _body(template, EXAMPLES[name])
    with template.copied(template.staff) as client:
        for place, schema in _fields(example, body):
            if schema.get("type") in NUMBERS:
                for value in (schema["minimum" if "minimum" in schema else "exclusiveMinimum"] - 1, 10**30, -(10**30)):
                    answer = _send(template, client, example, with_value(body, place, value))

                    assert answer.status_code == 422, (written(place), value)
                    assert [fault["path"] for fault in answer.json()["faults"]] == [written(place)]


@pytest.mark.parametrize("name", WITH_BODY)
def test_fields_that_nobody_asked_for_are_refused(template: Template, name: str) -> None:
    """Whoever sends a role, a state or an owner along must not find out that it worked; nor believe that it did."""
    example, body = EXAMPLES[name], _body(template, EXAMPLES[name])
    extras = [("is_superuser",), ("id",), ("created_by",)]
    extras += [
        (*place, "created_by")
        for place, schema in _fields(example, body)
        if schema.get("additionalProperties") is False
    ]
    objects = [place for place in extras if len(place) == 1 or isinstance(_at(body, place[:-1]), dict)]
    with template.copied(template.staff) as client:
        for place in objects:
            answer = _send(template, client, example, with_value(body, place, "ops"))

            assert answer.status_code == 422, written(place)
            assert [(fault["path"], fault["expected"]) for fault in answer.json()["faults"]] == [
                (written(place), "no such field")
            ]


def _at(body: Any, place: Place) -> Any:
    """Return what a body has in a place, or nothing."""
    for step in place:
        if isinstance(body, dict) and step not in body:
            return None
        body = body[step]
    return body


@pytest.mark.parametrize("name", WITH_BODY)
def test_values_of_another_type_are_refused_by_name(template: Template, name: str) -> None:
    """A list where a text should be, text where a list should be: a mistake of a client that has to show."""
    example, body = EXAMPLES[name], _body(template, EXAMPLES[name])
    with template.copied(template.staff) as client:
        for place, schema in _fields(example, body):
            wrong: Any = {"a": ["list"]} if schema.get("type") in {"string", "array", "boolean", *NUMBERS} else ["x"]
            answer = _send(template, client, example, with_value(body, place, wrong))

            assert answer.status_code == 422, (written(place), json.dumps(wrong))
            assert any(fault["path"].startswith(written(place)) for fault in answer.json()["faults"]), written(place)
