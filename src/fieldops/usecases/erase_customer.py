"""
Erase a customer: nothing that is left says who it was.

Plans, the ledger of promises and the figures stay as they are, about nobody. A STOP stays with its number or address:
it is what keeps us from writing there again.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, exists, or_, select, update

from fieldops.errors import NotFound, WrongState
from fieldops.store.tables import (
    BookingRow,
    ContactPointRow,
    CustomerNoteRow,
    CustomerRow,
    InboundMessageRow,
    LinkRow,
    PlanRow,
    RouteRow,
    StopRow,
    SurveyRow,
    TaskRow,
    TerritoryRow,
    VisitRow,
    WaitlistRow,
    WorkOrderRow,
)
from fieldops.usecases.add_contact_point import remember_stop
from fieldops.usecases.audit import record
from fieldops.usecases.cancel_work_order import cancel_work_order
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.customer_views import CustomerView, customer_views
from fieldops.usecases.erase_places import erase_places
from fieldops.usecases.erase_traces import Belongings, erase_traces, merged_into
from fieldops.usecases.work import Work

_OPEN: Final = ("draft", "open")
#: Routes of a date are over so long after its midnight.
_NIGHT: Final = timedelta(hours=6)


def erase_customer(work: Work, customer_id: str) -> CustomerView:
    """
    Erase everything that says who a customer is, for good.

    What is still open without an appointment is canceled first. Saying it again erases what has come in since.

    Raises
    ------
    NotFound
        When there is no such customer.
    WrongState
        While an appointment is ahead, while nobody has said what became of one, and on the day of a visit: the route
        goes on from there.
    """
    customer = work.session.get(CustomerRow, customer_id, with_for_update=True)
    if customer is None or customer.is_draft:
        raise NotFound("customer", customer_id)
    _refuse_while_expected(work, customer_id)
    orders = select(WorkOrderRow.id).where(WorkOrderRow.customer_id == customer_id, WorkOrderRow.state.in_(_OPEN))
    for order_id in work.session.scalars(orders.order_by(WorkOrderRow.id)).all():
        cancel_work_order(work, order_id)
    work.session.flush()
    belongings = _belongings(work, customer_id)
    _close_ways_in(work, belongings)
    _erase_words(work, belongings)
    _erase_contacts(work, customer_id)
    erase_places(work, customer_id)
    erase_traces(work, belongings)
    customer.name, customer.name_key, customer.reference, customer.time_zone = "", "", None, None
    customer.known_technician_id, customer.technician_is_chosen = None, True
    customer.erased_at = customer.erased_at or work.now
    record(work, "customer.erased", "customer", customer_id)
    work.session.flush()
    work.session.expire_all()
    return customer_views(work.session, [work.session.get_one(CustomerRow, customer_id)])[0]


def _refuse_while_expected(work: Work, customer_id: str) -> None:
    """Raise when somebody still needs to know where to go, or what is on the route of today."""
    days = {row.id: _today(work, row) for row in work.session.scalars(select(TerritoryRow))}
    found = work.session.execute(
        select(VisitRow.id, VisitRow.territory_id, VisitRow.state, PlanRow.date)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .outerjoin(StopRow, and_(StopRow.visit_id == VisitRow.id, StopRow.is_current))
        .outerjoin(RouteRow, RouteRow.id == StopRow.route_id)
        .outerjoin(PlanRow, PlanRow.id == RouteRow.plan_id)
        .where(WorkOrderRow.customer_id == customer_id, VisitRow.state.in_(("booked", "held", "done")))
        .order_by(VisitRow.id)
        # Whoever confirms a hold locks the visit first.
        .with_for_update(of=VisitRow)
    ).all()
    visits = [
        visit_id
        for visit_id, territory_id, state, day in found
        if state != "done" or (day is not None and day >= days[territory_id])
    ]
    if visits:
        raise WrongState(
            "the customer has an appointment ahead, one that nobody has reported of, or was visited today: cancel it, "
            "say what became of it, or wait until tomorrow",
            details={"customer_id": customer_id, "visit_ids": visits},
        )


def _today(work: Work, territory: TerritoryRow) -> date:
    """Give the date on which routes of a territory may still be under way, those of the night included."""
    return (work.now - _NIGHT).astimezone(ZoneInfo(territory.time_zone)).date()


def _belongings(work: Work, customer_id: str) -> Belongings:
    """Collect the ids of everything that is a customer's."""
    session = work.session
    orders = session.scalars(select(WorkOrderRow.id).where(WorkOrderRow.customer_id == customer_id)).all()
    visits = session.scalars(select(VisitRow.id).where(VisitRow.work_order_id.in_(orders))).all()
    bookings = session.scalars(select(BookingRow.id).where(BookingRow.visit_id.in_(visits))).all()
    opened = (*orders, *bookings)
    return Belongings(
        customer_id=customer_id,
        merged_ids=merged_into(work, customer_id),
        order_ids=tuple(orders),
        visit_ids=tuple(visits),
        booking_ids=tuple(bookings),
        link_ids=tuple(session.scalars(select(LinkRow.id).where(LinkRow.subject_id.in_(opened)))),
        task_ids=tuple(session.scalars(select(TaskRow.id).where(TaskRow.customer_id == customer_id))),
        visit_names=_own_names(work, visits),
    )


def _own_names(work: Work, visit_ids: Sequence[str]) -> dict[str, str]:
    """Name the visits whose names nobody else's have: those are no types of work, and may say whose it is."""
    other = select(VisitRow.name).where(VisitRow.id.not_in(visit_ids))
    own = select(VisitRow.id, VisitRow.name).where(VisitRow.id.in_(visit_ids), VisitRow.name != "")
    return {name: visit_id for visit_id, name in work.session.execute(own.where(VisitRow.name.not_in(other)))}


def _close_ways_in(work: Work, belongings: Belongings) -> None:
    """Revoke the customer's links, and take the customer off the waitlist."""
    work.session.execute(
        update(LinkRow)
        .where(LinkRow.id.in_(belongings.link_ids), LinkRow.revoked_at.is_(None))
        .values(revoked_at=work.now)
    )
    work.session.execute(
        update(WaitlistRow)
        .where(WaitlistRow.booking_id.in_(belongings.booking_ids), WaitlistRow.state.in_(("waiting", "offered")))
        .values(state="left")
    )


def _erase_words(work: Work, belongings: Belongings) -> None:
    """Erase what was typed about the customer: in orders, bookings, notes, answers and tasks."""
    session, customer_id = work.session, belongings.customer_id
    session.execute(
        update(WorkOrderRow)
        .where(WorkOrderRow.id.in_(belongings.order_ids))
        .values(summary="", reference=None, intake=None)
    )
    session.execute(
        update(VisitRow)
        .where(VisitRow.id.in_(belongings.visit_names.values()))
        .values(name="", version=VisitRow.version + 1)
    )
    session.execute(update(BookingRow).where(BookingRow.id.in_(belongings.booking_ids)).values(cancel_reason=None))
    session.execute(delete(CustomerNoteRow).where(CustomerNoteRow.customer_id == customer_id))
    session.execute(update(SurveyRow).where(SurveyRow.customer_id == customer_id).values(comment=""))
    tasks = update(TaskRow).where(TaskRow.customer_id == customer_id)
    session.execute(tasks.where(TaskRow.state == "open").values(state="done", done_at=work.now, done_by=work.actor.id))
    session.execute(tasks.values(code=None, facts={}, summary="", note=""))


def _erase_contacts(work: Work, customer_id: str) -> None:
    """Erase numbers and addresses, and what came in from them; who said STOP is never written to again."""
    session = work.session
    points = session.scalars(
        select(ContactPointRow).where(ContactPointRow.customer_id == customer_id).with_for_update()
    ).all()
    numbers = [point.value for point in points if point.kind == ContactKind.PHONE]
    for point in points:
        if point.stopped_at is not None:
            remember_stop(work, ContactKind(point.kind), point.value)
    others = exists().where(
        ContactPointRow.kind == ContactKind.PHONE.value,
        ContactPointRow.value == InboundMessageRow.sender,
        ContactPointRow.customer_id != customer_id,
    )
    session.execute(
        delete(InboundMessageRow).where(
            or_(
                InboundMessageRow.customer_id == customer_id,
                and_(InboundMessageRow.customer_id.is_(None), InboundMessageRow.sender.in_(numbers), ~others),
            )
        )
    )
    session.execute(delete(ContactPointRow).where(ContactPointRow.customer_id == customer_id))
