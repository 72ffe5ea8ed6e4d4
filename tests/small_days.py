"""Ordinary days small enough to try everything: places on a map, wages, lunch, skills, promises, priorities."""

from random import Random

import numpy as np

from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.instance import Instance, Shift, Technician, Visit

#: Seconds of driving from one end of town to the other, along one axis.
TOWN_S = 1_800
REGULAR_END, HARD_END = 28_800, 32_400


def small_day(seed: int, *, num_visits: int = 5, num_shifts: int = 2) -> Instance:
    """
    Make the day of this seed: technicians with one skill and lunch, visits on a map where nothing is a shortcut.

    Every visit costs more to leave out than to drive to, as priorities do; some are mandatory, some can only be served
    by the second technician, most have a window of two hours and some a promise inside it.
    """
    random = Random(seed)
    corners = [(random.randrange(TOWN_S), random.randrange(TOWN_S)) for _ in range(num_visits + 1)]
    xy = np.array(corners, dtype=np.int32)
    travel_s = np.abs(xy[:, None, :] - xy[None, :, :]).sum(axis=2, dtype=np.int32)[None]
    return make_instance(
        *(_visit(random, place) for place in range(1, num_visits + 1)),
        shifts=[_shift(random, who) for who in range(num_shifts)],
        technicians=[Technician(skill_levels=(1 + who % 2,)) for who in range(num_shifts)],
        travel_s=travel_s,
        distance_m=travel_s * np.int32(10),
    )


def _visit(random: Random, place: int) -> Visit:
    earliest = random.randrange(0, 25_200, 1_800)
    latest = earliest + random.choice([0, 3_600, 7_200, 7_200, 14_400])
    return make_visit(
        place,
        service_s=random.randrange(1_200, 5_400, 60),
        windows=((earliest, latest),),
        promised_latest=(earliest + latest) // 2 if random.random() < 0.3 else None,
        lateness_cents_per_minute=20,
        required_levels=(random.choice([0, 1, 1, 2]),),
        unassigned_cents=random.choice([5_000, 10_000, 30_000]),
        mandatory=random.random() < 0.2,
    )


def _shift(random: Random, who: int) -> Shift:
    lunch = [make_break(12_600, 16_200, 1_800, paid=False)] if random.random() < 0.7 else []
    return make_shift(
        *lunch,
        technician=who,
        end_place=random.choice([0, 0, None]),
        regular_end=REGULAR_END,
        hard_end=HARD_END,
        cost_per_work_hour=random.choice([0, 3_000]),
        cost_per_overtime_hour=4_500,
        cost_per_km=50,
        fixed_cost=random.choice([0, 2_000]),
    )
