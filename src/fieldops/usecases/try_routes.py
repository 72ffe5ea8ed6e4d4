"""Try the routes of a plan out as they are, whatever they break: exact times and costs, and every hard rule broken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.solver.schedule import unassigned_cost
from fieldops.solver.solution import CostBreakdown
from fieldops.solver.trial import try_route
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents, to_cents
from fieldops.usecases.broken_rules import BrokenRule, broken_rules, left_out
from fieldops.usecases.naming import naming_of
from fieldops.usecases.translate import to_instance, to_route

#: Shift id to visit ids in serving order.
Orders = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedPlan:
    """
    Routes as they would be driven.

    Attributes
    ----------
    routes
        Of the shifts that serve somebody or are under way, in the problem's order. Where a rule is broken, slacks say
        how far a start could slip if that were allowed.
    broken
        Every hard rule broken, route by route, then the mandatory visits on no route.
    exact_cost
        Of the routes, and of the visits on none.
    """

    routes: tuple[Route, ...]
    broken: tuple[BrokenRule, ...]
    exact_cost: CostBreakdown

    @property
    def cost(self) -> dict[str, Cents]:
        """Term name to cents, each rounded once."""
        return {term.name: to_cents(getattr(self.exact_cost, term.name)) for term in fields(self.exact_cost)}


def try_routes(problem: Problem, travel: TravelMatrix, orders: Orders) -> TriedPlan:
    """
    Try a whole plan out.

    Parameters
    ----------
    problem
        Without faults; visits may name technicians it does not have.
    travel
        Between `problem.places`, in their order.
    orders
        Shifts left out serve nobody; visits on no route are left out.

    Raises
    ------
    InvalidInput
        When a shift or visit is not one of the problem's, or a visit is there twice; or a visit can start at no time
        at all.
    """
    require_known(problem, orders)
    translation, naming = to_instance(problem, travel), naming_of(problem)
    visit_idx = {visit.id: idx for idx, visit in enumerate(problem.visits)}
    routes: list[Route] = []
    broken: list[BrokenRule] = []
    cost = CostBreakdown()
    served: set[int] = set()
    for shift_idx, (_, shift) in enumerate(translation.shifts):
        order = [visit_idx[visit_id] for visit_id in orders.get(shift.id, ())]
        if not order and not shift.underway:
            continue
        trial = try_route(translation.instance, shift_idx, order)
        routes.append(to_route(translation, trial.route))
        broken += broken_rules(translation, naming, routes[-1], trial.violations)
        cost += trial.route.cost
        served.update(order)
    for idx, visit in enumerate(problem.visits):
        if idx not in served:
            cost += unassigned_cost(translation.instance, idx)
            if translation.instance.visits[idx].mandatory:
                broken.append(left_out(naming, visit))
    return TriedPlan(routes=tuple(routes), broken=tuple(broken), exact_cost=cost)


def require_known(problem: Problem, orders: Orders) -> None:
    """Raise `InvalidInput` with every shift and visit in some orders that the problem does not have, or has twice."""
    faults = list(_stranger_faults(problem, orders))
    if faults:
        raise InvalidInput(faults)


def _stranger_faults(problem: Problem, orders: Orders) -> Iterator[Fault]:
    """Report what orders name and the problem does not have, and visits named twice."""
    shifts = {shift.id for technician in problem.technicians for shift in technician.shifts}
    visits, seen = {visit.id for visit in problem.visits}, set()
    for shift_id, order in orders.items():
        if shift_id not in shifts:
            yield wrong("orders", shift_id, "a shift of the problem")
        for pos, visit_id in enumerate(order):
            if visit_id not in visits or visit_id in seen:
                yield wrong(field_path("orders", shift_id, pos), visit_id, "a visit of the problem, once on the plan")
            seen.add(visit_id)
