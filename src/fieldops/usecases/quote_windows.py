"""Quote a visit: which of the windows that the territory offers can be kept, best first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select

from fieldops.domain.horizon import start_windows
from fieldops.domain.policies import windows_on
from fieldops.domain.problem import TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import FieldopsError, WrongState
from fieldops.solver.quote import Refusal, WindowQuote
from fieldops.store.base import table_of
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import BookingRow, CustomerRow, OfferRow, TerritoryRow, VisitRow, WorkOrderRow
from fieldops.store.territories import territory_of
from fieldops.units import CostUnits, to_cents
from fieldops.usecases.actor import Actor
from fieldops.usecases.ask_boards import Asked, DayAnswer, ask_boards, load_asked
from fieldops.usecases.booking_views import (
    Candidate,
    OfferReason,
    OfferView,
    QuoteView,
    RefusedReason,
    RefusedWindow,
)
from fieldops.usecases.context import Context
from fieldops.usecases.learn_factors import load_factors
from fieldops.usecases.let_hold_go import expire_on
from fieldops.usecases.movable import why_not_movable
from fieldops.usecases.quote_odds import odds_of
from fieldops.usecases.read_bookings import find_visit
from fieldops.usecases.work import Work, transact

#: Technicians named per window.
MAX_TECHNICIANS: Final = 3
#: Offers given along with the news that a window is taken.
FRESH_OFFERS: Final = 5

_CONFIRMED: Final = Prepared(
    select(BookingRow).where(BookingRow.visit_id == bindparam("visit_id"), BookingRow.state == "confirmed")
)
_KNOWN_TECHNICIAN: Final = Prepared(
    select(CustomerRow.known_technician_id)
    .join(WorkOrderRow, WorkOrderRow.customer_id == CustomerRow.id)
    .where(WorkOrderRow.id == bindparam("work_order_id"))
)
_ADD_OFFERS: Final = Prepared(insert(table_of(OfferRow)))
#: What came closest to keeping a window comes first.
_CLOSEST: Final = (
    (Refusal.FULL, RefusedReason.FULL),
    (Refusal.UNSOUND, RefusedReason.UNSOUND),
    (Refusal.OUTSIDE_SHIFT, RefusedReason.OUTSIDE_SHIFTS),
    (Refusal.SKILL, RefusedReason.NO_SKILL),
    (Refusal.NOT_ALLOWED, RefusedReason.NOT_ALLOWED),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Kept:
    """A window somebody can keep, with the exact cost it is ranked by."""

    window: TimeWindow
    answer: DayAnswer
    cost: CostUnits
    kept_permille: int
    technicians: tuple[Candidate, ...]


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
    row = find_visit(work, visit_id)
    _require_kept(work, row)
    territory = territory_of(work.session.get_one(TerritoryRow, row.territory_id))
    booking = confirmed_booking(work, row)
    why_not = "" if booking is None else why_not_movable(work, booking, row)
    if why_not:
        raise WrongState(why_not, details={"visit_id": visit_id, "state": row.state})
    booked = None if booking is None else TimeWindow(booking.window_start, booking.window_end)
    asked = load_asked(work, visit_id)
    windows = open_windows(territory, asked.visit, work.now, first_date=first_date, num_days=num_days, but_not=booked)
    expire_on(work, territory.id, windows)
    answers = ask_boards(work, territory, asked, windows)
    return save_offers(work, row, territory, asked, answers)


def _require_kept(work: Work, visit: VisitRow) -> None:
    """Refuse a draft whose time is over: a stranger could hold one window after the other for good."""
    if visit.created_at + timedelta(hours=work.ctx.settings.draft_hours) > work.now:
        return
    order = work.session.get_one(WorkOrderRow, visit.work_order_id)
    if order.state == "draft":
        details = {"visit_id": visit.id, "state": order.state}
        raise WrongState("it was begun too long ago: begin to book again", details=details)


def fresh_offers(ctx: Context, actor: Actor, visit_id: str) -> tuple[OfferView, ...]:
    """
    Quote a visit again, in a transaction of its own, after a window could not be had.

    Returns
    -------
    tuple[OfferView, ...]
        The few best; none when the visit cannot be quoted any more.
    """
    try:
        return transact(ctx, actor, quote_windows, visit_id).offers[:FRESH_OFFERS]
    except FieldopsError:
        return ()


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


def save_offers(work: Work, visit: VisitRow, territory: Territory, asked: Asked, answers: list[DayAnswer]) -> QuoteView:
    """Rank what the plans said, and store the offers."""
    factors = load_factors(work.session, territory.id)
    kept = [found for answer in answers for found in _kept(answer, odds_of(answer, asked.visit, factors))]
    kept.sort(key=lambda found: (found.cost, found.window.earliest, found.window.latest))
    quote_id, expires_at = new_id("qu"), work.now + territory.policies.offer_duration
    known = _KNOWN_TECHNICIAN.scalar(work.session, {"work_order_id": visit.work_order_id})
    first_date = min((found.answer.board.date for found in kept), default=None)
    offers, rows = [], []
    for rank, found in enumerate(kept, start=1):
        best, board = found.technicians[0], found.answer.board
        reasons = tuple(_reasons(found, kept[0].cost, asked.visit, known, is_first_date=board.date == first_date))
        offer = OfferView(
            id=new_id("of"),
            quote_id=quote_id,
            visit_id=visit.id,
            territory_id=territory.id,
            date=board.date,
            window_start=found.window.earliest,
            window_end=found.window.latest,
            rank=rank,
            cost_cents=best.cost_cents,
            slack_s=best.slack_s,
            kept_permille=found.kept_permille,
            start=best.start,
            reasons=reasons,
            technicians=found.technicians,
            expires_at=expires_at,
        )
        offers.append(offer)
        rows.append(_offer_row(offer, board.version, work.now))
    if rows:
        _ADD_OFFERS.run(work.session, *rows)
    return QuoteView(
        id=quote_id,
        visit_id=visit.id,
        work_order_id=visit.work_order_id,
        territory_id=territory.id,
        time_zone=territory.time_zone,
        made_at=work.now,
        expires_at=expires_at,
        offers=tuple(offers),
        refused=tuple(refused for answer in answers for refused in _refused(answer)),
    )


def _offer_row(offer: OfferView, plan_version: int, now: datetime) -> dict[str, Any]:
    """Give the columns of an offer."""
    shown = ("id", "quote_id", "visit_id", "territory_id", "date", "window_start", "window_end", "rank")
    more = ("cost_cents", "slack_s", "kept_permille", "expires_at")
    return {
        **{name: getattr(offer, name) for name in (*shown, *more)},
        "technician_id": offer.technicians[0].technician_id,
        "shift_id": offer.technicians[0].shift_id,
        "plan_version": plan_version,
        "made_at": now,
    }


def _kept(answer: DayAnswer, odds: Mapping[TimeWindow, int]) -> Iterator[_Kept]:
    """Pick the windows that somebody can keep; `odds` tells how likely each is to be kept."""
    board = answer.board
    for window, quoted in zip(answer.windows, answer.quotes, strict=True):
        if not quoted.slots:
            continue
        technicians = []
        for slot in quoted.slots[:MAX_TECHNICIANS]:
            shift = board.quotable[slot.route]
            technicians.append(
                Candidate(
                    technician_id=shift.technician.id,
                    shift_id=shift.shift.id,
                    cost_cents=to_cents(slot.cost),
                    start=board.instant_of(slot.start),
                    slack_s=slot.slack,
                    extra_travel_s=slot.extra_travel_s,
                )
            )
        yield _Kept(
            window=window,
            answer=answer,
            cost=quoted.slots[0].cost,
            kept_permille=odds[window],
            technicians=tuple(technicians),
        )


def _reasons(
    found: _Kept, least: CostUnits, visit: Visit, known: str | None, *, is_first_date: bool
) -> Iterator[OfferReason]:
    """Say what speaks for a window."""
    best = found.technicians[0]
    if found.cost == least:
        yield OfferReason.LEAST_COST
    if best.extra_travel_s <= found.answer.board.territory.policies.nearby.total_seconds():
        yield OfferReason.TECHNICIAN_NEARBY
    if best.technician_id == known:
        yield OfferReason.KNOWN_TECHNICIAN
    if visit.preferred_window is not None and best.start in visit.preferred_window:
        yield OfferReason.PREFERRED_TIME
    if is_first_date:
        yield OfferReason.EARLY


def _refused(answer: DayAnswer) -> Iterator[RefusedWindow]:
    """Pick the windows that nobody can keep, with the reason."""
    for window, quoted in zip(answer.windows, answer.quotes, strict=True):
        if quoted.slots:
            continue
        counts = _counts(answer, quoted)
        yield RefusedWindow(
            date=answer.board.date,
            window_start=window.earliest,
            window_end=window.latest,
            reason=next((reason for refusal, reason in _CLOSEST if refusal in counts), RefusedReason.NO_SHIFTS),
            counts={refusal.value: count for refusal, count in counts.items()},
        )


def _counts(answer: DayAnswer, quoted: WindowQuote) -> Mapping[Refusal, int]:
    """Count the shifts per reason; those that cannot even be quoted are unsound."""
    left_out = len(answer.board.shifts) - len(answer.board.quotable)
    if not left_out:
        return quoted.refusals
    return {**quoted.refusals, Refusal.UNSOUND: quoted.refusals.get(Refusal.UNSOUND, 0) + left_out}
