"""
The waitlist: booked customers who would come earlier, and agreed to be asked when room frees.

Asking reserves nothing. An offer is taken up like any other one, by rescheduling the booking with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Row, and_, bindparam, or_, select, tuple_, update

from fieldops.domain.horizon import midnight
from fieldops.domain.problem import TimeWindow
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput, NotFound, Unavailable, WrongState
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import BookingRow, OfferRow, PlanRow, PlanVersionRow, TerritoryRow, VisitRow, WaitlistRow
from fieldops.store.territories import policies_of, territory_of
from fieldops.usecases.ask_boards import ask_boards, load_asked
from fieldops.usecases.audit import record
from fieldops.usecases.booking_views import OfferView, WaitlistView
from fieldops.usecases.notify import notify_customer
from fieldops.usecases.quote_windows import open_windows
from fieldops.usecases.rank_offers import rank_offers, store_offers
from fieldops.usecases.read_bookings import find_booking, waitlist_view
from fieldops.usecases.waitlist_rests import asked_so_far, rests_until
from fieldops.usecases.work import Work

log = structlog.get_logger(__name__)

#: Entries looked at when room frees: the one who frees it waits for the answer. Those who rest are not counted.
MAX_LOOKED_AT: Final = 10
MAX_READ: Final = 100
#: How long after the travel provider did not answer a date is looked at again.
_ASK_AGAIN_AFTER: Final = timedelta(minutes=5)
_DAY: Final = timedelta(days=1)
_OPEN: Final = ("waiting", "offered")
#: Entries whose offer was not taken up in time.
_IS_OVERDUE: Final = and_(WaitlistRow.state == "offered", WaitlistRow.offer_expires_at <= bindparam("now"))
#: Who could take a date, with their bookings, in the order in which they are asked.
_WAITING: Final = Prepared(
    select(WaitlistRow, BookingRow)
    .join(BookingRow, BookingRow.id == WaitlistRow.booking_id)
    .where(WaitlistRow.territory_id == bindparam("territory_id"), WaitlistRow.not_before < bindparam("end_of_day"))
    .where(BookingRow.date >= bindparam("day"), BookingRow.window_start > bindparam("now"))
    .where(BookingRow.state == "confirmed", or_(WaitlistRow.state == "waiting", _IS_OVERDUE))
    .order_by(WaitlistRow.looked_at.nulls_first(), WaitlistRow.created_at, WaitlistRow.id)
    .limit(MAX_READ)
    .with_for_update(of=WaitlistRow, skip_locked=True)
)


def join_waitlist(work: Work, booking_id: str, not_before: datetime, *, consent: bool) -> WaitlistView:
    """
    Put a booking on the waitlist for an earlier window, or change what its entry says.

    Parameters
    ----------
    not_before
        The earliest start the customer could take.
    consent
        That the customer agreed to be asked; without it there is no entry.

    Raises
    ------
    NotFound
        When there is no such booking, or not for this caller.
    WrongState
        When it is canceled, or its window has begun.
    InvalidInput
        Without consent, or when nothing can be earlier than `not_before`.
    """
    booking, _ = find_booking(work, booking_id)
    if booking.state != "confirmed" or booking.window_start <= work.now:
        state = booking.state if booking.state != "confirmed" else "begun"
        raise WrongState(f"the booking is {state}", details={"booking_id": booking.id, "state": state})
    faults = []
    if not consent:
        faults.append(Fault(path="consent", found="false", expected="true: the customer agrees to be asked"))
    if not_before >= booking.window_start:
        expected = f"an instant before the booked window, which begins at {booking.window_start.isoformat()}"
        faults.append(wrong("not_before", not_before.isoformat(), expected))
    if faults:
        raise InvalidInput(faults)
    entry = _open_entry(work, booking)
    if entry is None:
        entry = WaitlistRow(
            id=new_id("wl"),
            booking_id=booking.id,
            territory_id=booking.territory_id,
            not_before=not_before,
            consent_at=work.now,
            state="waiting",
            created_at=work.now,
        )
        work.session.add(entry)
    entry.not_before = not_before
    record(work, "waitlist.joined", "booking", booking.id, not_before=not_before.isoformat())
    work.session.flush()
    return waitlist_view(work.session, entry)


def leave_waitlist(work: Work, booking_id: str) -> WaitlistView:
    """
    Take a booking off the waitlist.

    Raises
    ------
    NotFound
        When there is no such booking, or not for this caller, or it is not on the waitlist.
    """
    booking, _ = find_booking(work, booking_id)
    entry = close_entry(work, booking, "left")
    if entry is None:
        raise NotFound("waitlist entry of booking", booking_id)
    record(work, "waitlist.left", "booking", booking.id)
    work.session.flush()
    return waitlist_view(work.session, entry)


def offer_earlier_windows(work: Work, territory_id: str, day: date) -> int:
    """
    Ask the first on the waitlist who can have an earlier window on a date that has room now.

    Returns
    -------
    int
        How many were asked: one, or none.

    Notes
    -----
    Of those who could take the date, who was never looked at comes first, then who was longest ago. Who rests (see
    `rests_until`) is passed over, and the date is looked at again when that is over; nobody is asked twice about the
    same window. When the travel provider does not answer nobody is asked, and who cannot be quoted is passed over: what
    freed the room must not fail over this.
    """
    return _ask_first(work, territory_id, day).asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How many were asked about a date, and when it is to be looked at again; None = when room frees."""

    asked: int
    again_at: datetime | None


def _ask_first(work: Work, territory_id: str, day: date) -> _Look:
    """Ask the first who can be asked about a date and would have something of it."""
    row = work.session.get_one(TerritoryRow, territory_id)
    policies = policies_of(row)
    end = midnight(day + _DAY, row.time_zone)
    found = _WAITING.rows(work.session, {"territory_id": territory_id, "day": day, "end_of_day": end, "now": work.now})
    waiting: list[tuple[WaitlistRow, BookingRow]] = [(entry, booking) for entry, booking in found]
    asked = asked_so_far(work, waiting)
    ends: list[datetime] = []
    looked_at = 0
    for entry, booking in waiting:
        rest_ends = rests_until(work, booking, asked[entry.id], policies, row.time_zone)
        if rest_ends is not None:
            ends.append(rest_ends)
            continue
        entry.looked_at = work.now
        looked_at += 1
        try:
            if _ask(work, entry, booking, day, asked[entry.id].windows):
                return _Look(asked=1, again_at=min(ends, default=None))
        except Unavailable:
            return _Look(asked=0, again_at=work.now + _ASK_AGAIN_AFTER)
        except InvalidInput as error:
            # One customer's address or visit is at fault: those behind must not wait for it to be mended.
            log.warning("waitlist entry cannot be quoted", waitlist_id=entry.id, error=str(error))
        if looked_at == MAX_LOOKED_AT:
            break
    return _Look(asked=0, again_at=min(ends, default=None))


def sweep_waitlist(work: Work, limit: int = 20) -> int:
    """
    Let entries wait again whose offer was not taken up, and ask the next one about the same date.

    Parameters
    ----------
    limit
        Offers and, apart from them, dates looked at.

    Returns
    -------
    int
        How many offers were over.

    Notes
    -----
    Dates are looked at, too, whose plan has had room freed since the last sweep: by holds that expired when somebody
    else asked, by changes of shifts, by edits and by planning. None of these looks at the waitlist itself. So are those
    where somebody rested the last time who may be asked by now.
    """
    entries = work.session.scalars(
        select(WaitlistRow)
        .where(_IS_OVERDUE)
        .order_by(WaitlistRow.offer_expires_at, WaitlistRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True),
        {"now": work.now},
    ).all()
    days = set()
    for entry in entries:
        entry.state = "waiting"
        offer = None if entry.offer_id is None else work.session.get(OfferRow, entry.offer_id)
        if offer is not None:
            days.add((entry.territory_id, offer.date))
    work.session.flush()
    changed = _plans_with_room(work, limit)
    days.update((plan.territory_id, plan.date) for plan in changed)
    if not days:
        return len(entries)
    looks = {day: _ask_first(work, *day) for day in sorted(days)}
    plans = work.session.execute(
        select(PlanRow.id, PlanRow.territory_id, PlanRow.date)
        .where(tuple_(PlanRow.territory_id, PlanRow.date).in_(days))
        .order_by(PlanRow.id)
    ).all()
    # Last: nobody who changes a plan waits for travel times asked for here.
    seen = {plan.id: plan.version for plan in changed}
    for plan in plans:
        values: dict[str, object] = {"waitlist_at": looks[plan.territory_id, plan.date].again_at}
        if plan.id in seen:
            values["waitlist_version"] = seen[plan.id]
        work.session.execute(update(PlanRow).where(PlanRow.id == plan.id).values(**values))
    return len(entries)


def after_reschedule(work: Work, booking: BookingRow, offer_id: str) -> None:
    """Close the entry of a booking that was moved by its offer, or cannot be earlier any more; else it waits on."""
    entry = _open_entry(work, booking)
    if entry is None:
        return
    if entry.offer_id == offer_id or entry.not_before >= booking.window_start:
        entry.state = "accepted"
    else:
        entry.state = "waiting"


def close_entry(work: Work, booking: BookingRow, state: str) -> WaitlistRow | None:
    """Close the open entry of a booking, if it has one."""
    entry = _open_entry(work, booking)
    if entry is not None:
        entry.state = state
    return entry


def _open_entry(work: Work, booking: BookingRow) -> WaitlistRow | None:
    """Return the open entry of a booking."""
    return work.session.scalar(
        select(WaitlistRow).where(WaitlistRow.booking_id == booking.id, WaitlistRow.state.in_(_OPEN))
    )


def _plans_with_room(work: Work, limit: int) -> Sequence[Row[str, str, date, int]]:
    """Find plans to come that may have had room freed since the waitlist was asked, and for which somebody waits."""
    freed = select(PlanVersionRow.version).where(
        PlanVersionRow.plan_id == PlanRow.id,
        PlanVersionRow.version > PlanRow.waitlist_version,
        PlanVersionRow.reason != "hold",
    )
    waiting = (
        select(WaitlistRow.id)
        .join(BookingRow, BookingRow.id == WaitlistRow.booking_id)
        .where(WaitlistRow.territory_id == PlanRow.territory_id, WaitlistRow.state == "waiting")
        .where(BookingRow.state == "confirmed", BookingRow.date >= PlanRow.date, BookingRow.window_start > work.now)
    )
    return work.session.execute(
        select(PlanRow.id, PlanRow.territory_id, PlanRow.date, PlanRow.version)
        # A day earlier than in UTC it may still be.
        .where(PlanRow.date >= work.now.astimezone(UTC).date() - _DAY)
        .where(or_(PlanRow.waitlist_at <= work.now, and_(PlanRow.version > PlanRow.waitlist_version, freed.exists())))
        .where(waiting.exists())
        .order_by(PlanRow.date, PlanRow.id)
        .limit(limit)
    ).all()


def _ask(work: Work, entry: WaitlistRow, booking: BookingRow, day: date, asked_before: set[TimeWindow]) -> bool:
    """Offer the best earlier window of a date to one entry, if there is one that it was not asked about."""
    offer = _best_earlier(work, entry, booking, day, asked_before)
    if offer is None:
        return False
    entry.state, entry.offer_id, entry.offer_expires_at = "offered", offer.id, offer.expires_at
    record(work, "waitlist.offered", "booking", booking.id, offer_id=offer.id)
    extra = {
        "offer_id": offer.id,
        "window_start": offer.window_start.isoformat(),
        "window_end": offer.window_end.isoformat(),
        "expires_at": offer.expires_at.isoformat(),
    }
    work.session.flush()
    notify_customer(work, booking, "earlier_slot", extra=extra)
    return True


def _best_earlier(
    work: Work, entry: WaitlistRow, booking: BookingRow, day: date, asked_before: set[TimeWindow]
) -> OfferView | None:
    """Quote one entry the earlier windows of a date."""
    territory = territory_of(work.session.get_one(TerritoryRow, entry.territory_id))
    asked = load_asked(work, booking.visit_id)
    windows = [
        window
        for window in open_windows(territory, asked.visit, work.now, first_date=day, num_days=1).get(day, ())
        if entry.not_before <= window.earliest and window.latest <= booking.window_start and window not in asked_before
    ]
    if not windows:
        return None
    answers = ask_boards(work, territory, asked, {day: windows})
    visit = work.session.get_one(VisitRow, booking.visit_id)
    lasting = territory.policies.waitlist_offer
    ranked = rank_offers(work, visit, territory, asked, answers, most=1, lasting=lasting)
    return next(iter(store_offers(work, ranked)), None)
