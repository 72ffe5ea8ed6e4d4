"""Every hard rule has its sentence, with who, what and by how much."""

from datetime import timedelta

import pytest

from domain_builders import (
    CUSTOMER,
    DEPOT,
    at,
    make_break,
    make_problem,
    make_shift,
    make_technician,
    make_visit,
    window,
)
from fieldops.domain.problem import Pin, Place, Shift, Visit
from fieldops.errors import InvalidInput
from fieldops.usecases.try_routes import TriedPlan, try_routes
from line_travel import LineTravel

#: The depot, the customer 10 minutes on (15 back), the hill 10 minutes further.
PLACES = (DEPOT, CUSTOMER, Place(id="hill", latitude=38.95, longitude=-77.08))


def tried(shift: Shift, *visits: Visit) -> TriedPlan:
    """Let Kim serve visits in their order; half an hour each."""
    problem = make_problem(
        *visits, technicians=[make_technician(shift, name="Kim"), make_technician(id="lee", shifts=())], places=PLACES
    )
    order = tuple(visit.id for visit in visits)
    return try_routes(problem, LineTravel().matrix(PLACES), {shift.id: order})


@pytest.mark.parametrize(
    ("shift", "visits", "sentence"),
    [
        pytest.param(
            # Served from 08:10 to 08:40, and lunch has to begin by 08:15.
            make_shift(breaks=(make_break("08:12", "08:15", name="lunch"),)),
            [make_visit(windows=(window("08:00", "08:10"),))],
            "lunch of Kim begins 25 min too late",
            id="break",
        ),
        pytest.param(
            # Served from 08:10 to 08:40, home at 08:55.
            make_shift(end=at("08:20"), hard_end=at("08:30")),
            [make_visit()],
            "Kim is at work 25 min after 08:30, the latest end",
            id="hard end",
        ),
        pytest.param(
            make_shift(max_visits=1),
            [make_visit(), make_visit(id="v2")],
            "Kim has 1 visit more than allowed",
            id="visits",
        ),
        pytest.param(
            make_shift(max_travel=timedelta(minutes=20)),
            [make_visit()],
            "Kim drives 5 min more than allowed",
            id="travel",
        ),
        pytest.param(
            # 25 minutes of driving and 30 of service.
            make_shift(max_work=timedelta(minutes=50)),
            [make_visit()],
            "Kim works 5 min more than allowed",
            id="work",
        ),
        pytest.param(
            make_shift(),
            [make_visit(name="Boiler", windows=(window("08:00", "08:05"),))],
            "Boiler starts at 08:10, 5 min outside its windows",
            id="window",
        ),
        pytest.param(
            make_shift(),
            [make_visit(pin=Pin(start=at("08:05")))],
            "v1 starts at 08:10, 5 min after the start it is pinned to",
            id="pinned start",
        ),
        pytest.param(
            make_shift(),
            [
                make_visit(pin=Pin(technician_id="kim", sequence=2)),
                make_visit(id="v2", pin=Pin(technician_id="kim", sequence=1)),
            ],
            "v2 comes after a visit that is pinned to come after it",
            id="sequence",
        ),
        pytest.param(
            make_shift(),
            [make_visit(forbidden_technicians=frozenset({"kim"}))],
            "Kim may not serve v1",
            id="technician",
        ),
        pytest.param(
            make_shift(),
            [make_visit(required_skills={"gas": 3, "power": 1})],
            "Kim lacks what v1 requires: gas at level 3 (has 2), power at level 1 (has 0)",
            id="skills, once",
        ),
    ],
)
def test_a_broken_rule_says_who_what_and_by_how_much(shift: Shift, visits: list[Visit], sentence: str) -> None:
    """Codes and indices are for programs."""
    assert [rule.sentence for rule in tried(shift, *visits).broken] == [sentence]


def test_a_plan_that_keeps_the_rules_breaks_none() -> None:
    """Its costs are those of its routes and of what is left out: 100.00 times priority 3 for the visit on no route."""
    problem = make_problem(make_visit(), make_visit(id="v2"))

    found = try_routes(problem, LineTravel().matrix(problem.places), {"kim-monday": ("v1",)})

    assert found.broken == ()
    assert found.cost["unassigned"] == 30_000
    (route,) = found.routes
    assert sum(found.cost.values()) == sum(route.cost.values()) + 30_000


def test_orders_of_strangers_are_faults() -> None:
    """A shift nobody has, a visit nobody knows, and one that is there twice."""
    problem = make_problem(make_visit())

    with pytest.raises(InvalidInput) as refused:
        try_routes(problem, LineTravel().matrix(problem.places), {"x": ("v1",), "kim-monday": ("v1", "y")})

    assert [(fault.path, fault.found) for fault in refused.value.faults] == [
        ("orders", "'x'"),
        ('orders["kim-monday"][0]', "'v1'"),
        ('orders["kim-monday"][1]', "'y'"),
    ]
