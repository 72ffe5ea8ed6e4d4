"""Quote a visit: which of the windows that the territory offers can be kept, best first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from fieldops.domain.horizon import start_windows
from fieldops.domain.policies import windows_on
from fieldops.domain.problem import TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import FieldopsError, WrongState
from fieldops.store.prepared import Prepared
from fieldops.store.tables import BookingRow, TerritoryRow, VisitRow, WorkOrderRow
from fieldops.store.territories import territory_of
from fieldops.usecases.actor import Actor
from fieldops.usecases.ask_boards import Asked, ask_boards, load_asked
from fieldops.usecases.booking_views import OfferView, QuoteView
from fieldops.usecases.context import Context
from fieldops.usecases.let_hold_go import expire_on, overdue_holds
from fieldops.usecases.movable import why_not_movable
from fieldops.usecases.rank_offers import Ranked, rank_offers, refused_windows, store_offers
from fieldops.usecases.read_bookings import find_visit
from fieldops.usecases.work import Work, transact, view

#: Offers given along with the news that a window is taken.
FRESH_OFFERS: Final = 5

_CONFIRMED: Final = Prepared(
    select(BookingRow).where(BookingRow.visit_id == bindparam("visit_id"), BookingRow.state == "confirmed")
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Question:
    """What is asked: a visit, and the windows that may be offered for it."""

    visit: VisitRow
    territory: Territory
    asked: Asked
    windows: dict[date, list[TimeWindow]]


def quote_windows(
    work: Work, visit_id: str, *, first_date: date | None = None, num_days: int | None = None
) -> QuoteView:
    """
    Quote a visit.

    Parameters
    ----------
    first_date, num_days
        Dates wanted; cut by the territory's horizon, which is what None stands for.

    Raises
    ------
    NotFound
        When there is no such visit, or not for this caller.
    WrongState
        When the visit is done or canceled, or booked and cannot be moved any more; or it is a draft to be forgotten.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.

    Notes
    -----
    A visit that is on the plan already is quoted as if it were not; the window it is booked for is left out. Ranked by
    what a window adds to the running plan, wishes about time and technician included; the earlier of equals first.
    """
    question = _question(work, visit_id, first_date=first_date, num_days=num_days)
    visit, territory = question.visit, question.territory
    expire_on(work, territory.id, question.windows)
    answers = ask_boards(work, territory, question.asked, question.windows)
    ranked = rank_offers(work, visit, territory, question.asked, answers)
    return QuoteView(
        id=ranked.quote_id,
        visit_id=visit.id,
        work_order_id=visit.work_order_id,
        territory_id=territory.id,
        time_zone=territory.time_zone,
        made_at=ranked.made_at,
        expires_at=ranked.expires_at,
        offers=store_offers(work, ranked),
        refused=tuple(refused for answer in answers for refused in refused_windows(answer)),
    )


def fresh_offers(ctx: Context, actor: Actor, visit_id: str) -> tuple[OfferView, ...]:
    """
    Quote a visit again after a window could not be had; nobody who writes waits while the plans are asked.

    Returns
    -------
    tuple[OfferView, ...]
        The few best; none when the visit cannot be quoted any more.
    """
    try:
        ranked = view(ctx, actor, _rank_best, visit_id)
        if ranked is None:
            return transact(ctx, actor, quote_windows, visit_id).offers[:FRESH_OFFERS]
        return transact(ctx, actor, store_offers, ranked)
    except FieldopsError:
        return ()


def _rank_best(work: Work, visit_id: str) -> Ranked | None:
    """Rank the few best windows of a visit; None when holds whose time is over are in their way."""
    question = _question(work, visit_id)
    territory = question.territory
    if overdue_holds(work, territory.id, question.windows):
        return None
    answers = ask_boards(work, territory, question.asked, question.windows)
    return rank_offers(work, question.visit, territory, question.asked, answers, most=FRESH_OFFERS)


def _question(work: Work, visit_id: str, *, first_date: date | None = None, num_days: int | None = None) -> _Question:
    """Find out what may be offered for a visit; arguments and errors are those of `quote_windows`."""
    visit = find_visit(work, visit_id)
    _require_kept(work, visit)
    territory = territory_of(work.session.get_one(TerritoryRow, visit.territory_id))
    booking = confirmed_booking(work, visit)
    why_not = "" if booking is None else why_not_movable(work, booking, visit)
    if why_not:
        raise WrongState(why_not, details={"visit_id": visit_id, "state": visit.state})
    booked = None if booking is None else TimeWindow(booking.window_start, booking.window_end)
    asked = load_asked(work, visit_id)
    windows = open_windows(territory, asked.visit, work.now, first_date=first_date, num_days=num_days, but_not=booked)
    return _Question(visit=visit, territory=territory, asked=asked, windows=windows)


def _require_kept(work: Work, visit: VisitRow) -> None:
    """Refuse a draft whose time is over: a stranger could hold one window after the other for good."""
    if visit.created_at + timedelta(hours=work.ctx.settings.draft_hours) > work.now:
        return
    order = work.session.get_one(WorkOrderRow, visit.work_order_id)
    if order.state == "draft":
        details = {"visit_id": visit.id, "state": order.state}
        raise WrongState("it was begun too long ago: begin to book again", details=details)


def confirmed_booking(work: Work, visit: VisitRow) -> BookingRow | None:
    """
    Return the booking of a visit, or None.

    Raises
    ------
    WrongState
        When it is done or canceled.
    """
    if visit.state in {"done", "canceled"}:
        raise WrongState(f"the visit is {visit.state}", details={"visit_id": visit.id, "state": visit.state})
    booking: BookingRow | None = _CONFIRMED.scalar(work.session, {"visit_id": visit.id})
    return booking


def open_windows(
    territory: Territory,
    visit: Visit,
    now: datetime,
    *,
    first_date: date | None = None,
    num_days: int | None = None,
    but_not: TimeWindow | None = None,
) -> dict[date, list[TimeWindow]]:
    """
    Lay the territory's pattern on the dates of its horizon, and cut it by what the visit allows.

    Returns
    -------
    dict[date, list[TimeWindow]]
        In rising order; only windows that begin after the notice, only dates that have some.
    """
    zone = ZoneInfo(territory.time_zone)
    today = now.astimezone(zone).date()
    end = today + timedelta(days=territory.policies.horizon_days)
    first = today if first_date is None else max(first_date, today)
    # The number of days is cut first: a date far in the future plus many days is no date any more.
    last = (
        end if num_days is None or first >= end else min(end, first + timedelta(days=min(num_days, (end - first).days)))
    )
    earliest = now + territory.policies.notice
    found: dict[date, list[TimeWindow]] = {}
    day = first
    while day < last:
        windows = [
            cut
            for offered in windows_on(territory.offered_windows, day, zone)
            for cut in start_windows(visit, offered)
            if cut.earliest >= earliest and cut != but_not
        ]
        if windows:
            found[day] = sorted(set(windows), key=lambda window: (window.earliest, window.latest))
        day += timedelta(days=1)
    return found
