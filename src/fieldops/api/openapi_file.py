"""
The OpenAPI document as a file, for readers, for generators of clients, and for reviews of what a change does to it.

``python -m fieldops.api.openapi_file [FILE]`` writes it, to docs/openapi.json by default.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from fieldops.api.app import openapi_document


def openapi_text() -> str:
    """Write the document: sorted, so that a difference between two versions is one of content."""
    return json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write the file named, or docs/openapi.json."""
    path = Path(arguments[0]) if arguments else Path("docs/openapi.json")
    path.write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
