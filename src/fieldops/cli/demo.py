"""``fieldops demo``."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import httpx
import typer
from sqlalchemy import select

from fieldops.cli.connections import context_of
from fieldops.cli.console import err, out, plain
from fieldops.cli.seeding import new_accounts, show_accounts
from fieldops.cli.serving import listen
from fieldops.cli.simulating import shown_table
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.errors import Fault, InvalidInput
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_city_path
from fieldops.report.wording import clock, count_words
from fieldops.settings import Mode
from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.compare import (
    Planned,
    Scene,
    Simulated,
    copy_database,
    drives_of,
    planned_day,
    read_messages,
    read_morning,
    scene_of,
    simulate_day,
)
from fieldops.simulate.day import Diary, run_day
from fieldops.simulate.driver import ReplanDone
from fieldops.simulate.fast_clock import FastClock
from fieldops.simulate.figures import Product, figures_of
from fieldops.simulate.over_http import OverHttp
from fieldops.simulate.patience import give_time
from fieldops.store.tables import ReplanRow, ShiftRow, TechnicianRow
from fieldops.usecases.actor import SYSTEM, Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.context import Context
from fieldops.usecases.seed import TrialAccount, add_trial_user
from fieldops.usecases.work import Work, transact, view
from fieldops.wiring import configure_logs, load_settings, make_context, make_worker, migrate

#: Time to make the plan of the morning.
PLAN_SECONDS: Final = 5
#: What the demonstration's key may do: what a dispatcher may.
_SCOPES: Final = (
    *(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE, Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE),
    *(Scope.PLANS_READ, Scope.PLANS_WRITE, Scope.PEOPLE_READ, Scope.PEOPLE_WRITE, Scope.MESSAGES_READ),
)
#: One caller reports for thirty technicians, sixty times as fast as they do.
_RATE: Final = "100000/minute"
#: A quarter of an hour of the fast clock would be seconds of those who look on.
_TOKEN_MINUTES: Final = 1_440
#: Phones report where they are on the way to a visit, so that customers see it.
_SEEN_EVERY: Final = timedelta(minutes=3)
#: The stream says what follows from a report within so long of real time; on the fast clock, before the next position.
_HEARD_AFTER: Final = timedelta(seconds=2)
_HEARD_AFTER_AT_MOST: Final = timedelta(minutes=2)
_SAID: Final = {
    EventKind.TRAVEL_STARTED: "leaves for",
    EventKind.ARRIVED: "is at",
    EventKind.STARTED: "begins",
    EventKind.EXTENDED: "needs {minutes} min more for",
    EventKind.DONE: "is done with",
    EventKind.NO_SHOW: "finds nobody at",
    EventKind.CANCELED: "the customer calls off",
    EventKind.EMERGENCY: "urgent work comes in:",
    EventKind.TECHNICIAN_OUT: "falls ill",
    EventKind.VEHICLE_DOWN: "has no vehicle any more",
}


def demo(
    live: Annotated[bool, typer.Option("--live", help="A day under way.")] = False,
    speed: Annotated[float, typer.Option(min=1, max=600, help="How many times as fast as a real day.")] = 60,
    minutes: Annotated[
        float | None, typer.Option(min=0.05, help="Minutes after which it ends. [default: with the day]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Luck of the day.")] = 0,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on. [default: FIELDOPS_PORT]")
    ] = None,
) -> None:
    """
    Show a day under way in the sample city: the service on a fast clock, and people who work, drive and report to it.

    Prints what happens, what customers are told and what is replanned, and at the end the day in figures, beside those
    of the same day without replans. The database is made and thrown away. Ends with the day, or on Ctrl-C.
    """
    given: dict[str, Any] = {"rate_limit": _RATE, "access_token_minutes": _TOKEN_MINUTES}
    given |= {} if port is None else {"port": port}
    settings = load_settings(**given)
    faults = [] if live else [Fault(path="--live", found="nothing", expected="--live, the only kind there is")]
    if settings.mode is Mode.PRODUCTION:
        faults.append(Fault(path="FIELDOPS_MODE", found="production", expected="development: its clock is made up"))
    if faults:
        raise InvalidInput(faults)
    configure_logs(settings)
    # What happens is printed; only trouble is for the log.
    logging.getLogger("fieldops").setLevel(logging.WARNING)
    problem = load_problem(sample_city_path())
    err().print(plain(f"Planning {problem.first_date} for {PLAN_SECONDS} s ..."))
    assumed = Assumptions()
    with planned_day(problem, _open, plan_seconds=PLAN_SECONDS) as planned:
        scene = scene_of(planned, seed, assumed)
        if minutes is not None:
            scene = replace(scene, end=min(scene.end, scene.begin + timedelta(minutes=minutes * speed)))
        path = planned.path.with_name("demo.db")
        copy_database(planned.path, path)
        with context_of(load_settings(**given, database_url=f"sqlite:///{path}")) as ctx:
            migrate(ctx.database)
            fast = FastClock(begin=scene.begin, speed=speed)
            shown = _Shown(planned=planned, scene=scene, seed=seed, clock=fast, ctx=replace(ctx, clock=fast))
            shown.run()
        if shown.failure is not None:
            raise shown.failure
        if shown.live is None:
            return
        err().print(plain("The same hours without replans ..."))
        static = simulate_day(planned, seed, replans=False, assumed=assumed, until=scene.end)
        out().print(shown_table([static, shown.live]))


def _open(database_url: str) -> Context:
    """Open a database of the simulator."""
    return make_context(load_settings(database_url=database_url))


@dataclass(slots=True, kw_only=True)
class _Shown:
    """
    The demonstration while it runs.

    Attributes
    ----------
    live
        The day, when it is over.
    """

    planned: Planned
    scene: Scene
    seed: int
    clock: FastClock
    ctx: Context
    live: Simulated | None = None
    failure: Exception | None = None
    _at_risk: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)
    _driver: OverHttp | None = None

    def run(self) -> None:
        """Serve, and let the day happen."""
        self._names = {technician.id: technician.name for technician in self.planned.problem.technicians}
        ctx = self.ctx
        key = transact(ctx, SYSTEM, create_api_key, name="demonstration", scopes=[scope.value for scope in _SCOPES])
        accounts = new_accounts()
        transact(ctx, SYSTEM, give_time, self.planned.territory_id, self.clock.speed)
        added = transact(ctx, SYSTEM, _add_logins, self.planned, [account.account for account in accounts])
        worker = make_worker(ctx, speed=self.clock.speed)
        threads: list[threading.Thread] = []

        def begin(url: str) -> None:
            show_accounts(accounts, added)

            def day() -> None:
                try:
                    worker.start()
                    self._follow(ctx, url, str(key.key))
                except httpx.TransportError:
                    # The service was told to end, and does not answer any more.
                    return
                except Exception as error:
                    self.failure = error
                os.kill(os.getpid(), signal.SIGTERM)

            threads.append(threading.Thread(target=day, name="day", daemon=True))
            threads[0].start()

        try:
            listen(ctx, begin)
        finally:
            if threads:
                worker.stop()

    def _follow(self, ctx: Context, url: str, token: str) -> None:
        """Drive the service through the day."""
        driver = self._driver = OverHttp(
            url=url,
            token=token,
            clock=self.clock,
            territory_id=self.planned.territory_id,
            day=self.planned.day,
            decides_after=self.scene.world.assumptions.decides_after,
            listener=self._heard,
            on_report=self._reported,
        )
        try:
            morning = view(ctx, SYSTEM, read_morning, self.planned, self.scene.end)
            drive = drives_of(ctx, self.planned.problem)
            diary = run_day(
                driver,
                self.scene.world,
                drive,
                self.scene.happenings,
                self.scene.begin,
                self.scene.end,
                seen_every=_SEEN_EVERY,
            )
        finally:
            driver.close()
        product = Product(
            expected=driver.expected,
            replans=view(ctx, SYSTEM, _read_replans, self.planned, diary),
            messages=view(ctx, SYSTEM, read_messages, self.scene.begin),
            heard_after=min(self.clock.speed * _HEARD_AFTER, _HEARD_AFTER_AT_MOST),
        )
        figures = figures_of(morning, diary, product)
        self.live = Simulated(seed=self.seed, replans=True, figures=figures, diary=diary, product=product)

    def _say(self, at: datetime, what: str) -> None:
        """Print a line."""
        zone = ZoneInfo(self.planned.problem.time_zone)
        out().print(plain(f"{clock(at, zone)}  {what}"), soft_wrap=True)

    def _visit(self, visit_id: str) -> str:
        """Name a visit."""
        return visit_id if self._driver is None else self._driver.name_of(visit_id)

    def _reported(self, event: ProgressEvent) -> None:
        """Print what has happened; where somebody is stands on the map."""
        if event.kind is EventKind.POSITION:
            return
        said = _SAID.get(event.kind, event.kind.value).format(minutes=event.minutes)
        who = [] if event.technician_id is None else [self._names.get(event.technician_id, event.technician_id)]
        what = [] if event.visit_id is None else [self._visit(event.visit_id)]
        self._say(event.occurred_at, " ".join((*who, said, *what)))

    def _heard(self, kind: str, data: dict[str, Any]) -> None:
        """Print what the board says."""
        if kind == "eta":
            for line in self._jeopardy(data["etas"]):
                self._say(self.clock.now(), line)
        elif kind in _TOLD:
            self._say(self.clock.now(), _TOLD[kind](data, self._visit))

    def _jeopardy(self, etas: list[dict[str, Any]]) -> Iterator[str]:
        """Say whose promise has come into jeopardy, and whose is out of it."""
        zone = ZoneInfo(self.planned.problem.time_zone)
        for eta in etas:
            visit_id, permille = eta["visit_id"], eta["kept_permille"]
            if permille is None or eta["is_at_risk"] == (visit_id in self._at_risk):
                continue
            word = "at risk" if eta["is_at_risk"] else "safe again"
            (self._at_risk.add if eta["is_at_risk"] else self._at_risk.discard)(visit_id)
            first, last = (clock(datetime.fromisoformat(eta[name]), zone) for name in ("earliest_at", "latest_at"))
            yield f"  {word}: {self._visit(visit_id)}, expected {first} to {last}, kept with {permille // 10} %"


def _told_message(data: dict[str, Any], name: Callable[[str], str]) -> str:
    """Say what a customer is told."""
    kind = str(data.get("kind", "note")).replace("_", " ")
    return f"  message: {kind}, {name(str(data.get('visit_id', '')))}"


def _told_proposal(data: dict[str, Any], _name: Callable[[str], str]) -> str:
    """Say how a proposal stands."""
    moved, cents = data["churn"] or 0, data["cost_change_cents"] or 0
    change = f"{count_words(moved, 'visit')} to somebody else, {cents / 100:+,.2f} in cost"
    return f"  proposal {data['state']}: {change}, {count_words(data['customers'], 'customer')} to tell"


def _told_task(data: dict[str, Any], _name: Callable[[str], str]) -> str:
    """Say what a person has to do."""
    return f"  task: {data['summary']}"


_TOLD: Final[Mapping[str, Callable[[dict[str, Any], Callable[[str], str]], str]]] = {
    "message": _told_message,
    "proposal": _told_proposal,
    "task": _told_task,
}


def _add_logins(work: Work, planned: Planned, accounts: Sequence[TrialAccount]) -> frozenset[str]:
    """Let people look at the day as those who run it, and as a technician who works on it."""
    working = (
        select(TechnicianRow)
        .join(ShiftRow, ShiftRow.technician_id == TechnicianRow.id)
        .where(ShiftRow.territory_id == planned.territory_id, ShiftRow.date == planned.day)
        .order_by(ShiftRow.starts_at, TechnicianRow.id)
        .limit(1)
    )
    technicians = work.session.scalars(working).all()
    users = [add_trial_user(work, account, technicians) for account in accounts]
    return frozenset(user.email for user in users if user is not None)


def _read_replans(work: Work, planned: Planned, diary: Diary) -> tuple[ReplanDone, ...]:
    """Read the replans of the day; whoever nobody had left for was ahead."""
    rows = work.session.scalars(
        select(ReplanRow)
        .where(ReplanRow.territory_id == planned.territory_id, ReplanRow.date == planned.day)
        .order_by(ReplanRow.requested_at, ReplanRow.id)
    )
    return tuple(
        ReplanDone(
            at=row.requested_at,
            state=row.state,
            why=tuple(row.why),
            ahead=sum(
                diary.departures.get(visit.id, row.requested_at) >= row.requested_at
                for visit in planned.problem.visits
                if visit.id not in diary.canceled
            ),
            moved=row.churn or 0,
        )
        for row in rows
    )
