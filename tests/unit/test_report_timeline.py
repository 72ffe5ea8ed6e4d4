"""Positions on the timeline and its brackets, against arithmetic by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldops.domain.plan import BreakTaken, Route
from fieldops.domain.problem import Break, Visit
from fieldops.report.brackets import Mark, WindowKind, brackets_of, windows_shown
from fieldops.report.lookup import Lookup, days_of, look_up
from fieldops.report.timeline import Axis, Span, axis_of, lay_out, row_of, ticks_of
from fieldops.units import Cents, Meters
from plan_parts import DAY, ZONE, at, make_shift, make_stop, minutes, window
from plan_samples import small_sample

#: 08:00 to 18:00: ten hours, so that one hour is 10 % and six minutes are 1 %.
AXIS = Axis(start=at("08:00"), end=at("18:00"))


def make_lookup(*visits: Visit) -> Lookup:
    """Return a lookup that knows the given visits."""
    problem, _ = small_sample()
    return look_up(replace(problem, visits=visits))


def make_visit(visit_id: str, **changes: object) -> Visit:
    """Return a visit of an hour."""
    return replace(Visit(id=visit_id, place_id="p1", duration=minutes(60)), **changes)  # type: ignore[arg-type]


def make_route(*stops: object, **changes: object) -> Route:
    """Return a route from 08:30 to 17:00 on a shift of Ada's."""
    route = Route(
        technician_id="ada",
        shift_id="day",
        departure=at("08:30"),
        end=at("17:00"),
        stops=stops,  # type: ignore[arg-type]
        breaks=(),
        travel=minutes(60),
        travel_home=minutes(30),
        distance=Meters(20_000),
        work=minutes(510),
        overtime=timedelta(0),
        cost={"travel": Cents(0)},
    )
    return replace(route, **changes)  # type: ignore[arg-type]


def test_an_instant_lies_at_its_share_of_the_elapsed_time() -> None:
    """Everything on the timeline is placed by this one formula."""
    # 10:30 is 2.5 of 10 hours after the start.
    assert AXIS.position(at("10:30")) == 25.0
    # 09:20 to 11:50: from 1 h 20 min (13.333 %) over 2.5 hours.
    assert AXIS.span(at("09:20"), at("11:50")) == Span(x=13.333, width=25.0)
    assert AXIS.span(at("09:20"), at("11:50")).end == 38.333


def test_an_instant_outside_the_axis_lies_at_its_border() -> None:
    """A window that began yesterday must not draw over the names."""
    assert AXIS.position(at("06:00")) == 0.0
    assert AXIS.position(at("19:00")) == 100.0


def test_the_axis_is_the_full_hours_around_all_that_happens() -> None:
    """Nothing of a route may be cut off, be it before the shift or after its end."""
    shift = make_shift(start=at("08:00"), end=at("16:00"), hard_end=at("16:00"))
    route = make_route(departure=at("07:55"), end=at("16:10"))

    axis = axis_of([route], [shift], ZONE)

    assert (axis.start, axis.end) == (at("07:00"), at("17:00"))


def test_the_axis_does_not_stretch_to_a_hard_end_nobody_comes_near() -> None:
    """A hard end at midnight would squeeze the day into half the width."""
    shift = make_shift(hard_end=at("23:30"))
    route = make_route(end=at("15:00"))

    # The shift's regular end, 16:00, is the last thing; two more hours of allowed overtime are shown.
    assert axis_of([route], [shift], ZONE).end == at("18:00")


def test_breaks_after_the_day_are_inside_the_axis() -> None:
    """A break owed after coming home is part of the picture."""
    after = BreakTaken(
        name="", start=at("18:00"), end=at("18:30"), place_id=None, paid=False, on_the_clock=False, after_visits=1
    )

    assert axis_of([make_route(breaks=(after,))], [make_shift()], ZONE).end == at("19:00")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Spring forward: 01:59 EST is followed by 03:00 EDT; the hour from 2 to 3 does not exist.
        (date(2026, 3, 8), ["00:00", "01:00", "03:00", "04:00"]),
        # Fall back: 01:00 happens twice.
        (date(2026, 11, 1), ["00:00", "01:00 EDT", "01:00 EST", "02:00"]),
    ],
)
def test_hours_follow_the_clock_change(day: date, expected: list[str]) -> None:
    """On these days a fixed offset would label every hour wrongly."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    axis = Axis(start=start, end=start + timedelta(hours=3))

    ticks = ticks_of(axis, ZONE, day)

    assert [tick.label for tick in ticks] == expected
    # Four ticks, one real hour apart: thirds of the axis.
    assert [tick.x for tick in ticks] == [0.0, 33.333, 66.667, 100.0]


def test_a_zone_off_the_full_hour_has_its_own_full_hours() -> None:
    """In Kathmandu, 5 h 45 min ahead of UTC, ticks belong at local full hours."""
    zone = ZoneInfo("Asia/Kathmandu")
    start = datetime(2026, 11, 12, 8, tzinfo=zone).astimezone(UTC)

    ticks = ticks_of(Axis(start=start, end=start + timedelta(hours=2)), zone, DAY)

    assert [tick.label for tick in ticks] == ["08:00", "09:00", "10:00"]


def test_hours_after_midnight_name_the_weekday() -> None:
    """A night shift's 01:00 belongs to the next day, and must say so."""
    axis = Axis(start=at("23:00"), end=at("23:00") + timedelta(hours=2))

    assert [tick.label for tick in ticks_of(axis, ZONE, DAY)] == ["23:00", "00:00 Fri", "01:00 Fri"]


def test_a_route_becomes_bars_legs_and_waits() -> None:
    """The shapes of one plain route, each by hand."""
    first = make_stop("V1", "09:00", "10:00", arrival=at("08:48"), wait=minutes(12))
    second = make_stop("V2", "11:00", "12:30", arrival=at("11:00"), wait=timedelta(0), departure=at("13:00"))
    route = make_route(first, second, end=at("14:00"))

    row = row_of(0, route, make_shift(), AXIS, make_lookup(make_visit("V1"), make_visit("V2")))

    # One hour is 10 %: 09:00 is 10, 10:00 is 20, 11:00 is 30, 12:30 is 45.
    assert [bar.span for bar in row.bars] == [Span(x=10.0, width=10.0), Span(x=30.0, width=15.0)]
    # 08:30 to 08:48, 10:00 to 11:00, and home from 13:00 to 14:00.
    assert row.driving == (Span(x=5.0, width=3.0), Span(x=20.0, width=10.0), Span(x=50.0, width=10.0))
    assert row.waiting == (Span(x=8.0, width=2.0),)
    # The shift from 08:00 to 16:00; overtime allowed to 18:00, none worked.
    assert (row.regular, row.overtime_zone, row.overtime) == (Span(x=0.0, width=80.0), Span(x=80.0, width=20.0), None)


def test_no_leg_is_drawn_where_nobody_drives() -> None:
    """Two visits in one house, and a day that ends at the last of them."""
    first = make_stop("V1", "09:00", "10:00")
    second = make_stop("V2", "10:00", "11:00", arrival=at("10:00"), travel=timedelta(0), wait=timedelta(0))
    route = make_route(first, second, travel_home=timedelta(0), end=at("11:00"))

    row = row_of(0, route, make_shift(), AXIS, make_lookup(make_visit("V1"), make_visit("V2")))

    # Only the leg to the first visit, 08:30 to 08:50.
    assert row.driving == (Span(x=5.0, width=3.333),)


def test_overtime_runs_from_the_regular_end_to_the_end_of_the_route() -> None:
    """Overtime has to be seen at a glance, and to be as long as what is paid."""
    route = make_route(make_stop("V1", "15:00", "16:30"), end=at("17:00"), overtime=minutes(60))

    row = row_of(0, route, make_shift(), AXIS, make_lookup(make_visit("V1")))

    # 16:00 to 17:00 on an axis from 08:00 to 18:00.
    assert row.overtime == Span(x=80.0, width=10.0)


def test_overtime_across_a_clock_change_is_drawn_as_long_as_it_lasts() -> None:
    """Local clock arithmetic would be an hour off in the night the clocks go back."""
    day = date(2026, 11, 1)
    start, end = at("00:00", day), at("00:00", day) + timedelta(hours=4)
    stop = replace(make_stop("V1", "00:00", "03:00"), arrival=start, start=start, finish=end, departure=end)
    route = make_route(
        stop,
        departure=start,
        end=end.astimezone(ZONE),
        overtime=timedelta(hours=3),
        travel_home=timedelta(0),
    )
    axis = Axis(start=start, end=end)

    row = row_of(0, route, make_shift(), axis, make_lookup(make_visit("V1")))

    # Three of four elapsed hours, although the clock shows 00:00 to 03:00.
    assert row.overtime == Span(x=25.0, width=75.0)


def test_fixed_and_floating_breaks_are_told_apart() -> None:
    """A dispatcher may ask a technician to move a floating lunch, never a training."""
    lunch = Break(earliest_start=at("12:00"), latest_start=at("13:00"), duration=minutes(30))
    call = Break(earliest_start=at("14:00"), latest_start=at("14:00"), duration=minutes(30))
    taken = tuple(
        BreakTaken(name="", start=at(start), end=at(end), place_id=None, paid=True, on_the_clock=True, after_visits=1)
        for start, end in (("12:06", "12:36"), ("14:00", "14:30"))
    )

    row = row_of(
        0, make_route(make_stop("V1", "09:00", "10:00"), breaks=taken), make_shift(breaks=(lunch, call)), AXIS,
        make_lookup(make_visit("V1")),
    )  # fmt: skip

    # 12:06 is 4.1 hours after the start.
    assert [(pause.span, pause.is_fixed) for pause in row.pauses] == [
        (Span(x=41.0, width=5.0), False),
        (Span(x=60.0, width=5.0), True),
    ]


def test_a_kept_promise_is_a_bracket_with_a_mark_inside() -> None:
    """The bracket shows how much room the promise still has."""
    lookup = make_lookup(make_visit("V1", promised_window=window("09:00", "11:00")))

    (bracket,) = brackets_of(make_route(make_stop("V1", "10:00", "11:00")), make_shift(), AXIS.position, lookup)

    assert (bracket.kind, bracket.x, bracket.end) == (WindowKind.PROMISED, 10.0, 30.0)
    assert not bracket.opens_left
    assert not bracket.opens_right
    assert bracket.marks == (Mark(stop_pos=0, x=20.0, miss_from=None),)


def test_a_broken_promise_leads_from_the_brackets_end_to_the_start() -> None:
    """How late it is must be visible without reading color."""
    lookup = make_lookup(make_visit("V1", promised_window=window("09:00", "10:00")))

    (bracket,) = brackets_of(make_route(make_stop("V1", "10:30", "11:00")), make_shift(), AXIS.position, lookup)

    # Promised until 10:00 (20 %), begun at 10:30 (25 %).
    assert bracket.marks == (Mark(stop_pos=0, x=25.0, miss_from=20.0),)


def test_a_start_at_the_very_end_of_the_window_keeps_it() -> None:
    """Windows are closed intervals."""
    lookup = make_lookup(make_visit("V1", promised_window=window("09:00", "10:00")))

    (bracket,) = brackets_of(make_route(make_stop("V1", "10:00", "11:00")), make_shift(), AXIS.position, lookup)

    assert bracket.marks[0].miss_from is None


def test_a_start_before_the_preferred_window_leads_from_its_beginning() -> None:
    """A preference can be missed on either side."""
    lookup = make_lookup(make_visit("V1", preferred_window=window("11:00", "12:00")))

    (bracket,) = brackets_of(make_route(make_stop("V1", "10:00", "11:00")), make_shift(), AXIS.position, lookup)

    assert bracket.kind is WindowKind.PREFERRED
    assert bracket.marks == (Mark(stop_pos=0, x=20.0, miss_from=30.0),)


def test_visits_with_the_same_window_share_a_bracket() -> None:
    """Three customers told "in the morning" need one bracket, not three."""
    morning = window("08:30", "12:00")
    lookup = make_lookup(make_visit("V1", promised_window=morning), make_visit("V2", promised_window=morning))
    route = make_route(make_stop("V1", "09:00", "10:00"), make_stop("V2", "11:00", "12:00"))

    (bracket,) = brackets_of(route, make_shift(), AXIS.position, lookup)

    assert [mark.stop_pos for mark in bracket.marks] == [0, 1]


def test_brackets_that_would_touch_lie_in_different_lanes() -> None:
    """Overlapping windows drawn on one line could not be told apart; later ones reuse a lane that is free again."""
    lookup = make_lookup(
        make_visit("V1", promised_window=window("08:30", "10:00")),
        make_visit("V2", promised_window=window("09:30", "12:00")),
        make_visit("V3", promised_window=window("11:00", "13:00")),
    )
    route = make_route(
        make_stop("V1", "09:00", "10:00"), make_stop("V2", "10:30", "11:00"), make_stop("V3", "11:30", "12:00")
    )
    row = row_of(0, route, make_shift(), AXIS, lookup)

    assert [bracket.lane for bracket in row.brackets] == [0, 1, 0]
    assert row.num_lanes == 2


def test_a_window_that_goes_on_outside_the_axis_is_open_there() -> None:
    """A closed end at the border would be a false promise."""
    lookup = make_lookup(make_visit("V1", promised_window=window("07:00", "12:00")))

    (bracket,) = brackets_of(make_route(make_stop("V1", "10:00", "11:00")), make_shift(), AXIS.position, lookup)

    assert (bracket.x, bracket.opens_left, bracket.opens_right) == (0.0, True, False)


def test_a_hard_window_is_drawn_only_where_it_says_something() -> None:
    """Windows as wide as the shift, or behind a promise, would only be noise."""
    shift = make_shift()
    narrow, wide = window("09:00", "11:00"), window("07:00", "19:00")
    start = at("10:00")

    assert windows_shown(make_visit("V1", windows=(narrow,)), start, shift) == ((WindowKind.HARD, narrow),)
    assert windows_shown(make_visit("V1", windows=(wide,)), start, shift) == ()
    promised = make_visit("V1", windows=(narrow,), promised_window=wide)
    assert windows_shown(promised, start, shift) == ((WindowKind.PROMISED, wide),)


def test_of_several_hard_windows_the_one_used_is_drawn() -> None:
    """The other ones played no part in this plan."""
    morning, afternoon = window("08:30", "10:00"), window("13:00", "15:00")
    visit = make_visit("V1", windows=(morning, afternoon))

    assert windows_shown(visit, at("14:00"), make_shift()) == ((WindowKind.HARD, afternoon),)


def test_each_day_has_its_own_rows_and_unused_shifts() -> None:
    """A week's report shows a route on the day its shift starts, and who was free that day."""
    problem, plan = small_sample(two_days=True)
    lookup = look_up(problem)

    thursday, friday = days_of(plan, lookup)

    assert [route.technician_id for _, route in thursday.routes] == ["ada", "ben", "cleo"]
    assert [technician_id for technician_id, _ in thursday.unused] == ["dirk"]
    assert [route.technician_id for _, route in friday.routes] == ["dirk"]
    assert friday.unused == ()
    assert len(lay_out(thursday, lookup).rows) == 3


def test_a_shift_belongs_to_its_local_date() -> None:
    """An evening shift in New York starts on the next day in UTC, but not for those who work it."""
    problem, plan = small_sample()
    ada, *others = problem.technicians
    evening = make_shift(start=at("20:00"), end=at("23:00"), hard_end=at("23:00"))
    problem = replace(problem, technicians=(replace(ada, shifts=(evening,)), *others))
    routes = tuple(route for route in plan.routes if route.technician_id != "ada")

    (day,) = days_of(replace(plan, routes=routes), look_up(problem))

    assert evening.start.date() == DAY + timedelta(days=1)
    assert day.date == DAY
