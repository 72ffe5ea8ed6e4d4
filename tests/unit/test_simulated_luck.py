"""Luck belongs to what it is about: who asks for it, when, and in which order makes no difference."""

from datetime import datetime, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

from domain_builders import MONDAY, at, make_problem, make_technician, make_visit, window
from fieldops.simulate.assumptions import CALM, Assumptions
from fieldops.simulate.happenings import Happens, happenings_of
from fieldops.simulate.luck import Luck
from fieldops.simulate.world import World

ZONE = ZoneInfo("America/New_York")
HALF_HOUR = timedelta(minutes=30)
NINE = at("09:00")


def make_world(seed: int = 1, assumed: Assumptions | None = None) -> World:
    """Make the truth of a day."""
    return World(luck=Luck(seed), pace=Luck(0), assumptions=assumed or Assumptions(), zone=ZONE)


def test_work_takes_as_long_in_whatever_order_it_is_done() -> None:
    """A plan that serves a visit later must not make it shorter: days could not be compared."""
    names = [f"v{pos}" for pos in range(20)]
    forward, backward = make_world(), make_world()

    first = {name: forward.on_site(name, "gas repair", "Ada", HALF_HOUR) for name in names}
    second = {name: backward.on_site(name, "gas repair", "Ada", HALF_HOUR) for name in reversed(names)}

    assert first == second
    assert len(set(first.values())) > 1


def test_another_seed_is_another_day() -> None:
    """Otherwise twenty days would say no more than one."""
    taken = {make_world(seed).on_site("v1", "gas repair", "Ada", HALF_HOUR) for seed in range(5)}

    assert len(taken) == 5


def test_factors_average_to_one() -> None:
    """Work that varies more is not longer on average: only what is assumed about the mean makes it so."""
    factors = [Luck(seed).factor(0.5, "site", "v1") for seed in range(4_000)]

    # A lognormal factor of mean 1 and log deviation 0.5 has a deviation of 0.53: 0.01 for the mean of 4,000.
    assert abs(mean(factors) - 1) < 0.04


def test_a_calm_day_is_as_planned() -> None:
    """Without noise nothing differs from what is expected, and nothing happens."""
    world = make_world(assumed=CALM)

    assert world.on_site("v1", "gas repair", "Ada", HALF_HOUR) == HALF_HOUR
    assert world.travel("Ada", "v1", HALF_HOUR, NINE) == HALF_HOUR
    assert world.opens("v1")
    assert happenings_of(make_problem(), MONDAY, Luck(1), CALM, {"v1": "v1"}) == ()


def test_driving_varies_more_at_peak_hours() -> None:
    """At eight in the morning the same way takes anything; at eleven it takes what it takes."""
    assumed = Assumptions(day_spread=0.0, incidents_per_hour=0.0, travel_spread=0.0, peak_spread=0.5)
    world = make_world(assumed=assumed)

    assert world.travel("Ada", "v1", HALF_HOUR, at("11:00")) == HALF_HOUR
    assert world.travel("Ada", "v1", HALF_HOUR, at("08:00")) != HALF_HOUR


def test_what_happens_is_named_after_references_not_ids() -> None:
    """Ids are drawn anew with every database; the day must be the same all the same."""
    assumed = Assumptions(cancellations=1.0, emergencies=1.0, sick=1.0)
    visit = make_visit(promised_window=window("14:00", "16:00"))
    problems = [
        make_problem(
            visit if name == "a" else make_visit(id="v9", promised_window=visit.promised_window),
            technicians=[make_technician(id=name, name="Kim")],
        )
        for name in ("a", "b")
    ]

    first, second = (
        happenings_of(problem, MONDAY, Luck(7), assumed, {problem.visits[0].id: "order 1"}) for problem in problems
    )

    assert [(one.at, one.kind) for one in first] == [(one.at, one.kind) for one in second]
    assert {one.kind for one in first} == {Happens.SICK, Happens.CANCELED, Happens.EMERGENCY}


def test_customers_call_off_half_an_hour_before_their_window_at_the_latest() -> None:
    """Later they would be people at whom nobody opens, which is another kind of trouble."""
    assumed = Assumptions(cancellations=1.0, emergencies=0.0, sick=0.0, vehicle_down=0.0)
    problem = make_problem(make_visit(promised_window=window("10:00", "12:00")))

    calls: list[datetime] = []
    for seed in range(200):
        calls += [one.at for one in happenings_of(problem, MONDAY, Luck(seed), assumed, {"v1": "v1"})]

    assert len(calls) == 200
    assert min(calls) >= at("08:00")
    assert max(calls) <= at("09:30")
