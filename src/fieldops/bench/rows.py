"""The rows of a benchmark's CSV file."""

import csv
from dataclasses import dataclass, fields
from typing import Final, TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One run of one solver on one instance; the fields are the columns of the CSV file, in order.

    Attributes
    ----------
    budget_s
        Wall-clock seconds the solver was given.
    wall_s, cpu_s
        What it used; CPU seconds of all threads of the process. None when it never ran.
    cost
        In the suite's unit, recomputed by the suite's referee; None when there is no plan to judge.
    reference, gap_pct
        What the plan is measured against and how far it is from it; None without a reference or a plan.
    unassigned
        Visits on no route.
    served_priority
        None where the suite has no priorities.
    travel_s
        Travel of all routes, in the instance's seconds.
    feasible
        Whether every referee agrees that no rule is broken.
    """

    suite: str
    instance: str
    solver: str
    seed: int
    budget_s: float
    threads: int
    wall_s: float | None = None
    cpu_s: float | None = None
    cost: float | None = None
    reference: float | None = None
    gap_pct: float | None = None
    unassigned: int | None = None
    served_priority: int | None = None
    travel_s: int | None = None
    feasible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A row, the row of the summary table it belongs to, and what is wrong with it."""

    row: Row
    group: str
    problems: tuple[str, ...] = ()


COLUMNS: Final = tuple(column.name for column in fields(Row))
_DECIMALS: Final = {"budget_s": 3, "wall_s": 3, "cpu_s": 3, "cost": 1, "reference": 1, "gap_pct": 4}


class RowWriter:
    """Writes rows as they come, so that a run that dies leaves what it has measured."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._csv = csv.writer(stream, lineterminator="\n")
        self._write(COLUMNS)

    def write(self, row: Row) -> None:
        """Append one row; an unknown value is an empty cell."""
        self._write([_cell(name, getattr(row, name)) for name in COLUMNS])

    def _write(self, cells: tuple[str, ...] | list[str]) -> None:
        self._csv.writerow(cells)
        self._stream.flush()


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and name in _DECIMALS:
        decimals = _DECIMALS[name]
        shown = round(value, decimals) + 0.0  # turns a minus zero into zero
        return f"{shown:.{decimals}f}".rstrip("0").rstrip(".")
    return str(value)
