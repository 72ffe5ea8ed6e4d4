"""Assertions shared by tests, with messages that show the day."""

from fieldops.solver.checker import check
from fieldops.solver.instance import Instance
from fieldops.solver.solution import Route, Solution, Violation


def assert_feasible(instance: Instance, solution: Solution) -> None:
    """Fail with the violations and the route tables unless the referee finds nothing."""
    violations = check(instance, solution)

    assert not violations, "\n".join([*map(describe, violations), "", *map(route_table, solution.routes)])


def describe(violation: Violation) -> str:
    """Put a violation on one line."""
    where = f"shift {violation.shift}, visit {violation.visit}"
    return f"{violation.code}: {violation.message} ({where}, by {violation.amount})"


def route_table(route: Route) -> str:
    """Draw a route as a table of seconds."""
    lines = [f"shift {route.shift}: leaves {route.departure}, ends {route.end}"]
    lines.append(f"{'visit':>6}{'arrival':>9}{'wait':>7}{'start':>9}{'finish':>9}{'leaves':>9}{'slack':>9}")
    for stop in route.stops:
        times = f"{stop.arrival:>9}{stop.wait:>7}{stop.start:>9}{stop.finish:>9}{stop.departure:>9}{stop.slack:>9}"
        lines.append(f"{stop.visit:>6}{times}")
    lines += [f"break {taken.break_pos} on leg {taken.leg} at {taken.start}" for taken in route.breaks]
    return "\n".join(lines)
