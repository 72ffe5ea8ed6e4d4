"""What has to be so after the kills: nothing lost, nothing twice, every plan sound. Each fault is one line of text."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_worlds import assert_routes_sound
from crash_killer import Kill
from crash_load import Acknowledged, Log
from crash_processes import Receipt
from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    HoldRow,
    MessageAttemptRow,
    MessageRow,
    PlanJobRow,
    PlanRow,
    PlanVersionRow,
    PromiseRow,
    StopRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.context import Context
from fieldops.usecases.record_delivery import LOST

#: Workers let holds go a little after their time.
HOLD_GRACE = timedelta(seconds=30)
#: What the customer is told about each version of a booking, by how the version came to be.
KIND_OF_CHANGE = {"confirmed": "confirmation", "changed": "change", "canceled": "cancellation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What was found.

    Attributes
    ----------
    faults
        Empty when everything is as it must be.
    sent
        Messages that were delivered.
    twice
        Those of them that were delivered again because their worker was killed before it knew: the documented case.
    """

    faults: tuple[str, ...]
    sent: int
    twice: int


def judge(ctx: Context, log: Log, kills: Sequence[Kill], receipts: Mapping[str, Sequence[Receipt]]) -> Verdict:
    """Compare the database with what callers were told, and with what providers were given."""
    with ctx.database.reading() as session:
        messages = session.scalars(select(MessageRow)).all()
        lost_attempts = Counter(
            session.scalars(
                select(MessageAttemptRow.message_id).where(
                    MessageAttemptRow.outcome == "retry", MessageAttemptRow.detail == LOST
                )
            )
        )
        faults = [
            *log.faults,
            *_booking_faults(session, log),
            *_key_faults(session),
            *_plan_faults(ctx, session),
            *_message_faults(session, messages),
            *_delivery_faults(messages, receipts),
            *_lost_attempt_faults(lost_attempts, receipts, kills),
            *_job_faults(session, log),
            *_resuming_faults(kills),
        ]
    return Verdict(
        faults=tuple(faults),
        sent=len(receipts),
        twice=sum(len(taken) > 1 for taken in receipts.values()),
    )


def _booking_faults(session: Session, log: Log) -> Iterator[str]:
    """Find acknowledged bookings that are not what was acknowledged, and bookings that nobody was told of."""
    rows = {booking.id: booking for booking in session.scalars(select(BookingRow))}
    visits = {visit.id: visit for visit in session.scalars(select(VisitRow))}
    stops = Counter(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))
    ledger: dict[str, list[PromiseRow]] = {}
    for promise in session.scalars(select(PromiseRow).order_by(PromiseRow.told_at)):
        ledger.setdefault(promise.booking_id, []).append(promise)
    for stranger in rows.keys() - log.bookings.keys():
        yield f"booking {stranger}: nobody was told of it"
    for known in log.bookings.values():
        name = f"booking {known.booking_id}"
        row = rows.get(known.booking_id)
        if row is None:
            yield f"{name}: lost"
            continue
        last = known.told[-1]
        windows = (datetime.fromisoformat(last.window_start), datetime.fromisoformat(last.window_end))
        if (row.version, row.state, (row.window_start, row.window_end)) != (last.version, last.state, windows):
            yield f"{name}: {last} was acknowledged, it is {row.state} at version {row.version}"
        place = (visits[known.visit_id].state, stops[known.visit_id])
        if row.state == "confirmed" and place != ("booked", 1):
            yield f"{name}: its visit is {place[0]}, on {place[1]} current routes"
        yield from _ledger_faults(known, ledger.get(known.booking_id, []))


def _ledger_faults(known: Acknowledged, lines: Sequence[PromiseRow]) -> Iterator[str]:
    """Compare the ledger of a booking with what its customer was told, window by window."""
    windows = [(told.window_start, told.window_end) for told in known.told if told.state == "confirmed"]
    outcomes: list[str | None] = ["changed"] * (len(windows) - 1)
    outcomes.append("canceled" if known.told[-1].state == "canceled" else None)
    expected = [
        (datetime.fromisoformat(start), datetime.fromisoformat(end), outcome)
        for (start, end), outcome in zip(windows, outcomes, strict=True)
    ]
    found = [(line.window_start, line.window_end, line.outcome) for line in lines]
    if found != expected:
        yield f"booking {known.booking_id}: the ledger says {found}, not {expected}"


def _key_faults(session: Session) -> Iterator[str]:
    """Find what was done twice: a hold confirmed, a work order taken down, a version of a booking made."""
    for hold_id, count in Counter(session.scalars(select(BookingRow.hold_id))).items():
        if count > 1:
            yield f"hold {hold_id}: {count} bookings"
    for summary, count in Counter(session.scalars(select(WorkOrderRow.summary))).items():
        if count > 1:
            yield f"work order {summary}: taken down {count} times"
    actions = session.execute(
        select(AuditRow.subject_id, AuditRow.action).where(AuditRow.subject_kind == "booking").order_by(AuditRow.id)
    )
    done = Counter(booking_id for booking_id, _ in actions)
    for booking_id, version in session.execute(select(BookingRow.id, BookingRow.version)):
        if done[booking_id] != version:
            yield f"booking {booking_id}: {done[booking_id]} changes in the audit, but version {version}"


def _plan_faults(ctx: Context, session: Session) -> Iterator[str]:
    """Referee all running plans."""
    for plan in session.scalars(select(PlanRow)):
        versions = session.scalars(
            select(PlanVersionRow.version).where(PlanVersionRow.plan_id == plan.id).order_by(PlanVersionRow.version)
        ).all()
        if versions != list(range(1, plan.version + 1)):
            yield f"plan of {plan.date}: versions {versions} of {plan.version}"
        try:
            assert_routes_sound(ctx, session, plan)
        except AssertionError as error:
            yield f"plan of {plan.date}: {str(error)[:500]}"
    now = datetime.now(UTC)
    late = select(HoldRow.id).where(HoldRow.state == "active", HoldRow.expires_at < now - HOLD_GRACE)
    for hold_id in session.scalars(late):
        yield f"hold {hold_id}: still active long after its time"
    on_routes = set(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))
    for visit in session.scalars(select(VisitRow)):
        if visit.state in {"held", "booked"} and visit.id not in on_routes:
            yield f"visit {visit.id}: {visit.state}, but on no route"
        if visit.state not in {"open", "held", "booked"} and visit.id in on_routes:
            yield f"visit {visit.id}: {visit.state}, but on a route"


def _message_faults(session: Session, messages: Sequence[MessageRow]) -> Iterator[str]:
    """Find versions of bookings of which nobody was told, and messages that are stuck."""
    told = Counter(
        (message.subject_id, message.subject_version, message.kind)
        for message in messages
        if message.kind in KIND_OF_CHANGE.values()
    )
    events = Counter(
        (message.subject_id, message.subject_version) for message in messages if message.kind.startswith("booking.")
    )
    changes = session.execute(
        select(AuditRow.subject_id, AuditRow.action)
        .where(AuditRow.subject_kind == "booking")
        .order_by(AuditRow.subject_id, AuditRow.id)
    )
    for booking_id, group in groupby(changes, key=lambda row: row[0]):
        for version, (_, action) in enumerate(group, start=1):
            kind = KIND_OF_CHANGE[action.removeprefix("booking.")]
            if told[booking_id, version, kind] != 1:
                yield f"booking {booking_id} version {version}: {told[booking_id, version, kind]} messages {kind}"
            if events[booking_id, version] != 1:
                yield f"booking {booking_id} version {version}: {events[booking_id, version]} events"
    newest: dict[str, int] = {
        booking_id: version for booking_id, version in session.execute(select(BookingRow.id, BookingRow.version))
    }
    now = datetime.now(UTC)
    for message in messages:
        name = f"{message.kind} {message.id}"
        is_outdated = message.subject_version < newest.get(message.subject_id, 0)
        if message.state == "sending" or (message.state == "due" and message.due_at <= now):
            yield f"{name}: still {message.state} ({message.note})"
        elif message.state == "failed":
            yield f"{name}: failed ({message.note})"
        elif message.state == "skipped" and not is_outdated and not _is_superfluous(message):
            yield f"{name}: skipped ({message.note})"


def _is_superfluous(message: MessageRow) -> bool:
    """Tell whether a reminder was left out because the window was told shortly before."""
    return message.kind == "reminder" and "told" in message.note


def _delivery_faults(messages: Sequence[MessageRow], receipts: Mapping[str, Sequence[Receipt]]) -> Iterator[str]:
    """Find messages that did not arrive, and such as nobody wrote."""
    states = {message.id: message.state for message in messages}
    for message_id in receipts:
        if states.get(message_id) not in {"sent", "skipped"}:
            yield f"message {message_id}: delivered, but {states.get(message_id, 'not in the outbox')}"
    for message_id, state in states.items():
        if state == "sent" and message_id not in receipts:
            yield f"message {message_id}: sent, but not delivered"


def _lost_attempt_faults(
    lost_attempts: Mapping[str, int], receipts: Mapping[str, Sequence[Receipt]], kills: Sequence[Kill]
) -> Iterator[str]:
    """Find messages that were sent again although no worker was killed over them."""
    in_hand = Counter(message_id for kill in kills for message_id in kill.messages)
    for message_id, lost in lost_attempts.items():
        if lost > in_hand[message_id]:
            yield f"message {message_id}: given up for lost {lost} times, of {in_hand[message_id]} kills"
    for message_id, taken in receipts.items():
        if len(taken) > 1 + lost_attempts.get(message_id, 0):
            yield f"message {message_id}: delivered {len(taken)} times"


def _job_faults(session: Session, log: Log) -> Iterator[str]:
    """Find plans that were asked for and not made."""
    jobs = {job.id: job for job in session.scalars(select(PlanJobRow))}
    for job_id in log.plan_jobs:
        job = jobs.get(job_id)
        if job is None:
            yield f"plan job {job_id}: lost"
        elif job.state not in {"ready", "published"}:
            yield f"plan job {job_id}: {job.state} ({job.error})"


def _resuming_faults(kills: Sequence[Kill]) -> Iterator[str]:
    """Find work that did not go on."""
    for kill in kills:
        name = f"kill {kill.number} of {kill.victim}"
        if kill.resumed_s is None:
            yield f"{name}: nothing was done afterwards"
        if kill.messages and kill.messages_s is None:
            yield f"{name}: its messages {kill.messages} hang"
        if kill.job is not None and kill.job_s is None:
            yield f"{name}: its plan job {kill.job} hangs"
