"""Tables for spreadsheets: the same figures as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from starlette.responses import Response

from fieldops.api.schemas.base import Schema

Format = Literal["json", "csv"]
#: Described beside the schema of an operation that has both.
CSV_RESPONSE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
}
#: A spreadsheet would compute what begins so.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_response(name: str, columns: Sequence[str], rows: Iterable[Schema]) -> Response:
    """Answer with a table; `name` is what a browser calls the file. What is not known is an empty cell."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        flat = _flat(row.model_dump(mode="json"))
        writer.writerow([_cell(flat.get(column)) for column in columns])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(written.getvalue(), headers=headers, media_type="text/csv")


def columns_of(schema: type[Schema]) -> tuple[str, ...]:
    """List the columns of a schema; those of a schema within it are named after both: ``arrival_minutes.median``."""
    columns: list[str] = []
    for name, field in schema.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Schema):
            columns += [f"{name}.{column}" for column in columns_of(inner)]
        else:
            columns.append(name)
    return tuple(columns)


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Name the values of inner objects as `columns_of` does."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": found for inner, found in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _cell(value: Any) -> Any:
    """Write one value; texts of people that look like formulas are marked as text."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
