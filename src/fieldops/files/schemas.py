"""
The JSON schemas of the documents, made from the models.

``python -m fieldops.files.schemas [FOLDER]`` writes them, into docs/schemas by default.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from fieldops.files.live_schema import LiveDocument
from fieldops.files.plan_schema import PlanDocument
from fieldops.files.problem_schema import ProblemDocument
from fieldops.files.visit_schema import NewVisitDocument
from fieldops.files.writing import write_text

_MODELS: Final[dict[str, type[BaseModel]]] = {
    "problem.schema.json": ProblemDocument,
    "plan.schema.json": PlanDocument,
    "visit.schema.json": NewVisitDocument,
    "live.schema.json": LiveDocument,
}


def schema_files() -> dict[str, str]:
    """Make the text of every schema file, by file name."""
    return {name: _schema_text(model) for name, model in _MODELS.items()}


def _schema_text(model: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> None:
    """Write every schema file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        write_text(folder / name, text)


def main(arguments: Sequence[str]) -> None:
    """Write the schemas into the folder named, or into docs/schemas."""
    write_schemas(Path(arguments[0]) if arguments else Path("docs/schemas"))


if __name__ == "__main__":
    main(sys.argv[1:])
