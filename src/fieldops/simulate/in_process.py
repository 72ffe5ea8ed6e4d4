"""The product in the simulator's own process: the use cases themselves, on a clock that jumps."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.domain.progress import TECHNICIANS_KINDS, ProgressEvent, VisitPhase
from fieldops.errors import PlanVersionStale, WrongState
from fieldops.simulate.driver import DayAhead, Expectation, ReplanDone
from fieldops.simulate.phones import read_phones
from fieldops.store.database import Database
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import (
    EtaRow,
    LiveDayRow,
    PlanRow,
    ReplanRow,
    RouteRow,
    StopRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.actor import SCOPES_OF, SYSTEM, Actor, Role
from fieldops.usecases.context import Context
from fieldops.usecases.create_work_order import NewWorkOrder, create_work_order
from fieldops.usecases.locate_address import Lookup
from fieldops.usecases.proposals import approve_replan, mark_stale
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.run_replan import run_replan
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.visit_request import VisitRequest
from fieldops.usecases.want_replan import start_wanted_replans
from fieldops.usecases.work import Work, transact, view

#: How often the product looks after a day while nobody reports anything. A worker does it every half minute; on a
#: simulated day somebody reports every minute, and nobody forgets to.
SWEEP: Final = timedelta(minutes=10)


@dataclass(slots=True)
class JumpingClock:
    """A clock that stands still until it is told to go on."""

    at: datetime
    speed: float = 0.0

    def now(self) -> datetime:
        """Give the present instant."""
        return self.at


@dataclass(slots=True)
class OwnQueue:
    """Jobs that were left and wait to be done in this process."""

    left: list[tuple[str, str]] = field(default_factory=list)

    def enqueue(
        self,
        session: Session,  # noqa: ARG002
        job: str,
        argument: str,
        *,
        job_id: str,  # noqa: ARG002
        partition: str | None = None,  # noqa: ARG002
    ) -> None:
        """Leave a job."""
        self.left.append((job, argument))

    def has_tables(self, database: Database) -> bool:  # noqa: ARG002
        """Tell that nothing is needed."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """
    What the driver has to know of the day after each change.

    Attributes
    ----------
    replan_at
        When the replan that is wanted begins at the latest; None = none is wanted.
    expected
        What is expected since this instant, by visit id.
    """

    version: int | None
    replan_at: datetime | None
    expected: dict[str, Expectation]


@dataclass(slots=True, kw_only=True)
class InProcess:
    """
    A driver of the use cases.

    Attributes
    ----------
    ctx
        With `clock` and `queue`.
    replans
        Whether replans that are wanted are done; without them the plan of the morning stays as it is.
    decides_after
        When a dispatcher approves what is left to people.
    sweep_every
        How often the product looks after the day while nobody reports anything.
    wait
        Waits until it is time for an instant of the day.
    expected
        By visit id, what was expected of it and since when, in order.
    """

    ctx: Context
    clock: JumpingClock
    queue: OwnQueue
    territory_id: str
    day: date
    replans: bool
    decides_after: timedelta = timedelta(0)
    sweep_every: timedelta = SWEEP
    wait: Callable[[datetime], object] = lambda _at: None
    expected: dict[str, list[Expectation]] = field(default_factory=dict)
    _ahead: dict[str, int] = field(default_factory=dict)
    _proposals: deque[tuple[datetime, str]] = field(default_factory=deque)
    _swept_at: datetime | None = None
    _state: _State | None = None
    _shown: int | None = None
    _phones: tuple[DayAhead, ...] = ()

    def advance(self, until: datetime) -> None:
        """Let time pass: sweep every few minutes, and replan when the product would."""
        self._swept_at = self._swept_at or self.clock.at
        while True:
            sweep_at, replan_at = self._swept_at + self.sweep_every, self._replan_at()
            approve_at = self._proposals[0][0] if self._proposals else None
            soonest = min(instant for instant in (until, sweep_at, replan_at, approve_at) if instant is not None)
            self.wait(soonest)
            self.clock.at = max(self.clock.at, soonest)
            if soonest == replan_at:
                self._replan()
            elif soonest == approve_at:
                self._approve(self._proposals.popleft()[1])
            elif soonest == sweep_at:
                self._swept_at = sweep_at
                sweep_days(self.ctx)
                self._look()
            else:
                return

    def days(self) -> Sequence[DayAhead]:
        """Show what is on the phones; read again when the plan has moved."""
        version = self._known().version
        if version is None or version != self._shown:
            self._phones = view(self.ctx, SYSTEM, read_phones, self.territory_id, self.day)
            self._shown = version
        return self._phones

    def report(self, events: Sequence[ProgressEvent]) -> None:
        """Report events, what happens at visits with the rights of whoever is there."""
        for actor, told in groupby(events, key=_reporter):
            transact(self.ctx, actor, record_events, [*told])
        self._look()

    def replans_done(self) -> tuple[ReplanDone, ...]:
        """Say how the replans of the day ended, in order."""
        return tuple(view(self.ctx, SYSTEM, _done, replan_id, ahead) for replan_id, ahead in self._ahead.items())

    def call_in(self, like_visit_id: str, number: int) -> str:
        """Take down urgent work like that of a visit."""
        return transact(self.ctx, SYSTEM, _call_in, like_visit_id, number)

    def _replan_at(self) -> datetime | None:
        """Tell when the replan that is wanted begins."""
        at = self._known().replan_at
        return None if at is None or not self.replans else max(self.clock.at, at)

    def _replan(self) -> None:
        """Begin the replan that is wanted, and do it."""
        ahead = view(self.ctx, SYSTEM, _num_ahead, self.territory_id, self.day)
        start_wanted_replans(self.ctx)
        while self.queue.left:
            _, replan_id = self.queue.left.pop(0)
            run_replan(self.ctx, replan_id)
            self._ahead[replan_id] = ahead
            self._proposals.append((self.clock.at + self.decides_after, replan_id))
        self._look()

    def _approve(self, replan_id: str) -> None:
        """Approve a proposal, unless nobody waits for that any more."""
        try:
            transact(self.ctx, SYSTEM, approve_replan, replan_id)
        except WrongState:
            return
        except PlanVersionStale as stale:
            transact(self.ctx, SYSTEM, mark_stale, replan_id, str(stale))
        self._look()

    def _known(self) -> _State:
        """Give the state of the day as it was after the last change."""
        return self._state or self._look()

    def _look(self) -> _State:
        """Read what has changed."""
        state = self._state = view(self.ctx, SYSTEM, _read_state, self.territory_id, self.day)
        for visit_id, expectation in state.expected.items():
            self.expected.setdefault(visit_id, []).append(expectation)
        return state


def _read_state(work: Work, territory_id: str, day: date) -> _State:
    """Read the plan's version, the replan that is wanted, and what is expected since just now."""
    session = work.session
    version = session.scalar(select(PlanRow.version).where(PlanRow.territory_id == territory_id, PlanRow.date == day))
    wanted = session.execute(
        select(LiveDayRow.wanted_at, LiveDayRow.wanted_since).where(
            LiveDayRow.territory_id == territory_id, LiveDayRow.date == day, LiveDayRow.wanted_at.is_not(None)
        )
    ).one_or_none()
    replan_at = None
    if wanted is not None and wanted.wanted_at is not None:
        policies = live_policies_of(session.get_one(TerritoryRow, territory_id))
        since = wanted.wanted_since or wanted.wanted_at
        replan_at = min(wanted.wanted_at + policies.replan_after, since + policies.replan_within)
    fresh = session.execute(
        select(EtaRow.visit_id, EtaRow.arrival_at, EtaRow.earliest_at, EtaRow.latest_at).where(
            EtaRow.territory_id == territory_id, EtaRow.date == day, EtaRow.computed_at == work.now
        )
    )
    return _State(
        version=version,
        replan_at=replan_at,
        expected={
            visit_id: Expectation(since=work.now, arrival=arrival, earliest=earliest, latest=latest)
            for visit_id, arrival, earliest, latest in fresh
        },
    )


def _reporter(event: ProgressEvent) -> Actor:
    """Say who reports an event: technicians of visits they are at, everything else the office."""
    if event.visit_id is None or event.technician_id is None or event.kind not in TECHNICIANS_KINDS:
        return SYSTEM
    return Actor(
        id=f"technician:{event.technician_id}",
        role=Role.TECHNICIAN,
        scopes=SCOPES_OF[Role.TECHNICIAN],
        technician_id=event.technician_id,
    )


def _num_ahead(work: Work, territory_id: str, day: date) -> int:
    """Count the visits on routes that nobody has set out for yet."""
    begun = select(VisitProgressRow.visit_id).where(VisitProgressRow.phase != VisitPhase.PLANNED.value)
    query = (
        select(func.count())
        .select_from(StopRow)
        .join(RouteRow, RouteRow.id == StopRow.route_id)
        .join(PlanRow, PlanRow.id == RouteRow.plan_id)
        .where(PlanRow.territory_id == territory_id, PlanRow.date == day, StopRow.is_current)
        .where(StopRow.visit_id.not_in(begun))
    )
    return work.session.scalar(query) or 0


def _done(work: Work, replan_id: str, ahead: int) -> ReplanDone:
    """Say how a replan ended."""
    row = work.session.get_one(ReplanRow, replan_id)
    return ReplanDone(at=row.requested_at, state=row.state, why=tuple(row.why), ahead=ahead, moved=row.churn or 0)


def _call_in(work: Work, like_visit_id: str, number: int) -> str:
    """Take down urgent work at the site of another visit, with its work and skills."""
    like = work.session.get_one(VisitRow, like_visit_id)
    order = work.session.get_one(WorkOrderRow, like.work_order_id)
    made = create_work_order(
        work,
        NewWorkOrder(
            territory_id=like.territory_id,
            summary=f"urgent: {like.name}",
            reference=f"urgent-{number}-{order.reference}",
            customer_id=order.customer_id,
            site_id=like.site_id,
            visits=(
                VisitRequest(
                    duration_s=like.duration_s,
                    name=f"emergency {like.name}",
                    required_skills=dict(like.required_skills),
                    priority=5,
                ),
            ),
        ),
        Lookup(),
    )
    return made.visits[0].id
