"""Loading a problem as a company at work: dates that move, promises that become bookings, users that can log in."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from domain_builders import at, make_break, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.problem import Pin, Place, Problem, TravelSource
from fieldops.errors import AlreadyThere, InvalidInput
from fieldops.store.database import Database
from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    ContactPointRow,
    CustomerRow,
    MessageRow,
    PromiseRow,
    ShiftRow,
    SiteRow,
    TechnicianSkillRow,
    TerritoryRow,
    UserRow,
    VisitRow,
)
from fieldops.store.territories import territory_of
from fieldops.usecases.actor import Role
from fieldops.usecases.context import Context
from fieldops.usecases.passwords import hash_password, verify_password
from fieldops.usecases.seed import SeedView, TrialAccount, seed_problem
from fieldops.usecases.seed_customers import made_up_customer
from fieldops.usecases.seed_dates import moved_dates
from fieldops.usecases.work import transact
from worlds import SYSTEM, make_context

#: A Saturday; the Monday after it is in summer time, as the problem is.
SATURDAY = date(2026, 10, 24)
MONDAY = date(2026, 10, 26)
SCHOOL = Place(id="school", latitude=38.91, longitude=-77.0, address="1 School Street")


def _problem() -> Problem:
    """Make a Monday in March: one promised visit, pinned to Kim, and one that may come any time."""
    lunch = make_break("11:30", "13:00", paid=False, name="lunch")
    training = make_break("15:00", "15:00", place_id="school")
    problem = make_problem(
        make_visit(promised_window=window("10:00", "12:00"), pin=Pin(technician_id="kim", start=at("10:30"))),
        make_visit(id="v2", windows=(window("09:00", "15:00"),), required_skills={"gas": 2}, due=at("15:00", day=19)),
        technicians=[make_technician(make_shift(breaks=(lunch, training)), name="Kim")],
    )
    return make_problem(
        *problem.visits, technicians=problem.technicians, places=(*problem.places, SCHOOL), name=problem.name
    )


def _seed(ctx: Context, problem: Problem | None = None, *accounts: TrialAccount, **changes: object) -> SeedView:
    """Load a problem from Saturday on, for two weeks."""
    options = {"territory_name": "Springfield", "first_date": SATURDAY, "num_days": 14, **changes}
    return transact(ctx, SYSTEM, seed_problem, problem or _problem(), accounts=accounts, **options)


def _local(instant: datetime) -> str:
    """Write an instant as a clock in New York shows it."""
    return instant.astimezone(ZoneInfo("America/New_York")).strftime("%m-%d %H:%M")


def test_a_promised_window_becomes_a_booking_on_the_first_monday_to_friday(database: Database) -> None:
    """Who tries the product at a weekend finds the sample day on Monday, hour for hour."""
    seeded = _seed(make_context(database))

    assert (seeded.dates, seeded.num_bookings, seeded.num_visits) == ((MONDAY,), 1, 2)
    with database.reading() as session:
        booking = session.scalars(select(BookingRow)).one()
        promise = session.scalars(select(PromiseRow)).one()
        visit = session.get_one(VisitRow, booking.visit_id)
    assert (booking.date, booking.state, booking.version) == (MONDAY, "confirmed", 1)
    assert (_local(booking.window_start), _local(booking.window_end)) == ("10-26 10:00", "10-26 12:00")
    assert (promise.booking_id, promise.window_start, promise.outcome) == (booking.id, booking.window_start, None)
    assert visit.state == "booked"
    assert visit.pin["start"] == datetime(2026, 10, 26, 14, 30, tzinfo=UTC).isoformat()


def test_a_visit_without_promise_stays_open_with_its_wishes_moved(database: Database) -> None:
    """It waits for a customer who takes a window, or for a plan that has room."""
    _seed(make_context(database))

    with database.reading() as session:
        visit = session.scalars(select(VisitRow).where(VisitRow.state == "open")).one()
    assert [_local(datetime.fromisoformat(text)) for text in visit.windows[0]] == ["10-26 09:00", "10-26 15:00"]
    assert visit.required_skills == {"gas": 2}
    # Three days after the problem's only day; it is still due three days after that.
    assert visit.due_at is not None
    assert _local(visit.due_at) == "10-29 15:00"


def test_shifts_come_again_on_every_monday_to_friday(database: Database) -> None:
    """Windows can be offered for two weeks; a clock change in between moves no shift on the wall clock."""
    seeded = _seed(make_context(database))

    with database.reading() as session:
        shifts = session.scalars(select(ShiftRow).order_by(ShiftRow.date)).all()
    # 14 days from Saturday 24 October: Monday 26 to Friday 30, and Monday 2 to Friday 6 November.
    assert seeded.num_shifts == len(shifts) == 10
    assert [shift.date.day for shift in shifts] == [26, 27, 28, 29, 30, 2, 3, 4, 5, 6]
    assert {(_local(s.starts_at)[6:], _local(s.ends_at)[6:], _local(s.hard_ends_at)[6:]) for s in shifts} == {
        ("08:00", "16:00", "18:00")
    }
    # Summer time ends on 1 November: the same clock, another instant.
    assert (shifts[0].starts_at.hour, shifts[-1].starts_at.hour) == (12, 13)
    # The training belongs to its day, lunch to every day.
    assert [len(shift.breaks) for shift in shifts] == [2] + 9 * [1]
    assert shifts[1].breaks[0]["name"] == "lunch"


def test_people_and_places_are_what_the_problem_says(database: Database) -> None:
    """Skills, homes and addresses decide who can be offered."""
    seeded = _seed(make_context(database))

    with database.reading() as session:
        territory = territory_of(session.get_one(TerritoryRow, seeded.territory_id))
        kinds = {site.kind: site.address for site in session.scalars(select(SiteRow))}
        skills = [(row.skill, row.level) for row in session.scalars(select(TechnicianSkillRow))]
        customers = session.scalars(select(CustomerRow)).all()
        points = set(session.scalars(select(ContactPointRow.value)))
    assert (territory.name, territory.skills, len(territory.offered_windows)) == ("Springfield", ("gas", "power"), 5)
    # Kim alone starts at the depot, so it counts as a home; nobody starts at the school.
    assert kinds == {"home": "depot", "customer": "customer", "depot": "1 School Street"}
    assert skills == [("gas", 2)]
    # Both visits are at the same place, so they are of one customer.
    assert [customer.name for customer in customers] == ["Alma Acorn"]
    assert points == {"alma.acorn@example.com", "+12025550100"}


def test_nobody_is_sent_anything(database: Database) -> None:
    """Loading a sample must not write to example.com two hundred times."""
    _seed(make_context(database))

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(MessageRow)) == 0
        assert session.scalars(select(AuditRow.action)).all() == ["territory.seeded"]


def test_customers_read_the_name_of_a_company(database: Database) -> None:
    """What begins their messages and the booking page is not what planners call the territory."""
    ctx = make_context(database)
    seeded = _seed(ctx, territory_name="sample city, one day")
    with database.reading() as session:
        row = session.get_one(TerritoryRow, seeded.territory_id)
        assert (row.name, territory_of(row).policies.contact) == (
            "sample city, one day",
            "Example Service, +1 202 555 0100",
        )


def test_a_territory_that_exists_is_left_alone(database: Database) -> None:
    """Loading twice by mistake must not double a company."""
    ctx = make_context(database)
    _seed(ctx)

    with pytest.raises(AlreadyThere, match="there is a territory 'Springfield' already"):
        _seed(ctx)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(VisitRow)) == 2


def test_users_can_log_in_and_are_made_once(database: Database) -> None:
    """They are for trying out: the technician is the first of the territory, and a second territory keeps them."""
    ctx = make_context(database)
    hashed = hash_password("correct horse battery")
    accounts = [
        TrialAccount(email=f"{role}@example.com", name=role.title(), role=role, password_hash=hashed)
        for role in (Role.OPS, Role.TECHNICIAN)
    ]
    first = _seed(ctx, None, *accounts)
    second = _seed(ctx, None, *accounts, territory_name="Shelbyville")

    assert first.user_emails == ("ops@example.com", "technician@example.com")
    assert second.user_emails == ()
    with database.reading() as session:
        users = {user.role: user for user in session.scalars(select(UserRow))}
    assert users["technician"].name == "Kim"
    assert users["technician"].technician_id is not None
    assert verify_password("correct horse battery", users["ops"].password_hash)


def test_what_cannot_be_loaded_is_told_at_once(sqlite_database: Database) -> None:
    """All of it, and nothing is loaded."""
    ctx = make_context(sqlite_database)
    matrix = replace(_problem(), travel=TravelSource(kind="matrix", matrix_path="m.npz"))
    with pytest.raises(InvalidInput) as caught:
        _seed(ctx, matrix, num_days=10**9, first_date=date.max)
    assert [fault.path for fault in caught.value.faults] == ["travel.kind", "num_days", "first_date"]
    with pytest.raises(InvalidInput, match="num_days: found 2, expected enough for 1 Mondays to Fridays"):
        _seed(ctx, num_days=2)  # Saturday and Sunday
    with sqlite_database.reading() as session:
        assert session.scalars(select(TerritoryRow)).all() == []


def test_days_of_a_problem_follow_each_other_around_a_weekend() -> None:
    """A week made for Monday to Friday fits a week that begins on Thursday, in the same order."""
    moved = moved_dates(date(2026, 3, 16), 5, "America/New_York", to=date(2026, 10, 22))

    assert [day.day for day in moved.days] == [22, 23, 26, 27, 28]
    assert moved.of(date(2026, 3, 18)) == MONDAY
    assert (moved.of(date(2026, 3, 15)), moved.of(date(2026, 3, 22))) == (date(2026, 10, 21), date(2026, 10, 30))
    # A night shift of Tuesday ends on Saturday morning, not on Monday.
    night = at("02:00", day=18)
    assert moved.instant(night, since=date(2026, 3, 17)) == datetime(2026, 10, 24, 6, 0, tzinfo=UTC)


def test_made_up_customers_are_different_people() -> None:
    """One mailbox or number for two customers would make a lookup find both."""
    people = [made_up_customer(number) for number in range(1_000)]
    phones = [person.phone for person in people if person.phone is not None]

    assert len({person.email for person in people}) == 1_000
    assert len(set(phones)) == len(phones) == 700
    assert people[460].name == "Alma Acorn 2"
    assert made_up_customer(0) == people[0]
    assert people[699].phone == "+17035550199"
