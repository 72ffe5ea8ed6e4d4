"""What FastAPI found wrong with a request, in our words: every fault with its place, what is there, what should be."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from fieldops.domain.value_faults import field_path
from fieldops.errors import Fault
from fieldops.files.schema_faults import entry_fault

#: More than this are counted, not listed.
MOST_FAULTS: Final = 200
_JSON: Final = "JSON, with the header Content-Type: application/json"
#: What stands in such a field is not repeated.
_SECRET: Final = re.compile(r"password|secret|token|authorization", re.IGNORECASE)


def request_faults(entries: Sequence[Any]) -> list[Fault]:
    """Translate the errors of a `RequestValidationError`."""
    faults = [_fault(entry) for entry in entries[:MOST_FAULTS]]
    if len(entries) > MOST_FAULTS:
        left = len(entries) - MOST_FAULTS
        faults.append(Fault(path="body", found=f"{left} more faults", expected="a body that follows its schema"))
    return faults


def _fault(entry: Any) -> Fault:
    where, *steps = entry["loc"]
    if entry["type"] == "json_invalid":
        expected = f"JSON ({entry['ctx']['error']} at position {steps[0] if steps else 0})"
        return Fault(path="body", found="something else", expected=expected)
    if isinstance(entry["input"], bytes):
        return Fault(path="body", found=f"{len(entry['input'])} bytes of another kind", expected=_JSON)
    inner = field_path("", *(step for step in steps if step != "[key]"))
    if where == "body":
        path = inner or "body"
    elif where == "header":
        path = "header." + "-".join(word.capitalize() for word in str(steps[0]).replace("_", "-").split("-"))
    else:
        path = f"{where}.{inner}"
    fault = entry_fault(path, entry)
    return fault if entry["type"] == "missing" else discreet(fault)


def discreet(fault: Fault) -> Fault:
    """Leave out what was found where it may be a password or token: answers end up in logs."""
    return replace(fault, found="(not shown)") if _SECRET.search(fault.path) else fault
