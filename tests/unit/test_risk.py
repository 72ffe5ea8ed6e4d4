"""Risk: probabilities and ranges of days small enough to work them out by hand."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from builders import make_break, make_instance, make_shift, make_visit
from fieldops.errors import InvalidInput
from fieldops.solver import _core
from fieldops.solver.quote import Legs, RunningRoute, quote
from fieldops.solver.risk import Booking, kept_if_booked, noise_of, risk

SCENARIOS = 4_000
#: Four standard errors of a share of one half, permille.
NEARLY = 4 * 1_000 * 0.5 / math.sqrt(SCENARIOS)
Z90 = NormalDist().inv_cdf(0.9)


@pytest.mark.parametrize("p", [1e-12, 1e-5, 0.01, 0.074, 0.076, 0.3, 0.5, 0.8, 0.924, 0.926, 0.999, 1 - 1e-9])
def test_the_normal_quantile_is_the_one_of_the_textbooks(p: float) -> None:
    """Every draw goes through it, in the middle, in the tails and far out."""
    assert _core.normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), abs=1e-6)


def test_a_job_that_overruns_breaks_the_next_promise() -> None:
    """The probability is that of the lognormal distribution with the planned duration as its mean."""
    # Leaves at 0, is at the first visit at 600, there for 1,000 s, and at the second after 600 s more: at 2,200. The
    # promise says 2,400, so it holds while the job takes 1,200 s: ln 1.2 = 0.182, less the -0.08 of the median
    # (sigma 0.4 squared, halved), is 0.656 sigma; 74.4 % of jobs are done by then.
    instance = make_instance(make_visit(1), make_visit(2, promised_latest=2_400))
    noise = noise_of(instance, service_sigma=0.4)

    seen = risk(instance, {0: (0, 1)}, noise=noise, scenarios=SCENARIOS).stops[1]

    assert seen.kept_permille == pytest.approx(744, abs=NEARLY)
    # Arrival 1,200 s plus the job: its quantiles are 1,000 s x exp(-0.08 -+ 1.2816 x 0.4).
    expected = [1_200 + 1_000 * math.exp(-0.08 + z * 0.4) for z in (-Z90, 0, Z90)]
    assert seen.arrivals == pytest.approx(expected, abs=40)
    assert seen.start == pytest.approx(2_200, abs=30)


def test_waiting_for_a_window_soaks_up_the_delay() -> None:
    """Nobody rings before the window opens: who is early waits, and who is a little late is not late."""
    # At the second visit at 2,200 by plan; it opens at 3,000 and is promised until 3,000: kept while the first job
    # takes 1,800 s, which 98.7 % or more do.
    instance = make_instance(make_visit(1), make_visit(2, windows=((3_000, 9_000),), promised_latest=3_000))
    noise = noise_of(instance, service_sigma=0.3)

    seen = risk(instance, {0: (0, 1)}, noise=noise, scenarios=SCENARIOS).stops[1]

    # ln 1.8 = 0.588 and 0.045 more are 2.11 sigma: 98.3 %.
    assert seen.kept_permille == pytest.approx(983, abs=NEARLY)
    assert seen.arrivals[1] < 3_000 <= seen.start


def test_learned_means_move_everything() -> None:
    """What people take longer for than planned makes the next ones late, not only uncertain."""
    # 600 s x 1.5 of travel, 1,000 s x 0.8 x 1.5 of work, 600 s x 1.5 again: there at 900, done at 2,100, then at 3,000.
    instance = make_instance(make_visit(1), make_visit(2))
    noise = noise_of(instance, service_mean=0.8, pace_mean=1.5, travel_steps=((0, 1.5, 0.0),))

    route = risk(instance, {0: (0, 1)}, noise=noise, scenarios=10).routes[0]

    assert [stop.start for stop in route.stops] == [900, 3_000]
    # Another 1,200 s of work, and 1,200 s x 1.5 home.
    assert route.end == 6_000


def test_a_slow_technician_is_slow_all_day() -> None:
    """One factor per scenario and shift: what makes the first visit late makes the last one later."""
    # Nine visits of 1,000 s at one place, ten minutes away; the last begins at 600 + 8,000 s x the factor.
    instance = make_instance(*(make_visit(1) for _ in range(9)))
    noise = noise_of(instance, pace_sigma=0.2)

    last = risk(instance, {0: range(9)}, noise=noise, scenarios=SCENARIOS).routes[0].stops[-1]

    expected = [600 + 8_000 * math.exp(-0.02 + z * 0.2) for z in (-Z90, 0, Z90)]
    assert last.arrivals == pytest.approx(expected, rel=0.02)


def test_travel_is_as_uncertain_as_the_hour_it_begins_in() -> None:
    """The plan says which hour that is, so a plan is judged alike in every scenario."""
    # The first leg begins at 0, the second at 1,600, when the peak has begun.
    instance = make_instance(make_visit(1), make_visit(2))
    noise = noise_of(instance, travel_steps=((0, 1.0, 0.0), (1_600, 1.0, 0.3)))

    first, second = risk(instance, {0: (0, 1)}, noise=noise, scenarios=SCENARIOS).routes[0].stops

    assert set(first.arrivals) == {600}
    expected = [1_600 + 600 * math.exp(-0.045 + z * 0.3) for z in (-Z90, 0, Z90)]
    assert second.arrivals == pytest.approx(expected, abs=20)


def test_bad_traffic_is_bad_for_everybody() -> None:
    """One factor per scenario: the mean of many legs is as uncertain as one leg is."""
    # Ten legs of 600 s: with a factor for each the spread would be a third of this.
    instance = make_instance(*(make_visit(place, service_s=0) for place in range(1, 11)))
    noise = noise_of(instance, day_sigma=0.2)

    last = risk(instance, {0: range(10)}, noise=noise, scenarios=SCENARIOS).routes[0].stops[-1]

    expected = [6_000 * math.exp(-0.02 + z * 0.2) for z in (-Z90, 0, Z90)]
    assert last.arrivals == pytest.approx(expected, rel=0.02)


def test_a_technician_who_is_still_busy_sets_off_when_free() -> None:
    """Under way, the day goes on from an instant that is itself a guess; and never from before now."""
    # Free at 3,000 +- 600, but not before 2,000, so in 1,000 +- 600 s: lognormal with the variance ln(1 + 0.6 ** 2) =
    # 0.3075 and the median 1,000 exp(-0.1537) = 857. Ten minutes to drive.
    instance = make_instance(make_visit(1), shifts=[make_shift(earliest_start=3_000)])
    noise = noise_of(instance, free_spread_s=np.array([600.0]), free_from_s=np.array([2_000]))

    (stop,) = risk(instance, {0: (0,)}, noise=noise, scenarios=SCENARIOS).routes[0].stops

    expected = [2_600 + 1_000 * math.exp(-0.1537 + z * 0.5545) for z in (-Z90, 0, Z90)]
    assert stop.arrivals == pytest.approx(expected, abs=50)
    assert stop.start == pytest.approx(3_600, abs=20)


def test_the_end_of_a_route_is_as_uncertain_as_what_leads_to_it() -> None:
    """Who has another shift afterwards is late for it as often as this one ends late."""
    # One visit of 1,000 s with a factor of deviation 0.3: 1,000 sqrt(exp(0.09) - 1) = 307 s; the travel is certain.
    instance = make_instance(make_visit(1, service_s=1_000))
    noise = noise_of(instance, service_sigma=0.3)

    (route,) = risk(instance, {0: (0,)}, noise=noise, scenarios=SCENARIOS).routes

    assert route.end_spread == pytest.approx(307, abs=15)


def test_who_waits_at_home_by_plan_leaves_by_plan() -> None:
    """Being free early is no reason to leave early when the plan says to wait."""
    # Paid by the hour: leaves at 4,400 for a visit that opens at 5,000, however early the technician is free.
    shift = make_shift(earliest_start=3_000, cost_per_work_hour=3_000)
    instance = make_instance(make_visit(1, windows=((5_000, 9_000),)), shifts=[shift])
    noise = noise_of(instance, free_spread_s=np.array([300.0]), free_from_s=np.array([0]))

    (stop,) = risk(instance, {0: (0,)}, noise=noise, scenarios=SCENARIOS).routes[0].stops

    assert set(stop.arrivals) == {5_000}


def test_lunch_stays_on_its_leg_however_late() -> None:
    """A day that has slipped still has its break, after its latest start if need be; what follows waits for it."""
    # Work until 1,600 by plan, then lunch of 1,800 s not before 1,500 nor after 1,700, then 600 s of driving: there at
    # 4,000. When the work takes twice as long, lunch begins at 2,600 instead, and the second visit at 5,000.
    shift = make_shift(make_break(1_500, 1_700))
    instance = make_instance(make_visit(1), make_visit(2), shifts=[shift])
    late = noise_of(instance, service_mean=2.0)

    planned, slipped = (
        risk(instance, {0: (0, 1)}, noise=noise, scenarios=10).stops[1].start for noise in (noise_of(instance), late)
    )

    assert (planned, slipped) == (4_000, 5_000)


def test_after_the_last_window_people_are_served_late_all_the_same() -> None:
    """On the day itself the question is how late, not whether the rule can be kept."""
    # There at 1,600: the last window ended at 1,000, the shift at 1,500.
    shift = make_shift(regular_end=1_500, hard_end=1_500)
    visits = [make_visit(1, windows=((0, 1_000),), promised_latest=1_000) for _ in range(2)]
    instance = make_instance(*visits, shifts=[shift])

    first, second = risk(instance, {0: (0, 1)}, noise=noise_of(instance), scenarios=10).routes[0].stops

    assert (first.kept_permille, second.kept_permille) == (1_000, 0)
    assert (first.start, second.start) == (600, 1_600)


def test_a_visit_is_as_lucky_with_whoever_comes() -> None:
    """Two plans are compared under the same luck: what a visit takes does not depend on who serves it, or when."""
    shifts = [make_shift(technician=0), make_shift(technician=0)]
    instance = make_instance(make_visit(1), make_visit(2), shifts=shifts)
    noise = noise_of(instance, service_sigma=0.5, travel_steps=((0, 1.0, 0.2),))

    one, other = (risk(instance, orders, noise=noise, seed=7) for orders in ({0: (0, 1)}, {0: (1,), 1: (0,)}))

    assert one.stops[0] == other.stops[0]
    assert one.stops[1] != other.stops[1]
    assert one == risk(instance, {0: (0, 1)}, noise=noise, seed=7)
    assert one.stops[0] != risk(instance, {0: (0, 1)}, noise=noise, seed=8).stops[0]


def test_keys_carry_luck_from_one_instance_to_another() -> None:
    """A visit that moves up in the list when others are done keeps its luck, so its range does not flicker."""
    both = make_instance(make_visit(2), make_visit(1))
    alone = make_instance(make_visit(1), positions=(0, 600))
    noise = noise_of(both, service_sigma=0.5)
    keyed = noise_of(alone, service_sigma=0.5, visit_keys=noise.visit_keys[1:])

    assert risk(both, {0: (1,)}, noise=noise).stops[1].finish == risk(alone, {0: (0,)}, noise=keyed).stops[0].finish


def test_broken_promises_are_counted_in_parts() -> None:
    """Half a promise broken here and half there is one broken promise on average."""
    instance = make_instance(make_visit(1, promised_latest=599), make_visit(2, promised_latest=9_000), make_visit(1))

    seen = risk(instance, {0: (0, 1, 2)}, noise=noise_of(instance), scenarios=10)

    assert seen.broken_promises == 1.0
    assert seen.stops[2].kept_permille is None


def test_the_odds_in_a_quote_are_those_of_the_route_with_the_visit_on_it() -> None:
    """What is quoted is what would be expected once it is booked."""
    first = make_visit(1, windows=((0, 700),))
    running = RunningRoute(instance=make_instance(first, positions=(0, 600)), order=(0,))
    visit = make_visit(0, service_s=900, windows=((0, 36_000),))
    cells = {"to_visit_s": [1_200, 600], "to_visit_m": [0, 0], "from_visit_s": [1_200, 600], "from_visit_m": [0, 0]}
    legs = Legs(**{name: np.array(values, np.int32) for name, values in cells.items()})
    window = (2_000, 9_000)
    (answer,) = quote([running], visit, legs, [window])
    slot = answer.slots[0]
    assert slot.position == 1
    noise = {"service_sigma": 0.4, "travel_steps": ((0, 1.0, 0.2),), "day_sigma": 0.1}
    booking = Booking(slot=slot, window=window, latest=2_400, noise=noise_of(running.instance, **noise))

    (kept,) = kept_if_booked([running], visit, legs, [booking], service_sigma=0.4, key=1)

    booked = make_instance(first, replace(visit, place=2, windows=(window,), promised_latest=2_400))
    expected = risk(booked, {0: (0, 1)}, noise=noise_of(booked, **noise), scenarios=200).stops[1]
    assert kept == expected.kept_permille
    assert 0 < kept < 1_000


def test_impossible_noise_is_refused_with_every_fault() -> None:
    """A sigma that is no number would silently make every probability one or zero."""
    instance = make_instance(make_visit(1))

    with pytest.raises(InvalidInput) as refused:
        noise_of(instance, service_sigma=math.nan, day_sigma=-1, travel_steps=((9, 1.0, 0.1), (0, 1.0, 0.1)))

    assert [fault.path for fault in refused.value.faults] == ["service_sigma", "day_sigma", "travel_steps"]
    with pytest.raises(InvalidInput, match="scenarios"):
        risk(instance, {0: (0,)}, noise=noise_of(instance), scenarios=0)
    with pytest.raises(ValueError, match="service_mean"):
        risk(instance, {0: (0,)}, noise=noise_of(make_instance(make_visit(1), make_visit(2))))
