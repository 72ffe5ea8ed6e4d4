"""
The one evaluator of routes: the compiled core, behind Python values.

It answers every question about a route (what does it cost, when does everything happen, where would a visit fit), for
planning, quoting and explaining alike, and agrees with `fieldops.solver.schedule` to the last second and cost unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldops.solver import _core
from fieldops.solver.instance import Instance
from fieldops.solver.schedule import assemble, routes_to_schedule
from fieldops.solver.solution import BreakTaken, CostBreakdown, Route, Solution, Stop
from fieldops.units import CostUnits

#: Visit indices in serving order per shift index; shifts without visits may be left out.
Orders = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Insertion:
    """
    The cheapest place of a visit in one shift.

    Attributes
    ----------
    shift
        Shift index.
    position
        How many visits come before it.
    cost
        Exact cost added to the route, without what leaving the visit out would have cost.
    """

    shift: int
    position: int
    cost: CostUnits


class Evaluator:
    """
    Exact answers about routes of one instance.

    Parameters
    ----------
    instance
        Copied into the core once; O(places ** 2 + technicians x visits) memory.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.core = _core.Instance(instance)

    def cost(self, shift: int, visits: Sequence[int]) -> CostUnits | None:
        """Exact cost of one route, or None when it breaks a hard rule."""
        cost = _core.route_cost(self.core, shift, list(visits))
        return None if cost is None else CostUnits(cost)

    def route(self, shift: int, visits: Sequence[int]) -> Route | None:
        """
        Schedule one route, or None when it breaks a hard rule.

        Parameters
        ----------
        visits
            Visit indices in serving order; at least one, unless the shift is under way.

        Raises
        ------
        ValueError
            When there is no visit and the shift is not under way.
        """
        if not visits and not self.instance.shifts[shift].underway:
            raise ValueError("a route serves at least one visit, unless the shift is under way")
        table = _core.route_timetable(self.core, shift, list(visits))
        if table is None:
            return None
        departure, end, travel_s, distance_m, work_s, overtime_s, costs, stops, breaks = table
        lateness, sla, preference, technician, churn, work, overtime, travel, distance, fixed = map(CostUnits, costs)
        return Route(
            shift=shift,
            departure=departure,
            end=end,
            stops=tuple(_stop(*stop) for stop in stops),
            breaks=tuple(BreakTaken(break_pos=pos, leg=leg, start=start) for pos, leg, start in breaks),
            travel_s=travel_s,
            distance_m=distance_m,
            work_s=work_s,
            overtime_s=overtime_s,
            cost=CostBreakdown(
                lateness=lateness,
                sla=sla,
                preference=preference,
                technician=technician,
                churn=churn,
                work=work,
                overtime=overtime,
                travel=travel,
                distance=distance,
                fixed=fixed,
            ),
        )

    def solution(self, orders: Orders) -> Solution:
        """
        Schedule a whole plan.

        Raises
        ------
        ValueError
            When a route breaks a hard rule.
        """
        routes = []
        for shift, visits in routes_to_schedule(self.instance, orders).items():
            route = self.route(shift, visits)
            if route is None:
                raise ValueError(f"the route of shift {shift} breaks a hard rule: {list(visits)}")
            routes.append(route)
        return assemble(self.instance, routes)

    def insertions(self, orders: Orders, visit: int) -> list[Insertion]:
        """
        Find the cheapest feasible place for an absent visit in every shift that has one.

        Exact under every rule. O(stops) per shift where nothing depends on time, O(stops ** 2) at worst.
        """
        found = _core.insertions(self.core, self.dense(orders), visit)
        return [Insertion(shift, position, CostUnits(cost)) for shift, position, cost in found]

    def dense(self, orders: Orders) -> list[list[int]]:
        """One list of visits per shift, as the core wants it."""
        return [list(orders.get(shift, ())) for shift in range(len(self.instance.shifts))]


def _stop(visit: int, arrival: int, start: int, finish: int, departure: int, wait: int, slack: int) -> Stop:
    return Stop(visit=visit, arrival=arrival, start=start, finish=finish, departure=departure, wait=wait, slack=slack)
