"""What pydantic found wrong with a document, in our words."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fieldops.domain.value_faults import field_path, shorten, shown
from fieldops.errors import Fault

#: A document with more faults of form than this is of another kind altogether.
MOST_FAULTS: Final = 10_000

_PREFIX: Final = "Input should be "
_EXPECTED: Final = {
    "extra_forbidden": "no such field",
    "timezone_aware": "an instant with a UTC offset, such as 2026-03-16T08:00:00-04:00",
    "datetime_type": "an instant as text, such as 2026-03-16T08:00:00-04:00",
    "datetime_parsing": "an instant, such as 2026-03-16T08:00:00-04:00",
    "date_type": "a date as text, such as 2026-03-16",
    "date_parsing": "a date, such as 2026-03-16",
    "date_from_datetime_parsing": "a date, such as 2026-03-16",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}


def schema_faults(error: ValidationError) -> list[Fault]:
    """Translate a validation error, one fault per entry; just one for a document that is all wrong."""
    if error.error_count() > MOST_FAULTS:
        found = f"{error.error_count():,} faults of form"
        return [Fault(path="document", found=found, expected="a document that follows its schema")]
    return [
        entry_fault(field_path("", *(step for step in entry["loc"] if step != "[key]")) or "document", entry)
        for entry in error.errors(include_url=False)
    ]


def entry_fault(path: str, entry: ErrorDetails) -> Fault:
    """Translate one entry of a validation error."""
    found = "nothing" if entry["type"] == "missing" else _found(entry["input"])
    return Fault(path=path, found=found, expected=_expected(entry["type"], entry["msg"]))


def _found(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with {len(value)} field(s)"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return shown(value)


def _expected(kind: str, message: str) -> str:
    if kind == "missing":
        return "a value; the field is required"
    return _EXPECTED.get(kind) or shorten(message.removeprefix(_PREFIX).removeprefix("Value error, "))
