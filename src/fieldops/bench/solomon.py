"""
The classic VRPTW sets of Solomon and of Gehring and Homberger, by the DIMACS convention.

Distance and travel time between two nodes are ten times their Euclidean distance, truncated; windows and service
durations are times ten; the fleet is free up to the file's vehicle count; the reported cost is the total distance
divided by ten.
"""

import csv
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from fieldops.bench.formats import VrptwFile, VrptwNode, read_vrptw
from fieldops.bench.referees import judge_vrptw
from fieldops.bench.suites import Case, Judgment, Suite
from fieldops.solver.instance import Instance, IntArray, Shift, Technician, Visit

#: One tenth of the file's distance unit is one meter, and one meter costs 100 cents.
CENTS_PER_KM: Final = 100_000
_SCALE: Final = 10
_REFERENCE_FILE: Final = "bks.csv"
_REFERENCE_OBJECTIVE: Final = "dimacs_trunc1_distance"
_CLASS: Final = re.compile(r"(RC|R|C)[12]")


def vrptw_instance(file: VrptwFile) -> Instance:
    """
    Translate a classic VRPTW file.

    Place 0 is the depot, visit i is customer i + 1 at place i + 1. Every vehicle becomes one technician with one
    shift, all alike; travel time and distance are one matrix, and only distance costs money.
    """
    distances = _tenths((file.depot, *file.customers))
    close = _SCALE * file.depot.due
    shifts = tuple(
        Shift(
            technician=vehicle,
            start_place=0,
            end_place=0,
            earliest_start=_SCALE * file.depot.ready,
            regular_end=close,
            hard_end=close,
            cost_per_km=CENTS_PER_KM,
            load_capacity=file.capacity,
        )
        for vehicle in range(file.num_vehicles)
    )
    visits = tuple(
        Visit(
            place=place,
            service_s=_SCALE * customer.service,
            windows=((_SCALE * customer.ready, _SCALE * customer.due),),
            mandatory=True,
            load=customer.demand,
        )
        for place, customer in enumerate(file.customers, start=1)
    )
    return Instance(
        horizon_s=close,
        travel_s=distances,
        distance_m=distances,
        technicians=(Technician(),) * file.num_vehicles,
        shifts=shifts,
        visits=visits,
    )


def _tenths(nodes: tuple[VrptwNode, ...]) -> IntArray:
    """Ten times the Euclidean distances, truncated; int32, shape ``(1, nodes, nodes)``."""
    points = np.array([(node.x, node.y) for node in nodes], dtype=np.float64)
    apart = points[:, None, :] - points[None, :, :]
    distances: IntArray = np.floor(_SCALE * np.sqrt((apart**2).sum(axis=2))).astype(np.int32)[None]
    return distances


def vrptw_references(folder: Path, _cpu_budget_s: float) -> Mapping[str, float]:
    """
    Read the best known distance per instance from the folder's ``bks.csv``; empty when there is no such file.

    Of several rows of an instance whose objective starts with ``dimacs_trunc1_distance`` the lowest counts.
    """
    path = folder / _REFERENCE_FILE
    if not path.is_file():
        return {}
    best: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["objective"].startswith(_REFERENCE_OBJECTIVE) and row["cost"]:
                best[row["instance"]] = min(float(row["cost"]), best.get(row["instance"], float("inf")))
    return best


def distance_gap_pct(judgment: Judgment, reference: float) -> float:
    """Give the distance above the best known one, in percent of it."""
    return 100 * (judgment.cost - reference) / reference


def _read_solomon(path: Path) -> Case:
    file = read_vrptw(path)
    return Case(
        name=file.name, group=_class(file.name), instance=vrptw_instance(file), judge=partial(judge_vrptw, file)
    )


def _read_homberger(path: Path) -> Case:
    file = read_vrptw(path)
    group = f"{_class(file.name)} ({len(file.customers)})"
    return Case(name=file.name, group=group, instance=vrptw_instance(file), judge=partial(judge_vrptw, file))


def _class(name: str) -> str:
    found = _CLASS.match(name.upper())
    return found.group() if found else "other"


SOLOMON: Final = Suite(
    name="solomon",
    pattern="*.txt",
    cost_header="distance",
    read=_read_solomon,
    references=vrptw_references,
    gap_pct=distance_gap_pct,
)
HOMBERGER: Final = Suite(
    name="homberger",
    pattern="*.txt",
    cost_header="distance",
    read=_read_homberger,
    references=vrptw_references,
    gap_pct=distance_gap_pct,
)
