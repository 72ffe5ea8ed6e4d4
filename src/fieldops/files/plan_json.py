"""Plan documents: read with every fault at once, written whole or not at all."""

from pathlib import Path

from pydantic import ValidationError

from fieldops.domain.faults import is_time_zone
from fieldops.domain.plan import Plan
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.files.plan_mapping import document_of, plan_from
from fieldops.files.plan_schema import PLAN_FORMAT, PlanDocument
from fieldops.files.reading import read_document
from fieldops.files.schema_faults import schema_faults
from fieldops.files.writing import document_text, write_text


def load_plan(path: Path) -> Plan:
    """
    Read a plan document.

    Whether the plan is a good answer to a problem is not judged here but by the referee.

    Raises
    ------
    InvalidInput
        With every fault.
    """
    text, _ = read_document(path, PLAN_FORMAT)
    try:
        document = PlanDocument.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput(schema_faults(error)) from error
    faults: list[Fault] = []
    if not is_time_zone(document.time_zone):
        faults.append(wrong("time_zone", document.time_zone, "an IANA time zone, such as America/New_York"))
    total = sum(document.cost_cents.values())
    if document.total_cost_cents != total:
        faults.append(wrong("total_cost_cents", document.total_cost_cents, f"{total}, the sum of cost_cents"))
    if faults:
        raise InvalidInput(faults)
    return plan_from(document)


def dump_plan(plan: Plan, path: Path) -> None:
    """
    Write a plan document.

    Raises
    ------
    InvalidInput
        When the place cannot be written to.
    """
    write_text(path, document_text(document_of(plan).model_dump(mode="json")))
