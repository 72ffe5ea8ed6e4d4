"""The JSON schemas in docs/schemas are those of the models, and say what every field means."""

import json
from pathlib import Path
from typing import Any

import pytest

from fieldops.domain.problem import CostRates, Technician, TravelSource, Visit
from fieldops.files.problem_schema import (
    CostRatesDocument,
    TechnicianDocument,
    TravelSourceDocument,
    VisitDocument,
)
from fieldops.files.schemas import schema_files, write_schemas

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
NAMES = ["live.schema.json", "plan.schema.json", "problem.schema.json", "visit.schema.json"]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_current(name: str) -> None:
    """Readers of the docs and editors rely on it; `python -m fieldops.files.schemas` renews it."""
    assert (FOLDER / name).read_text(encoding="utf-8") == schema_files()[name]


def test_schemas_are_written_where_one_wants(tmp_path: Path) -> None:
    """The command is what the docs tell people to run."""
    write_schemas(tmp_path / "new" / "folder")
    assert sorted(file.name for file in (tmp_path / "new" / "folder").iterdir()) == NAMES


def _objects(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("document", schema), *schema["$defs"].items()]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described_and_no_other_is_allowed(name: str) -> None:
    """The schema is the reference page of the format."""
    for title, definition in _objects(json.loads(schema_files()[name])):
        if definition["type"] != "object":
            continue
        assert definition["additionalProperties"] is False, title
        for field, facts in definition["properties"].items():
            # A field that only refers to an object is described there.
            assert facts.keys() & {"description", "$ref"}, f"{title}.{field}"


def test_limits_stand_in_the_schema() -> None:
    """An editor can mark a priority of 9 while it is typed, although the rule is judged elsewhere."""
    visit = json.loads(schema_files()["problem.schema.json"])["$defs"]["VisitDocument"]["properties"]
    assert (visit["priority"]["minimum"], visit["priority"]["maximum"]) == (1, 5)
    assert visit["duration_s"]["minimum"] == 1


def test_defaults_of_documents_are_those_of_the_domain() -> None:
    """A field left out must mean the same as an argument left out."""
    rates, travel = CostRatesDocument(), TravelSourceDocument()
    assert {name.removesuffix("_cents"): value for name, value in rates} == {
        name: getattr(CostRates(), name) for name in CostRates.__dataclass_fields__
    }
    assert dict(travel) == {name: getattr(TravelSource(), name) for name in TravelSource.__dataclass_fields__}
    person, technician = TechnicianDocument(id="x"), Technician(id="x")
    assert (person.duration_permille, person.work_rate_cents, person.overtime_rate_cents) == (
        technician.duration_permille,
        technician.work_rate,
        technician.overtime_rate,
    )
    visit = VisitDocument(id="x", place_id="y", duration_s=1)
    defaults = Visit.__dataclass_fields__
    assert (visit.priority, visit.mandatory, visit.promise_is_hard) == (
        defaults["priority"].default,
        defaults["mandatory"].default,
        defaults["promise_is_hard"].default,
    )
