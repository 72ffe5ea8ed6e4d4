"""Read quotes' offers, holds and bookings; and find the rows that use cases of booking work with."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from fieldops.domain.policies import Policies
from fieldops.errors import NotFound
from fieldops.store.tables import (
    BookingRow,
    HoldRow,
    OfferRow,
    RouteRow,
    StopRow,
    TerritoryRow,
    VisitRow,
    WaitlistRow,
)
from fieldops.store.territories import policies_of
from fieldops.usecases.access import require_own
from fieldops.usecases.booking_views import BookingView, HoldView, WaitlistView
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work


def read_hold(work: Work, hold_id: str) -> HoldView:
    """
    Read a hold.

    Raises
    ------
    NotFound
        When there is none of that id, or not for this caller.
    """
    hold, visit = find_hold(work, hold_id)
    return hold_view(work, hold, visit)


def read_booking(work: Work, booking_id: str) -> BookingView:
    """
    Read a booking.

    Raises
    ------
    NotFound
        When there is none of that id, or not for this caller.
    """
    booking, _ = find_booking(work, booking_id)
    return booking_view(work, booking)


def list_bookings(
    work: Work,
    *,
    territory_id: str | None = None,
    day: date | None = None,
    customer_id: str | None = None,
    state: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[BookingView]:
    """
    List bookings by window, earliest first; for staff.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    query = select(BookingRow).order_by(BookingRow.window_start, BookingRow.id).limit(limit + 1)
    filters = (
        (BookingRow.territory_id, territory_id),
        (BookingRow.date, day),
        (BookingRow.customer_id, customer_id),
        (BookingRow.state, state),
    )
    for column, value in filters:
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        at, name = read_time_cursor(after)
        same_time = and_(BookingRow.window_start == at, BookingRow.id > name)
        query = query.where(or_(BookingRow.window_start > at, same_time))
    rows = work.session.scalars(query).all()
    views = {view.id: view for view in booking_views(work, rows[:limit])}
    return page_of(rows, limit, lambda row: views[row.id], lambda row: time_key(row.window_start, row.id))


def find_visit(work: Work, visit_id: str, *, kind: str = "visit", name: str | None = None) -> VisitRow:
    """
    Find a visit for its caller.

    Parameters
    ----------
    kind, name
        What the caller asked for, when that is not the visit itself.

    Raises
    ------
    NotFound
        When there is none of that id, or not for this caller.
    """
    visit = work.session.get(VisitRow, visit_id)
    if visit is None:
        raise NotFound(kind, name or visit_id)
    require_own(work, visit.work_order_id, kind=kind, name=name or visit_id)
    return visit


def find_hold(work: Work, hold_id: str) -> tuple[HoldRow, VisitRow]:
    """Find a hold for its caller, with its visit; raises `NotFound` as `find_visit` does."""
    hold = work.session.get(HoldRow, hold_id)
    if hold is None:
        raise NotFound("hold", hold_id)
    return hold, find_visit(work, hold.visit_id, kind="hold", name=hold_id)


def find_booking(work: Work, booking_id: str) -> tuple[BookingRow, VisitRow]:
    """Find a booking for its caller, with its visit; raises `NotFound` as `find_visit` does."""
    booking = work.session.get(BookingRow, booking_id)
    if booking is None:
        raise NotFound("booking", booking_id)
    return booking, find_visit(work, booking.visit_id, kind="booking", name=booking_id)


def hold_view(
    work: Work,
    hold: HoldRow,
    visit: VisitRow,
    *,
    placed: tuple[datetime, str] | None = None,
    policies: Policies | None = None,
) -> HoldView:
    """
    Show a hold as it is now.

    Parameters
    ----------
    placed
        When its visit is planned and with whom, where the caller knows.
    policies
        The territory's, where the caller knows them.
    """
    if policies is None:
        policies = policies_of(work.session.get_one(TerritoryRow, hold.territory_id))
    is_over = hold.state == "active" and hold.expires_at <= work.now
    state = "expired" if is_over else hold.state
    left = (hold.expires_at - work.now).total_seconds() if state == "active" else 0
    start, technician_id = placed or _placed(work.session, [visit.id]).get(visit.id, (None, None))
    return HoldView(
        id=hold.id,
        offer_id=hold.offer_id,
        visit_id=visit.id,
        work_order_id=visit.work_order_id,
        territory_id=hold.territory_id,
        date=hold.date,
        window_start=hold.window_start,
        window_end=hold.window_end,
        state=state,
        made_at=hold.made_at,
        expires_at=hold.expires_at,
        extendable_until=max(hold.expires_at, hold.made_at + policies.hold_most),
        seconds_left=int(left),
        planned_start=start,
        technician_id=technician_id,
    )


def booking_view(work: Work, booking: BookingRow) -> BookingView:
    """Show a booking as it is now."""
    [view] = booking_views(work, [booking])
    return view


def booking_views(work: Work, bookings: Sequence[BookingRow]) -> list[BookingView]:
    """Show bookings as they are now, with a handful of queries for all of them."""
    session = work.session
    session.flush()
    visit_ids = [booking.visit_id for booking in bookings]
    of_visits = select(VisitRow.id, VisitRow.work_order_id).where(VisitRow.id.in_(visit_ids))
    orders = {visit_id: order_id for visit_id, order_id in session.execute(of_visits)}
    confirmed = [booking.visit_id for booking in bookings if booking.state == "confirmed"]
    placed = _placed(session, confirmed)
    territory_ids = {booking.territory_id for booking in bookings}
    of_territories = select(TerritoryRow.id, TerritoryRow.time_zone).where(TerritoryRow.id.in_(territory_ids))
    zones = {territory_id: zone for territory_id, zone in session.execute(of_territories)}
    waiting = {view.booking_id: view for view in _open_entries(session, [booking.id for booking in bookings])}
    views = []
    for booking in bookings:
        is_confirmed = booking.state == "confirmed"
        start, technician_id = placed.get(booking.visit_id, (None, None)) if is_confirmed else (None, None)
        views.append(
            BookingView(
                id=booking.id,
                visit_id=booking.visit_id,
                work_order_id=orders[booking.visit_id],
                customer_id=booking.customer_id,
                territory_id=booking.territory_id,
                time_zone=zones[booking.territory_id],
                hold_id=booking.hold_id,
                date=booking.date,
                window_start=booking.window_start,
                window_end=booking.window_end,
                state=booking.state,
                version=booking.version,
                confirmed_at=booking.confirmed_at,
                changed_at=booking.changed_at,
                canceled_at=booking.canceled_at,
                cancel_reason=booking.cancel_reason,
                planned_start=start,
                technician_id=technician_id,
                waitlist=waiting.get(booking.id),
            )
        )
    return views


def waitlist_view(session: Session, entry: WaitlistRow) -> WaitlistView:
    """Show an entry of the waitlist."""
    offer = None if entry.offer_id is None else session.get(OfferRow, entry.offer_id)
    return WaitlistView(
        id=entry.id,
        booking_id=entry.booking_id,
        territory_id=entry.territory_id,
        not_before=entry.not_before,
        state=entry.state,
        offer_id=entry.offer_id,
        offer_window_start=None if offer is None else offer.window_start,
        offer_window_end=None if offer is None else offer.window_end,
        offer_expires_at=entry.offer_expires_at,
        created_at=entry.created_at,
    )


def _open_entries(session: Session, booking_ids: Sequence[str]) -> list[WaitlistView]:
    """Show the open entries of some bookings."""
    entries = session.scalars(
        select(WaitlistRow).where(
            WaitlistRow.booking_id.in_(booking_ids), WaitlistRow.state.in_(("waiting", "offered"))
        )
    )
    return [waitlist_view(session, entry) for entry in entries]


def _placed(session: Session, visit_ids: Iterable[str]) -> dict[str, tuple[datetime, str] | tuple[None, None]]:
    """Return when visits are planned to start, and with whom."""
    rows: Any = session.execute(
        select(StopRow.visit_id, StopRow.start_at, RouteRow.technician_id)
        .join(RouteRow, RouteRow.id == StopRow.route_id)
        .where(StopRow.visit_id.in_(list(visit_ids)), StopRow.is_current)
    )
    return {visit_id: (start_at, technician_id) for visit_id, start_at, technician_id in rows}
