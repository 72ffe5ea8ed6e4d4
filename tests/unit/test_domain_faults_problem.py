"""Faults of the problem as a whole: horizon, names, places, rates, travel, and that all of them come at once."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain_builders import CUSTOMER, DEPOT, fault_paths, make_problem, make_shift, make_technician, make_visit
from fieldops.domain.faults import problem_faults
from fieldops.domain.problem import CostRates, Place, TravelSource
from fieldops.errors import Fault


def test_a_sound_problem_has_no_faults() -> None:
    """Every other test changes one thing of this problem; the change alone must be what is reported."""
    assert problem_faults(make_problem()) == []


def test_nothing_to_plan_is_no_fault() -> None:
    """A day without visits is a day off, not an error."""
    assert problem_faults(replace(make_problem(), visits=())) == []


def test_all_faults_come_at_once_in_the_order_of_the_document() -> None:
    """Whoever repairs a file wants one list, not one run of the program per fault."""
    problem = make_problem(
        make_visit(duration=timedelta(minutes=-5), priority=9, place_id="nowhere"),
        technicians=[make_technician(make_shift(start_place_id="moon"), duration_permille=50)],
        num_days=0,
        places=(DEPOT, replace(CUSTOMER, latitude=math.nan)),
    )
    assert fault_paths(problem) == [
        "num_days",
        "places[1].latitude",
        "technicians[0].duration_permille",
        "technicians[0].shifts[0].start_place_id",
        "visits[0].place_id",
        "visits[0].duration_s",
        "visits[0].priority",
    ]


def test_a_fault_says_where_what_and_what_instead() -> None:
    """Path, found and expected are what the command line prints."""
    assert problem_faults(make_problem(make_visit(duration=timedelta(minutes=-5)))) == [
        Fault(path="visits[0].duration_s", found="-300 s", expected="a whole number of seconds from 1 to 1209600")
    ]


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "America", "New York"])
def test_an_unknown_time_zone_is_reported_once(name: str) -> None:
    """Without the zone the horizon is unknown; rules that need it stay silent instead of guessing."""
    problem = make_problem(make_visit(), time_zone=name, technicians=[make_technician(make_shift())])
    assert fault_paths(problem) == ["time_zone"]


@pytest.mark.parametrize("num_days", [0, -1, 15])
def test_a_horizon_has_one_to_fourteen_days(num_days: int) -> None:
    """Longer plans are cut into horizons first; the solver's sizes are made for two weeks."""
    assert fault_paths(make_problem(num_days=num_days)) == ["num_days"]


@pytest.mark.parametrize("first_date", [date(1, 1, 1), date(1969, 12, 31), date(9999, 12, 31)])
def test_a_horizon_at_the_end_of_the_calendar_is_a_slip_of_the_pen(first_date: date) -> None:
    """The years 1 and 9999 also break date arithmetic; no traceback may come of it."""
    assert fault_paths(make_problem(first_date=first_date)) == ["first_date"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 90.01, -91.0])
def test_a_latitude_is_a_finite_angle(value: float) -> None:
    """A NaN would travel silently through every distance."""
    problem = make_problem(places=(DEPOT, replace(CUSTOMER, latitude=value)))
    assert fault_paths(problem) == ["places[1].latitude"]


@pytest.mark.parametrize("value", [math.nan, math.inf, 180.5, -181.0])
def test_a_longitude_is_a_finite_angle(value: float) -> None:
    """As for latitudes, with twice the range."""
    problem = make_problem(places=(DEPOT, replace(CUSTOMER, longitude=value)))
    assert fault_paths(problem) == ["places[1].longitude"]


def test_the_edges_of_the_map_are_on_it() -> None:
    """Poles and date line are valid coordinates."""
    corners = Place(id="corner", latitude=90.0, longitude=-180.0)
    assert fault_paths(make_problem(places=(DEPOT, CUSTOMER, corners))) == []


def test_every_second_use_of_an_id_is_reported() -> None:
    """Two things of one name would make plans ambiguous; the fault names the first holder."""
    twin = make_technician(make_shift(), id="kim")
    problem = make_problem(
        make_visit(), make_visit(), technicians=[make_technician(), twin], places=(DEPOT, CUSTOMER, DEPOT)
    )
    problem = replace(problem, skills=("gas", "power", "gas"))
    assert fault_paths(problem) == [
        "skills[2]",
        "places[2].id",
        "technicians[1].id",
        "visits[1].id",
        "technicians[1].shifts[0].id",
    ]
    assert "visits[0].id has it too" in problem_faults(problem)[3].expected


@pytest.mark.parametrize("name", ["", "   "])
def test_an_id_is_not_empty(name: str) -> None:
    """An empty id cannot be told from a missing one in tables and messages."""
    assert fault_paths(make_problem(make_visit(id=name))) == ["visits[0].id"]


@pytest.mark.parametrize(
    "name",
    [
        "travel_per_hour",
        "travel_per_km",
        "shift_used",
        "lateness_per_minute",
        "sla_per_hour",
        "preferred_window_missed",
        "other_technician",
        "told_technician_changed",
        "told_time_changed",
        "unassigned_per_priority",
    ],
)
def test_no_rate_is_negative_or_absurd(name: str) -> None:
    """A negative price would make the optimizer earn money by breaking promises."""
    # The price of a priority is multiplied by up to 5.
    most = 10**9 // 5 if name == "unassigned_per_priority" else 10**9
    assert fault_paths(make_problem(rates=CostRates(**{name: most}))) == []
    for amount in (-1, most + 1):
        assert fault_paths(make_problem(rates=CostRates(**{name: amount}))) == [f"rates.{name}_cents"]


@pytest.mark.parametrize(
    ("travel", "path"),
    [
        (TravelSource(kind="teleport"), "travel.kind"),
        (TravelSource(kind="matrix"), "travel.matrix_path"),
        (TravelSource(kind="osrm"), "travel.url"),
        (TravelSource(kind="osrm", url="localhost:5000"), "travel.url"),
        (TravelSource(kind="osrm", url="http://[::1"), "travel.url"),
        (TravelSource(coefficient_s=math.nan), "travel.coefficient_s"),
        (TravelSource(coefficient_s=0.0), "travel.coefficient_s"),
        (TravelSource(exponent=-1.0), "travel.exponent"),
        (TravelSource(detour=math.inf), "travel.detour"),
    ],
)
def test_a_source_of_travel_times_is_complete(travel: TravelSource, path: str) -> None:
    """Found before the search starts, not when the first matrix is asked for."""
    assert fault_paths(make_problem(travel=travel)) == [path]


def test_travel_from_a_file_or_a_server_is_accepted() -> None:
    """The two other kinds, complete."""
    assert fault_paths(make_problem(travel=TravelSource(kind="matrix", matrix_path="m.npz"))) == []
    assert fault_paths(make_problem(travel=TravelSource(kind="osrm", url="http://127.0.0.1:5000"))) == []
