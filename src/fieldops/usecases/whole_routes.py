"""
Routes of a day under way from end to end: what is behind a technician as it was, what is left as it is planned now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.live import Underway
from fieldops.domain.plan import BreakTaken, Route, Stop
from fieldops.domain.problem import CostRates, Shift, Technician, TimeWindow
from fieldops.domain.progress import VisitProgress
from fieldops.domain.remaining import scaled, whole_second
from fieldops.units import Cents, Meters
from fieldops.usecases.live_day import LiveDay

_NONE: Final = timedelta(0)
_SECOND: Final = timedelta(seconds=1)
_HOUR_S: Final = 3_600
_MINUTE_S: Final = 60
_KILOMETER_M: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """
    What is behind the technician of one shift.

    Attributes
    ----------
    underway
        None = the shift has not begun.
    planned
        The route as it was planned; None = there was none.
    visit_ids
        Of the visits of that route that nobody moves any more, in serving order.
    progress
        What was reported, by visit id.
    promises
        Promised windows, by visit id.
    travel_permille
        What a nominal 1,000 seconds of travel take now.
    """

    technician: Technician
    shift: Shift
    underway: Underway | None
    planned: Route | None
    visit_ids: tuple[str, ...]
    progress: Mapping[str, VisitProgress]
    promises: Mapping[str, TimeWindow]
    rates: CostRates
    travel_permille: int


def behind_on(live: LiveDay, shift_id: str) -> Behind:
    """Say what is behind the technician of one shift of a day under way."""
    facts, state = live.shifts[shift_id].facts, live.state
    underway, planned = state.underway.get(shift_id), live.routes.get(shift_id)
    on_route = [] if planned is None else [stop.visit_id for stop in planned.stops]
    done = () if underway is None else underway.behind
    # What is over is not always behind this technician: somebody else may have been there.
    visit_ids = [*(name for name in on_route if name in state.over and name not in done), *done]
    return Behind(
        technician=facts.technician,
        shift=facts.shift,
        underway=underway,
        planned=planned,
        visit_ids=tuple(name for name in visit_ids if name in on_route),
        progress=live.progress,
        promises={visit.id: visit.promised_window for visit in facts.stops if visit.promised_window is not None},
        rates=live.day.problem.rates,
        travel_permille=state.travel_permille,
    )


def whole_route(behind: Behind, rest: Route | None) -> Route | None:
    """
    Put what is left of a route behind what is over.

    Parameters
    ----------
    rest
        What is left, from where the technician is free; None = nothing but the way home.

    Returns
    -------
    Route | None
        None when the shift serves nobody all day.

    Notes
    -----
    Visits that have begun stand with their real times, those that are about to with the times they can have now. Costs
    of what is behind are those of driving, pay and lateness; wishes that were not met there count no more.
    """
    stops = _stops(behind)
    if not stops:
        return rest
    planned, underway = behind.planned, behind.underway
    assert planned is not None, "stops behind a technician are on a planned route"
    departure, free = min(planned.departure, stops[0].arrival), stops[-1].finish
    home, breaks = _NONE, planned.breaks[:0]
    if underway is not None:
        free = max(free, whole_second(underway.ready_at))
        breaks = planned.breaks[: underway.breaks_taken]
        home = scaled(underway.travel_home, behind.travel_permille) if rest is None else _NONE
    unpaid = sum((pause.end - pause.start for pause in breaks if pause.on_the_clock and not pause.paid), _NONE)
    end = free + home if rest is None else rest.end
    spent = _Spent(
        travel=sum((stop.travel for stop in stops), home),
        distance=sum(stop.distance for stop in stops),
        late=sum((stop.lateness for stop in stops), _NONE),
        work=max(free + home - departure - unpaid, _NONE),
        overtime=max(free + home - max(behind.shift.end, departure), _NONE),
    )
    return Route(
        technician_id=planned.technician_id,
        shift_id=planned.shift_id,
        departure=departure,
        end=end,
        stops=(*stops, *(() if rest is None else rest.stops)),
        breaks=(*breaks, *_later_breaks(rest, len(stops))),
        travel=spent.travel + (_NONE if rest is None else rest.travel),
        travel_home=home if rest is None else rest.travel_home,
        distance=Meters(spent.distance + (0 if rest is None else rest.distance)),
        work=spent.work + (_NONE if rest is None else rest.work),
        overtime=spent.overtime + (_NONE if rest is None else rest.overtime),
        cost=_cost(behind, spent, rest),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spent:
    """What the part of a day has taken that is behind."""

    travel: timedelta
    distance: int
    late: timedelta
    work: timedelta
    overtime: timedelta


def _stops(behind: Behind) -> list[Stop]:
    """Give the stops behind a technician with the times they had, or can have now."""
    planned = {} if behind.planned is None else {stop.visit_id: stop for stop in behind.planned.stops}
    ready_at = None if behind.underway is None else behind.underway.ready_at
    stops: list[Stop] = []
    for visit_id in behind.visit_ids:
        stop, known = planned[visit_id], behind.progress.get(visit_id, VisitProgress(visit_id=visit_id))
        free = stops[-1].departure if stops else stop.arrival - stop.travel
        arrival = _at(known.arrived_at) or max(stop.arrival, free + stop.travel)
        start = _at(known.started_at) or max(arrival, stop.start)
        arrival = min(arrival, start)
        finish = _at(known.finished_at) or start + (stop.finish - stop.start)
        if visit_id == behind.visit_ids[-1] and not known.is_over and ready_at is not None:
            finish = whole_second(ready_at)
        finish = max(finish, start)
        stops.append(_timed(stop, arrival, start, finish, behind.promises.get(visit_id)))
    return stops


def _timed(stop: Stop, arrival: datetime, start: datetime, finish: datetime, promise: TimeWindow | None) -> Stop:
    """Put a stop where it really was."""
    late = _NONE if promise is None else max(start - promise.latest, _NONE)
    wait = min(stop.wait, start - arrival) if start - arrival <= stop.start - stop.arrival else start - arrival
    return replace(
        stop,
        arrival=arrival,
        start=start,
        finish=finish,
        departure=finish,
        wait=max(wait, _NONE),
        slack=_NONE,
        lateness=late,
    )


def _at(instant: datetime | None) -> datetime | None:
    """Cut an instant down to whole seconds: plans know no fractions."""
    return None if instant is None else instant.replace(microsecond=0)


def _later_breaks(rest: Route | None, num_stops: int) -> Sequence[BreakTaken]:
    """Count the stops behind before the breaks that are still to come."""
    if rest is None:
        return ()
    return tuple(replace(pause, after_visits=pause.after_visits + num_stops) for pause in rest.breaks)


def _cost(behind: Behind, spent: _Spent, rest: Route | None) -> dict[str, Cents]:
    """Add up what is behind and what is left, each term rounded for itself."""
    rates, person = behind.rates, behind.technician
    cost: dict[str, Cents] = dict(rest.cost) if rest is not None else {"fixed": rates.shift_used}
    for term, cents in {
        "travel": _share(spent.travel // _SECOND, rates.travel_per_hour, _HOUR_S),
        "distance": _share(spent.distance, rates.travel_per_km, _KILOMETER_M),
        "lateness": _share(spent.late // _SECOND, rates.lateness_per_minute, _MINUTE_S),
        "work": _share(spent.work // _SECOND, person.work_rate, _HOUR_S),
        "overtime": _share(spent.overtime // _SECOND, person.overtime_rate, _HOUR_S),
    }.items():
        cost[term] = Cents(cost.get(term, 0) + cents)
    return cost


def _share(amount: int, rate: int, unit: int) -> Cents:
    """Price an amount at a rate for so many of it, halves up."""
    return Cents((amount * rate + unit // 2) // unit)
