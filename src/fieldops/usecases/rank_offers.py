"""Rank the windows in which a visit can be had, say what speaks for each, and keep them as offers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, insert, select

from fieldops.domain.problem import TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.solver.quote import Refusal, WindowQuote
from fieldops.store.base import table_of
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import CustomerRow, OfferRow, VisitRow, WorkOrderRow
from fieldops.units import CostUnits, to_cents
from fieldops.usecases.ask_boards import Asked, DayAnswer
from fieldops.usecases.booking_views import Candidate, OfferReason, OfferView, RefusedReason, RefusedWindow
from fieldops.usecases.learn_factors import load_factors
from fieldops.usecases.quote_odds import odds_of
from fieldops.usecases.work import Work

#: Technicians named per window.
MAX_TECHNICIANS: Final = 3

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
    """A window somebody can keep, and the exact cost it is ranked by."""

    window: TimeWindow
    answer: DayAnswer
    quoted: WindowQuote

    @property
    def cost(self) -> CostUnits:
        """What the best place adds."""
        return self.quoted.slots[0].cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """
    Offers that are not stored yet.

    Attributes
    ----------
    offers
        Best first; none when there is no window.
    plan_versions
        Those of the plans that the offers were made of, in the same order.
    """

    quote_id: str
    made_at: datetime
    expires_at: datetime
    offers: tuple[OfferView, ...]
    plan_versions: tuple[int, ...]


def rank_offers(
    work: Work,
    visit: VisitRow,
    territory: Territory,
    asked: Asked,
    answers: Sequence[DayAnswer],
    *,
    most: int | None = None,
    lasting: timedelta | None = None,
) -> Ranked:
    """
    Rank what the plans said by what a window adds to them; the earlier of equals first.

    Parameters
    ----------
    most
        How many are wanted; None = all.
    lasting
        How long they can be taken up; None = as the territory says.
    """
    kept = [
        _Kept(window=window, answer=answer, quoted=quoted)
        for answer in answers
        for window, quoted in zip(answer.windows, answer.quotes, strict=True)
        if quoted.slots
    ]
    kept.sort(key=lambda found: (found.cost, found.window.earliest, found.window.latest))
    first_date = min((found.answer.board.date for found in kept), default=None)
    best = kept[:most]
    odds = _odds(work, territory, asked, best)
    known = _KNOWN_TECHNICIAN.scalar(work.session, {"work_order_id": visit.work_order_id})
    quote_id, expires_at = new_id("qu"), work.now + (lasting or territory.policies.offer_duration)
    offers = []
    for rank, found in enumerate(best, start=1):
        board = found.answer.board
        technicians = tuple(_candidates(found))
        is_early = board.date == first_date
        reasons = _reasons(found, technicians[0], best[0].cost, asked.visit, known, is_first_date=is_early)
        offers.append(
            OfferView(
                id=new_id("of"),
                quote_id=quote_id,
                visit_id=visit.id,
                territory_id=territory.id,
                date=board.date,
                window_start=found.window.earliest,
                window_end=found.window.latest,
                rank=rank,
                cost_cents=technicians[0].cost_cents,
                slack_s=technicians[0].slack_s,
                kept_permille=odds[found.window],
                start=technicians[0].start,
                reasons=tuple(reasons),
                technicians=technicians,
                expires_at=expires_at,
            )
        )
    return Ranked(
        quote_id=quote_id,
        made_at=work.now,
        expires_at=expires_at,
        offers=tuple(offers),
        plan_versions=tuple(found.answer.board.version for found in best),
    )


def store_offers(work: Work, ranked: Ranked) -> tuple[OfferView, ...]:
    """Keep offers so that they can be taken up."""
    rows = [
        _offer_row(offer, plan_version, ranked.made_at)
        for offer, plan_version in zip(ranked.offers, ranked.plan_versions, strict=True)
    ]
    if rows:
        _ADD_OFFERS.run(work.session, *rows)
    return ranked.offers


def refused_windows(answer: DayAnswer) -> Iterator[RefusedWindow]:
    """Pick the windows of a date that nobody can keep, with the reason."""
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


def _odds(work: Work, territory: Territory, asked: Asked, kept: Sequence[_Kept]) -> Mapping[TimeWindow, int]:
    """Tell how likely windows are to be kept, permille."""
    factors = load_factors(work.session, territory.id)
    wanted: dict[DayAnswer, set[TimeWindow]] = {}
    for found in kept:
        wanted.setdefault(found.answer, set()).add(found.window)
    odds: dict[TimeWindow, int] = {}
    for answer, windows in wanted.items():
        odds |= odds_of(answer, asked.visit, factors, windows)
    return odds


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


def _candidates(found: _Kept) -> Iterator[Candidate]:
    """Name who can keep a window, best first."""
    board = found.answer.board
    for slot in found.quoted.slots[:MAX_TECHNICIANS]:
        shift = board.quotable[slot.route]
        yield Candidate(
            technician_id=shift.technician.id,
            shift_id=shift.shift.id,
            cost_cents=to_cents(slot.cost),
            start=board.instant_of(slot.start),
            slack_s=slot.slack,
            extra_travel_s=slot.extra_travel_s,
        )


def _reasons(
    found: _Kept, best: Candidate, least: CostUnits, visit: Visit, known: str | None, *, is_first_date: bool
) -> Iterator[OfferReason]:
    """Say what speaks for a window."""
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


def _counts(answer: DayAnswer, quoted: WindowQuote) -> Mapping[Refusal, int]:
    """Count the shifts per reason; those that cannot even be quoted are unsound."""
    left_out = len(answer.board.shifts) - len(answer.board.quotable)
    if not left_out:
        return quoted.refusals
    return {**quoted.refusals, Refusal.UNSOUND: quoted.refusals.get(Refusal.UNSOUND, 0) + left_out}
