"""The document of a visit that somebody asks for, format ``fieldops-visit/1``."""

from typing import Final, Literal

from fieldops.files.problem_schema import PlaceDocument, VisitDocument
from fieldops.files.schema_types import Document

VISIT_FORMAT: Final = "fieldops-visit/1"


class NewVisitDocument(Document):
    """A visit that is on no plan yet."""

    format: Literal["fieldops-visit/1"]
    """Which kind of document this is."""
    visit: VisitDocument
    """What is asked for; skills and technicians are those of the problem it is quoted for."""
    place: PlaceDocument | None = None
    """Where it is, unless it is at a place of the problem."""
