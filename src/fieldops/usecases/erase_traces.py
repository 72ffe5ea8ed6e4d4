"""Erase what messages, reports, the audit and answers kept for repeated requests say about a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, delete, or_, select, update

from fieldops.messaging.kinds import State, Via
from fieldops.store.tables import (
    AuditRow,
    IdempotencyRow,
    MessageAttemptRow,
    MessageRow,
    PlanEditRow,
    PlanJobRow,
    PlanRow,
    ProgressEventRow,
    ReplanRow,
    RouteRow,
    StopRow,
    StreamEventRow,
    VisitProgressRow,
)
from fieldops.usecases.impersonal import impersonal, with_words_replaced
from fieldops.usecases.stream import topic_of_visit
from fieldops.usecases.work import Work

#: Begins what stands in place of where a message went.
ERASED: Final = "erased:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """
    Ids of everything that is a customer's.

    Attributes
    ----------
    merged_ids
        Customers who became one with this one.
    visit_names
        Names of visits that nobody else's have, each with the id of such a visit.
    """

    customer_id: str
    merged_ids: tuple[str, ...]
    order_ids: tuple[str, ...]
    visit_ids: tuple[str, ...]
    booking_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    task_ids: tuple[str, ...]
    visit_names: Mapping[str, str]


def erase_traces(work: Work, belongings: Belongings) -> None:
    """Erase what was typed about a customer wherever else it was written down; ids, instants and figures stay."""
    _erase_messages(work, belongings.customer_id)
    _erase_reports(work, belongings)
    _erase_plan_words(work, belongings)
    _erase_streams(work, belongings)
    _erase_answers(work, belongings)
    _clean_audit(work, belongings)


def _erase_messages(work: Work, customer_id: str) -> None:
    """Empty the customer's messages: that they were sent stays known, not where to, nor what they said."""
    messages = work.session.scalars(
        select(MessageRow).where(MessageRow.customer_id == customer_id).with_for_update()
    ).all()
    for message in messages:
        message.title = message.body = message.note = ""
        message.data, message.provider_id = impersonal(message.data), None
        if message.recipient and message.channel != Via.WEBHOOK:
            # Two of one kind may not have the same recipient, and one without any was for nobody.
            message.recipient = f"{ERASED}{message.id}"
        if message.state in {State.DUE, State.SENDING}:
            message.state = State.SKIPPED.value
    work.session.flush()
    sent = select(MessageRow.id).where(MessageRow.customer_id == customer_id)
    work.session.execute(update(MessageAttemptRow).where(MessageAttemptRow.message_id.in_(sent)).values(detail=""))


def _erase_reports(work: Work, belongings: Belongings) -> None:
    """Erase what technicians typed about visits, and where they said they were."""
    events = select(ProgressEventRow).where(ProgressEventRow.visit_id.in_(belongings.visit_ids))
    for event in work.session.scalars(events):
        event.data = impersonal(event.data)
    work.session.execute(
        update(VisitProgressRow).where(VisitProgressRow.visit_id.in_(belongings.visit_ids)).values(reason="")
    )


def _erase_plan_words(work: Work, belongings: Belongings) -> None:
    """Erase reasons of edits of the customer's visits; call the visits by their ids in what plans and replans say."""
    session = work.session
    plans = session.scalars(
        select(PlanRow)
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .where(StopRow.visit_id.in_(belongings.visit_ids))
        .distinct()
    ).all()
    for plan in plans:
        for edit in session.scalars(select(PlanEditRow).where(PlanEditRow.plan_id == plan.id)):
            if any(visit_id in str(edit.request) for visit_id in belongings.visit_ids):
                edit.reason = ""
            edit.violations = with_words_replaced(edit.violations, belongings.visit_names)
        if not belongings.visit_names:
            continue
        of_day = (ReplanRow.territory_id == plan.territory_id, ReplanRow.date == plan.date)
        for replan in session.scalars(select(ReplanRow).where(*of_day)):
            for name in ("why", "diff", "conflicts", "unassigned"):
                setattr(replan, name, with_words_replaced(getattr(replan, name), belongings.visit_names))
        jobs = select(PlanJobRow).where(PlanJobRow.territory_id == plan.territory_id, PlanJobRow.date == plan.date)
        for job in session.scalars(jobs):
            job.unassigned = with_words_replaced(job.unassigned, belongings.visit_names)


def _erase_streams(work: Work, belongings: Belongings) -> None:
    """Erase what streams still tell of the customer's visits; they forget the rest within hours."""
    topics = [topic_of_visit(visit_id) for visit_id in belongings.visit_ids]
    work.session.execute(delete(StreamEventRow).where(StreamEventRow.topic.in_(topics)))
    own = {belongings.customer_id, *belongings.visit_ids}
    on_boards = select(StreamEventRow.id, StreamEventRow.data).where(StreamEventRow.kind.in_(("message", "task")))
    about = [
        event_id
        for event_id, data in work.session.execute(on_boards)
        if own & {data.get("visit_id"), data.get("customer_id")}
    ]
    work.session.execute(delete(StreamEventRow).where(StreamEventRow.id.in_(about)))


def _erase_answers(work: Work, belongings: Belongings) -> None:
    """Empty answers kept for repeated requests: a repeated one still does nothing, and is told nothing."""
    principals = [f"link:{link_id}" for link_id in belongings.link_ids]
    named = [
        IdempotencyRow.body.contains(each)
        for each in (belongings.customer_id, *belongings.merged_ids, *belongings.order_ids)
    ]
    work.session.execute(
        update(IdempotencyRow)
        .where(or_(IdempotencyRow.principal.in_(principals), *named), IdempotencyRow.body != "")
        .values(body="")
        .execution_options(synchronize_session=False)
    )


def _clean_audit(work: Work, belongings: Belongings) -> None:
    """Leave of the audit who did what when; not what was typed."""
    session = work.session
    subjects = {
        "customer": (belongings.customer_id, *belongings.merged_ids),
        "work_order": belongings.order_ids,
        "visit": belongings.visit_ids,
        "booking": belongings.booking_ids,
        "link": belongings.link_ids,
        "task": belongings.task_ids,
    }
    about = or_(
        *(and_(AuditRow.subject_kind == kind, AuditRow.subject_id.in_(ids)) for kind, ids in subjects.items() if ids)
    )
    for line in session.scalars(select(AuditRow).where(about)):
        kept = impersonal(line.detail)
        if kept != line.detail:
            line.detail = kept
    session.flush()


def merged_into(work: Work, customer_id: str) -> tuple[str, ...]:
    """Name the customers who became one with a customer, and those who had become one with them."""
    known = {customer_id}
    while found := _merged_into_any(work, known) - known:
        known |= found
    return tuple(sorted(known - {customer_id}))


def _merged_into_any(work: Work, customer_ids: set[str]) -> set[str]:
    """Name the customers who became one with some others."""
    details = work.session.scalars(
        select(AuditRow.detail).where(
            AuditRow.action == "customer.merged",
            AuditRow.subject_kind == "customer",
            AuditRow.subject_id.in_(customer_ids),
        )
    )
    return {str(detail["other_id"]) for detail in details}
