"""One wrong address, one shift that nobody can compute, one fault: the rest of the day is looked after all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from fieldops.domain.live import Underway
from fieldops.domain.problem import Place, TravelSource
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.errors import Fault, InternalError, InvalidInput, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import EtaRow, LiveDayRow, StreamEventRow, TaskRow, TechnicianRow, TerritoryRow
from fieldops.travel.provider import TravelMatrix, TravelProvider, TravelTable, require_reachable, require_ways
from fieldops.usecases import live_day, refresh_etas
from fieldops.usecases import run_replan as run_replan_module
from fieldops.usecases.boards import Boards
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.expected_route import possible_instance
from fieldops.usecases.list_places import list_places
from fieldops.usecases.live_shift import LiveShift, frozen_underway
from fieldops.usecases.read_live import read_live
from fieldops.usecases.read_plan import read_plan
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.replan_views import ReplanView
from fieldops.usecases.request_replan import ReplanKind, ReplanScope, request_replan
from fieldops.usecases.stream import topic_of_board
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.work import transact, view
from replan_worlds import LateDay, late_day, moves
from running_day import book, put_on_route
from worlds import (
    DEGREES_PER_KM,
    LATITUDE,
    LONGITUDE,
    STAFF,
    TODAY,
    add_shift,
    add_site,
    add_technician,
    add_visit,
    local,
)

#: Nothing north of here can be reached: kilometers from the depot.
SHORE_KM = 40.0
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shore:
    """Knows no road to or from what is out at sea."""

    inner: TravelProvider

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Answer unless a place is out at sea."""
        out = at_sea(places)
        require_reachable(places, out[:, None] | out[None, :])
        return self.inner.matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Answer unless a place is out at sea."""
        require_ways(origins, destinations, at_sea(origins)[:, None] | at_sea(destinations)[None, :])
        return self.inner.between(origins, destinations)


def at_sea(places: Sequence[Place]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which places are out at sea."""
    return np.array([place.latitude > LATITUDE + SHORE_KM * DEGREES_PER_KM for place in places], np.bool_)


def by_the_sea(day: LateDay) -> LateDay:
    """Return the same day, now that the sea has been put on the map."""
    travel = day.ctx.travel

    def provider(source: TravelSource) -> TravelProvider:
        return Shore(travel(source))

    return replace(day, ctx=replace(day.ctx, travel=provider, patient_travel=None))


def add_pat(day: LateDay, km_north: float = 1.0, window: tuple[str, str] = ("14:00", "16:00")) -> tuple[str, str]:
    """Give a third technician a visit; return the ids of the shift and the visit."""
    with day.ctx.database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        shift = add_shift(session, add_technician(session, territory, name="Pat"), base=add_site(session, kind="depot"))
        visit = add_visit(session, territory, site=add_site(session, km_north=km_north), name="Pat's")
        book(session, visit, *window)
        put_on_route(day.ctx, session, shift, [visit])
        return shift.id, visit.id


def tasks(day: LateDay) -> dict[str, str]:
    """Say by visit what somebody has to do."""
    with day.ctx.database.reading() as session:
        return {task.visit_id: task.summary for task in session.scalars(select(TaskRow)) if task.kind == "no_place"}


def assert_second_is_saved(day: LateDay, found: ReplanView) -> None:
    """Check that Lee keeps the promise that Kim would have broken."""
    assert (found.note, found.state) == (None, "applied")
    assert moves(found) == {day.second: (day.kim, day.lee)}


def test_an_address_without_a_road_costs_nobody_else_a_replan(database: Database) -> None:
    """A visit booked for today lies out at sea: somebody is told, and the second visit goes to Lee."""
    day = by_the_sea(late_day(database))
    with database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        lost = add_visit(session, territory, site=add_site(session, km_north=50.0), name="The lighthouse")
        book(session, lost, "13:00", "15:00")

    found = day.replan()

    assert_second_is_saved(day, found)
    assert found.unassigned == (
        {"visit_id": lost.id, "kind": "impossible_alone", "reasons": ["too_far"], "repair": None},
    )
    assert tasks(day) == {lost.id: "The lighthouse finds no place today: no road leads there"}
    # The next one finds nothing to do, and still says what has no place.
    again = day.replan()
    assert (again.state, [left["visit_id"] for left in again.unassigned]) == ("nothing_better", [lost.id])


def test_a_plan_says_why_a_visit_has_no_place_by_the_last_replan(database: Database) -> None:
    """What was booked since the plan was made was in no solve; a dispatcher still wants to know why nobody comes."""
    day = late_day(database)
    with database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        lift = add_visit(session, territory, name="Elevator", required_skills={"power": 3})
        book(session, lift, "13:00", "15:00")
    [before] = view(day.ctx, STAFF, read_plan, day.territory, TODAY).without_place
    assert (before.name, before.reasons) == ("Elevator", ())

    day.replan()

    [left] = view(day.ctx, STAFF, read_plan, day.territory, TODAY).without_place
    assert (left.name, left.reasons) == ("Elevator", ("no_technician_with_skill",))
    # The next replan changes nothing, and knows as much.
    assert day.replan().state == "nothing_better"
    [still] = view(day.ctx, STAFF, read_plan, day.territory, TODAY).without_place
    assert still.reasons == left.reasons


def test_a_route_to_a_place_without_a_road_stays_as_it_is(database: Database) -> None:
    """The road to Pat's visit is gone: Pat's route is left alone, somebody is told, and the others are replanned."""
    day = late_day(database)
    pats, visit = add_pat(day, km_north=50.0)
    # The running plan is in memory from before the new map.
    view(day.ctx, STAFF, read_live, day.territory, TODAY)
    day = by_the_sea(day)

    found = day.replan()

    assert_second_is_saved(day, found)
    assert day.orders()[pats] == (visit,)
    assert tasks(day) == {visit: "Pat's stays on its route, and no road leads there"}


def test_a_depot_without_a_road_is_for_a_person_to_mend(sqlite_database: Database) -> None:
    """Nobody's shift can be planned then: a replan that did nothing would look like one that found nothing better."""
    day = late_day(sqlite_database)
    travel = day.ctx.travel

    @dataclass(frozen=True)
    class Nowhere(Shore):
        """Knows no roads at all."""

        def matrix(self, places: Sequence[Place]) -> TravelMatrix:
            """Name every place."""
            require_reachable(places, np.ones((len(places), len(places)), np.bool_))
            return self.inner.matrix(places)

    view(day.ctx, STAFF, read_live, day.territory, TODAY)
    day = replace(day, ctx=replace(day.ctx, travel=lambda source: Nowhere(travel(source))))

    found = day.replan()

    assert found.state == "failed"
    assert "a place that roads lead to and from" in str(found.note)


def test_a_shift_that_cannot_be_computed_keeps_nobody_from_being_replanned(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By some fault Pat is thought to be far out with no time left to get home; Kim's second visit goes to Lee."""
    day = late_day(database)
    pats, visit = add_pat(day)

    def faulty(shift: LiveShift, *rest: Any) -> Underway | None:
        if shift.facts.shift.id != pats:
            return frozen_underway(shift, *rest)
        # 30 kilometers from the depot, a minute before the shift has to end.
        place = Place(id="far", latitude=LATITUDE + 30 * DEGREES_PER_KM, longitude=LONGITUDE)
        return Underway(shift_id=pats, place=place, ready_at=shift.facts.shift.hard_end - MINUTE)

    monkeypatch.setattr(live_day, "frozen_underway", faulty)
    found = day.replan()

    assert_second_is_saved(day, found)
    assert day.orders()[pats] == (visit,)
    asked = transact(
        day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.EMPTY_ROUTE, ReplanScope(shift_id=pats)
    )
    assert day.run(asked.id).state == "failed"


def test_a_shift_that_cannot_even_be_expected_keeps_nobody_from_being_replanned(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault shows already when it is found out what Pat is about to serve."""
    day = late_day(sqlite_database)
    pats, visit = add_pat(day)

    def faulty(shift: LiveShift, *rest: Any) -> Underway | None:
        if shift.facts.shift.id == pats:
            raise InvalidInput([Fault(path="shifts[0].underway", found="True", expected="a way home")])
        return frozen_underway(shift, *rest)

    monkeypatch.setattr(live_day, "frozen_underway", faulty)
    found = day.replan()

    assert_second_is_saved(day, found)
    assert day.orders()[pats] == (visit,)


def test_a_shift_that_cannot_be_computed_keeps_its_etas_and_the_others_get_theirs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event must not be refused because of a fault in somebody else's shift, nor the sweep end there."""
    day = late_day(database)
    pats, visit = add_pat(day)
    assert sweep_days(day.ctx) == 1
    before = etas(day)
    assert {day.second, day.third, visit} <= before.keys()

    def faulty(problem: Any, travel: TravelMatrix) -> Any:
        if problem.technicians[0].shifts[0].id == pats:
            raise InvalidInput([Fault(path="shifts[0].underway", found="True", expected="a way home")])
        return possible_instance(problem, travel)

    monkeypatch.setattr(refresh_etas, "possible_instance", faulty)
    day.clock.advance(15 * MINUTE)
    report(day, "traffic", territory_id=day.territory, permille=1_500)
    sweep_days(day.ctx)

    after = etas(day)
    assert after[visit] == before[visit]
    assert after[day.second] != before[day.second]


def test_a_position_without_a_road_is_not_believed(database: Database) -> None:
    """Pat's telephone says that Pat is out at sea; everybody else has to be looked after, and Pat, too."""
    day = by_the_sea(late_day(database))
    _, visit = add_pat(day, window=("10:00", "12:00"))
    pat = technician_of(day, "Pat")
    day.clock.advance(MINUTE)

    report(day, "position", technician_id=pat, latitude=LATITUDE + 60 * DEGREES_PER_KM, longitude=LONGITUDE, at="10:01")

    sweep_days(day.ctx)
    assert {day.second, visit} <= etas(day).keys()
    found = day.replan()
    assert (found.note, found.state) == (None, "applied")
    assert moves(found)[day.second][0] == day.kim


def test_a_replan_that_has_failed_is_wished_for_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once after a minute, then whenever something was reported: the promise in jeopardy is not forgotten."""
    day = late_day(database)

    def fails(*_args: object, **_options: object) -> None:
        raise InternalError("the referee rejects the replan")

    monkeypatch.setattr(run_replan_module, "replan_remaining", fails)
    # The sweep finds the second visit at risk, and wishes for a replan.
    assert sweeps(day, after=MINUTE) == "failed"
    assert sweeps(day, after=MINUTE / 2) is None
    assert sweeps(day, after=MINUTE) == "failed"
    # Nothing has changed since: it would fail again.
    assert sweeps(day, after=10 * MINUTE) is None

    report(day, "traffic", territory_id=day.territory, permille=1_001)
    assert sweeps(day) == "failed"
    # Three in a row: four minutes of silence, whatever is reported.
    day.clock.advance(MINUTE / 60)
    report(day, "traffic", territory_id=day.territory, permille=1_002)
    assert sweeps(day, after=MINUTE) is None
    monkeypatch.undo()
    assert sweeps(day, after=3 * MINUTE) == "applied"
    assert sweeps(day, after=MINUTE) is None


def test_a_failed_replan_of_a_day_without_risk_is_not_wished_for_again(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asked for it is over: Kim is ready in time after all."""
    day = late_day(sqlite_database)
    monkeypatch.setattr(run_replan_module, "replan_remaining", lambda *_args, **_options: 1 / 0)
    assert sweeps(day) == "failed"
    day.take_longer(timedelta(0))

    assert sweeps(day, after=2 * MINUTE) is None


def sweeps(day: LateDay, after: timedelta = timedelta(0)) -> str | None:
    """Let time pass and the sweeps do their work; give how the replan ends that they begin, None when there is none."""
    day.clock.advance(after)
    sweep_days(day.ctx)
    begun = day.start()
    if not begun:
        with day.ctx.database.reading() as session:
            row = session.get(LiveDayRow, (day.territory, TODAY))
            assert row is None or row.wanted_at is None
        return None
    [replan_id] = begun
    found: str = day.run(replan_id).state
    return found


def etas(day: LateDay) -> dict[str, tuple[Any, ...]]:
    """Give what is expected, by visit."""
    with day.ctx.database.reading() as session:
        rows = session.scalars(select(EtaRow))
        return {row.visit_id: (row.arrival_at, row.latest_at, row.kept_permille, row.computed_at) for row in rows}


def heard(day: LateDay) -> Mapping[str, Any]:
    """Give what the board was told last about what is expected."""
    newest = select(StreamEventRow.data).where(StreamEventRow.kind == "eta").order_by(StreamEventRow.id.desc())
    with day.ctx.database.reading() as session:
        said = session.scalars(newest.where(StreamEventRow.topic == topic_of_board(day.territory, TODAY))).first()
    assert said is not None
    return said


def report(day: LateDay, kind: str, *, at: str | None = None, **about: Any) -> None:
    """Report something that has happened just now."""
    occurred_at = day.clock.now() if at is None else local(at)
    event = ProgressEvent(id=f"ev_{kind}_{occurred_at}", kind=EventKind(kind), occurred_at=occurred_at, **about)
    transact(day.ctx, STAFF, record_events, [event])


def technician_of(day: LateDay, name: str) -> str:
    """Find a technician by name."""
    with day.ctx.database.reading() as session:
        found: str = session.scalars(select(TechnicianRow.id).where(TechnicianRow.name == name)).one()
        return found


def test_a_place_that_has_lost_its_road_cuts_off_its_own_shift_only(database: Database) -> None:
    """A bridge is closed overnight: Pat cannot be planned, and everybody else is expected, replanned and edited."""
    day = late_day(database)
    pats, stranded = add_pat(day, km_north=50.0)
    with database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        extra = add_visit(session, territory, site=add_site(session, km_north=1.0), name="Extra").id
    # Another process, which has seen nothing of the day before the sea came.
    day = by_the_sea(replace(day, ctx=replace(day.ctx, boards=Boards())))

    sweep_days(day.ctx)
    board = view(day.ctx, STAFF, read_live, day.territory, TODAY)
    places = view(day.ctx, STAFF, list_places, day.territory, TODAY, extra)

    assert {day.second, day.third} <= etas(day).keys()
    assert list(board.cut_off) == [pats]
    assert "no way" in board.cut_off[pats]
    assert pats not in {shift["shift_id"] for shift in board.shifts}
    assert heard(day)["cut_off"] == dict(board.cut_off)
    assert (pats, "unsound") in {(place.shift_id, place.reason) for place in places.without}
    assert_second_is_saved(day, day.replan())
    assert day.orders()[pats] == (stranded,)
    with pytest.raises(WrongState, match="cannot be computed what is left of shift"):
        view(day.ctx, STAFF, list_places, day.territory, TODAY, stranded)
    # Taking the visit off is what mends it.
    transact(day.ctx, STAFF, cancel_booking, f"bk_{stranded}", "")
    assert view(day.ctx, STAFF, read_live, day.territory, TODAY).cut_off == {}
