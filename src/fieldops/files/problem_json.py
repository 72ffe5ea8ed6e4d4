"""Problem documents: read with every fault at once, written whole or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from fieldops.domain.faults import problem_faults
from fieldops.domain.problem import Problem
from fieldops.errors import Fault, InvalidInput
from fieldops.files.problem_mapping import document_of, problem_from
from fieldops.files.problem_schema import PROBLEM_FORMAT, ProblemDocument
from fieldops.files.reading import read_document
from fieldops.files.schema_faults import MOST_FAULTS, schema_faults
from fieldops.files.writing import document_text, write_text

#: Fields that other parts of a document are judged by: with one of them unreadable no rule can be judged.
_FOUNDATIONS = ("time_zone", "first_date", "num_days", "skills", "places", "technicians", "visits")


def load_problem(path: Path) -> Problem:
    """
    Read a problem document.

    Raises
    ------
    InvalidInput
        With every fault: those of form (a missing field, text for a number) and those of substance (`domain.faults`)
        together, as far as the latter can be judged.
    """
    text, raw = read_document(path, PROBLEM_FORMAT)
    try:
        problem = problem_from(ProblemDocument.model_validate_json(text))
    except ValidationError as error:
        raise InvalidInput([*schema_faults(error), *_remaining_faults(raw, error)]) from error
    faults = problem_faults(problem)
    if faults:
        raise InvalidInput(faults)
    return problem


def dump_problem(problem: Problem, path: Path) -> None:
    """
    Write a problem document; fields that say nothing new are left out of its entries.

    Raises
    ------
    InvalidInput
        When the problem has faults (it could not be read back), or the place cannot be written to.
    """
    faults = problem_faults(problem)
    if faults:
        raise InvalidInput(faults)
    document = document_of(problem)
    fields = document.model_dump(mode="json", exclude_defaults=True)
    # What things cost and how travel is estimated is said in full, so that it survives a change of the defaults.
    fields["rates"] = document.rates.model_dump(mode="json")
    fields["travel"] = document.travel.model_dump(mode="json", exclude_none=True)
    ordered = {name: fields[name] for name in ProblemDocument.model_fields if name in fields}
    write_text(path, document_text(ordered))


def _remaining_faults(raw: dict[str, object], error: ValidationError) -> Iterator[Fault]:
    """
    Judge the readable rest of a document that has faults of form.

    Fields nobody knows are taken out, broken visits left out, and broken places and technicians replaced by stand-ins
    of the same id, so that references to them still count as known.
    """
    if error.error_count() > MOST_FAULTS:
        return
    broken: dict[str, set[int]] = {"places": set(), "technicians": set(), "visits": set()}
    for entry in error.errors(include_url=False, include_input=False):
        location = entry["loc"]
        if entry["type"] == "extra_forbidden":
            _remove(raw, location)
        elif len(location) > 1 and location[0] in broken and isinstance(location[1], int):
            broken[str(location[0])].add(location[1])
        elif location[0] in _FOUNDATIONS:
            return
        else:
            raw.pop(str(location[0]), None)
    raw.setdefault("name", "")
    places, technicians, visits = (raw[name] for name in broken)
    assert isinstance(places, list), "a broken list of places is a foundation"
    assert isinstance(technicians, list), "a broken list of technicians is a foundation"
    assert isinstance(visits, list), "a broken list of visits is a foundation"
    for i in broken["places"]:
        places[i] = {"id": _id_of(places[i], i), "latitude": 0, "longitude": 0}
    for i in broken["technicians"]:
        technicians[i] = {"id": _id_of(technicians[i], i)}
    kept = [i for i in range(len(visits)) if i not in broken["visits"]]
    raw["visits"] = [visits[i] for i in kept]
    problem = problem_from(ProblemDocument.model_validate_json(json.dumps(raw)))
    strangers = {problem.technicians[i].id for i in broken["technicians"]}
    for fault in problem_faults(problem):
        collection, _, rest = fault.path.partition("[")
        if collection != "visits":
            yield fault
            continue
        digits, _, tail = rest.partition("]")
        pin = problem.visits[int(digits)].pin
        if pin is not None and pin.technician_id in strangers and tail.startswith(".pin.technician_id"):
            continue
        yield Fault(path=f"visits[{kept[int(digits)]}]{tail}", found=fault.found, expected=fault.expected)


def _remove(raw: object, location: tuple[int | str, ...]) -> None:
    for step in location[:-1]:
        raw = raw[step]  # type: ignore[index]
    assert isinstance(raw, dict), "only objects have fields too many"
    raw.pop(location[-1], None)


def _id_of(entry: object, position: int) -> str:
    """Give the id of a broken entry, or one that nothing refers to."""
    name = entry.get("id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name.strip() else f"\0{position}"
