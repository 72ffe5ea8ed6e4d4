"""
The generated city days: technicians with homes, shifts, skills and a lunch; more visits than fit.

The objective is lexicographic: the largest priority served, then the least travel. The solver minimizes money, so a
second of travel costs a fixed amount and a point of priority more than all travel a plan could ever contain.
"""

import csv
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fieldops.bench.formats import CityDay, read_city
from fieldops.bench.referees import judge_city
from fieldops.bench.suites import Case, Judgment, Suite
from fieldops.solver.instance import Break, Instance, IntArray, Shift, Technician, Visit
from fieldops.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: What a second of travel costs. Ten cents keep a point of priority below a hundred million cents for 150 technicians.
CENTS_PER_TRAVEL_SECOND: Final = 10
_EARTH_RADIUS_KM: Final = 6371.0
_ROAD_FACTOR: Final = 1.3
_SPEED_KM_H: Final = 35
_REFERENCE_FILE: Final = "reference.csv"
#: Rows of the reference file that are no peers: our own prototype.
_NOT_A_PEER: Final = "prototype"


def city_instance(day: CityDay) -> Instance:
    """
    Translate a city day.

    Places are the technicians' homes, then the visits. The lunch is a floating unpaid break. `read_city` has made sure
    that it lies inside the shift wherever it starts, so a lunch the solver puts before leaving or after coming home
    is one at home during the shift, which the suite allows.
    """
    homes = len(day.technicians)
    skills = sorted(
        {skill for technician in day.technicians for skill in technician.skills}
        | {skill for visit in day.visits for skill in visit.skills}
    )
    points = [technician.home for technician in day.technicians] + [visit.location for visit in day.visits]
    kilometers = _road_kilometers(points)
    point_cents = priority_point_cents(day)
    shifts = tuple(
        Shift(
            technician=position,
            start_place=position,
            end_place=position,
            earliest_start=technician.shift[0],
            regular_end=technician.shift[1],
            hard_end=technician.shift[1],
            breaks=(
                Break(
                    earliest=technician.lunch.earliest_start,
                    latest=technician.lunch.latest_start,
                    duration=technician.lunch.duration,
                    paid=False,
                ),
            ),
            cost_per_travel_hour=CENTS_PER_TRAVEL_SECOND * SECONDS_PER_HOUR,
        )
        for position, technician in enumerate(day.technicians)
    )
    visits = tuple(
        Visit(
            place=place,
            service_s=visit.duration,
            windows=(visit.window,),
            required_levels=tuple(int(skill in visit.skills) for skill in skills),
            unassigned_cents=visit.priority * point_cents,
        )
        for place, visit in enumerate(day.visits, start=homes)
    )
    return Instance(
        horizon_s=max([SECONDS_PER_DAY, *(shift.hard_end for shift in shifts)]),
        travel_s=_whole(kilometers / _SPEED_KM_H * SECONDS_PER_HOUR),
        distance_m=_whole(kilometers * 1_000),
        technicians=tuple(
            Technician(skill_levels=tuple(int(skill in technician.skills) for skill in skills))
            for technician in day.technicians
        ),
        shifts=shifts,
        visits=visits,
    )


def priority_point_cents(day: CityDay) -> int:
    """
    Price a point of priority so that the money is lexicographic.

    All travel happens inside the shifts, so no plan travels longer than all shifts together; one point costs more than
    that.
    """
    longest_travel_s = sum(technician.shift[1] - technician.shift[0] for technician in day.technicians)
    return CENTS_PER_TRAVEL_SECOND * (longest_travel_s + 1)


def _road_kilometers(points: list[tuple[float, float]]) -> NDArray[np.float64]:
    """Great-circle kilometers times the road factor, doubles, shape ``(points, points)``."""
    latitudes, longitudes = np.radians(np.array(points, dtype=np.float64)).T
    half_chord = (
        np.sin((latitudes[None, :] - latitudes[:, None]) / 2) ** 2
        + np.cos(latitudes)[:, None]
        * np.cos(latitudes)[None, :]
        * np.sin((longitudes[None, :] - longitudes[:, None]) / 2) ** 2
    )
    kilometers: NDArray[np.float64] = _ROAD_FACTOR * (2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_chord)))
    return kilometers


def _whole(values: NDArray[np.float64]) -> IntArray:
    """Round halves to even, as the suite's formula does; int32, with the axis of the single travel profile."""
    return np.rint(values).astype(np.int32)[None]


def city_references(folder: Path, cpu_budget_s: float) -> Mapping[str, float]:
    """
    Read the most priority any peer served within the CPU budget, from the folder's ``reference.csv``.

    Peers ran on one thread, so their seconds are CPU seconds. Instances no peer finished in time are left out.
    """
    path = folder / _REFERENCE_FILE
    if not path.is_file():
        return {}
    best: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if _NOT_A_PEER not in row["solver"] and float(row["seconds"]) <= cpu_budget_s:
                best[row["instance"]] = max(float(row["served_priority"]), best.get(row["instance"], 0.0))
    return best


def priority_gap_pct(judgment: Judgment, reference: float) -> float:
    """Give the priority missing from the best peer's, in percent of it; negative = more than the peer served."""
    return 100 * (reference - (judgment.served_priority or 0)) / reference


def _read_city_case(path: Path) -> Case:
    day = read_city(path)
    return Case(
        name=day.name,
        group=f"{len(day.visits)} visits",
        instance=city_instance(day),
        judge=partial(judge_city, day),
    )


CITY: Final = Suite(
    name="city",
    pattern="*.json",
    cost_header="travel s",
    read=_read_city_case,
    references=city_references,
    gap_pct=priority_gap_pct,
)
