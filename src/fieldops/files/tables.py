"""Tables in CSV files: UTF-8, comma or semicolon or tab, quoted fields over several lines, true line numbers."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fieldops.domain.value_faults import shown
from fieldops.errors import Fault, InvalidInput
from fieldops.files.reading import read_text, unusable

#: Most records of a table, unless more are asked for.
MAX_RECORDS: Final = 100_000
_DELIMITERS: Final = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One record of a table.

    Attributes
    ----------
    line
        Line of the file on which it begins; the header is on line 1.
    cells
        Column name to text, without surrounding blanks.
    """

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    What a CSV file holds.

    Attributes
    ----------
    name
        File name, for fault paths.
    columns
        Names of the columns in order.
    rows
        Records with as many fields as there are columns.
    faults
        One for every record with too many or too few.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read_table(path: Path, max_records: int = MAX_RECORDS) -> Table:
    """
    Read a CSV file with a header.

    Raises
    ------
    InvalidInput
        When the file cannot be read as a table at all: not readable, too large, not UTF-8, empty, a quote that is
        never closed, a column named twice or not at all, too many records.
    """
    text = read_text(path)
    if not text.strip():
        raise unusable(path, "an empty file", "a CSV table with a header")
    records = _records(path, text)
    header_line, header = next(records)
    columns = tuple(name.strip() for name in header)
    faults = list(_header_faults(path.name, header_line, columns))
    if faults:
        raise InvalidInput(faults)
    rows: list[Row] = []
    for line, fields in records:
        if len(rows) + len(faults) == max_records:
            raise unusable(path, f"more than {max_records:,} records", "a table with fewer")
        if len(fields) != len(columns):
            found, expected = f"{len(fields)} field(s)", f"{len(columns)}, as in the header"
            faults.append(Fault(path=f"{path.name}:{line}", found=found, expected=expected))
        else:
            rows.append(Row(line=line, cells=dict(zip(columns, (field.strip() for field in fields), strict=True))))
    return Table(name=path.name, columns=columns, rows=tuple(rows), faults=tuple(faults))


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line it begins on."""
    first_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        found = f"a record that cannot be read ({error})"
        raise InvalidInput([Fault(path=f"{path.name}:{line}", found=found, expected="well-formed CSV")]) from error


def _header_faults(name: str, line: int, columns: tuple[str, ...]) -> Iterator[Fault]:
    for i, column in enumerate(columns):
        path = f"{name}:{line}"
        if not column:
            yield Fault(path=path, found=f"no name for column {i + 1}", expected="a name for every column")
        elif column in columns[:i]:
            yield Fault(path=path, found=f"two columns {shown(column)}", expected="every column named once")
