"""Days are simulated: what happens depends on luck alone, and the product is told of all of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from domain_builders import at
from fieldops.domain.problem import Place
from fieldops.domain.progress import EventKind
from fieldops.simulate.assumptions import CALM, Assumptions
from fieldops.simulate.compare import Planned, Simulated
from fieldops.simulate.driver import DayAhead, StopAhead
from fieldops.simulate.luck import Luck
from fieldops.simulate.technician import Worker
from fieldops.simulate.world import World
from fieldops.store.tables import StopRow
from simulated_days import open_database, planned_town, simulate

#: A day on which much goes wrong, in a town of eight visits.
ROUGH = Assumptions(duration_bias=1.3, no_access=0.2, cancellations=0.2, emergencies=0.2)


@pytest.fixture(scope="module")
def town() -> Iterator[Planned]:
    """A planned town; simulated days begin with copies of it."""
    with planned_town() as planned:
        yield planned


@pytest.fixture(scope="module")
def rough(town: Planned) -> Simulated:
    """A rough day on which the plan stays as it is."""
    return simulate(town, replans=False, assumed=ROUGH)


@pytest.fixture(scope="module")
def rough_live(town: Planned) -> Simulated:
    """The same day, replanned."""
    return simulate(town, replans=True, assumed=ROUGH)


def test_a_day_without_surprises_keeps_the_plan_to_the_second(town: Planned) -> None:
    """Whoever follows the plan, and is held up by nothing, begins every visit exactly when the plan says."""
    calm = simulate(town, replans=True, assumed=CALM)

    assert calm.diary.starts == _planned_starts(town)
    assert calm.figures.broken == 0
    assert [done for done in calm.product.replans if done.state == "applied"] == []


def test_the_same_seed_is_the_same_day(town: Planned, rough: Simulated) -> None:
    """Whoever finds something odd in a simulated day can look at it again."""
    again = simulate(town, replans=False, assumed=ROUGH)

    assert again.figures == rough.figures
    assert {visit_id: at for visit_id, at in again.diary.starts.items() if visit_id in town.keys} == {
        visit_id: at for visit_id, at in rough.diary.starts.items() if visit_id in town.keys
    }


def test_with_and_without_replans_the_same_things_happen(rough: Simulated, rough_live: Simulated) -> None:
    """Work takes as long, whoever nobody opens to is the same, and so is who calls off: only the plan differs."""
    by_same = {
        visit_id
        for visit_id in rough.diary.finishes.keys() & rough_live.diary.finishes.keys()
        if rough.diary.served_by[visit_id] == rough_live.diary.served_by[visit_id]
    }
    assert by_same
    for visit_id in by_same:
        assert _taken(rough, visit_id) == _taken(rough_live, visit_id)
    assert rough.diary.canceled <= rough_live.diary.canceled | rough_live.diary.starts.keys()
    assert len(rough.diary.urgent) == len(rough_live.diary.urgent)


@pytest.mark.parametrize("replans", [False, True])
def test_every_visit_ends_in_exactly_one_way(
    town: Planned, rough: Simulated, rough_live: Simulated, replans: bool
) -> None:
    """Done, nobody opened, called off, cut short, or never begun: no visit gets lost, and none happens twice."""
    diary = (rough_live if replans else rough).diary
    served = set(diary.finishes)
    cut_short = diary.starts.keys() - served
    ways = [served, set(cut_short), diary.not_opened, diary.canceled]

    assert sum(len(way) for way in ways) == len(set().union(*ways))
    assert set().union(*ways) <= set(town.keys) | set(diary.urgent)
    assert len(diary.reported) == len({event.id for event in diary.reported})


def test_replans_serve_urgent_work_that_a_plan_of_the_morning_cannot(rough: Simulated, rough_live: Simulated) -> None:
    """Urgent visits are called in after the plan was made; somebody comes only if it changes."""
    assert rough.figures.urgent.total > 0
    assert rough.figures.urgent.count == 0
    assert rough_live.figures.urgent.count > 0
    assert rough.figures.replans == 0


def test_a_technician_who_falls_ill_reports_nothing_more(town: Planned) -> None:
    """Everybody is ill at some time of this day: nobody begins anything afterwards."""
    ill = simulate(town, replans=False, assumed=replace(CALM, sick=1.0))

    out = {event.technician_id: event.occurred_at for event in ill.diary.reported if event.kind == "technician_out"}
    assert len(out) == 2
    for event in ill.diary.reported:
        if event.technician_id is not None:
            assert event.occurred_at <= out[event.technician_id]
    assert ill.figures.never > 0


def test_somebody_else_sets_out_for_what_a_technician_who_fell_ill_had_set_out_for() -> None:
    """The customer still waits; a visit that was begun is another matter."""
    world = World(luck=Luck(1), pace=Luck(0), assumptions=CALM, zone=ZoneInfo("America/New_York"))
    here = Place(id="here", latitude=38.9, longitude=-77.03)
    phone = _one_visit(here, here)
    taken: set[str] = set()
    ada, ben = (
        Worker(
            technician_id=name,
            key=name,
            world=world,
            drive=lambda _here, _there: timedelta(minutes=10),
            here=here,
            free_at=at("08:00"),
            taken=taken,
        )
        for name in ("ada", "ben")
    )
    left = ada.do(at("08:00"), lambda: phone)
    nothing = ben.do(at("08:01"), lambda: phone)
    ada.stop()
    instead = ben.do(at("08:02"), lambda: phone)

    assert left is not None
    assert nothing is None
    assert instead is not None
    assert instead.kind is EventKind.TRAVEL_STARTED
    assert instead.id != left.id


def test_phones_report_where_they_are_on_the_way() -> None:
    """Every four minutes of a drive of ten, on the line to the customer; neither at home nor at the door."""
    world = World(luck=Luck(1), pace=Luck(0), assumptions=CALM, zone=ZoneInfo("America/New_York"))
    here = Place(id="here", latitude=38.90, longitude=-77.03)
    there = Place(id="there", latitude=38.95, longitude=-77.08)
    phone = _one_visit(here, there)
    ada = Worker(
        technician_id="ada",
        key="Ada",
        world=world,
        drive=lambda _here, _there: timedelta(minutes=10),
        here=here,
        free_at=at("08:00"),
        taken=set(),
        seen_every=timedelta(minutes=4),
    )
    events = [ada.do(at("08:00"), lambda: phone)]
    while ada.at is not None:
        now = ada.next_at()
        assert now is not None
        events.append(ada.do(now, lambda: phone))

    told = [event for event in events if event is not None]
    arrived = next(event.occurred_at for event in told if event.kind is EventKind.ARRIVED)
    kinds = [event.kind.value for event in told]
    assert kinds == ["travel_started", "position", "position", "arrived", "started", "done"]
    for event in told[1:3]:
        share = (event.occurred_at - at("08:00")) / (arrived - at("08:00"))
        assert event.visit_id is None
        assert event.latitude == pytest.approx(38.90 + 0.05 * share)
        assert event.longitude == pytest.approx(-77.03 - 0.05 * share)


def _one_visit(start: Place, there: Place) -> DayAhead:
    """Give a phone that shows one visit."""
    stop = StopAhead(visit_id="v1", key="v1", name="gas", place=there, not_before=None, planned=timedelta(minutes=30))
    return DayAhead(
        technician_id="ada",
        key="Ada",
        start_place=start,
        end_place=None,
        leaves_at=at("08:00"),
        ends_at=at("16:00"),
        stops=(stop,),
        breaks=(),
    )


def _planned_starts(town: Planned) -> dict[str, datetime]:
    """Read when every visit is to begin."""
    ctx = open_database(f"sqlite:///{town.path}")
    try:
        with ctx.database.reading() as session:
            rows = session.execute(select(StopRow.visit_id, StopRow.start_at).where(StopRow.is_current))
            return {visit_id: start for visit_id, start in rows}
    finally:
        ctx.database.close()


def _taken(day: Simulated, visit_id: str) -> timedelta:
    """Tell how long the work took."""
    return day.diary.finishes[visit_id] - day.diary.starts[visit_id]
