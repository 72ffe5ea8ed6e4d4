"""The published results of the solver's benchmarks, as they come with the package."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRun:
    """
    One run of one solver on one instance; the fields are columns of the files that ``fieldops bench`` writes.

    Attributes
    ----------
    budget_s
        Wall-clock seconds the solver was given.
    objective, reference
        In the suite's unit: the cost of the plan, as its referee computes it, and what it is measured against.
    gap_pct
        How far the objective is from the reference, percent.
    unassigned
        Visits on no route.
    feasible
        Whether every referee agrees that no rule is broken.
    """

    suite: str
    instance: str
    solver: str
    seed: int
    budget_s: float
    threads: int
    wall_s: float | None
    objective: float | None
    reference: float | None
    gap_pct: float | None
    unassigned: int | None
    feasible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkTable:
    """The runs of one published file; `name` is that of the file: ``solomon-5s``."""

    name: str
    runs: tuple[BenchmarkRun, ...]


def benchmark_folder() -> Path:
    """Return where the results are: beside the installed package, or in the working copy."""
    package = Path(__file__).parents[1]
    installed = package / "benchmark_results"
    return installed if installed.is_dir() else package.parents[1] / "benchmarks" / "results"


@lru_cache(maxsize=4)
def load_benchmarks(folder: Path) -> tuple[BenchmarkTable, ...]:
    """Read the results of solvers in a folder, by name; files about something else are left out."""
    tables = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if set(_COLUMNS.values()) <= set(reader.fieldnames or ()):
                runs = tuple(map(_run, reader))
                tables.append(BenchmarkTable(name=path.stem, runs=runs))
    return tuple(tables)


def _run(cells: Mapping[str, str]) -> BenchmarkRun:
    return BenchmarkRun(**{name: _KINDS.get(name, _number)(cells[column]) for name, column in _COLUMNS.items()})


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None


_KINDS: Final[dict[str, Callable[[str], Any]]] = {
    "seed": int,
    "threads": int,
    "budget_s": float,
    "unassigned": _whole,
    "feasible": lambda cell: cell == "True",
    **dict.fromkeys(("suite", "instance", "solver"), str),
}
#: Fields to the columns they are read from.
_COLUMNS: Final = {field.name: "cost" if field.name == "objective" else field.name for field in fields(BenchmarkRun)}
