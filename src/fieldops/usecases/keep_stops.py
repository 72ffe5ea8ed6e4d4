"""Keep of running routes what their shifts, as they are now, can still serve."""

from dataclasses import replace

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.plan import Route
from fieldops.domain.problem import Shift, Technician
from fieldops.travel.provider import TravelMatrix, TravelProvider
from fieldops.usecases.schedule_route import schedule_route


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

    Raises
    ------
    TravelUnavailable
        As the provider does.
    InternalError
        When the referee disagrees with a schedule.

    Notes
    -----
    Visits are taken one by one in the order of the route; one that breaks a rule beside those taken before is let go.
    """
    if not any(day.orders.values()):
        return {}
    travel = provider.matrix(day.problem.places)
    kept: dict[str, Route] = {}
    for technician in day.problem.technicians:
        for shift in technician.shifts:
            route = _kept_route(day, technician, shift, travel)
            if route is not None:
                kept[shift.id] = route
    return kept


def _kept_route(day: DayPlan, technician: Technician, shift: Shift, travel: TravelMatrix) -> Route | None:
    """Schedule what one shift can still serve."""
    alone = replace(day.problem, technicians=(replace(technician, shifts=(shift,)),), visits=())
    visits = {visit.id: visit for visit in day.problem.visits}
    order = [visits[visit_id] for visit_id in day.orders[shift.id]]
    route = schedule_route(replace(alone, visits=tuple(order)), travel) if order else None
    if route is not None or not order:
        return route
    for visit in order:
        so_far = () if route is None else tuple(visits[stop.visit_id] for stop in route.stops)
        route = schedule_route(replace(alone, visits=(*so_far, visit)), travel) or route
    return route
