"""Documents of visits that somebody asks for."""

from pathlib import Path

from pydantic import ValidationError

from fieldops.domain.problem import Place, Visit
from fieldops.errors import InvalidInput
from fieldops.files.problem_mapping import place_from, visit_from
from fieldops.files.reading import read_document
from fieldops.files.schema_faults import schema_faults
from fieldops.files.visit_schema import VISIT_FORMAT, NewVisitDocument


def load_new_visit(path: Path) -> tuple[Visit, Place | None]:
    """
    Read a visit, and its place when the document brings one.

    Raises
    ------
    InvalidInput
        With every fault of form; those of substance show against a problem.
    """
    text, _ = read_document(path, VISIT_FORMAT)
    try:
        document = NewVisitDocument.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput(schema_faults(error)) from error
    return visit_from(document.visit), None if document.place is None else place_from(document.place)
