"""The OpenAPI document as it is committed, which `test_openapi` holds to the code: to write it anew takes a second."""

import json
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parents[1] / "docs" / "openapi.json"
DOCUMENT: Final[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
