"""Load a problem as a company at work: a territory with its people, customers, booked and open visits, and users."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import takewhile
from typing import Final

from sqlalchemy import select

from fieldops.domain.faults import FIRST_DATE, LAST_DATE, problem_faults
from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.problem import Problem
from fieldops.domain.territory import Territory
from fieldops.domain.territory_faults import territory_faults
from fieldops.domain.value_faults import whole_number_faults, wrong
from fieldops.errors import AlreadyThere, Fault, InvalidInput
from fieldops.store.base import Row
from fieldops.store.ids import new_id
from fieldops.store.tables import TechnicianRow, TerritoryRow, UserRow
from fieldops.store.territories import new_territory_row
from fieldops.usecases.actor import Role
from fieldops.usecases.audit import record
from fieldops.usecases.seed_dates import moved_dates, weekdays_from
from fieldops.usecases.seed_rows import SeedRows
from fieldops.usecases.seed_services import public_addresses, seed_services
from fieldops.usecases.users import UserView, create_user
from fieldops.usecases.work import Work

MAX_DAYS: Final = 92
#: The line of the made-up company; its number is reserved for fiction. A territory's name is none of a company.
CONTACT: Final = "Example Service, +1 202 555 0100"
WEEKDAYS: Final = frozenset(range(5))
#: Windows of two hours through the working day.
OFFERED_WINDOWS: Final = tuple(
    OfferedWindow(weekdays=WEEKDAYS, start=time(hour), end=time(hour + 2)) for hour in (8, 10, 12, 14, 16)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAccount:
    """A user to try things out with; a technician is the first one of the territory."""

    email: str
    name: str
    role: Role
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedView:
    """
    What was loaded.

    Attributes
    ----------
    dates
        What the problem's days have become; the first is the first Monday to Friday from the date asked for.
    user_emails
        Of the accounts that were made; one whose address was taken is left as it is.
    """

    territory_id: str
    territory_name: str
    dates: tuple[date, ...]
    num_technicians: int
    num_shifts: int
    num_customers: int
    num_visits: int
    num_bookings: int
    user_emails: tuple[str, ...]


def seed_problem(
    work: Work,
    problem: Problem,
    *,
    territory_name: str,
    first_date: date,
    num_days: int,
    accounts: Sequence[TrialAccount] = (),
) -> SeedView:
    """
    Load a problem as a territory at work.

    Parameters
    ----------
    first_date
        The problem's days become the Mondays to Fridays from here on.
    num_days
        How many days from `first_date` on have shifts, Mondays to Fridays only; those of the problem come again and
        again, without breaks at a place, which belong to their day.

    Raises
    ------
    InvalidInput
        With all faults.
    AlreadyThere
        When there is a territory of this name.

    Notes
    -----
    What the skills suffice for is offered on the booking page, where the addresses of the visits can be found.
    Promised windows become confirmed bookings, with their line in the ledger; visits without one stay open. Nobody is
    sent a message: these customers have heard of their bookings in another life.
    """
    territory = _territory(problem, territory_name)
    faults = [*problem_faults(problem), *territory_faults(territory)]
    faults += whole_number_faults("num_days", num_days, 1, MAX_DAYS)
    if not FIRST_DATE <= first_date <= LAST_DATE:
        expected = f"a date from {FIRST_DATE} to {LAST_DATE}"
        faults.append(Fault(path="first_date", found=str(first_date), expected=expected))
    if faults:
        raise InvalidInput(faults)
    staffed = list(takewhile(lambda day: day < first_date + timedelta(days=num_days), weekdays_from(first_date)))
    if len(staffed) < problem.num_days:
        needed = f"enough for {problem.num_days} Mondays to Fridays from {first_date} on"
        raise InvalidInput([wrong("num_days", num_days, needed)])
    if work.session.scalar(select(TerritoryRow.id).where(TerritoryRow.name == territory_name)) is not None:
        raise AlreadyThere(f"there is a territory {territory_name!r} already", details={"name": territory_name})
    rows = SeedRows(
        problem=problem,
        territory_id=territory.id,
        dates=moved_dates(problem.first_date, problem.num_days, problem.time_zone, to=first_date),
        now=work.now,
        actor_id=work.actor.id,
        technician_ids={technician.id: new_id("tn") for technician in problem.technicians},
        site_ids={place.id: new_id("si") for place in problem.places},
        customer_ids={place_id: new_id("cu") for place_id in dict.fromkeys(v.place_id for v in problem.visits)},
    )
    _add(work, [new_territory_row(territory, created_at=work.now)])
    technicians, skills = rows.technicians()
    customers, contact_points = rows.customers()
    shifts = rows.shifts(staffed)
    work_orders = rows.work_orders()
    visits = rows.visits(work_orders)
    bookings = rows.bookings(visits)
    in_order: tuple[Iterable[Row], ...] = (
        *(technicians, skills, customers, contact_points, rows.sites(), shifts),
        *(work_orders.values(), visits.values(), bookings, rows.promises(bookings)),
    )
    for kind in in_order:
        _add(work, kind)
    _add(work, seed_services(problem, territory.id, work.now))
    for address in public_addresses(problem, rows.customer_ids, work.now):
        work.session.merge(address)
    users = [user for account in accounts if (user := add_trial_user(work, account, technicians)) is not None]
    seeded = SeedView(
        territory_id=territory.id,
        territory_name=territory_name,
        dates=rows.dates.days,
        num_technicians=len(technicians),
        num_shifts=len(shifts),
        num_customers=len(customers),
        num_visits=len(visits),
        num_bookings=len(bookings),
        user_emails=tuple(user.email for user in users),
    )
    record(work, "territory.seeded", "territory", territory.id, visits=len(visits), bookings=len(bookings))
    return seeded


def _territory(problem: Problem, name: str) -> Territory:
    """Make the territory of a problem, with the product's own policies."""
    return Territory(
        id=new_id("te"),
        name=name,
        time_zone=problem.time_zone,
        offered_windows=OFFERED_WINDOWS,
        policies=replace(Policies(), contact=CONTACT),
        skills=problem.skills,
        rates=problem.rates,
        travel=problem.travel,
    )


def _add(work: Work, rows: Iterable[Row]) -> None:
    """Add rows, and write them before those that refer to them."""
    work.session.add_all(rows)
    work.session.flush()


def add_trial_user(work: Work, account: TrialAccount, technicians: Sequence[TechnicianRow]) -> UserView | None:
    """Add a user, a technician as the first of those given; None = the address is taken, or there is nobody to be."""
    is_technician = account.role is Role.TECHNICIAN
    taken = work.session.scalar(select(UserRow.id).where(UserRow.email == account.email))
    if taken is not None or (is_technician and not technicians):
        return None
    return create_user(
        work,
        email=account.email,
        name=technicians[0].name if is_technician else account.name,
        role=account.role,
        password_hash=account.password_hash,
        technician_id=technicians[0].id if is_technician else None,
    )
