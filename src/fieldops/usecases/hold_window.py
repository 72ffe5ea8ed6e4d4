"""Hold an offered window for a short time: the visit goes on the plan."""

from typing import Final

from sqlalchemy import bindparam, insert, select

from fieldops.errors import NotFound, WrongState
from fieldops.store.base import table_of
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import HoldRow, OfferRow, VisitRow
from fieldops.usecases.access import require_own
from fieldops.usecases.audit import record
from fieldops.usecases.begin_anew import begin_anew
from fieldops.usecases.booking_views import HoldView
from fieldops.usecases.bound_drafts import latest_expiry
from fieldops.usecases.let_hold_go import end_hold, expire_on
from fieldops.usecases.place_visit import Standing, lock_for, put_on_plan, set_state, standing_of, with_standing
from fieldops.usecases.quote_windows import confirmed_booking
from fieldops.usecases.read_bookings import hold_view
from fieldops.usecases.take_offer import require_open_offer
from fieldops.usecases.waitlist import offer_earlier_windows
from fieldops.usecases.work import Work

_HAS_OVERDUE_HOLDS: Final = (
    select(HoldRow.id)
    .where(HoldRow.territory_id == OfferRow.territory_id, HoldRow.date == OfferRow.date)
    .where(HoldRow.state == "active", HoldRow.expires_at <= bindparam("now"))
    .correlate(OfferRow)
    .exists()
)
#: All that has to be known before anything is locked.
_FIND: Final = Prepared(
    with_standing(
        select(OfferRow, VisitRow, _HAS_OVERDUE_HOLDS)
        .join(VisitRow, VisitRow.id == OfferRow.visit_id)
        .where(OfferRow.id == bindparam("offer_id"))
    )
)
_ADD_HOLD: Final = Prepared(insert(table_of(HoldRow)))


def hold_window(work: Work, offer_id: str) -> HoldView:
    """
    Hold the window of an offer.

    Returns
    -------
    HoldView
        The same one for the same offer, as long as it is active.

    Raises
    ------
    NotFound
        When there is no such offer, or not for this caller.
    OfferExpired
        When the offer cannot be taken up any more.
    WindowTaken
        When nobody can keep the window any more. What the visit held before, it still holds.
    WrongState
        When the visit is booked (a booking is rescheduled instead, one of a visit that failed, too), done or canceled,
        or a draft's and has held windows for long enough (`latest_expiry`).

    Notes
    -----
    A visit holds one window at a time: an earlier hold is released in the same transaction.
    """
    found = _FIND.rows(work.session, {"offer_id": offer_id, "now": work.now})
    if not found:
        raise NotFound("offer", offer_id)
    offer, visit, has_overdue_holds, *standing = found[0]
    require_own(work, visit.work_order_id, kind="offer", name=offer_id)
    seen: Standing | None = standing_of(*standing)
    if has_overdue_holds:
        expire_on(work, offer.territory_id, [offer.date])
        seen = None
    locked = lock_for(work, visit.id, [offer.date], seen=seen)
    earlier = locked.hold
    if earlier is not None and earlier.offer_id == offer.id:
        return hold_view(work, earlier, visit)
    is_booked = visit.state == "booked" or (visit.state == "failed" and confirmed_booking(work, visit) is not None)
    if is_booked or visit.state not in {"draft", "open", "held", "failed"}:
        hint = ": reschedule its booking instead" if is_booked else ""
        details = {"visit_id": visit.id, "state": visit.state}
        raise WrongState(f"the visit is {visit.state}{hint}", details=details)
    policies = locked.territory.policies
    expires_at, latest = work.now + policies.hold_duration, latest_expiry(work, visit, policies.hold_most)
    asked, window = require_open_offer(work, offer)
    if earlier is not None:
        end_hold(work, earlier, state="released")
    placement = put_on_plan(work, locked, offer.date, window, reason="hold", asked=asked)
    is_another_try = visit.state == "failed" or (earlier is not None and earlier.is_another_try)
    if is_another_try:
        begin_anew(work, visit.id, offer.date)
    made = {
        "id": new_id("ho"),
        "offer_id": offer.id,
        "visit_id": visit.id,
        "territory_id": offer.territory_id,
        "date": offer.date,
        "window_start": window.earliest,
        "window_end": window.latest,
        "state": "active",
        "made_at": work.now,
        "expires_at": expires_at if latest is None else min(expires_at, latest),
        "is_another_try": is_another_try,
    }
    _ADD_HOLD.run(work.session, made)
    hold = HoldRow(**made)
    set_state(work, visit, "held")
    record(work, "hold.made", "hold", hold.id, visit_id=visit.id, technician_id=placement.technician_id)
    if earlier is not None and earlier.date != offer.date:
        offer_earlier_windows(work, offer.territory_id, earlier.date)
    placed = (placement.start, placement.technician_id)
    return hold_view(work, hold, visit, placed=placed, policies=policies)
