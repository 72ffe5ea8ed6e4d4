"""A day, or what is left of one, ready for asking where a visit would fit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fieldops.domain.problem import Problem, Shift, Technician, Visit
from fieldops.solver.quote import Legs, RunningRoutes
from fieldops.travel.provider import IntArray, TravelMatrix
from fieldops.usecases.board import ShiftOnBoard, places_of, put_on_board
from fieldops.usecases.part_of_day import travel_of_part
from fieldops.usecases.translate import Translation, to_instance
from fieldops.usecases.try_routes import Orders, require_known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunningDay:
    """
    A day ready for ranking places on it, made once for many questions.

    Attributes
    ----------
    shifts
        One per shift of the problem, in its order, with its visits in theirs.
    asked, running
        Positions of those shifts whose visits can be served at all, and their routes.
    place_idx
        Where the places of these routes, one route after the other, are among those of the problem.
    numbers, homes
        Visit id to position among the visits of the problem, and among the shifts.
    """

    translation: Translation
    travel: TravelMatrix
    shifts: tuple[ShiftOnBoard, ...]
    asked: tuple[int, ...]
    running: RunningRoutes
    place_idx: IntArray
    numbers: Mapping[str, int]
    homes: Mapping[str, int]

    def legs(self, place: int) -> Legs:
        """Look up the ways between a place and those of all routes."""
        return _legs(self.travel, place, self.place_idx)


def running_day(problem: Problem, travel: TravelMatrix, orders: Orders) -> RunningDay:
    """
    Make a day ready for ranking places on it.

    Parameters
    ----------
    problem
        Without faults: a whole day, or what is left of one.
    travel
        Between `problem.places`, in their order.
    orders
        Shift id to visit ids in serving order; visits on no route are left out.

    Raises
    ------
    InvalidInput
        When orders name what the problem does not have; or a visit can start at no time at all.
    """
    require_known(problem, orders)
    translation = to_instance(problem, travel)
    visits = {visit.id: visit for visit in problem.visits}
    shifts = [
        _on_board(problem, travel, technician, shift, tuple(visits[name] for name in orders.get(shift.id, ())))
        for technician, shift in translation.shifts
    ]
    asked = tuple(idx for idx, shift in enumerate(shifts) if shift.running is not None)
    places = {place.id: idx for idx, place in enumerate(problem.places)}
    return RunningDay(
        translation=translation,
        travel=travel,
        shifts=tuple(shifts),
        asked=asked,
        running=RunningRoutes([shift.running for shift in shifts if shift.running is not None]),
        place_idx=np.array([places[place.id] for idx in asked for place in shifts[idx].problem.places], np.int32),
        numbers={visit.id: idx for idx, visit in enumerate(problem.visits)},
        homes={visit.id: idx for idx, shift in enumerate(shifts) for visit in shift.problem.visits},
    )


def without_visit(day: RunningDay, home: int, visit_id: str) -> ShiftOnBoard:
    """Take a visit off its shift's route."""
    own = day.shifts[home]
    rest = tuple(visit for visit in own.problem.visits if visit.id != visit_id)
    return put_on_board(replace(own.problem, visits=rest), own.travel)


def legs_of(day: RunningDay, place: int, shift: ShiftOnBoard) -> Legs:
    """Look up the ways between a place and those of one shift."""
    named = {named.id for named in shift.problem.places}
    others = [idx for idx, known in enumerate(day.translation.problem.places) if known.id in named]
    return _legs(day.travel, place, np.array(others, np.int32))


def _on_board(
    problem: Problem, travel: TravelMatrix, technician: Technician, shift: Shift, visits: tuple[Visit, ...]
) -> ShiftOnBoard:
    """Make one shift ready for quotes."""
    alone = replace(technician, shifts=(shift,))
    part = replace(problem, technicians=(alone,), visits=visits, places=places_of(alone, visits, problem.places))
    return put_on_board(part, travel_of_part(problem, travel, part))


def _legs(travel: TravelMatrix, place: int, others: IntArray) -> Legs:
    """Look up the ways between a place and others."""
    return Legs(
        to_visit_s=np.ascontiguousarray(travel.duration_s[others, place]),
        to_visit_m=np.ascontiguousarray(travel.distance_m[others, place]),
        from_visit_s=np.ascontiguousarray(travel.duration_s[place, others]),
        from_visit_m=np.ascontiguousarray(travel.distance_m[place, others]),
    )
