"""A day under way in which somebody waits for somebody: one technician, booked customers, what is expected of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.live import Eta
from fieldops.domain.progress import EventKind, ProgressEvent, VisitProgress, progress_of
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.ids import new_id
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    MessageRow,
    ProgressEventRow,
    PromiseRow,
    ShiftRow,
    StreamEventRow,
    TaskRow,
    TechnicianRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.ledger import promise_window
from fieldops.usecases.send_due import send_due
from fieldops.usecases.tell_phase import tell_phase
from fieldops.usecases.tell_times import tell_due, tell_times
from fieldops.usecases.work import Work, transact
from message_worlds import CONTACT, Told
from worlds import (
    TODAY,
    FakeClock,
    add_customer,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    book_visit,
    local,
    make_context,
)

#: Half the width of the range of arrival that these tests expect.
MARGIN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveWorld:
    """
    A territory with one technician on a shift today.

    Attributes
    ----------
    told
        The channels; what is sent is remembered.
    """

    ctx: Context
    clock: FakeClock
    told: Told
    territory: TerritoryRow
    technician: TechnicianRow
    shift: ShiftRow

    def at(self, clock: str) -> None:
        """Let it be a local ``HH:MM`` or ``HH:MM:SS`` of today."""
        self.clock.advance(local(clock) - self.clock.now())

    def booked(
        self, start: str = "10:00", end: str = "12:00", *, customer: dict[str, Any] | None = None, **changes: Any
    ) -> BookingRow:
        """Book a visit for a local window of today, promise included."""
        with self.ctx.database.writing() as session:
            person = add_customer(session, **(customer or {}))
            site = add_site(session, person, km_north=1.0, address="12 Main Street")
            visit = add_visit(session, self.territory, customer=person, site=site, **changes)
            booking = book_visit(session, visit, local(start), local(end), date=TODAY)
            promise_window(self._work(session), booking)
            return booking

    def expect(self, booking: BookingRow, arrival: str, *, position: int = 0) -> int:
        """Say when somebody is expected, as refreshed ETAs do; return how many messages were left."""
        at = local(arrival)
        eta = Eta(
            visit_id=booking.visit_id,
            technician_id=self.technician.id,
            arrival=at,
            earliest=at - MARGIN,
            latest=at + MARGIN,
            finish=at + timedelta(minutes=30),
        )

        def refresh(work: Work) -> int:
            lock_plan(work.session, self.territory.id, TODAY)
            row = work.session.get(EtaRow, booking.visit_id)
            if row is None:
                row = EtaRow(visit_id=booking.visit_id, territory_id=self.territory.id, date=TODAY)
                work.session.add(row)
            row.shift_id, row.technician_id, row.plan_version = self.shift.id, self.technician.id, 1
            row.position, row.computed_at = position, work.now
            row.arrival_at, row.earliest_at, row.latest_at, row.finish_at = eta.arrival, eta.earliest, eta.latest, at
            return tell_times(work, [eta])

        return transact(self.ctx, SYSTEM, refresh)

    def sweep(self) -> int:
        """Let time alone do its work."""

        def locked(work: Work) -> int:
            lock_plan(work.session, self.territory.id, TODAY)
            return tell_due(work, self.territory.id, TODAY)

        return transact(self.ctx, SYSTEM, locked)

    def report(self, booking: BookingRow, kind: EventKind, at: str | None = None, **more: Any) -> VisitProgress:
        """Report an event of a visit, as the technician does; it may come late."""
        event = ProgressEvent(
            id=new_id("ev"),
            kind=kind,
            occurred_at=self.clock.now() if at is None else local(at),
            technician_id=self.technician.id,
            visit_id=booking.visit_id,
            **more,
        )
        return transact(self.ctx, SYSTEM, _recorded, self.territory.id, event)

    def sent(self) -> list[str]:
        """Send what is due; return the titles of the mails that left now."""
        before = len(self.told.email.sent)
        send_due(self.ctx)
        return [mail.title for mail in self.told.email.sent[before:]]

    def outcomes(self, booking: BookingRow) -> list[tuple[str, str | None]]:
        """List the lines of the ledger about a booking, in the order in which they were told, with their outcomes."""
        query = (
            select(PromiseRow)
            .where(PromiseRow.booking_id == booking.id)
            .order_by(PromiseRow.told_at, PromiseRow.kind.desc())
        )
        return [(line.kind, line.outcome) for line in self.rows(query)]

    def tasks(self) -> list[TaskRow]:
        """List all tasks."""
        return self.rows(select(TaskRow).order_by(TaskRow.created_at, TaskRow.kind))

    def messages(self, kind: str) -> list[MessageRow]:
        """List the messages of a kind."""
        return self.rows(select(MessageRow).where(MessageRow.kind == kind).order_by(MessageRow.created_at))

    def heard(self, topic: str) -> list[str]:
        """List the kinds of what was said on a topic."""
        query = select(StreamEventRow).where(StreamEventRow.topic == topic).order_by(StreamEventRow.id)
        return [event.kind for event in self.rows(query)]

    def rows(self, query: Any) -> list[Any]:
        """Read rows."""
        with self.ctx.database.reading() as session:
            return list(session.scalars(query))

    def row(self, table: type[Any], name: str) -> Any:
        """Read a row by its id."""
        with self.ctx.database.reading() as session:
            return session.get_one(table, name)

    def _work(self, session: Session) -> Work:
        return Work(ctx=self.ctx, session=session, actor=SYSTEM, now=self.clock.now())


def make_live_world(database: Database, *, now: datetime | None = None, **territory: Any) -> LiveWorld:
    """Make a world; it is 8:00 today unless told otherwise."""
    clock, told = FakeClock(now or local("08:00")), Told()
    with database.writing() as session:
        row = add_territory(session, **{"policies": {"contact": CONTACT}, **territory})
        technician = add_technician(session, row, name="Kim Doe")
        shift = add_shift(session, technician)
    ctx = replace(make_context(database, clock=clock), channels=told.channels())
    return LiveWorld(ctx=ctx, clock=clock, told=told, territory=row, technician=technician, shift=shift)


def _recorded(work: Work, territory_id: str, event: ProgressEvent) -> VisitProgress:
    """Keep an event and fold the visit's progress anew; then do what follows."""
    session = work.session
    assert event.visit_id is not None
    lock_plan(session, territory_id, TODAY)
    known = session.scalars(select(ProgressEventRow).where(ProgressEventRow.visit_id == event.visit_id)).all()
    before = progress_of(event.visit_id, map(_event_of, known))
    session.add(
        ProgressEventRow(
            id=event.id,
            territory_id=territory_id,
            date=TODAY,
            kind=event.kind.value,
            technician_id=event.technician_id,
            visit_id=event.visit_id,
            occurred_at=event.occurred_at,
            received_at=work.now,
            reporter=work.actor.id,
            data={"minutes": event.minutes, "reason": event.reason},
        )
    )
    after = progress_of(event.visit_id, [*map(_event_of, known), event])
    row = session.get(VisitProgressRow, event.visit_id)
    if row is None:
        row = VisitProgressRow(visit_id=event.visit_id, territory_id=territory_id, date=TODAY)
        session.add(row)
    row.phase, row.technician_id, row.reason = after.phase.value, after.technician_id, after.reason
    row.travel_started_at, row.arrived_at = after.travel_started_at, after.arrived_at
    row.started_at, row.finished_at = after.started_at, after.finished_at
    if after.phase.value in {"done", "failed"}:
        session.get_one(VisitRow, event.visit_id).state = after.phase.value
    if after.phase.value not in {"planned", "traveling"}:
        _forget(session, [event.visit_id])
    tell_phase(work, before, after)
    return after


def _forget(session: Session, visit_ids: Iterable[str]) -> None:
    """Expect nobody any more."""
    for visit_id in visit_ids:
        row = session.get(EtaRow, visit_id)
        if row is not None:
            session.delete(row)


def _event_of(row: ProgressEventRow) -> ProgressEvent:
    """Read an event."""
    return ProgressEvent(
        id=row.id,
        kind=EventKind(row.kind),
        occurred_at=row.occurred_at,
        technician_id=row.technician_id,
        visit_id=row.visit_id,
        minutes=row.data["minutes"],
        reason=row.data["reason"],
    )
