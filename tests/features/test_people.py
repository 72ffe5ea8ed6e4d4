"""Technicians, shifts and absences, and what their changes do to plans that run."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_worlds import MORNING, assert_sound, make_world
from fieldops.domain.shift_pattern import BreakPattern, ShiftPattern
from fieldops.errors import InvalidInput, NotFound
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    HoldRow,
    PlanRow,
    PlanVersionRow,
    ShiftRow,
    StopRow,
    TechnicianRow,
    TerritoryRow,
)
from fieldops.usecases.absences import Period, add_absence, list_absences, remove_absence
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.shifts import create_shifts, list_shifts, remove_shift, remove_shifts, replace_shift
from fieldops.usecases.technicians import (
    TechnicianFacts,
    create_technician,
    list_technicians,
    read_technician,
    update_technician,
)
from fieldops.usecases.work import transact, view
from running_day import book, hold, put_on_route
from worlds import (
    NOW,
    STAFF,
    TODAY,
    TOMORROW,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)

FRIDAY = date(2026, 3, 20)


def _pattern(depot_id: str, **changes: Any) -> ShiftPattern:
    defaults: dict[str, Any] = {
        "start": time(8),
        "end": time(17),
        "overtime": timedelta(hours=1),
        "start_place_id": depot_id,
        "end_place_id": depot_id,
    }
    return ShiftPattern(**{**defaults, **changes})


def _people(session: Session) -> tuple[TerritoryRow, TechnicianRow, str]:
    """Add a territory with Kim, and a depot."""
    territory = add_territory(session)
    return territory, add_technician(session, territory), add_site(session, kind="depot").id


def _versions(session: Session) -> list[tuple[date, int, str]]:
    """List what made which version of which date's plan."""
    query = (
        select(PlanRow.date, PlanVersionRow.version, PlanVersionRow.reason)
        .join(PlanVersionRow, PlanVersionRow.plan_id == PlanRow.id)
        .order_by(PlanRow.date, PlanVersionRow.version)
    )
    return [(row.date, row.version, row.reason) for row in session.execute(query)]


def test_week_of_shifts_is_entered_at_once(database: Database) -> None:
    """Rosters are made by the week: one request, a shift on every weekday, a new version of every date's plan."""
    ctx = make_context(database)
    with database.writing() as session:
        _, technician, depot_id = _people(session)
    lunch = BreakPattern(
        earliest_start=time(11, 30), latest_start=time(12, 30), duration=timedelta(minutes=30), name="Lunch"
    )
    change = transact(
        ctx,
        STAFF,
        create_shifts,
        technician.id,
        _pattern(depot_id, breaks=(lunch,)),
        first_date=TODAY,
        last_date=date(2026, 3, 22),
        weekdays=frozenset(range(5)),
    )

    # Monday 16 to Friday 20.
    assert [shift.date.day for shift in change.shifts] == [16, 17, 18, 19, 20]
    assert change.shifts[0].starts_at == local("08:00")
    assert change.shifts[0].hard_ends_at == local("18:00")
    assert change.shifts[4].breaks[0].earliest_start == local("11:30", FRIDAY)
    assert change.lost == ()
    with database.reading() as session:
        assert _versions(session) == [(TODAY + timedelta(days=day), 1, "shifts") for day in range(5)]
    page = view(ctx, STAFF, list_shifts, limit=3, technician_id=technician.id)
    rest = view(ctx, STAFF, list_shifts, limit=3, technician_id=technician.id, after=page.next)
    assert page.items + rest.items == change.shifts
    assert rest.next is None


def test_roster_with_faults_names_them_all_and_stores_nothing(database: Database) -> None:
    """A dispatcher corrects a roster once, not once per fault; half a roster would be worse than none."""
    ctx = make_context(database)
    with database.writing() as session:
        _, technician, depot_id = _people(session)
        customer_site = add_site(session, kind="customer")
    with pytest.raises(InvalidInput) as caught:
        transact(
            ctx,
            STAFF,
            create_shifts,
            technician.id,
            _pattern(customer_site.id, end_place_id=depot_id, overtime=timedelta(hours=20)),
            first_date=TODAY - timedelta(days=1),
            last_date=TODAY - timedelta(days=2),
        )

    assert [fault.path for fault in caught.value.faults] == [
        "first_date",
        "last_date",
        "overtime_minutes",
        "start_place_id",
    ]
    with pytest.raises(NotFound):
        transact(ctx, STAFF, create_shifts, "tn_nobody", _pattern(depot_id), first_date=TODAY, last_date=TODAY)
    with database.reading() as session:
        assert session.scalars(select(ShiftRow)).all() == []
        assert _versions(session) == []


def test_second_shift_at_the_same_time_is_refused(database: Database) -> None:
    """Two shifts at a time would be two routes for one person; the fault names the date and the other shift."""
    ctx = make_context(database)
    with database.writing() as session:
        _, technician, depot_id = _people(session)
        taken = add_shift(session, technician, day=TOMORROW)
    with pytest.raises(InvalidInput) as caught:
        transact(ctx, STAFF, create_shifts, technician.id, _pattern(depot_id), first_date=TODAY, last_date=FRIDAY)

    (fault,) = caught.value.faults
    assert {f"shift {taken.id} on {TOMORROW}", f"shift on {TOMORROW}"} <= {
        fault.path.removesuffix(".start"),
        fault.expected.removeprefix("not before the hard end of ").partition(",")[0],
    }
    with database.reading() as session:
        assert len(session.scalars(select(ShiftRow)).all()) == 1


def test_sick_call_takes_the_route_off_the_plan(database: Database) -> None:
    """The booked visit stays booked and is at risk, the held one's hold ends, and all of it can be looked up."""
    ctx = make_context(database)
    with database.writing() as session:
        territory, technician, _ = _people(session)
        shift, later = add_shift(session, technician), add_shift(session, technician, day=TOMORROW)
        booked, held, elsewhere = (add_visit(session, territory) for _ in range(3))
        booking = book(session, booked, "10:00", "12:00")
        held_for = hold(session, held, "14:00", "16:00")
        put_on_route(ctx, session, shift, [booked, held])
        put_on_route(ctx, session, later, [elsewhere])
    change = transact(
        ctx, STAFF, add_absence, technician.id, "sick", Period(starts_at=NOW, ends_at=NOW + timedelta(hours=6))
    )

    assert [(lost.visit_id, lost.state, lost.booking_id) for lost in change.lost] == [
        (booked.id, "booked", booking.id),
        (held.id, "open", None),
    ]
    assert change.lost[0].window_start == local("10:00")
    assert change.lost[0].start_at >= local("10:00")
    with database.reading() as session:
        assert session.get_one(BookingRow, booking.id).state == "confirmed"
        assert session.get_one(HoldRow, held_for.id).state == "expired"
        assert list(session.scalars(select(StopRow.visit_id).where(StopRow.is_current))) == [elsewhere.id]
        assert load_day(session, technician.territory_id, TODAY).orders == {}
        assert _versions(session) == [(TODAY, 1, "hold"), (TODAY, 2, "absence"), (TOMORROW, 1, "hold")]
        lost = session.scalars(select(AuditRow).where(AuditRow.action == "visit.lost_place")).all()
        assert {row.subject_id for row in lost} == {booked.id, held.id}
        expired = session.scalars(select(AuditRow).where(AuditRow.action == "hold.expired")).all()
        assert [row.subject_id for row in expired] == [held_for.id]

    back = transact(ctx, STAFF, remove_absence, technician.id, change.absence.id)
    assert back.lost == ()
    with database.reading() as session:
        assert list(load_day(session, technician.territory_id, TODAY).orders) == [shift.id]
        assert _versions(session)[2] == (TODAY, 3, "absence")


def test_vacation_is_entered_in_whole_dates(database: Database) -> None:
    """A week of vacation ends on Sunday night; it touches the night shift that reaches into its first morning."""
    ctx = make_context(database)
    with database.writing() as session:
        _, technician, _ = _people(session)
        add_shift(session, technician, day=TODAY, start="18:00", end="23:30", overtime=timedelta(hours=1))
        add_shift(session, technician, day=FRIDAY)
    change = transact(ctx, STAFF, add_absence, technician.id, "vacation", Period(first_date=TOMORROW, last_date=FRIDAY))

    assert change.absence.starts_at == local("00:00", TOMORROW)
    assert change.absence.ends_at == local("00:00", FRIDAY + timedelta(days=1))
    assert view(ctx, STAFF, list_absences, technician.id) == (change.absence,)
    with database.reading() as session:
        assert _versions(session) == [(TODAY, 1, "absence"), (FRIDAY, 1, "absence")]


@pytest.mark.parametrize(
    ("kind", "period", "paths"),
    [
        ("holiday", Period(), ["kind", "period"]),
        ("sick", Period(starts_at=NOW, last_date=TODAY), ["period"]),
        ("sick", Period(starts_at=NOW, ends_at=NOW), ["ends_at"]),
        ("vacation", Period(first_date=TODAY, last_date=TODAY - timedelta(days=1)), ["last_date"]),
        ("vacation", Period(first_date=TODAY, last_date=TODAY + timedelta(days=366)), ["last_date"]),
    ],
)
def test_absence_that_makes_no_sense_is_refused(
    sqlite_database: Database, kind: str, period: Period, paths: list[str]
) -> None:
    """An absence of a year too long silently empties a technician's plans."""
    with sqlite_database.writing() as session:
        _, technician, _ = _people(session)
    with pytest.raises(InvalidInput) as caught:
        transact(make_context(sqlite_database), STAFF, add_absence, technician.id, kind, period)

    assert [fault.path for fault in caught.value.faults] == paths


def test_shorter_shift_keeps_what_it_can_still_serve(database: Database) -> None:
    """Going home at 13:00 must not cost the morning's customers their place."""
    ctx = make_context(database)
    with database.writing() as session:
        territory, technician, depot_id = _people(session)
        shift = add_shift(session, technician)
        visits = [add_visit(session, territory) for _ in "ab"]
        book(session, visits[0], "08:00", "10:00")
        book(session, visits[1], "14:00", "16:00")
        put_on_route(ctx, session, shift, visits)
    change = transact(ctx, STAFF, replace_shift, shift.id, _pattern(depot_id, end=time(13)))

    assert [lost.visit_id for lost in change.lost] == [visits[1].id]
    assert change.shifts[0].hard_ends_at == local("14:00")
    with database.reading() as session:
        (plan,) = session.scalars(select(PlanRow))
        route = current_routes(session, plan.id)[shift.id]
        assert [stop.visit_id for stop in route.stops] == [visits[0].id]
        assert route.end <= local("14:00")


def test_shift_taken_back_is_offered_no_more_and_remembered(database: Database) -> None:
    """Earlier versions of the plan still speak of the shift; nobody finds it a second time."""
    ctx = make_context(database)
    with database.writing() as session:
        territory, technician, depot_id = _people(session)
        shift, later = add_shift(session, technician), add_shift(session, technician, day=TOMORROW)
        visit = add_visit(session, territory)
        put_on_route(ctx, session, shift, [visit])
    change = transact(ctx, STAFF, remove_shift, shift.id)

    assert [(lost.visit_id, lost.state, lost.window_start) for lost in change.lost] == [(visit.id, "open", None)]
    with pytest.raises(NotFound):
        transact(ctx, STAFF, remove_shift, shift.id)
    with pytest.raises(NotFound):
        transact(ctx, STAFF, replace_shift, shift.id, _pattern(depot_id))
    assert [item.id for item in view(ctx, STAFF, list_shifts, limit=9).items] == [later.id]
    # Its time is free again.
    transact(ctx, STAFF, create_shifts, technician.id, _pattern(depot_id), first_date=TODAY, last_date=TODAY)
    gone = transact(ctx, STAFF, remove_shifts, technician.id, first_date=TODAY, last_date=TOMORROW)
    assert [item.date for item in gone.shifts] == [TODAY, TOMORROW]


def test_past_shift_is_left_alone(database: Database) -> None:
    """What has happened is no plan any more."""
    ctx = make_context(database)
    with database.writing() as session:
        _, technician, depot_id = _people(session)
        shift = add_shift(session, technician, day=TODAY - timedelta(days=1))
    for use_case, more in ((remove_shift, ()), (replace_shift, (_pattern(depot_id),))):
        with pytest.raises(InvalidInput) as caught:
            transact(ctx, STAFF, use_case, shift.id, *more)  # type: ignore[arg-type]
        assert [fault.path for fault in caught.value.faults] == ["shift_id"]


def test_skill_taken_away_takes_its_visits_along(database: Database) -> None:
    """A certificate runs out: who needs it loses the technician, all others keep theirs."""
    ctx = make_context(database)
    with database.writing() as session:
        territory, technician, _ = _people(session)
        shift = add_shift(session, technician)
        gas = add_visit(session, territory, required_skills={"gas": 1})
        power = add_visit(session, territory, required_skills={"power": 1})
        put_on_route(ctx, session, shift, [gas, power])
    change = transact(ctx, STAFF, update_technician, technician.id, TechnicianFacts(name="Kim", skills={"power": 2}))

    assert [lost.visit_id for lost in change.lost] == [gas.id]
    assert change.technician.skills == {"power": 2}
    again = transact(ctx, STAFF, update_technician, technician.id, TechnicianFacts(name="Kim B", skills={"power": 2}))
    assert (again.lost, again.technician.name) == ((), "Kim B")
    away = transact(
        ctx, STAFF, update_technician, technician.id, TechnicianFacts(name="Kim", skills={"power": 2}, is_active=False)
    )
    assert [lost.visit_id for lost in away.lost] == [power.id]
    with database.reading() as session:
        # A new name is no reason for a new plan.
        assert [reason for _, _, reason in _versions(session)] == ["hold", "shifts", "shifts"]


def test_technicians_are_created_judged_and_listed(database: Database) -> None:
    """A skill the territory does not know can never be asked for; all faults come at once."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
    facts = TechnicianFacts(name=" ", skills={"plumbing": 1, "gas": 0}, duration_permille=5)
    with pytest.raises(InvalidInput) as caught:
        transact(ctx, STAFF, create_technician, territory.id, facts)
    assert [fault.path for fault in caught.value.faults] == [
        "name",
        "skills.plumbing",
        "skills.gas",
        "duration_permille",
    ]
    assert caught.value.faults[1].expected == "a skill of Washington"
    with pytest.raises(NotFound):
        transact(ctx, STAFF, create_technician, "te_nowhere", TechnicianFacts(name="Kim"))

    made = [
        transact(ctx, STAFF, create_technician, territory.id, TechnicianFacts(name=name, skills=skills))
        for name, skills in (("Noa", {"gas": 1}), ("Kim", {"gas": 2, "power": 1}), ("Kim", {}))
    ]
    first = view(ctx, STAFF, list_technicians, limit=2)
    second = view(ctx, STAFF, list_technicians, limit=2, after=first.next)
    assert [item.name for item in (*first.items, *second.items)] == ["Kim", "Kim", "Noa"]
    assert {item.id for item in (*first.items, *second.items)} == {item.id for item in made}
    assert [item.name for item in view(ctx, STAFF, list_technicians, limit=9, skill="gas").items] == ["Kim", "Noa"]
    assert view(ctx, STAFF, read_technician, made[1].id) == made[1]


def test_dates_of_the_past_keep_their_version(database: Database) -> None:
    """Noting on Monday that somebody was sick on Sunday changes no plan."""
    ctx = make_context(database)
    with database.writing() as session:
        _, technician, _ = _people(session)
        add_shift(session, technician, day=TODAY - timedelta(days=1))
    start: datetime = NOW - timedelta(hours=30)
    transact(ctx, STAFF, add_absence, technician.id, "sick", Period(starts_at=start, ends_at=NOW))

    with database.reading() as session:
        assert _versions(session) == []


def test_hold_that_lost_its_technician_is_confirmed_with_another(database: Database) -> None:
    """The customer who is just confirming need not know that the technician has called in sick."""
    world = make_world(database, technicians=2)
    hold = world.hold(world.visit(), MORNING)
    assert hold.technician_id is not None
    period = Period(first_date=TOMORROW, last_date=TOMORROW)
    change = transact(world.ctx, STAFF, add_absence, hold.technician_id, "sick", period)
    assert [lost.visit_id for lost in change.lost] == [hold.visit_id]

    booking = transact(world.ctx, STAFF, confirm_booking, hold.id)

    assert (booking.window_start, booking.window_end) == (MORNING.earliest, MORNING.latest)
    assert {booking.technician_id, hold.technician_id} == {person.id for person in world.technicians}
    assert_sound(world.ctx)
