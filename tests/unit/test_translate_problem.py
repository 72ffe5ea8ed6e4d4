"""From a problem to the solver's instance: every rule of the translation, by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
from fieldops.domain.problem import CostRates, Pin, Problem, TimeWindow
from fieldops.errors import InvalidInput
from fieldops.solver.instance import Visit
from fieldops.units import Cents
from fieldops.usecases.translate import Translation, to_instance
from line_travel import LineTravel

#: 09:00 and so on, in seconds from midnight.
NINE, TEN, ELEVEN, NOON = 32_400, 36_000, 39_600, 43_200
DAY_S = 86_400
NEW_YORK = ZoneInfo("America/New_York")


def translate(problem: Problem) -> Translation:
    """Translate a problem whose places lie in a row."""
    return to_instance(problem, LineTravel().matrix(problem.places))


def translated_visit(**changes: Any) -> Visit:
    """Translate one visit of an otherwise usual day."""
    return translate(make_problem(make_visit(**changes))).instance.visits[0]


def test_second_0_is_local_midnight() -> None:
    """All times hang from this instant: March 16 begins at 04:00 UTC in New York."""
    translation = translate(make_problem())

    assert datetime(2026, 3, 16, 4, tzinfo=UTC) == translation.start
    assert translation.instance.horizon_s == DAY_S
    # 08:00, 16:00 and 18:00.
    shift = translation.instance.shifts[0]
    assert (shift.earliest_start, shift.regular_end, shift.hard_end) == (28_800, 57_600, 64_800)


@pytest.mark.parametrize(
    ("day", "length_h", "eight_h"),
    [(date(2026, 3, 8), 23, 7), (date(2026, 11, 1), 25, 9)],
    ids=["spring", "fall"],
)
def test_the_day_the_clocks_change_has_its_true_length(day: date, length_h: int, eight_h: int) -> None:
    """At 02:00 an hour is lost (or gained): 08:00 is 7 (or 9) hours after midnight, and technicians drive in hours."""
    eight, four_pm = (datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK) for hour in (8, 16))
    shift = make_shift(start=eight, end=four_pm, hard_end=four_pm)
    translation = translate(make_problem(first_date=day, technicians=[make_technician(shift)]))

    assert translation.instance.horizon_s == length_h * 3_600
    assert translation.instance.shifts[0].earliest_start == eight_h * 3_600
    assert translation.second_of(eight) == eight_h * 3_600
    assert translation.instant_of(eight_h * 3_600).isoformat() == eight.isoformat()


def test_differences_of_translated_instants_are_true_durations() -> None:
    """Instants in one zone would differ by their clock readings: 01:30 to 03:30 in spring is one hour."""
    eight, nine = (datetime(2026, 3, 8, hour, tzinfo=NEW_YORK) for hour in (8, 9))
    shift = make_shift(start=eight, end=nine, hard_end=nine)
    translation = translate(make_problem(first_date=date(2026, 3, 8), technicians=[make_technician(shift)]))

    before, after = translation.instant_of(5_400), translation.instant_of(9_000)
    assert (f"{before:%H:%M}", f"{after:%H:%M}") == ("01:30", "03:30")
    assert after - before == timedelta(hours=1)


def test_travel_is_directed() -> None:
    """There takes 600 s, back 900 s; a mixed-up axis would plan every one-way street the wrong way round."""
    instance = translate(make_problem()).instance

    assert (instance.travel_s[0, 0, 1], instance.travel_s[0, 1, 0]) == (600, 900)
    assert instance.distance_m[0, 0, 1] == 5_000


def test_a_visit_without_windows_may_start_at_any_time() -> None:
    """No window means the whole horizon, its last instant included."""
    assert translated_visit().windows == ((0, DAY_S),)


def test_windows_are_cut_by_horizon_and_release() -> None:
    """A window from the evening before to 10:00, released at 09:00, leaves 09:00 to 10:00; one before it is gone."""
    visit = translated_visit(
        windows=(TimeWindow(at("20:00", 15), at("10:00")), TimeWindow(at("11:00"), at("20:00", 17))),
        release=at("09:00"),
    )

    assert visit.windows == ((NINE, TEN), (ELEVEN, DAY_S))


def test_nobody_comes_before_a_promised_window_but_may_come_late() -> None:
    """The earliest bound is hard; the latest costs 200 cents a minute."""
    visit = translated_visit(promised_window=window("09:00", "10:00"))

    assert visit.windows == ((NINE, DAY_S),)
    assert (visit.promised_latest, visit.lateness_cents_per_minute) == (TEN, 200)


def test_a_hard_promise_is_a_window() -> None:
    """Coming late is impossible then."""
    visit = translated_visit(
        windows=(window("08:00", "09:30"), window("09:45", "12:00")),
        promised_window=window("09:00", "10:00"),
        promise_is_hard=True,
    )

    # 09:00 to 09:30 and 09:45 to 10:00.
    assert visit.windows == ((NINE, 34_200), (35_100, TEN))


def test_a_pinned_start_is_one_instant() -> None:
    """What a person fixed is not moved by a second, and must not be left out for money."""
    visit = translated_visit(windows=(window("08:00", "12:00"),), pin=Pin(start=at("11:00")))

    assert visit.windows == ((ELEVEN, ELEVEN),)
    assert visit.mandatory


def test_a_pinned_technician_is_the_only_one_allowed() -> None:
    """Also where others were allowed; the rank goes along."""
    lee = make_technician(make_shift(id="lee-monday"), id="lee")
    problem = make_problem(
        make_visit(allowed_technicians=frozenset({"kim", "lee"}), pin=Pin(technician_id="lee", sequence=3)),
        technicians=[make_technician(), lee],
    )
    visit = translate(problem).instance.visits[0]

    assert visit.allowed_technicians == frozenset({1})
    assert (visit.sequence, visit.mandatory) == (3, True)


def test_a_pin_outside_the_windows_is_refused() -> None:
    """The faults of a problem say so before; the translation must not hand the solver a visit without a window."""
    problem = make_problem(
        make_visit(), make_visit(id="v2", windows=(window("08:00", "10:00"),), pin=Pin(start=at("11:00")))
    )
    with pytest.raises(InvalidInput) as caught:
        translate(problem)

    assert [fault.path for fault in caught.value.faults] == ["visits[1]"]


def test_windows_that_leave_no_start_are_refused() -> None:
    """Released after the last window."""
    with pytest.raises(InvalidInput) as caught:
        translated_visit(windows=(window("08:00", "10:00"),), release=at("11:00"))

    assert [fault.path for fault in caught.value.faults] == ["visits[0]"]


def test_leaving_out_costs_by_priority_unless_given() -> None:
    """Priority 4 at 10,000 cents each; an amount of its own counts instead, also when it is 0."""
    assert translated_visit(priority=4).unassigned_cents == 40_000
    assert translated_visit(priority=4, unassigned_cost=Cents(0)).unassigned_cents == 0


def test_mandatory_is_kept() -> None:
    """And not invented for anybody else."""
    assert translated_visit(mandatory=True).mandatory
    assert not translated_visit().mandatory


def test_wishes_and_their_prices_are_translated() -> None:
    """Preferred window, due time (here the day before) and preferred technicians."""
    visit = translated_visit(
        preferred_window=window("10:00", "12:00"),
        due=at("23:00", 15),
        preferred_technicians=frozenset({"kim"}),
    )

    assert (visit.preferred, visit.preferred_miss_cents) == ((TEN, NOON), 500)
    assert (visit.due, visit.due_cents_per_hour) == (-3_600, 2_000)
    assert (visit.preferred_technicians, visit.other_technician_cents) == (frozenset({0}), 1_000)


def test_skills_are_numbered_as_the_problem_lists_them() -> None:
    """Gas before power: levels must not change places between technician and visit."""
    instance = translate(make_problem(make_visit(required_skills={"power": 1}))).instance

    assert instance.technicians[0].skill_levels == (2, 0)
    assert instance.visits[0].required_levels == (0, 1)


def test_people_are_numbered_as_the_problem_lists_them() -> None:
    """Allowed and forbidden technicians; nobody listed means everybody."""
    lee = make_technician(make_shift(id="lee-monday"), id="lee", duration_permille=1_250)
    problem = make_problem(
        make_visit(allowed_technicians=frozenset({"lee"})),
        make_visit(id="v2", forbidden_technicians=frozenset({"kim"})),
        technicians=[make_technician(), lee],
    )
    instance = translate(problem).instance

    assert [visit.allowed_technicians for visit in instance.visits] == [frozenset({1}), None]
    assert instance.visits[1].forbidden_technicians == frozenset({0})
    assert [technician.duration_permille for technician in instance.technicians] == [1_000, 1_250]


def test_shifts_are_counted_through_all_technicians() -> None:
    """Kim's two days are shifts 0 and 1, Lee's is shift 2."""
    tuesday = {"start": at("08:00", 17), "end": at("16:00", 17), "hard_end": at("18:00", 17)}
    kim = make_technician(make_shift(), make_shift(id="kim-tuesday", **tuesday))
    lee = make_technician(make_shift(id="lee-monday", end_place_id=None), id="lee")
    translation = translate(make_problem(technicians=[kim, lee], num_days=2))

    assert [shift.id for _, shift in translation.shifts] == ["kim-monday", "kim-tuesday", "lee-monday"]
    assert [shift.technician for shift in translation.instance.shifts] == [0, 0, 1]
    assert [shift.end_place for shift in translation.instance.shifts] == [0, 0, None]
    # 24 h + 8 h.
    assert translation.instance.shifts[1].earliest_start == 115_200


def test_rates_apply_to_every_shift_and_pay_to_its_technician() -> None:
    """Six rates, six different numbers: none may take another's place."""
    rates = CostRates(travel_per_hour=Cents(11), travel_per_km=Cents(12), shift_used=Cents(13))
    kim = make_technician(work_rate=Cents(14), overtime_rate=Cents(15))
    shift = translate(make_problem(technicians=[kim], rates=rates)).instance.shifts[0]

    assert (shift.cost_per_travel_hour, shift.cost_per_km, shift.fixed_cost) == (11, 12, 13)
    assert (shift.cost_per_work_hour, shift.cost_per_overtime_hour) == (14, 15)


def test_breaks_and_caps_are_translated() -> None:
    """A floating unpaid lunch, a fixed course at a place, and the three caps."""
    shift = make_shift(
        breaks=(
            make_break("11:00", "12:00", paid=False),
            make_break("14:00", "14:00", place_id="customer", duration=timedelta(hours=1)),
        ),
        max_visits=5,
        max_travel=timedelta(hours=2),
        max_work=timedelta(hours=7),
    )
    instance = translate(make_problem(technicians=[make_technician(shift)])).instance
    lunch, course = instance.shifts[0].breaks

    assert (lunch.earliest, lunch.latest, lunch.duration, lunch.place, lunch.paid) == (ELEVEN, NOON, 1_800, None, False)
    assert (course.earliest, course.latest, course.duration, course.place, course.paid) == (
        50_400,
        50_400,
        3_600,
        1,
        True,
    )
    caps = instance.shifts[0]
    assert (caps.max_visits, caps.max_travel_s, caps.max_work_s) == (5, 7_200, 25_200)


def test_places_are_numbered_as_the_problem_lists_them() -> None:
    """The travel matrix comes in that order."""
    problem = make_problem(make_visit(place_id="depot"), make_visit(id="v2"), places=(CUSTOMER, DEPOT))
    instance = translate(problem).instance

    assert [visit.place for visit in instance.visits] == [1, 0]
    assert instance.shifts[0].start_place == 1
    assert [visit.service_s for visit in instance.visits] == [1_800, 1_800]
