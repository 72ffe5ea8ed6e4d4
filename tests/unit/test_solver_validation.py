"""Faulty instances are refused with every fault, each with its path and the value found."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from builders import make_break, make_instance, make_shift, make_visit, straight_line
from fieldops.errors import Fault, InvalidInput
from fieldops.solver.instance import MAX_CENTS, MAX_VALUE, Instance, Technician


def _faults(make: Callable[[], Instance]) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        make()
    return caught.value.faults


def _paths(make: Callable[[], Instance]) -> list[str]:
    return [fault.path for fault in _faults(make)]


def test_a_sound_instance_has_no_fault() -> None:
    """Everything at the edge of what is allowed: bounds are inclusive, wishes may be past, sets may be empty."""
    visit = make_visit(
        service_s=0,
        windows=((0, 0), (1, MAX_VALUE)),
        promised_latest=-1,
        due=-MAX_VALUE,
        preferred=(-5, -5),
        allowed_technicians=frozenset(),
        sequence=0,
        required_levels=(2,),
        unassigned_cents=MAX_CENTS,
    )
    breaks = (make_break(0, 0, 10), make_break(5, 10, 1), make_break(11, 11, 1, place=1))
    shift = make_shift(*breaks, regular_end=0, hard_end=0, max_visits=0, max_work_s=0, max_travel_s=0, load_capacity=0)
    people = [Technician(skill_levels=(0,), duration_permille=1)]

    assert make_instance(visit, shifts=[shift], technicians=people).num_skills == 1


def test_all_faults_are_reported_at_once() -> None:
    """Whoever repairs the data wants one list, not one error after the other."""
    first = make_visit(service_s=-1, windows=((5, 4),))
    second = make_visit(place=7, windows=())
    shift = make_shift(earliest_start=10, regular_end=5, hard_end=4, technician=3)

    paths = _paths(lambda: make_instance(first, second, shifts=[shift], technicians=[Technician()], positions=[0, 600]))

    assert paths == [
        "shifts[0].technician",
        "shifts[0].regular_end",
        "shifts[0].hard_end",
        "visits[0].service_s",
        "visits[0].windows[0]",
        "visits[1].place",
        "visits[1].windows",
    ]


def test_a_fault_says_what_was_found_and_what_was_expected() -> None:
    """The message is enough to repair the value without reading the code."""
    (fault,) = _faults(lambda: make_instance(make_visit(windows=((9, 5),))))

    assert str(fault) == "visits[0].windows[0]: found (9, 5), expected earliest at or before latest"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"place": 2}, "place"),
        ({"place": -1}, "place"),
        ({"place": np.int32(1)}, "place"),
        ({"service_s": 1.5}, "service_s"),
        ({"service_s": True}, "service_s"),
        ({"service_s": MAX_VALUE + 1}, "service_s"),
        ({"windows": ((-1, 5),)}, "windows[0]"),
        ({"windows": ((0, MAX_VALUE + 1),)}, "windows[0]"),
        ({"windows": ((0, 10), (10, 20))}, "windows[1]"),
        ({"windows": ((30, 40), (10, 20))}, "windows[1]"),
        ({"windows": (5,)}, "windows[0]"),
        ({"promised_latest": MAX_VALUE + 1}, "promised_latest"),
        ({"lateness_cents_per_minute": -1}, "lateness_cents_per_minute"),
        ({"preferred": (8, 7)}, "preferred"),
        ({"preferred_miss_cents": MAX_CENTS + 1}, "preferred_miss_cents"),
        ({"due": 1.0}, "due"),
        ({"due_cents_per_hour": -1}, "due_cents_per_hour"),
        ({"required_levels": (1,)}, "required_levels"),
        ({"allowed_technicians": frozenset({1})}, "allowed_technicians"),
        ({"forbidden_technicians": frozenset({-1})}, "forbidden_technicians"),
        ({"preferred_technicians": frozenset({5})}, "preferred_technicians"),
        ({"other_technician_cents": -1}, "other_technician_cents"),
        ({"baseline_technician": 1}, "baseline_technician"),
        ({"reassigned_cents": -1}, "reassigned_cents"),
        ({"told": (8, 7)}, "told"),
        ({"told_miss_cents": -1}, "told_miss_cents"),
        ({"unassigned_cents": -1}, "unassigned_cents"),
        ({"sequence": -1}, "sequence"),
        ({"load": -1}, "load"),
    ],
)
def test_a_faulty_field_of_a_visit_is_named(changes: dict[str, Any], path: str) -> None:
    """Every field of a visit has a range."""
    faults = _paths(lambda: make_instance(make_visit(**{"place": 1, **changes}), positions=[0, 600]))

    assert faults == [f"visits[0].{path}"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"start_place": 9}, "start_place"),
        ({"end_place": -1}, "end_place"),
        ({"profile": 1}, "profile"),
        ({"technician": -1}, "technician"),
        ({"earliest_start": -1}, "earliest_start"),
        ({"hard_end": MAX_VALUE + 1}, "hard_end"),
        ({"regular_end": 50_000}, "hard_end"),
        ({"cost_per_work_hour": -1}, "cost_per_work_hour"),
        ({"cost_per_overtime_hour": MAX_CENTS + 1}, "cost_per_overtime_hour"),
        ({"cost_per_travel_hour": 0.5}, "cost_per_travel_hour"),
        ({"cost_per_km": -1}, "cost_per_km"),
        ({"fixed_cost": -1}, "fixed_cost"),
        ({"max_visits": -1}, "max_visits"),
        ({"max_travel_s": -1}, "max_travel_s"),
        ({"max_work_s": -1}, "max_work_s"),
        ({"load_capacity": -1}, "load_capacity"),
        ({"breaks": (make_break(5, 4),)}, "breaks[0].latest"),
        ({"breaks": (make_break(0, 4, 0),)}, "breaks[0].duration"),
        ({"breaks": (make_break(-1, 4),)}, "breaks[0].earliest"),
        ({"breaks": (make_break(5, 5, place=9),)}, "breaks[0].place"),
        # At a place means at an hour.
        ({"breaks": (make_break(5, 6, place=0),)}, "breaks[0].latest"),
        # The first is over at 110 at the earliest.
        ({"breaks": (make_break(10, 20, 100), make_break(0, 109))}, "breaks[1].latest"),
        ({"breaks": (make_break(0, 10**6, 1),) * 9}, "breaks"),
    ],
)
def test_a_faulty_field_of_a_shift_is_named(changes: dict[str, Any], path: str) -> None:
    """Every field of a shift and its breaks has a range, and breaks can be taken one after the other."""
    shift = make_shift(**changes)
    paths = _paths(lambda: make_instance(make_visit(), shifts=[shift], technicians=[Technician()], positions=[0, 600]))

    assert paths == [f"shifts[0].{path}"]


@pytest.mark.parametrize("pace", [0, 100_001, None])
def test_a_technicians_pace_has_a_range(pace: object) -> None:
    """Nobody works in no time, nor a hundred times slower than planned."""
    people = [Technician(duration_permille=pace)]  # type: ignore[arg-type]

    assert _paths(lambda: make_instance(make_visit(), technicians=people)) == ["technicians[0].duration_permille"]


def test_a_service_is_not_too_long_for_the_slowest() -> None:
    """What is in range nominally may not be for somebody a hundred times slower."""
    people = [Technician(), Technician(duration_permille=100_000)]

    assert _paths(lambda: make_instance(make_visit(service_s=MAX_VALUE // 99), technicians=people)) == [
        "visits[0].service_s"
    ]


def test_skill_levels_have_one_length() -> None:
    """A missing level would silently be another skill's."""
    people = [Technician(skill_levels=(1, 2)), Technician(skill_levels=(1,)), Technician(skill_levels=(0, -1))]
    visits = [make_visit(required_levels=(0, 0)), make_visit(required_levels=())]

    assert _paths(lambda: make_instance(*visits, technicians=people)) == [
        "technicians[1].skill_levels",
        "technicians[2].skill_levels[1]",
        "visits[1].required_levels",
    ]


def _with_matrices(travel_s: object, distance_m: object) -> Callable[[], Instance]:
    return lambda: make_instance(make_visit(), travel_s=travel_s, distance_m=distance_m)


SOUND = straight_line([0, 600])


@pytest.mark.parametrize(
    ("travel_s", "distance_m", "paths"),
    [
        (SOUND.astype(np.int64), SOUND, ["travel_s"]),
        (SOUND.tolist(), SOUND, ["travel_s", "distance_m"]),
        (SOUND[0], SOUND[0], ["travel_s", "distance_m"]),
        (SOUND, straight_line([0, 1, 2]), ["distance_m"]),
        (SOUND[:, :, :1], SOUND, ["travel_s", "distance_m"]),
        (np.asfortranarray(SOUND), SOUND, ["travel_s"]),
        (SOUND - np.int32(1), SOUND, ["travel_s[0, 0, 0]"]),
        (SOUND, SOUND * np.int32(MAX_VALUE // 600 + 1), ["distance_m[0, 0, 1]"]),
    ],
)
def test_a_faulty_matrix_is_named(travel_s: object, distance_m: object, paths: list[str]) -> None:
    """The core reads the matrices as they lie in memory: type, shape, layout and range must be right."""
    found = _paths(_with_matrices(travel_s, distance_m))

    # Where the travel matrix has too few places to go by, the visit's place is faulty as well.
    assert [path for path in found if not path.startswith(("visits", "shifts"))] == paths


def test_a_matrix_full_of_faults_gets_one_line() -> None:
    """A million negative entries are one mistake."""
    (fault,) = _faults(_with_matrices(SOUND - np.int32(601), SOUND))

    assert (fault.path, fault.found) == ("travel_s[0, 0, 0]", "-601 (and 3 more)")


def test_costs_that_overflow_are_refused() -> None:
    """The core sums cost units in 64 bits; an amount that could overflow there is found here."""
    visits = [make_visit(lateness_cents_per_minute=MAX_CENTS, promised_latest=0)] * 200

    # 200 visits x 10^9 cents a minute x 600 minutes = 1.2 x 10^14 cents; 2^60 units are 6.4 x 10^13 cents.
    assert _paths(lambda: make_instance(*visits)) == ["visits"]
