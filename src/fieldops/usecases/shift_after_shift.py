"""Two shifts of one technician on one day: the later one does not begin before the earlier one is over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.problem import Place
from fieldops.domain.remaining import begun_late, scaled
from fieldops.domain.residual import excess
from fieldops.travel.provider import TravelProvider
from fieldops.usecases.live_shift import LiveShift
from fieldops.usecases.uncertainty import Beginning

#: Less than this is no delay.
_NOTICED: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftOver:
    """
    When and where a shift is expected to end.

    Attributes
    ----------
    spread
        One standard deviation of `at`.
    """

    at: datetime
    spread: timedelta
    place: Place


def end_of_idle(shift: LiveShift, permille: int) -> ShiftOver | None:
    """
    Expect the end of a shift with nothing left to serve.

    Parameters
    ----------
    permille
        What a nominal 1,000 seconds of travel take now.

    Returns
    -------
    ShiftOver | None
        None when nothing is known of it, or its technician is out.
    """
    known = shift.where.underway
    if known is None or known.is_out:
        return None
    at = known.ready_at + scaled(known.travel_home, permille)
    return ShiftOver(at=at, spread=known.ready_spread, place=place_after(shift))


def place_after(shift: LiveShift) -> Place:
    """Give where the technician is once a shift is over: with an open end, at the last visit."""
    own, places = shift.facts.shift, shift.facts.places
    if own.end_place_id is not None:
        return places[own.end_place_id]
    stops = {visit.id: visit for visit in shift.facts.stops}
    if shift.order:
        return places[stops[shift.order[-1]].place_id]
    return places[own.start_place_id] if shift.where.underway is None else shift.where.underway.place


def after(
    shift: LiveShift, before: ShiftOver, provider: TravelProvider, permille: int
) -> tuple[LiveShift, Beginning | None]:
    """
    Let a shift of which nothing was reported begin once its technician is done with the one before.

    Returns
    -------
    tuple[LiveShift, Beginning | None]
        The same shift, and None, when the one before does not delay it.

    Raises
    ------
    TravelUnavailable, UnreachablePlaces
        As the travel provider does, when the shift begins elsewhere than the one before ends.
    """
    if shift.rest is None or shift.where.underway is not None:
        return shift, None
    there = shift.facts.places[shift.facts.shift.start_place_id]
    ready = before.at
    if there.id != before.place.id:
        seconds = int(provider.between([before.place], [there]).duration_s[0, 0])
        ready += scaled(timedelta(seconds=seconds), permille)
    begin = shift.rest.technicians[0].shifts[0].start
    late, spread = (
        timedelta(seconds=round(seconds))
        for seconds in excess((ready - begin).total_seconds(), before.spread.total_seconds(), 0.0)
    )
    if late < _NOTICED:
        return shift, None
    return replace(shift, rest=begun_late(shift.rest, begin + late)), Beginning(begin, spread)
