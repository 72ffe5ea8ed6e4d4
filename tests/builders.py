"""
Solver input for tests, with sane defaults: name only what the test is about.

Places lie on a straight line: driving from place to place takes as many seconds as they are apart, and a second of
driving is ten meters. By default place ``k`` lies ``600 * k``, so neighbors are ten minutes apart and place 0 is home.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fieldops.solver.instance import Break, Instance, IntArray, Shift, Technician, Visit

SECONDS_APART = 600
METERS_PER_SECOND = 10
#: End of the default windows, shift and horizon.
DAY_S = 36_000


def straight_line(positions: Sequence[int]) -> IntArray:
    """Return travel seconds between points on a line, shape ``(1, places, places)``."""
    points = np.asarray(positions, dtype=np.int32)
    travel_s: IntArray = np.abs(points[None, :, None] - points[None, None, :])
    return travel_s


def make_visit(place: int = 1, **changes: Any) -> Visit:
    """Make a visit of 1,000 s at any time of the day."""
    return Visit(**{"place": place, "service_s": 1_000, "windows": ((0, DAY_S),), **changes})


def make_break(earliest: int, latest: int, duration: int = 1_800, **changes: Any) -> Break:
    """Make a paid floating break."""
    return Break(**{"earliest": earliest, "latest": latest, "duration": duration, **changes})


def make_shift(*breaks: Break, **changes: Any) -> Shift:
    """Make a shift from home to home, the whole day, that costs nothing."""
    defaults = {
        "technician": 0,
        "start_place": 0,
        "end_place": 0,
        "earliest_start": 0,
        "regular_end": DAY_S,
        "hard_end": DAY_S,
        "breaks": breaks,
    }
    return Shift(**{**defaults, **changes})


def make_instance(
    *visits: Visit,
    shifts: Sequence[Shift] | None = None,
    technicians: Sequence[Technician] | None = None,
    positions: Sequence[int] | None = None,
    **changes: Any,
) -> Instance:
    """
    Make an instance on a straight line.

    Parameters
    ----------
    shifts
        One default shift when not given.
    technicians
        As many without skills as the shifts refer to, when not given.
    positions
        Of the places on the line, seconds; enough default places when not given.
    changes
        Other fields of the instance, instead of the line's matrices or the default horizon.
    """
    shifts = tuple(shifts) if shifts is not None else (make_shift(),)
    if technicians is None:
        technicians = [Technician()] * (1 + max((shift.technician for shift in shifts), default=-1))
    if positions is None:
        places = [visit.place for visit in visits] + [shift.start_place for shift in shifts]
        places += [shift.end_place for shift in shifts if shift.end_place is not None]
        places += [pause.place for shift in shifts for pause in shift.breaks if pause.place is not None]
        positions = [SECONDS_APART * place for place in range(1 + max(places, default=0))]
    travel_s = straight_line(positions)
    defaults = {
        "horizon_s": DAY_S,
        "travel_s": travel_s,
        "distance_m": travel_s * np.int32(METERS_PER_SECOND),
        "technicians": tuple(technicians),
        "shifts": shifts,
        "visits": tuple(visits),
    }
    return Instance(**{**defaults, **changes})
