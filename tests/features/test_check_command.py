"""``fieldops check``: a plan from anywhere, judged by a referee that believes nothing it says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from command_line import fault_lines, run, write_problem

from domain_builders import at, make_break, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.plan import Plan, Route, UnassignedKind, UnassignedVisit
from fieldops.domain.problem import Problem
from fieldops.errors import InvalidInput
from fieldops.files.plan_json import dump_plan
from fieldops.units import Cents, Meters
from fieldops.usecases.check_plan import check_plan
from fieldops.usecases.plan_problem import plan_problem
from line_travel import LineTravel

#: Kim and Lee, a visit at ten and one promised from one to two; lunch in between.
LUNCH = make_break("11:00", "12:00", name="lunch", paid=False)
LEE = make_technician(make_shift(id="lee-monday"), id="lee", skills={})
PROBLEM = make_problem(
    make_visit(windows=(window("10:00", "10:00"),), required_skills={"gas": 1}),
    make_visit(id="v2", promised_window=window("13:00", "14:00")),
    technicians=[make_technician(make_shift(breaks=(LUNCH,)))],
)


def planned(problem: Problem = PROBLEM) -> Plan:
    """Plan the problem with few iterations."""
    return plan_problem(problem, LineTravel(), seconds=None, iterations=50)


def complaints(plan: Plan, problem: Problem = PROBLEM) -> list[str]:
    """List what the referee finds."""
    return [str(violation) for violation in check_plan(problem, LineTravel(), plan)]


def with_route(plan: Plan, change: Callable[[Route], Route]) -> Plan:
    """Change the first route."""
    return replace(plan, routes=(change(plan.routes[0]), *plan.routes[1:]))


def with_stop(plan: Plan, pos: int, **changes: object) -> Plan:
    """Change one stop of the first route."""

    def change(route: Route) -> Route:
        stops = list(route.stops)
        stops[pos] = replace(stops[pos], **changes)  # type: ignore[arg-type]
        return replace(route, stops=tuple(stops))

    return with_route(plan, change)


def test_a_plan_of_our_own_is_sound() -> None:
    """The fixture of these tests has both visits on one route, and a lunch on the clock."""
    plan = planned()

    assert [stop.visit_id for stop in plan.routes[0].stops] == ["v1", "v2"]
    assert plan.routes[0].breaks[0].on_the_clock
    assert complaints(plan) == []


def test_a_start_moved_by_hand_breaks_its_window() -> None:
    """One minute after the only instant the customer gave."""
    first = planned().routes[0].stops[0]
    plan = with_stop(planned(), 0, start=first.start + timedelta(minutes=1), finish=first.finish + timedelta(minutes=1))

    assert "shift kim-monday, visit v1: service starts 60 s outside the nearest window" in complaints(plan)


def test_a_visit_forgotten_is_found() -> None:
    """Neither on a route nor left out: the customer would wait for nobody."""
    plan = with_route(planned(), lambda route: replace(route, stops=route.stops[:1]))

    assert "visit v2: is neither on a route nor among the unassigned" in complaints(plan)


def test_a_visit_listed_twice_is_found() -> None:
    """On a route and among the unassigned."""
    left_out = UnassignedVisit(visit_id="v2", kind=UnassignedKind.DISPLACED, reasons=(), repair=None)
    found = complaints(replace(planned(), unassigned=(left_out,)))

    assert "visit v2: is listed 2 times, on routes or as unassigned" in found


def test_a_technician_without_the_skill_is_named_with_it() -> None:
    """What Kim may do is given to Lee, who does not know gas."""
    problem = replace(PROBLEM, technicians=(make_technician(make_shift(breaks=(LUNCH,))), LEE))
    plan = planned()
    route = replace(plan.routes[0], technician_id="lee", shift_id="lee-monday", breaks=())
    found = complaints(replace(plan, routes=(route,)), problem)

    assert "shift lee-monday, visit v1: technician lee lacks a skill: gas at level 0 of 1" in found


def test_a_technician_who_is_not_allowed_is_named() -> None:
    """The customer has asked not to see Kim again."""
    plan = planned()
    visits = (PROBLEM.visits[0], replace(PROBLEM.visits[1], forbidden_technicians=frozenset({"kim"})))
    found = complaints(plan, replace(PROBLEM, visits=visits))

    assert "shift kim-monday, visit v2: technician kim is not allowed" in found


def test_a_lunch_left_out_is_found() -> None:
    """Somebody has to say so on Kim's behalf."""
    found = complaints(with_route(planned(), lambda route: replace(route, breaks=())))

    assert "shift kim-monday: breaks [] are taken, 1 are due in order" in found


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"cost": {"travel": Cents(1)}}, "shift kim-monday: cost.travel is 1, not 1500"),
        ({"travel_home": timedelta(0)}, "shift kim-monday: travel_home is 0 s, not 900 s"),
        ({"distance": Meters(7)}, "shift kim-monday: distance_m is 7 instead of 10000"),
        ({"overtime": timedelta(seconds=9)}, "shift kim-monday: overtime_s is 9 instead of 0"),
    ],
)
def test_a_figure_of_a_route_that_is_wrong_is_found(change: dict[str, object], complaint: str) -> None:
    """Money, travel and distance are paid for: 25 minutes at 36.00 an hour are 15.00, and so on."""
    found = complaints(with_route(planned(), lambda route: replace(route, **change)))  # type: ignore[arg-type]

    assert complaint in found


def test_a_figure_of_a_stop_that_is_wrong_is_found() -> None:
    """A promise broken by an hour cannot be called kept, nor the other way round."""
    found = complaints(with_stop(planned(), 1, lateness=timedelta(hours=1)))

    assert found == ["shift kim-monday, visit v2: lateness is 3600 s, not 0 s"]


def test_a_break_that_lasts_too_long_is_found() -> None:
    """Its end is what the shift says, not what the plan says."""
    plan = planned()
    longer = replace(plan.routes[0].breaks[0], end=at("12:30"))
    (found,) = complaints(with_route(plan, lambda route: replace(route, breaks=(longer,))))

    assert found.startswith("shift kim-monday, break 1: end is 2026-03-16T12:30:00-04:00, not ")


def test_key_figures_and_total_costs_are_checked() -> None:
    """They are what the boss reads."""
    plan = planned()
    kpis = replace(plan.kpis, promises_kept=2, utilization=0.99)
    boasting = replace(plan, kpis=kpis, cost={**plan.cost, "sla": Cents(5)})
    found = complaints(boasting)

    assert "plan: kpis.promises_kept is 2, not 1" in found
    assert any(complaint.startswith("plan: kpis.utilization is 0.99, not ") for complaint in found)
    assert "plan: cost.sla is 5, not 0" in found


def test_the_order_of_the_routes_does_not_matter() -> None:
    """A plan made by somebody else need not list them as we do."""
    lee = make_technician(make_shift(id="lee-monday", max_visits=1), id="lee")
    kim = make_technician(make_shift(max_visits=1))
    problem = make_problem(make_visit(), make_visit(id="v2"), technicians=[kim, lee])
    plan = planned(problem)

    assert len(plan.routes) == 2
    assert complaints(replace(plan, routes=plan.routes[::-1]), problem) == []


def test_a_plan_of_another_problem_is_refused_with_everything_it_names() -> None:
    """Mixing up two files must not end in a list of a thousand violations that mean nothing."""
    plan = planned()
    stranger = replace(plan.routes[0], shift_id="max-tuesday")
    left_out = UnassignedVisit(visit_id="v9", kind=UnassignedKind.DISPLACED, reasons=(), repair=None)
    routes = (stranger, replace(plan.routes[0], technician_id="lee"), with_stop(plan, 0, visit_id="v8").routes[0])
    with pytest.raises(InvalidInput) as caught:
        complaints(replace(plan, routes=routes, unassigned=(left_out,)))

    assert [fault.path for fault in caught.value.faults] == [
        "routes[0].shift_id",
        "routes[1].technician_id",
        "routes[2].stops[0].visit_id",
        "routes[2].shift_id",
        "unassigned[0].visit_id",
    ]


def test_the_command_says_sound_or_lists_what_is_wrong(tmp_path: Path) -> None:
    """Exit code 0 or 1, so that a script can tell; 2 when the two files have nothing to do with each other."""
    problem, plan_path = write_problem(tmp_path, PROBLEM), tmp_path / "plan.json"
    run("plan", problem, "--iterations", 50, "--out", plan_path)
    sound = run("check", problem, plan_path)
    assert (sound.exit_code, sound.err) == (0, "")
    assert sound.out == "sound: 2 visits on 1 route, every rule kept\n"

    # These times come from places in a row, not from the map.
    dump_plan(planned(), plan_path)
    wrong = run("check", problem, plan_path)
    assert (wrong.exit_code, wrong.out) == (1, "")
    assert "shift kim-monday, visit v1: arrival is 36000, the drive says " in wrong.err

    other = write_problem(tmp_path, make_problem(make_visit(id="v7")))
    foreign = run("check", other, plan_path)
    assert foreign.exit_code == 2
    assert fault_lines(foreign) == [
        "routes[0].stops[0].visit_id",
        "routes[0].stops[1].visit_id",
        "routes[0].breaks",
    ]
