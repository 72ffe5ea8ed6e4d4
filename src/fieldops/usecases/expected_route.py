"""Schedule the rest of a shift as it will be driven, whatever it breaks: expectations need times in any case."""

from collections.abc import Sequence
from dataclasses import replace

from fieldops.domain.horizon import horizon_of, start_windows
from fieldops.domain.plan import Route
from fieldops.domain.problem import Pin, Problem, Visit
from fieldops.solver.trial import try_route
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.translate import Translation, to_instance, to_route


def expected_route(problem: Problem, order: Sequence[str], travel: TravelMatrix) -> Route | None:
    """
    Schedule one shift's visits in an order.

    Parameters
    ----------
    problem
        With one technician and one shift.
    order
        Ids of visits of the problem.
    travel
        Between `problem.places`, in their order, as it goes now.

    Returns
    -------
    Route | None
        None when there is nothing to serve.
    """
    if not order:
        return None
    translation = possible_instance(problem, travel)
    index = {visit.id: idx for idx, visit in enumerate(problem.visits)}
    trial = try_route(translation.instance, 0, [index[visit_id] for visit_id in order])
    return to_route(translation, trial.route)


def possible_instance(problem: Problem, travel: TravelMatrix) -> Translation:
    """
    Translate the problem of one shift so that its technician may serve every visit of it.

    Notes
    -----
    Whether it is the right one is not asked any more, and a visit that may start at no time at all may at any time:
    what is on the route will be driven to. Windows and pinned starts stay: nobody begins before they let him.
    """
    horizon = horizon_of(problem)

    def possible(visit: Visit) -> Visit:
        pinned = None if visit.pin is None or visit.pin.start is None else visit.pin.start
        windows = start_windows(visit, horizon)
        is_possible = any(pinned is None or pinned in window for window in windows)
        return replace(
            visit,
            windows=visit.windows if is_possible else (),
            release=visit.release if is_possible else None,
            pin=Pin(start=pinned) if is_possible and pinned is not None else None,
            required_skills={},
            allowed_technicians=None,
            forbidden_technicians=frozenset(),
            preferred_technicians=frozenset(),
            told=None,
        )

    technician = problem.technicians[0]
    [shift] = technician.shifts
    anyone = replace(technician, shifts=(replace(shift, max_visits=None, max_travel=None),))
    visits = tuple(possible(visit) for visit in problem.visits)
    return to_instance(replace(problem, technicians=(anyone,), visits=visits), travel)
