"""Schedule the rest of a shift as it will be driven, whatever it breaks: expectations need times in any case."""

from collections.abc import Sequence
from dataclasses import replace

from fieldops.domain.horizon import horizon_of, start_windows
from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem, Visit
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
    """Translate a problem; of a visit that may start at no time at all, say that it may at any time."""
    horizon = horizon_of(problem)

    def possible(visit: Visit) -> Visit:
        windows = start_windows(visit, horizon)
        pinned = None if visit.pin is None else visit.pin.start
        if windows and (pinned is None or any(pinned in window for window in windows)):
            return visit
        return replace(visit, windows=(), release=None, pin=None, promise_is_hard=False)

    return to_instance(replace(problem, visits=tuple(possible(visit) for visit in problem.visits)), travel)
