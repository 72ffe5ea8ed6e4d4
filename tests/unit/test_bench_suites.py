"""Turning benchmark files into solver instances, and choosing the reference value."""

from pathlib import Path

import numpy as np
import pytest
from bench_files import TENTH_DEGREE_S, city_technician, city_visit, write_city, write_vrptw

from fieldops.bench.city import CITY, city_instance, city_references, priority_gap_pct, priority_point_cents
from fieldops.bench.formats import read_city, read_vrptw
from fieldops.bench.referees import city_travel_s
from fieldops.bench.solomon import HOMBERGER, SOLOMON, distance_gap_pct, vrptw_instance, vrptw_references
from fieldops.bench.suites import Judgment
from fieldops.solver.instance import MAX_CENTS


def test_vrptw_distances_are_truncated_tenths(tmp_path: Path) -> None:
    """The DIMACS convention truncates; rounding sqrt(80) = 8.944 or sqrt(34) = 5.831 would also give 89 and 58, but
    sqrt(89) = 9.434 and the floor of 94.34 agree only by convention, so the whole matrix is compared."""
    instance = vrptw_instance(read_vrptw(write_vrptw(tmp_path)))

    expected = [[0, 50, 58, 50], [50, 0, 10, 89], [58, 10, 0, 94], [50, 89, 94, 0]]
    assert instance.travel_s.tolist() == [expected]
    assert instance.distance_m.tolist() == [expected]


def test_vrptw_times_are_scaled_and_the_fleet_is_the_files(tmp_path: Path) -> None:
    """Windows and service durations share the tenths of the distances; the depot's due time ends every shift."""
    instance = vrptw_instance(read_vrptw(write_vrptw(tmp_path)))

    assert [visit.windows for visit in instance.visits] == [((0, 500),), ((200, 600),), ((0, 300),)]
    assert [visit.service_s for visit in instance.visits] == [20, 20, 20]
    assert [visit.load for visit in instance.visits] == [4, 5, 6]
    assert all(visit.mandatory for visit in instance.visits)
    assert len(instance.shifts) == len(instance.technicians) == 3
    assert {(shift.earliest_start, shift.hard_end, shift.load_capacity) for shift in instance.shifts} == {(0, 1000, 10)}
    assert [shift.technician for shift in instance.shifts] == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "solomon", "homberger"),
    [("RC208", "RC2", "RC2 (3)"), ("c1_2_4", "C1", "C1 (3)"), ("r2_10_1", "R2", "R2 (3)"), ("x", "other", "other (3)")],
)
def test_instances_are_grouped_by_class(tmp_path: Path, name: str, solomon: str, homberger: str) -> None:
    """The summary has a line per class, and per size where a folder holds several sizes."""
    path = write_vrptw(tmp_path, name)

    assert SOLOMON.read(path).group == solomon
    assert HOMBERGER.read(path).group == homberger


def test_the_lowest_dimacs_value_is_the_reference(tmp_path: Path) -> None:
    """A folder lists up to two values under this objective, and others under objectives that are not comparable."""
    (tmp_path / "bks.csv").write_text(
        "instance,objective,vehicles,cost\n"
        "R101,dimacs_trunc1_distance,3,20.5\n"
        "R101,dimacs_trunc1_distance_better_from_hier_routes,3,19.5\n"
        "R101,hierarchical_vehicles_then_real_distance,2,7.0\n"
        "R102,dimacs_trunc1_distance,3,\n",
        encoding="utf-8",
    )

    assert vrptw_references(tmp_path, 5.0) == {"R101": 19.5}


def test_without_a_reference_file_there_are_no_references(tmp_path: Path) -> None:
    """Somebody's own instances have no best known values, and can still be run."""
    assert vrptw_references(tmp_path, 5.0) == {}
    assert city_references(tmp_path, 5.0) == {}


def test_a_longer_plan_has_a_positive_gap() -> None:
    """201 against 200: 0.5 percent."""
    judgment = Judgment(problems=(), cost=201.0, travel_s=2010, unassigned=0)

    assert distance_gap_pct(judgment, 200.0) == pytest.approx(0.5)


def test_city_travel_is_the_suites_formula(tmp_path: Path) -> None:
    """A tenth of a degree north is 1,487 s of driving, both ways; the diagonal is zero."""
    day = read_city(write_city(tmp_path, [city_technician()], [city_visit()]))
    instance = city_instance(day)

    assert instance.travel_s.tolist() == [[[0, TENTH_DEGREE_S], [TENTH_DEGREE_S, 0]]]
    assert instance.travel_s.dtype == np.int32
    # 11.1195 km as the crow flies, x 1.3 on the road.
    assert instance.distance_m[0, 0, 1] == 14_455


def test_the_city_matrix_equals_the_referees_scalar_formula(tmp_path: Path) -> None:
    """Matrix and referee compute the travel apart; one second of difference would fail good plans."""
    rng = np.random.default_rng(5)
    points = [
        [float(x), float(y)] for x, y in zip(rng.uniform(47.9, 48.3, 60), rng.uniform(11.3, 11.9, 60), strict=True)
    ]
    technicians = [city_technician(id=f"T{i}", home=point) for i, point in enumerate(points[:20])]
    visits = [city_visit(id=f"V{i}", location=point) for i, point in enumerate(points[20:])]
    instance = city_instance(read_city(write_city(tmp_path, technicians, visits)))

    scalar = [[city_travel_s((a[0], a[1]), (b[0], b[1])) for b in points] for a in points]
    assert instance.travel_s[0].tolist() == scalar


def test_a_city_day_becomes_shifts_skills_and_an_unpaid_floating_lunch(tmp_path: Path) -> None:
    """Homes come first among the places; skills are numbered in the order of their names, over both sides."""
    technicians = [city_technician(skills=["b"]), city_technician(id="T1", skills=["a", "c"])]
    instance = city_instance(read_city(write_city(tmp_path, technicians, [city_visit(skills=["c"])])))

    assert [person.skill_levels for person in instance.technicians] == [(0, 1, 0), (1, 0, 1)]
    assert instance.visits[0].required_levels == (0, 0, 1)
    assert instance.visits[0].place == 2
    shift = instance.shifts[1]
    assert (shift.start_place, shift.end_place, shift.earliest_start, shift.hard_end) == (1, 1, 28_800, 61_200)
    lunch = shift.breaks[0]
    assert (lunch.earliest, lunch.latest, lunch.duration, lunch.place, lunch.paid) == (
        41_400,
        46_800,
        1_800,
        None,
        False,
    )


def test_a_point_of_priority_costs_more_than_all_possible_travel(tmp_path: Path) -> None:
    """Served priority comes first whatever the travel: two shifts of 9 h hold 64,800 s, at 10 cents each."""
    day = read_city(write_city(tmp_path, [city_technician(), city_technician(id="T1")], [city_visit(priority=2)]))
    instance = city_instance(day)

    assert priority_point_cents(day) == 648_010
    assert instance.visits[0].unassigned_cents == 2 * 648_010 <= MAX_CENTS
    assert instance.shifts[0].cost_per_travel_hour == 36_000


def test_the_city_reference_is_the_best_peer_within_the_budget(tmp_path: Path) -> None:
    """Neither a peer that needed longer nor our own prototype is what a plan is measured against."""
    (tmp_path / "reference.csv").write_text(
        "instance,solver,seconds,served_priority,total_priority,travel_s\n"
        "city-2-s1,peer one,0.1,10,20,500\n"
        "city-2-s1,peer two,10,12,20,600\n"
        "city-2-s1,peer two,30,13,20,600\n"
        "city-2-s1,string-removal prototype,10,15,20,600\n"
        "city-9-s1,peer two,30,40,60,600\n",
        encoding="utf-8",
    )

    assert city_references(tmp_path, 5.0) == {"city-2-s1": 10.0}
    assert city_references(tmp_path, 10.0) == {"city-2-s1": 12.0}
    assert city_references(tmp_path, 30.0) == {"city-2-s1": 13.0, "city-9-s1": 40.0}


def test_more_priority_than_the_peer_is_a_negative_gap() -> None:
    """11 against 10 served: 10 percent better."""
    judgment = Judgment(problems=(), cost=100, travel_s=100, unassigned=1, served_priority=11)

    assert priority_gap_pct(judgment, 10.0) == pytest.approx(-10.0)


def test_city_days_are_grouped_by_size(tmp_path: Path) -> None:
    """Gaps of 60 and of 1,000 visits do not belong into one mean."""
    path = write_city(tmp_path, [city_technician()], [city_visit(), city_visit(id="V1")])

    assert CITY.read(path).group == "2 visits"
