"""The OpenAPI document, written once for all tests that read it: that takes a second."""

from typing import Any, Final

from fieldops.api.app import openapi_document

DOCUMENT: Final[dict[str, Any]] = openapi_document()
