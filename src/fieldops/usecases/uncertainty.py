"""How uncertain a day is: what was learned and, where nothing was, what is assumed, as noise for the solver."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np

from fieldops.domain.factors import DAY_SPREAD, Factors
from fieldops.domain.problem import Problem
from fieldops.solver.instance import Instance
from fieldops.solver.risk import Noise, noise_of
from fieldops.usecases.translate import Translation

#: Seconds (from, mean, sigma), as `Noise.travel_steps`.
Steps = tuple[tuple[int, float, float], ...]

_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Beginning:
    """
    How uncertain it is when the technician of a shift is free for it.

    Attributes
    ----------
    earliest
        Not before.
    spread
        One standard deviation.
    """

    earliest: datetime
    spread: timedelta


def noise_of_day(
    translation: Translation,
    factors: Factors,
    *,
    beginnings: Mapping[str, Beginning] | None = None,
    adjusted: Collection[str] = (),
) -> Noise:
    """
    Make the noise of a whole day, or of what is left of it.

    Parameters
    ----------
    beginnings
        By shift id; the others begin when they are planned to.
    adjusted
        Ids of visits whose duration in the problem has been adjusted to what was learned of their type already.
    """
    problem, instance = translation.problem, translation.instance
    known = beginnings or {}
    spreads, free_from = [], []
    for (_, shift), row in zip(translation.shifts, instance.shifts, strict=True):
        begins = known.get(shift.id)
        spreads.append(0.0 if begins is None else begins.spread.total_seconds())
        earliest = row.earliest_start if begins is None else translation.second_of(begins.earliest)
        free_from.append(min(earliest, row.earliest_start))
    steps = travel_steps(translation.start, instance.horizon_s, problem.time_zone, factors)
    who = [technician.id for technician, _ in translation.shifts]
    return _noise(problem, instance, factors, steps, who, adjusted, np.array(spreads), np.array(free_from, np.int64))


def noise_of_route(problem: Problem, instance: Instance, factors: Factors, steps: Steps) -> Noise:
    """
    Make the noise of one shift's route.

    Parameters
    ----------
    problem, instance
        Of one technician and one shift; the same visits in the same order.
    steps
        Of its date (`travel_steps`).
    """
    return _noise(problem, instance, factors, steps, [problem.technicians[0].id])


def travel_steps(start: datetime, horizon_s: int, time_zone: str, factors: Factors) -> Steps:
    """Look up the travel of every hour of a horizon; hours that are alike make one step."""
    zone = ZoneInfo(time_zone)
    hours = []
    for second in range(0, horizon_s, _HOUR_S):
        factor = factors.of_hour((start + timedelta(seconds=second)).astimezone(zone).hour)
        hours.append((second, factor.permille / 1_000, factor.spread))
    return tuple(next(alike) for _, alike in groupby(hours, key=lambda step: step[1:]))


def key_of(name: str) -> int:
    """Name the luck of a visit or shift after its id, so that it is the same whatever else there is."""
    return crc32(name.encode())


def _noise(
    problem: Problem,
    instance: Instance,
    factors: Factors,
    steps: Steps,
    who: list[str],
    adjusted: Collection[str] = (),
    free_spread_s: np.ndarray | None = None,
    free_from_s: np.ndarray | None = None,
) -> Noise:
    types = [factors.of_type(visit.name, visit.required_skills) for visit in problem.visits]
    means = [
        1.0 if visit.id in adjusted else factor.permille / 1_000
        for visit, factor in zip(problem.visits, types, strict=True)
    ]
    shift_ids = [shift.id for technician in problem.technicians for shift in technician.shifts]
    return noise_of(
        instance,
        service_mean=np.array(means, np.float64),
        service_sigma=np.array([factor.spread for factor in types], np.float64),
        pace_mean=np.array(
            [factors.of_technician(technician_id).permille / 1_000 for technician_id in who], np.float64
        ),
        pace_sigma=np.array([factors.pace_spread(technician_id) for technician_id in who], np.float64),
        travel_steps=steps,
        day_sigma=DAY_SPREAD,
        free_spread_s=free_spread_s,
        free_from_s=free_from_s,
        visit_keys=np.array([key_of(visit.id) for visit in problem.visits], np.uint64),
        shift_keys=np.array([key_of(shift_id) for shift_id in shift_ids], np.uint64),
    )
