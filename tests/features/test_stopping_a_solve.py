"""Somebody who waits for a plan can end the search, and can start from the plan that is running."""

from datetime import timedelta
from pathlib import Path

from domain_builders import make_problem, make_shift, make_technician, make_visit
from fieldops.domain.problem import TravelSource
from fieldops.solver import Progress, Termination
from fieldops.usecases.plan_problem import plan_problem
from fieldops.wiring import travel_provider


def test_a_search_that_should_stop_gives_the_best_plan_so_far() -> None:
    """A worker that is being shut down cannot wait for a budget of minutes to run out."""
    problem = make_problem(make_visit(id="v1"), make_visit(id="v2"))
    seen: list[Progress] = []
    plan = plan_problem(
        problem,
        travel_provider(TravelSource(), base_dir=Path()),
        seconds=600,
        on_progress=seen.append,
        should_stop=lambda: len(seen) >= 3,
    )
    assert plan.search.termination == Termination.INTERRUPTED
    assert plan.search.seconds < 60
    assert plan.kpis.assigned == 2


def test_a_search_starts_from_the_orders_given() -> None:
    """With no time to search, the plan is the running one: whoever planned it is not surprised."""
    kim = make_technician(make_shift(id="kim-shift"), id="kim")
    lee = make_technician(make_shift(id="lee-shift"), id="lee")
    visits = tuple(make_visit(id=name, duration=timedelta(minutes=60)) for name in ("v1", "v2", "v3"))
    problem = make_problem(*visits, technicians=(kim, lee))
    running = {"kim-shift": ("v3",), "lee-shift": ("v2", "v1"), "gone-shift": ("v9",)}
    plan = plan_problem(
        problem, travel_provider(TravelSource(), base_dir=Path()), seconds=None, iterations=0, warm_start=running
    )
    orders = {route.shift_id: tuple(stop.visit_id for stop in route.stops) for route in plan.routes}
    assert orders == {"kim-shift": ("v3",), "lee-shift": ("v2", "v1")}
