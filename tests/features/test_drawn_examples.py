"""The drawings of docs/concepts.md show times; these are the days they show."""

import numpy as np
import pytest

from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.instance import Break, Instance, Shift, Visit
from fieldops.solver.schedule import schedule_route
from fieldops.solver.solution import Route

LUNCH = make_break(43_200, 46_800)  # 12:00 to 13:00, half an hour


def _clock(instant: int) -> str:
    """Write seconds from midnight as on the drawings."""
    return f"{instant // 3600}:{instant % 3600 // 60:02d}"


def _at(clock: str) -> int:
    """Read a time of the drawings, seconds from midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _visit(place: int, minutes: int, earliest: str, latest: str, **changes: object) -> Visit:
    """Make a visit that may start between two times of the drawings."""
    return make_visit(place, service_s=60 * minutes, windows=((_at(earliest), _at(latest)),), **changes)


def _shift(begin: str, *breaks: Break, **changes: object) -> Shift:
    """Make a shift from home to home, until the evening."""
    return make_shift(*breaks, earliest_start=_at(begin), regular_end=_at("20:00"), hard_end=_at("20:00"), **changes)


def _day(travel_min: list[list[int]], shift: Shift, *visits: Visit) -> Route:
    """Serve the visits in this order; place 0 is home."""
    travel_s = 60 * np.array([travel_min], dtype=np.int32)
    instance: Instance = make_instance(
        *visits, shifts=[shift], travel_s=travel_s, distance_m=travel_s, horizon_s=86_400
    )
    route = schedule_route(instance, 0, range(len(visits)))
    assert isinstance(route, Route)
    return route


def _half_an_hour_apart(places: int) -> list[list[int]]:
    """Return travel between any two places, minutes."""
    return [[0 if a == b else 30 for b in range(places)] for a in range(places)]


def test_the_stop_has_the_times_drawn() -> None:
    """Whoever learns the words from the drawing must find them used like that in plans."""
    # Free at the stop before at 9:00, 25 min to the visit, 30 from it to the next; nobody leaves later for the wait,
    # as the stop before starts when its window closes, 8:45.
    route = _day(
        [[0, 15, 30, 30], [15, 0, 25, 30], [30, 25, 0, 30], [30, 30, 30, 0]],
        _shift("8:30"),
        _visit(1, 15, "8:45", "8:45"),
        _visit(2, 75, "10:00", "11:00"),
        _visit(3, 15, "8:00", "12:25"),
    )
    before, stop, after = route.stops

    assert [_clock(t) for t in (before.departure, stop.arrival, stop.start, stop.finish)] == [
        "9:00",
        "9:25",
        "10:00",
        "11:15",
    ]
    assert (stop.wait, _clock(after.arrival)) == (35 * 60, "11:45")
    # 10:40 + 75 min + 30 min = 12:25, when the next window closes.
    assert stop.slack == 40 * 60


@pytest.mark.parametrize(
    ("service_min", "opens", "pause", "arrival", "start"),
    [
        pytest.param(65, "11:00", "12:05", "13:05", "13:05", id="at a stop"),
        pytest.param(45, "11:00", "12:00", "12:45", "12:45", id="on the way"),
        # Were it open at 11:45, the service would come first.
        pytest.param(15, "12:30", "12:00", "11:45", "12:30", id="on arrival"),
    ],
)
def test_a_break_on_a_leg_is_where_it_is_drawn(
    service_min: int, opens: str, pause: str, arrival: str, start: str
) -> None:
    """A break that moved elsewhere would make the drawing a promise nobody keeps."""
    route = _day(
        _half_an_hour_apart(3),
        _shift("10:30", LUNCH),
        _visit(1, service_min, "11:00", "11:00"),
        _visit(2, 60, opens, "16:00"),
    )

    assert [(taken.leg, _clock(taken.start)) for taken in route.breaks] == [(1, pause)]
    assert (_clock(route.stops[1].arrival), _clock(route.stops[1].start)) == (arrival, start)


def test_a_break_before_the_day_is_where_it_is_drawn() -> None:
    """Who leaves after lunch has had it."""
    route = _day(_half_an_hour_apart(2), _shift("11:00", LUNCH), _visit(1, 45, "13:00", "14:00"))

    assert [(taken.leg, _clock(taken.start)) for taken in route.breaks] == [(-1, "12:00")]
    assert (_clock(route.departure), _clock(route.stops[0].start)) == ("12:30", "13:00")


def test_a_break_after_the_day_is_where_it_is_drawn() -> None:
    """Who is back in time has lunch at home."""
    route = _day(_half_an_hour_apart(2), _shift("10:30", LUNCH), _visit(1, 75, "11:00", "11:00"))

    assert [(taken.leg, _clock(taken.start)) for taken in route.breaks] == [(2, "12:45")]
    assert _clock(route.end) == "12:45"


@pytest.mark.parametrize(
    ("leaves", "start", "late_min"),
    [
        pytest.param("8:10", "9:00", 0, id="early"),
        pytest.param("10:20", "10:50", 0, id="in time"),
        pytest.param("10:50", "11:20", 20, id="late"),
    ],
)
def test_the_windows_bind_as_drawn(leaves: str, start: str, late_min: int) -> None:
    """Hard on both sides, promised until 11:00, preferred until 10:00: each costs what the drawing says."""
    # The translation of a problem cuts the window at the begin of the promise: 9:00 instead of 8:30.
    visit = _visit(
        1,
        50,
        "9:00",
        "12:30",
        promised_latest=_at("11:00"),
        lateness_cents_per_minute=200,
        preferred=(_at("9:00"), _at("10:00")),
        preferred_miss_cents=1_000,
    )
    route = _day(_half_an_hour_apart(2), _shift(leaves), visit)

    assert _clock(route.stops[0].start) == start
    assert route.cost.lateness == late_min * 200 * 18_000
    assert route.cost.preference == (0 if start == "9:00" else 1_000 * 18_000)


@pytest.mark.parametrize(
    ("cents_an_hour", "departure", "start", "wait_min"),
    [pytest.param(0, "8:15", "8:45", 45, id="salaried"), pytest.param(3_000, "9:00", "9:30", 0, id="hourly")],
)
def test_people_leave_when_drawn(cents_an_hour: int, departure: str, start: str, wait_min: int) -> None:
    """How people are paid decides what happens to the time between two visits."""
    route = _day(
        _half_an_hour_apart(3),
        _shift("8:00", cost_per_work_hour=cents_an_hour),
        _visit(1, 60, "8:45", "10:15"),
        _visit(2, 60, "11:00", "12:30"),
    )

    assert [_clock(t) for t in (route.departure, route.stops[0].start, route.end)] == [departure, start, "12:30"]
    assert [stop.wait for stop in route.stops] == [0, wait_min * 60]
