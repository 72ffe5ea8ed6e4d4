"""What is known of a day under way: from the plan, from what was reported, and from the clock."""

from datetime import datetime, timedelta

import pytest

from fieldops.domain.live import Told
from fieldops.domain.problem import TimeWindow
from fieldops.domain.remaining import remaining_problem
from fieldops.store.database import Database
from fieldops.usecases.live_day import LiveDay, load_live_day
from fieldops.usecases.work import view
from live_worlds import LiveWorld, make_live_world
from worlds import STAFF, TODAY, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, two kilometers apart, from 8:00 on; a is promised for 8:00 to 10:00."""
    return make_live_world(database)


def load(world: LiveWorld, *, freezes: bool = True) -> LiveDay:
    """Load the day as it is now."""
    return view(world.ctx, STAFF, load_live_day, world.territory.id, TODAY, freezes=freezes)


def minutes(count: float) -> timedelta:
    """Make a duration of minutes."""
    return timedelta(minutes=count)


def test_before_anything_happened_the_day_is_as_planned(world: LiveWorld) -> None:
    """At 6:00 nobody is anywhere, and a replan starts from the plan."""
    world.clock_at("06:00")

    live = load(world)

    assert dict(live.state.underway) == {}
    assert live.day.orders == {world.shift.id: tuple(world.visit_ids)}
    rest = remaining_problem(live.day.problem, live.day.orders, live.state)
    assert rest.orders == {world.shift.id: tuple(world.visit_ids)}
    assert rest.problem.technicians[0].shifts[0].start == local("08:00")


def test_a_visit_being_served_is_behind_and_ends_as_expected(world: LiveWorld) -> None:
    """Started at 8:10 for half an hour: free at 8:40, at its place, for everything that is planned on."""
    world.report("started", "a", at="08:10")
    world.clock_at("08:15")

    known = load(world, freezes=False).state.underway[world.shift.id]

    assert known.behind == (world.ids["a"],)
    assert known.place.id == world.visits["a"].site_id
    assert known.ready_at == local("08:40")


def test_who_overruns_is_never_expected_to_have_finished(world: LiveWorld) -> None:
    """At 9:00 the visit that was to end at 8:40 still goes on: the longer it has taken, the longer it will."""
    world.report("started", "a", at="08:10")
    world.clock_at("09:00")

    known = load(world, freezes=False).state.underway[world.shift.id]

    assert local("09:01") <= known.ready_at <= local("09:10")
    assert known.ready_spread > minutes(1)


def test_what_was_asked_for_beyond_the_plan_counts(world: LiveWorld) -> None:
    """Thirty minutes and forty-five more."""
    world.report("started", "a", at="08:10")
    world.report("extended", "a", at="08:30", minutes=45)
    world.clock_at("08:31")

    known = load(world, freezes=False).state.underway[world.shift.id]

    assert known.ready_at == local("09:25")


def test_what_is_driven_to_is_ahead_for_etas_and_behind_for_replans(world: LiveWorld) -> None:
    """Nobody moves a visit the technician drives to; but when they will be there is still to be told."""
    world.report("done", "a", at="08:40", started="08:10")
    world.report("travel_started", "b", at="08:45")
    world.clock_at("08:46")
    leg = world.leg("a", "b")

    expected = load(world, freezes=False)
    for_replans = load(world)

    known = expected.state.underway[world.shift.id]
    assert (known.behind, known.ready_at) == ((world.ids["a"],), local("08:45") + leg)
    assert expected.shifts[world.shift.id].order == (world.ids["b"], world.ids["c"])
    known = for_replans.state.underway[world.shift.id]
    assert (known.behind, known.ready_at) == ((world.ids["a"], world.ids["b"]), local("08:45") + leg + minutes(30))


def test_a_stop_that_begins_within_the_freeze_is_not_moved_any_more(world: LiveWorld) -> None:
    """Ten minutes before the first stop begins, it is frozen, though nobody has left yet."""
    start = world.planned_start("a")
    world.clock.advance(start - minutes(10) - world.clock.now())

    known = load(world).state.underway[world.shift.id]

    assert known.behind == (world.ids["a"],)
    assert known.ready_at == start + minutes(30)
    assert known.place.id == world.visits["a"].site_id


def test_a_position_seen_later_than_the_last_step_is_where_the_technician_is(world: LiveWorld) -> None:
    """Ten kilometers away, the way to the next visit is longer than from the last one."""
    world.report("done", "a", at="08:40", started="08:10")
    world.report("position", at="08:50", km_north=10.0)
    world.clock_at("08:52")

    known = load(world, freezes=False).state.underway[world.shift.id]

    assert known.place.latitude == pytest.approx(world.latitude(10.0))
    assert known.ready_at == local("08:52")


def test_traffic_makes_the_way_longer(world: LiveWorld) -> None:
    """One and a half times the nominal travel, from where and when it began."""
    world.report("done", "a", at="08:40", started="08:10")
    world.report("travel_started", "b", at="08:45")
    world.report("traffic", at="08:45", permille=1_500)
    world.clock_at("08:46")
    nominal = int(world.leg("a", "b").total_seconds())

    known = load(world, freezes=False).state.underway[world.shift.id]

    assert known.ready_at == local("08:45") + timedelta(seconds=(nominal * 1_500 + 500) // 1_000)


def test_who_is_out_has_no_shift_left(world: LiveWorld) -> None:
    """What the technician was to serve looks for somebody else."""
    world.report("technician_out", at="08:00", reason="fever")
    world.clock_at("08:05")

    live = load(world)

    assert live.state.underway[world.shift.id].is_out
    rest = remaining_problem(live.day.problem, live.day.orders, live.state)
    assert rest.orders == {}
    assert {visit.id for visit in rest.problem.visits} == set(world.visit_ids)


def test_what_was_told_is_the_planned_start_with_the_tolerance(world: LiveWorld) -> None:
    """Only of what was promised anything was told."""
    world.clock_at("06:00")
    start = world.planned_start("a")

    told = load(world).state.told

    window = TimeWindow(start - minutes(15), start + minutes(15))
    assert told == {world.ids["a"]: Told(technician_id=world.technician.id, window=window)}


def test_a_second_shift_begins_after_the_first_one_is_over(database: Database) -> None:
    """One technician, two shifts: what happens in the morning moves the evening only when it reaches into it."""
    world = make_live_world(database, evening=True)
    world.report("started", "a", at="08:10")
    world.clock_at("08:15")

    live = load(world)

    assert set(live.state.underway) == {world.shift.id}
    rest = remaining_problem(live.day.problem, live.day.orders, live.state)
    morning, evening = rest.problem.technicians[0].shifts
    assert morning.start >= local("08:40")
    assert evening.start == local("19:00")
    assert rest.orders[evening.id] == (world.ids["e"],)


def test_instants_are_those_of_the_clock(world: LiveWorld) -> None:
    """Nobody is expected to be free in the past."""
    world.report("done", "a", at="08:40", started="08:10")
    world.clock_at("10:00")

    known = load(world, freezes=False).state.underway[world.shift.id]

    assert known.ready_at == _now(world)


def _now(world: LiveWorld) -> datetime:
    """Give the present instant of the world."""
    return world.clock.now()
