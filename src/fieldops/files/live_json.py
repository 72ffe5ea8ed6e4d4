"""Live documents: read with every fault at once."""

from pathlib import Path

from pydantic import ValidationError

from fieldops.domain.day_report import DayReport, day_report_faults
from fieldops.domain.problem import Problem
from fieldops.errors import InvalidInput
from fieldops.files.live_mapping import report_from
from fieldops.files.live_schema import LIVE_FORMAT, LiveDocument
from fieldops.files.reading import read_document
from fieldops.files.schema_faults import schema_faults


def load_live(path: Path, problem: Problem) -> DayReport:
    """
    Read a live document of a problem's day.

    Raises
    ------
    InvalidInput
        With every fault of form, or with every one of substance.
    """
    text, _ = read_document(path, LIVE_FORMAT)
    try:
        report = report_from(LiveDocument.model_validate_json(text))
    except ValidationError as error:
        raise InvalidInput(schema_faults(error)) from error
    faults = day_report_faults(report, problem)
    if faults:
        raise InvalidInput(faults)
    return report
