"""Routes of a day under way from end to end: what is behind as it was, what is left as it is planned now."""

from dataclasses import replace
from datetime import datetime, timedelta

from fieldops.domain.live import Underway
from fieldops.domain.plan import BreakTaken, Route, Stop
from fieldops.domain.problem import CostRates, Place, Shift, Technician, TimeWindow
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.units import Cents, Meters
from fieldops.usecases.whole_routes import Behind, whole_route
from worlds import local

MINUTES = timedelta(minutes=1)
NONE = timedelta(0)
PLACE = Place(id="p", latitude=38.9, longitude=-77.0, address="")
SHIFT = Shift(
    id="s", start=local("08:00"), end=local("16:00"), hard_end=local("17:00"), start_place_id="p", end_place_id="p"
)
KIM = Technician(id="kim", name="Kim", skills={}, work_rate=Cents(3_000), overtime_rate=Cents(6_000), shifts=(SHIFT,))
LUNCH = BreakTaken(
    name="lunch",
    start=local("09:30"),
    end=local("10:00"),
    place_id=None,
    paid=False,
    on_the_clock=True,
    after_visits=1,
)


def stop(visit_id: str, arrival: str, start: str, finish: str, travel: int = 10) -> Stop:
    """Make a stop with so many minutes of travel to it, a kilometer each."""
    return Stop(
        visit_id=visit_id,
        arrival=local(arrival),
        start=local(start),
        finish=local(finish),
        departure=local(finish),
        wait=local(start) - local(arrival),
        slack=10 * MINUTES,
        lateness=NONE,
        travel=travel * MINUTES,
        distance=Meters(travel * 1_000),
    )


def route(*stops: Stop, departure: datetime, end: datetime, breaks: tuple[BreakTaken, ...] = ()) -> Route:
    """Make a route that drives ten minutes home."""
    travel = sum((one.travel for one in stops), 10 * MINUTES)
    return Route(
        technician_id="kim",
        shift_id="s",
        departure=departure,
        end=end,
        stops=stops,
        breaks=breaks,
        travel=travel,
        travel_home=10 * MINUTES,
        distance=Meters(travel // MINUTES * 1_000),
        work=end - departure,
        overtime=NONE,
        cost={"travel": Cents(60 * (travel // MINUTES)), "work": Cents(50 * ((end - departure) // MINUTES))},
    )


PLANNED = route(
    stop("a", "08:10", "08:10", "09:10"),
    stop("b", "10:00", "10:00", "11:00"),
    stop("c", "11:10", "11:10", "12:10"),
    departure=local("08:00"),
    end=local("12:20"),
    breaks=(LUNCH,),
)
#: Kim was done with the first visit half an hour late, and is expected to be done with the second at 12:00.
BEHIND = Behind(
    technician=KIM,
    shift=SHIFT,
    underway=Underway(
        shift_id="s",
        behind=("a", "b"),
        place=PLACE,
        ready_at=local("12:00"),
        breaks_taken=1,
        travel_home=10 * MINUTES,
    ),
    planned=PLANNED,
    visit_ids=("a", "b"),
    progress={
        "a": VisitProgress(
            visit_id="a",
            phase=VisitPhase.DONE,
            arrived_at=local("08:12"),
            started_at=local("08:40"),
            finished_at=local("09:40"),
        ),
        "b": VisitProgress(visit_id="b", phase=VisitPhase.IN_PROGRESS, started_at=local("10:50")),
    },
    promises={"b": TimeWindow(local("10:00"), local("10:30"))},
    rates=CostRates(
        travel_per_hour=Cents(3_600),
        travel_per_km=Cents(30),
        lateness_per_minute=Cents(200),
        shift_used=Cents(1_000),
    ),
    travel_permille=1_000,
)
REST = route(stop("c", "12:10", "12:10", "13:10"), departure=local("12:00"), end=local("13:20"))


def test_real_times_stand_before_planned_ones() -> None:
    """What people see of the morning is what happened, of the afternoon what is going to."""
    whole = whole_route(BEHIND, REST)

    assert whole is not None
    assert [(one.visit_id, one.arrival, one.start, one.finish) for one in whole.stops] == [
        ("a", local("08:12"), local("08:40"), local("09:40")),
        # Nobody reported the arrival: as planned, for 9:40 and ten minutes of travel are before that.
        ("b", local("10:00"), local("10:50"), local("12:00")),
        ("c", local("12:10"), local("12:10"), local("13:10")),
    ]
    assert [one.lateness for one in whole.stops] == [NONE, 20 * MINUTES, NONE]
    assert (whole.departure, whole.end) == (local("08:00"), local("13:20"))
    assert whole.breaks == (LUNCH,)


def test_a_whole_route_adds_up() -> None:
    """Figures of the day are those of its two parts; costs are rounded once for each."""
    whole = whole_route(BEHIND, REST)

    assert whole is not None
    # Ten minutes to each of three visits, and home.
    assert (whole.travel, whole.travel_home, whole.distance) == (40 * MINUTES, 10 * MINUTES, 40_000)
    # 8:00 to 12:00 less half an hour of unpaid lunch, and 12:00 to 13:20.
    assert whole.work == (210 + 80) * MINUTES
    assert whole.cost == {
        # 20 of 40 minutes of travel are behind, at 60 cents; what is left of the route brings its own 20.
        "travel": 20 * 60 + 20 * 60,
        "distance": 20 * 30,
        "lateness": 20 * 200,
        # 210 minutes at 50 cents.
        "work": 210 * 50 + 80 * 50,
        "overtime": 0,
    }


def test_a_route_with_nothing_left_ends_with_the_way_home() -> None:
    """Everything else was given to somebody else."""
    whole = whole_route(BEHIND, None)

    assert whole is not None
    assert [one.visit_id for one in whole.stops] == ["a", "b"]
    assert (whole.end, whole.travel, whole.work) == (local("12:10"), 30 * MINUTES, 220 * MINUTES)
    assert whole.cost["fixed"] == 1_000


def test_overtime_counts_from_the_end_of_the_shift() -> None:
    """Free at 16:30 after a day that should have ended at 16:00, and ten minutes from home."""
    late = replace(BEHIND, underway=replace(BEHIND.underway, ready_at=local("16:30")))  # type: ignore[type-var]

    whole = whole_route(late, None)

    assert whole is not None
    assert whole.overtime == 40 * MINUTES
    assert whole.cost["overtime"] == 40 * 100


def test_a_shift_with_nothing_behind_is_what_is_left_of_it() -> None:
    """It has not begun."""
    fresh = replace(BEHIND, underway=None, visit_ids=())

    assert whole_route(fresh, REST) == REST
    assert whole_route(fresh, None) is None
