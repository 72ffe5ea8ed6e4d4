"""Where a horizon begins and ends, and the starts a visit really has."""

from datetime import UTC, date, datetime, timedelta

from domain_builders import at, make_problem, make_visit, window
from fieldops.domain.horizon import horizon_of, start_windows
from fieldops.domain.problem import TimeWindow

DAY = TimeWindow(at("00:00"), at("00:00", 17))


def test_a_day_runs_from_midnight_to_midnight_of_its_zone() -> None:
    """The dates of a problem are those of its zone, not of UTC."""
    assert horizon_of(make_problem()) == DAY


def test_the_day_the_clocks_go_forward_has_23_hours() -> None:
    """A horizon an hour too long would let shifts of the next day in."""
    horizon = horizon_of(make_problem(first_date=date(2026, 3, 8)))
    # From 2026-03-08 02:00 on, New York is at UTC-4 instead of UTC-5.
    assert horizon.earliest == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert horizon.latest == datetime(2026, 3, 9, 4, tzinfo=UTC)
    assert horizon.latest - horizon.earliest == timedelta(hours=23)


def test_a_visit_without_rules_may_start_all_day() -> None:
    """The horizon is the window of last resort."""
    assert start_windows(make_visit(), DAY) == (DAY,)


def test_start_windows_are_cut_sorted_and_joined() -> None:
    """The solver wants disjoint windows in order; touching ones are one."""
    visit = make_visit(
        windows=(
            window("14:00", "15:00"),
            window("08:00", "10:00"),
            window("10:00", "11:00"),
            window("05:00", "06:00"),
        ),
        release=at("09:00"),
    )
    assert start_windows(visit, DAY) == (window("09:00", "11:00"), window("14:00", "15:00"))


def test_a_promise_bounds_the_start_from_below_and_a_hard_one_from_above() -> None:
    """Nobody rings before the promised window; only a hard promise forbids ringing after it."""
    promised = window("09:00", "10:00")
    soft, hard = (make_visit(promised_window=promised, promise_is_hard=hard) for hard in (False, True))
    assert start_windows(soft, DAY) == (TimeWindow(at("09:00"), DAY.latest),)
    assert start_windows(hard, DAY) == (promised,)


def test_windows_outside_the_horizon_leave_nothing() -> None:
    """An empty answer means that nobody can ever serve the visit."""
    assert start_windows(make_visit(windows=(window("08:00", "09:00", 17),)), DAY) == ()
