"""Somebody is missed on the day itself: what has begun is known from reports, and the rest is given to others."""

from datetime import time, timedelta

from sqlalchemy import select

from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.domain.shift_pattern import ShiftPattern
from fieldops.store.database import Database
from fieldops.store.tables import (
    EtaRow,
    LiveDayRow,
    ShiftRow,
    StopRow,
    StreamEventRow,
    TaskRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.absences import AbsenceChange, Period, add_absence, remove_absence
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.shifts import StaffingChange, replace_shift
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.work import transact
from replan_worlds import LateDay, late_day
from worlds import STAFF, TODAY, local


def test_who_is_absent_from_now_on_is_missed_at_once(database: Database) -> None:
    """By the plan Kim is at the second visit, by the reports not yet: Lee gets it with the third, within seconds."""
    day = late_day(database)
    sweep_days(day.ctx)
    go_on(day, "10:20")

    change = be_absent(day)

    # The first one has begun, and stays what it is.
    assert [place.visit_id for place in change.lost] == [day.second, day.third]
    assert on_plan(day) == {day.first}
    assert day.orders() == {day.lees: ()}
    assert wishes(day)[-1] == "Kim is absent"
    with database.reading() as session:
        assert session.scalars(select(EtaRow.visit_id)).all() == []
        told = session.scalars(select(StreamEventRow.topic).where(StreamEventRow.kind == "plan"))
        assert set(told) == {f"board:{day.territory}:{TODAY}", f"technician:{day.kim}:{TODAY}"}
    [replan_id] = day.start()
    found = day.run(replan_id)
    assert (found.note, found.state) == (None, "applied")
    assert day.orders() == {day.lees: (day.second, day.third)}
    assert tasks(day) == []
    # Somebody has to see to what Kim was at.
    assert tasks(day, "could_not_complete") == [day.first]


def test_what_nobody_else_can_do_is_for_a_person(database: Database) -> None:
    """Lee lacks the skill that the second visit needs: somebody has to know, and soon."""
    day = late_day(database)
    day.change(lambda session: setattr(session.get_one(VisitRow, day.second), "required_skills", {"power": 3}))

    be_absent(day)

    [replan_id] = day.start()
    day.run(replan_id)
    assert tasks(day) == [day.second]
    assert day.orders() == {day.lees: (day.third,)}


def test_what_was_driven_to_begins_anew(database: Database) -> None:
    """Kim was on the way to the second visit: nobody is any more, and Lee's own journey there counts."""
    day = late_day(database)
    report(day, EventKind.STARTED, day.first, "09:00")
    report(day, EventKind.DONE, day.first, "09:50")
    report(day, EventKind.TRAVEL_STARTED, day.second, "09:55")

    change = be_absent(day)

    assert [place.visit_id for place in change.lost] == [day.second, day.third]
    with database.reading() as session:
        row = session.get_one(VisitProgressRow, day.second)
        assert (row.phase, row.technician_id) == ("planned", None)
    [replan_id] = day.start()
    day.run(replan_id)
    go_on(day, "10:30")
    report(day, EventKind.TRAVEL_STARTED, day.second, "10:25", technician_id=day.lee)
    with database.reading() as session:
        row = session.get_one(VisitProgressRow, day.second)
        assert (row.phase, row.technician_id) == ("traveling", day.lee)


def test_who_comes_back_is_planned_again(sqlite_database: Database) -> None:
    """The absence was a mistake: what has begun is still on the route, and the rest may come back to it."""
    day = late_day(sqlite_database)
    change = be_absent(day)

    transact(day.ctx, STAFF, remove_absence, day.kim, change.absence.id)

    assert day.orders() == {day.kims: (day.first,), day.lees: ()}
    assert wishes(day) == ["Kim is absent", "Kim has another shift now"]


def test_a_longer_shift_of_somebody_late_loses_nothing(database: Database) -> None:
    """Kim stays longer because the day is late; by the plan alone the second visit could not be kept any more."""
    day = late_day(database)
    go_on(day, "12:10")

    assert reshape(day, end=time(19)).lost == ()

    assert day.orders()[day.kims] == (day.first, day.second, day.third)
    assert wishes(day)[-1] == "Kim has another shift now"


def test_before_anybody_has_set_out_a_replan_helps_as_well(sqlite_database: Database) -> None:
    """The call comes at half past seven: no report is missing yet."""
    day = silent_day(sqlite_database)
    day.clock.advance(local("07:30") - day.clock.now())

    be_absent(day)

    [replan_id] = day.start()
    day.run(replan_id)
    assert day.orders() == {day.lees: (day.first, day.second, day.third)}


def test_where_nobody_reports_a_person_gets_the_tasks(sqlite_database: Database) -> None:
    """What was served by then only people know: a replan would send Lee to customers who were served hours ago."""
    day = silent_day(sqlite_database)
    go_on(day, "10:20")

    change = be_absent(day)

    assert [place.visit_id for place in change.lost] == [day.third]
    assert tasks(day) == [day.third]
    assert day.start() == []


def silent_day(database: Database) -> LateDay:
    """Make the same day without any report."""
    day = late_day(database)
    day.change(lambda session: session.delete(session.get_one(VisitProgressRow, day.first)))
    return day


def be_absent(day: LateDay) -> AbsenceChange:
    """Have Kim be sick from now on."""
    now = day.clock.now()
    return transact(day.ctx, STAFF, add_absence, day.kim, "sick", Period(starts_at=now, ends_at=local("23:00")))


def reshape(day: LateDay, end: time) -> StaffingChange:
    """Let Kim's shift end at another time."""
    with day.ctx.database.reading() as session:
        depot = session.get_one(ShiftRow, day.kims).start_place_id
    pattern = ShiftPattern(
        start=time(8), end=end, overtime=timedelta(hours=1), start_place_id=depot, end_place_id=depot
    )
    return transact(day.ctx, STAFF, replace_shift, day.kims, pattern)


def go_on(day: LateDay, clock: str) -> None:
    """Go on to a local ``HH:MM`` of today."""
    day.clock.advance(local(clock) - day.clock.now())


def report(day: LateDay, kind: EventKind, visit_id: str, at: str, *, technician_id: str | None = None) -> None:
    """Report something of a visit."""
    who = technician_id or day.kim
    event = ProgressEvent(
        id=f"ev_{kind.value}_{at}", kind=kind, occurred_at=local(at), visit_id=visit_id, technician_id=who
    )
    transact(day.ctx, STAFF, record_events, [event])


def on_plan(day: LateDay) -> set[str]:
    """Name the visits on running routes, also on those of shifts that nobody works any more."""
    with day.ctx.database.reading() as session:
        return set(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))


def wishes(day: LateDay) -> list[str]:
    """Say why a replan is wanted."""
    with day.ctx.database.reading() as session:
        return list(session.get_one(LiveDayRow, (day.territory, TODAY)).wanted_why)


def tasks(day: LateDay, kind: str = "no_place") -> list[str]:
    """Name the visits that somebody has to find a place for, or to do something else about."""
    with day.ctx.database.reading() as session:
        return list(session.scalars(select(TaskRow.visit_id).where(TaskRow.kind == kind)))
