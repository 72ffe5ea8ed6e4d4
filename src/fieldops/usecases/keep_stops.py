"""Keep of running routes what their shifts, as they are now, can still serve."""

from typing import Final

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.plan import Route, SearchFacts
from fieldops.errors import InternalError
from fieldops.solver import Evaluator, check
from fieldops.travel.provider import TravelProvider
from fieldops.units import Cents
from fieldops.usecases.translate import to_instance, to_plan
from fieldops.usecases.travel_for_problem import travel_matrices

#: Nothing was searched for.
_AS_GIVEN: Final = SearchFacts(
    termination="as given",
    seed=0,
    threads=1,
    seconds=0.0,
    iterations=0,
    first_plan_s=0.0,
    recombinations=0,
    recombination_gain=Cents(0),
    pool_size=0,
)


def keep_stops(day: DayPlan, provider: TravelProvider) -> dict[str, Route]:
    """
    Schedule the routes of a date anew, in their orders, without the visits that cannot be served any more.

    Parameters
    ----------
    day
        The shifts as they are now, with the orders from before.

    Returns
    -------
    dict[str, Route]
        By shift id, of shifts that still serve somebody; refereed.

    Notes
    -----
    Visits are taken one by one in the order of the route; one that breaks a rule beside those taken before is let go.

    Raises
    ------
    TravelUnavailable
        As the provider does.
    InternalError
        When the referee finds a rule broken.
    """
    orders = {shift_id: order for shift_id, order in day.orders.items() if order}
    if not orders:
        return {}
    translation = to_instance(day.problem, travel_matrices(day.problem, provider))
    evaluator = Evaluator(translation.instance)
    visit_idx = {visit.id: idx for idx, visit in enumerate(day.problem.visits)}
    kept: dict[int, list[int]] = {}
    for shift_idx, (_, shift) in enumerate(translation.shifts):
        taken: list[int] = []
        for visit_id in orders.get(shift.id, ()):
            longer = [*taken, visit_idx[visit_id]]
            if evaluator.cost(shift_idx, longer) is not None:
                taken = longer
        kept[shift_idx] = taken
    solution = evaluator.solution(kept)
    violations = check(translation.instance, solution)
    if violations:
        message = f"the referee rejects a route kept: {violations[0].message}"
        raise InternalError(message, details={"violations": [violation.message for violation in violations]})
    return {route.shift_id: route for route in to_plan(translation, solution, (), _AS_GIVEN).routes}
