"""Reading files people hand us: small enough, text, and JSON of the right kind, or one clear fault."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from fieldops.domain.value_faults import shorten, shown
from fieldops.errors import Fault, InvalidInput

#: Largest document read, bytes; ten times a problem of 2,000 visits and 200 shifts.
MAX_DOCUMENT_BYTES: Final = 16 * 2**20
#: Most values in one document; a file of the size allowed only holds more when it is junk.
MAX_VALUES: Final = 1_000_000


def read_bytes(path: Path, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """
    Read a whole file that is not larger than a limit.

    Raises
    ------
    InvalidInput
        When it cannot be read or is larger; no more than the limit is ever held in memory.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        raise unusable(path, f"a file that cannot be read ({error.strerror or error})", "a readable file") from error
    if len(content) > limit:
        raise unusable(path, f"more than {limit:,} bytes", f"a document of at most {limit:,} bytes")
    return content


def read_text(path: Path, limit: int = MAX_DOCUMENT_BYTES) -> str:
    """
    Read a whole UTF-8 file, with or without a byte order mark.

    Raises
    ------
    InvalidInput
        When it cannot be read, is too large, or is not UTF-8.
    """
    content = read_bytes(path, limit)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte 0x{content[error.start]:02x} at offset {error.start:,}"
        raise unusable(path, found, "text in UTF-8") from error


def read_document(path: Path, document_format: str) -> tuple[str, dict[str, object]]:
    """
    Read a JSON document and make sure that it says which kind it is.

    Returns
    -------
    tuple[str, dict[str, object]]
        The text, and what it says as plain Python data.

    Raises
    ------
    InvalidInput
        With one fault: not readable, empty, not JSON, not an object, with too many values, or of another format.
    """
    text = read_text(path)
    if not text.strip():
        raise unusable(path, "an empty file", f"a JSON document with format {document_format!r}")
    try:
        document = from_json(text, allow_inf_nan=True)
    except ValueError as error:
        raise unusable(path, f"text that is not JSON: {shorten(str(error))}", "a JSON document") from error
    if not isinstance(document, dict):
        kind = "a list" if isinstance(document, list) else shown(document)
        raise unusable(path, kind, "a JSON object")
    if _has_too_many_values(document):
        raise unusable(path, f"more than {MAX_VALUES:,} values", "a document with fewer")
    if document.get("format") != document_format:
        found = shown(document["format"]) if "format" in document else "nothing"
        raise InvalidInput([Fault(path="format", found=found, expected=repr(document_format))])
    return text, document


def _has_too_many_values(document: object) -> bool:
    count, containers = 0, [document]
    while containers:
        container = containers.pop()
        values = container.values() if isinstance(container, dict) else container
        assert isinstance(values, Collection), "only lists and objects are looked into"
        count += len(values)
        if count > MAX_VALUES:
            return True
        containers.extend(value for value in values if isinstance(value, dict | list))
    return False


def unusable(path: Path, found: str, expected: str) -> InvalidInput:
    """Make the error for a file that is of no use as a whole."""
    return InvalidInput([Fault(path=str(path), found=found, expected=expected)])
