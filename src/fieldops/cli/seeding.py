"""``fieldops seed``."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from fieldops.cli.connections import DatabaseUrl, connected, require_tables
from fieldops.cli.console import err, out, plain
from fieldops.cli.guard import ANSWER_IS_BAD
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_city_path
from fieldops.report.wording import count_words
from fieldops.store.migrate import current
from fieldops.usecases.actor import SYSTEM, Role
from fieldops.usecases.context import Context
from fieldops.usecases.seed import SeedView, TrialAccount, seed_problem
from fieldops.usecases.work import transact
from fieldops.wiring import migrate

#: Search time for a date when none is given, seconds.
PLAN_SECONDS: Final = 10
SAMPLE_NAME: Final = "Sample City"
_NAMES: Final = {Role.OPS: "Olivia Ops", Role.DISPATCHER: "Dana Dispatcher", Role.TECHNICIAN: "Technician"}


def seed(
    problem_path: Annotated[
        Path | None, typer.Argument(metavar="[PROBLEM]", help="Problem document (JSON). [default: the sample city]")
    ] = None,
    territory: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the territory. [default: that of the problem]")
    ] = None,
    first_date: Annotated[
        datetime | None,
        typer.Option(
            "--first-date", metavar="DATE", formats=["%Y-%m-%d"], help="Where the problem begins. [default: today]"
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="Days that get shifts, Mondays to Fridays among them.")] = 14,
    plan_seconds: Annotated[
        int, typer.Option(min=0, max=3_600, help="Time to plan each date of the problem; 0 = leave them unplanned.")
    ] = PLAN_SECONDS,
    database_url: DatabaseUrl = None,
) -> None:
    """
    Load a problem as a company at work: territory, technicians, shifts, customers, bookings, and users to log in with.

    Customers are made up; nobody is sent anything. The passwords are shown once. An empty database gets its tables.
    """
    with connected(database_url) as ctx:
        if current(ctx.database) is None:
            migrate(ctx.database)
        require_tables(ctx)
        problem = load_problem(problem_path or sample_city_path())
        today = ctx.clock.now().astimezone(ZoneInfo(problem.time_zone)).date()
        accounts = new_accounts()
        seeded = transact(
            ctx,
            SYSTEM,
            seed_problem,
            problem,
            territory_name=territory or (problem.name if problem_path else SAMPLE_NAME),
            first_date=first_date.date() if first_date else today,
            num_days=days,
            accounts=[shown.account for shown in accounts],
        )
        _show(seeded, accounts)
        for day in seeded.dates if plan_seconds else ():
            if not _plan(ctx, seeded.territory_id, day, plan_seconds):
                raise typer.Exit(ANSWER_IS_BAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account with its password, which is shown once."""

    account: TrialAccount
    password: str


def new_accounts() -> list[NewAccount]:
    """Make an account for each role; hashing takes its time and happens before the transaction."""
    from fieldops.usecases.passwords import generate_password, hash_password

    accounts = []
    for role, name in _NAMES.items():
        password = generate_password()
        account = TrialAccount(email=f"{role}@example.com", name=name, role=role, password_hash=hash_password(password))
        accounts.append(NewAccount(account=account, password=password))
    return accounts


def _show(seeded: SeedView, accounts: list[NewAccount]) -> None:
    """Tell what was loaded, and the passwords."""
    parts = (
        count_words(seeded.num_technicians, "technician"),
        count_words(seeded.num_shifts, "shift"),
        count_words(seeded.num_customers, "customer"),
        count_words(seeded.num_visits, "visit"),
        f"{seeded.num_bookings:,} of them booked from {seeded.dates[0]} on",
    )
    console = out()
    console.print(plain(f"{seeded.territory_name} ({seeded.territory_id}): {', '.join(parts)}"), soft_wrap=True)
    show_accounts(accounts, seeded.user_emails)


def show_accounts(accounts: Iterable[NewAccount], added: Collection[str]) -> None:
    """Tell with which address and password one logs in, of those that were added."""
    for shown in accounts:
        email = shown.account.email
        told = f"password {shown.password}" if email in added else "was there before, or has nobody to be"
        out().print(plain(f"  {shown.account.role:<10}  {email:<24}  {told}"), soft_wrap=True)


def _plan(ctx: Context, territory_id: str, day: date, seconds: int) -> bool:
    """Plan a date and publish the plan; tell whether that worked."""
    from fieldops.usecases.plan_day import plan_now

    err().print(plain(f"Planning {day} for {seconds} s ..."))
    job = plan_now(ctx, SYSTEM, territory_id, day, seconds=seconds)
    if job.state != "published" or job.draft is None:
        err().print(plain(f"{day} was not planned: {job.note or job.state}"), soft_wrap=True)
        return False
    kpis = job.draft.kpis
    planned = f"{kpis.assigned:,} of {count_words(kpis.assigned + kpis.unassigned, 'visit')} served"
    out().print(plain(f"{day} is planned: {planned}"), soft_wrap=True)
    return True
