"""Every kind of repair, its cost by hand, and which one is chosen; each is done to see that it works."""

from collections.abc import Sequence
from dataclasses import replace

from builders import make_instance, make_shift, make_visit
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.explain import ReasonCode, explain_unassigned
from fieldops.solver.instance import Instance, Technician
from fieldops.solver.repair import (
    DISPLACED_CENTS,
    EXTRA_OVERTIME_CENTS_PER_MINUTE,
    MISSING_SKILL_CENTS,
    PERMISSION_CENTS,
    WINDOW_SHIFT_CENTS_PER_MINUTE,
    Repair,
)
from fieldops.units import UNITS_PER_CENT, CostUnits
from repairs import assert_repair_works

HOUR_S = 3_600


def _repair(instance: Instance, orders: dict[int, Sequence[int]] | None = None, visit: int = 0) -> Repair | None:
    """Explain one visit and do what the repair says."""
    repair = explain_unassigned(Evaluator(instance), orders or {}, visit).repair
    if repair is not None:
        assert_repair_works(instance, orders or {}, visit, repair)
    return repair


def _cents(cents: int) -> CostUnits:
    return CostUnits(cents * UNITS_PER_CENT)


def test_a_visit_that_fits_as_it_is_goes_where_it_is_cheapest() -> None:
    """The first repair to think of asks nothing of anybody."""
    # A cent a second: from home at 0 it is 1,200 cents there and back, beside visit 1 at the same place nothing.
    shifts = [make_shift(cost_per_travel_hour=3_600), make_shift(technician=1, cost_per_travel_hour=3_600)]
    instance = make_instance(make_visit(unassigned_cents=500), make_visit(), shifts=shifts)

    assert _repair(instance) == Repair(shift=0, visits=(0,), start=600, cost=_cents(700))
    assert _repair(instance, {1: (1,)}) == Repair(shift=1, visits=(0, 1), start=600, cost=_cents(-500))


def test_a_visit_that_fits_for_less_than_leaving_it_out_needs_no_favor() -> None:
    """Nobody is called about another time only because that would save some driving."""
    # The second technician drives for nothing instead of for 1,200 cents, but is there 5 min (250 cents) too late.
    visit = make_visit(windows=((0, 1_300),), unassigned_cents=5_000)
    shifts = [make_shift(cost_per_travel_hour=3_600), make_shift(technician=1, earliest_start=1_000)]

    assert _repair(make_instance(visit, shifts=shifts)) == Repair(shift=0, visits=(0,), start=600, cost=_cents(-3_800))


def test_staying_longer_is_asked_for_to_the_second() -> None:
    """Text may round up; what is checked is the least that works, and it is paid."""
    # There 600, twice 1,000 at the same place, back 600: 3,200, which is 200 too late; overtime is a cent a second.
    shift = make_shift(regular_end=2_800, hard_end=3_000, cost_per_overtime_hour=3_600)
    instance = make_instance(make_visit(unassigned_cents=1_000), make_visit(), shifts=[shift])
    repair = _repair(instance, {0: (1,)})

    # Overtime 400 s from the regular end on; there was none before.
    assert repair == Repair(shift=0, visits=(0, 1), start=600, cost=_cents(400 - 1_000), extra_overtime_s=200)
    assert repair.price == repair.cost + 200 * EXTRA_OVERTIME_CENTS_PER_MINUTE * UNITS_PER_CENT // 60


def test_of_two_positions_the_one_with_less_overtime_is_chosen() -> None:
    """Driving is free here, so only the evening tells them apart."""
    # A from 1,200 to 2,200, B from 3,000 to 4,000, both at place 2; home at 5,200, which is the hard end.
    a, b = make_visit(2, windows=((1_200, 1_200),), mandatory=True), make_visit(2, windows=((3_000, 6_000),))
    shift = make_shift(regular_end=5_200, hard_end=5_200)
    instance = make_instance(make_visit(1, service_s=1_500), a, replace(b, mandatory=True), shifts=[shift])
    repair = _repair(instance, {0: (1, 2)})

    # Between them: from 2,800 to 4,300, B from 4,900 to 5,900, home at 7,100. After B: from 4,600 to 6,100, home at
    # 6,700.
    assert repair == Repair(shift=0, visits=(1, 2, 0), start=4_600, cost=CostUnits(0), extra_overtime_s=1_500)


def test_nobody_is_asked_to_stay_into_the_next_shift_or_for_half_the_night() -> None:
    """Three hours at most, and the technician's next shift begins at 2,500 here."""
    long_visit = make_visit(service_s=3 * HOUR_S + 1)
    # Home at 600 + 10,801 + 600 = 12,001, which is 3 h and 1 s after 1,200.
    short_day = make_shift(regular_end=1_200, hard_end=1_200)
    next_shift = make_shift(earliest_start=2_500, regular_end=2_500, hard_end=2_500)
    visits = (make_visit(windows=((0, 1_000),)),)

    assert _repair(make_instance(long_visit, shifts=[short_day])) is None
    assert _repair(make_instance(replace(long_visit, service_s=3 * HOUR_S), shifts=[short_day])) == Repair(
        shift=0, visits=(0,), start=600, cost=CostUnits(0), extra_overtime_s=3 * HOUR_S
    )
    # Home at 2,200 is before the next shift, home at 2,600 is not.
    assert _repair(make_instance(*visits, shifts=[short_day, next_shift])) == Repair(
        shift=0, visits=(0,), start=600, cost=CostUnits(0), extra_overtime_s=1_000
    )
    assert _repair(make_instance(replace(visits[0], service_s=1_400), shifts=[short_day, next_shift])) is None


def test_a_later_start_is_asked_for_to_the_second() -> None:
    """The technician is first free 300 s after the window."""
    # Visit 1 from 600 to 1,600 at the same place and no later; the window closed at 1,300.
    instance = make_instance(
        make_visit(windows=((600, 1_300),), unassigned_cents=1_000), make_visit(windows=((0, 600),), mandatory=True)
    )
    repair = _repair(instance, {0: (1,)})

    assert repair == Repair(shift=0, visits=(1, 0), start=1_600, cost=_cents(-1_000), window_shift_s=300)
    assert repair.price == repair.cost + 300 * WINDOW_SHIFT_CENTS_PER_MINUTE * UNITS_PER_CENT // 60


def test_an_earlier_start_is_found_in_steps_that_can_be_told_to_a_customer() -> None:
    """Free from 600 on, the technician still comes no earlier than he has to: three quarters of an hour are needed."""
    # Visit 1 starts at 20,000 sharp, so visit 0 must start by 19,000: 2,000 s before its window. 30 min are not enough.
    instance = make_instance(
        make_visit(windows=((21_000, 22_000),)),
        make_visit(windows=((20_000, 20_000),), service_s=15_000, mandatory=True),
    )
    repair = _repair(instance, {0: (1,)})

    assert repair == Repair(shift=0, visits=(0, 1), start=21_000 - 45 * 60, cost=CostUnits(0), window_shift_s=-45 * 60)


def test_the_distance_is_counted_from_the_nearest_window() -> None:
    """A customer who offered two windows is told how far off the better one the visit is."""
    # On duty from 10,000 to 20,000 only; at the place by 10,600, which is 1,600 after the first window.
    visit = make_visit(windows=((0, 9_000), (30_000, 31_000)))
    shift = make_shift(earliest_start=10_000, regular_end=20_000, hard_end=20_000)

    assert _repair(make_instance(visit, shifts=[shift])) == Repair(
        shift=0, visits=(0,), start=10_600, cost=CostUnits(0), window_shift_s=1_600
    )


def test_the_nearer_of_two_starts_is_chosen_though_it_costs_more() -> None:
    """A start a whole day off may be cheap to drive to; the customer still wants the visit."""
    # Both have room beside nothing: the near one on duty 600 s after the window, the far one after 30,000.
    near = make_shift(earliest_start=10_000, cost_per_travel_hour=3_600)
    far = make_shift(earliest_start=30_000, technician=1)
    instance = make_instance(make_visit(windows=((0, 10_000),)), shifts=[near, far])
    repair = _repair(instance)

    # 600 s late and 1,200 cents of driving against 20,600 s late for nothing.
    assert repair == Repair(shift=0, visits=(0,), start=10_600, cost=_cents(1_200), window_shift_s=600)


def test_a_missing_skill_is_named_and_the_one_held_is_not() -> None:
    """Somebody may be excused, or taught; which skill it is about must be clear."""
    visit = make_visit(required_levels=(1, 2, 1))
    technicians = [Technician(skill_levels=(0, 1, 0)), Technician(skill_levels=(1, 1, 1))]
    shifts = [make_shift(), make_shift(technician=1)]
    repair = _repair(make_instance(visit, technicians=technicians, shifts=shifts))

    assert repair == Repair(shift=1, visits=(0,), start=600, cost=CostUnits(0), missing_skills=(1,))
    assert repair.price == _cents(MISSING_SKILL_CENTS)


def test_another_technician_than_the_allowed_needs_permission() -> None:
    """The pinned one is ill; the proposal says that a person's decision would have to change."""
    visit = make_visit(allowed_technicians=frozenset({1}))
    repair = _repair(make_instance(visit, technicians=[Technician(), Technician()]))

    assert repair == Repair(shift=0, visits=(0,), start=600, cost=CostUnits(0), needs_permission=True)
    assert repair.price == _cents(PERMISSION_CENTS)


def test_a_forbidden_technician_is_never_proposed() -> None:
    """Somebody forbade it for a reason."""
    visit = make_visit(required_levels=(1,), allowed_technicians=frozenset(), forbidden_technicians=frozenset({0}))

    assert _repair(make_instance(visit, technicians=[Technician(skill_levels=(0,))])) is None


def test_the_cheapest_visit_worth_less_is_displaced() -> None:
    """The cost says what the dispatcher gives up: the other visit, less this one, and the driving."""
    # Each visit takes half of the day and there is room for two, nobody drives for money.
    service_s = 16_000
    instance = make_instance(
        make_visit(service_s=service_s, unassigned_cents=900),
        make_visit(service_s=service_s, unassigned_cents=700),
        make_visit(service_s=service_s, unassigned_cents=500),
    )
    repair = _repair(instance, {0: (1, 2)})

    assert repair == Repair(shift=0, visits=(0, 1), start=600, cost=_cents(500 - 900), displaces=(2,))
    assert repair.price == repair.cost + _cents(DISPLACED_CENTS)


def test_two_visits_are_displaced_where_one_is_not_enough() -> None:
    """A long visit may need the room of two short ones."""
    # Four hours of service do not fit beside another hour and a half, nor in three hours of overtime.
    instance = make_instance(
        make_visit(service_s=34_000, unassigned_cents=5_000),
        make_visit(service_s=15_000, unassigned_cents=100),
        make_visit(service_s=15_000, unassigned_cents=200),
    )
    repair = _repair(instance, {0: (1, 2)})

    assert repair == Repair(shift=0, visits=(0,), start=600, cost=_cents(300 - 5_000), displaces=(1, 2))


def test_neither_equals_nor_mandatory_visits_are_displaced() -> None:
    """Trading one customer for another of the same worth helps nobody, and a mandatory one stays."""
    service_s = 30_000
    wanted = make_visit(service_s=service_s, unassigned_cents=500)
    equal = make_instance(wanted, make_visit(service_s=service_s, unassigned_cents=500))
    mandatory = make_instance(wanted, make_visit(service_s=service_s, mandatory=True))

    assert _repair(equal, {0: (1,)}) is None
    assert _repair(mandatory, {0: (1,)}) is None


def test_a_mandatory_visit_displaces_one_that_costs_more_to_leave_out() -> None:
    """Its own cost of being left out plays no part: that is worse than any."""
    service_s = 30_000
    instance = make_instance(
        make_visit(service_s=service_s, mandatory=True), make_visit(service_s=service_s, unassigned_cents=500)
    )

    assert _repair(instance, {0: (1,)}) == Repair(shift=0, visits=(0,), start=600, cost=_cents(500), displaces=(1,))


def test_the_cheapest_of_different_repairs_wins_by_its_price() -> None:
    """Half an hour of overtime is less to ask than another customer's visit, two and a half hours are more."""
    # The other visit ends its day at 35,000 + 600; with visit 0 at the same place the day ends service_s later.
    other = make_visit(service_s=34_400, unassigned_cents=100)
    short = make_instance(make_visit(service_s=2_000, unassigned_cents=1_000), other)
    long = make_instance(make_visit(service_s=9_000, unassigned_cents=1_000), other)
    by_overtime, by_displacing = _repair(short, {0: (1,)}), _repair(long, {0: (1,)})

    # 37,600 is 1,600 s after the hard end: 26.7 min at 100 cents are less than 3,000 + 100 cents.
    assert by_overtime is not None
    assert by_overtime.extra_overtime_s == 1_600
    # 44,600 is 8,600 s after it: 143 min at 100 cents.
    assert by_displacing is not None
    assert by_displacing.displaces == (1,)


def test_a_small_favor_of_the_customer_beats_hours_of_overtime() -> None:
    """A repair in hand must not end the search for a better one that is found only a few steps on."""
    # Visit 1 starts at 33,000 sharp. Visit 0 in its window ends the day at 35,000 + 4,400 + 600, 4,000 s after the hard
    # end: 6,667 cents at 100 a minute. Before visit 1 it must start by 33,000 - 4,400 = 28,600, 6,400 s before its
    # window; to the step that is 7,200 s: 6,000 cents at 50 a minute.
    instance = make_instance(
        make_visit(service_s=4_400, windows=((35_000, 35_100),)),
        make_visit(windows=((33_000, 33_000),), mandatory=True),
    )

    assert _repair(instance, {0: (1,)}) == Repair(
        shift=0, visits=(0, 1), start=27_800, cost=CostUnits(0), window_shift_s=-7_200
    )


def test_an_instance_too_dear_to_be_relaxed_is_explained_without_relaxing() -> None:
    """Copies count towards the bound on what a plan may cost; reaching it must not end the explanation."""
    # At the largest rate, lateness until 3,800,000 s alone is just below the bound: 3.8e6 x 3e11 = 1.14e18 < 2 ** 60.
    last_s = 3_800_000
    visit = make_visit(windows=((0, 100),), promised_latest=0, lateness_cents_per_minute=10**9)
    shift = make_shift(hard_end=last_s)
    explanation = explain_unassigned(Evaluator(make_instance(visit, shifts=[shift], horizon_s=last_s)), {}, 0)

    assert (explanation.reasons, explanation.repair) == ((ReasonCode.TOO_FAR,), None)
