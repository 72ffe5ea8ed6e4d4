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
    planned
        The route as it was planned; None = there was none.
    progress
        What was reported, by visit id.
    promises
        Promised windows, by visit id.
    travel_permille
        What a nominal 1,000 seconds of travel take now.
    """

    technician: Technician
    shift: Shift
    underway: Underway
    planned: Route | None
    progress: Mapping[str, VisitProgress]
    promises: Mapping[str, TimeWindow]
    rates: CostRates
    travel_permille: int


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
    ready = max(whole_second(underway.ready_at), stops[-1].finish)
    home = scaled(underway.travel_home, behind.travel_permille)
    breaks = planned.breaks[: underway.breaks_taken]
    first_departure = min(planned.departure, stops[0].arrival)
    travel = sum((stop.travel for stop in stops), _NONE)
    distance = sum(stop.distance for stop in stops)
    end = ready + home if rest is None else rest.end
    rest_work = home if rest is None else rest.work
    unpaid = sum((pause.end - pause.start for pause in breaks if pause.on_the_clock and not pause.paid), _NONE)
    worked = max(ready - first_departure - unpaid, _NONE)
    overtime = max(ready - max(behind.shift.end, first_departure), _NONE)
    if rest is None:
        overtime = max(end - max(behind.shift.end, first_departure), _NONE)
    else:
        overtime += rest.overtime
    return Route(
        technician_id=planned.technician_id,
        shift_id=planned.shift_id,
        departure=first_departure,
        end=end,
        stops=(*stops, *(() if rest is None else rest.stops)),
        breaks=(*breaks, *_later_breaks(rest, len(stops))),
        travel=travel + (home if rest is None else rest.travel),
        travel_home=home if rest is None else rest.travel_home,
        distance=Meters(distance + (0 if rest is None else rest.distance)),
        work=worked + rest_work,
        overtime=overtime,
        cost=_cost(behind, stops, rest, worked, overtime, home),
    )


def _stops(behind: Behind) -> list[Stop]:
    """Give the stops behind a technician with the times they had, or can have now."""
    planned = {} if behind.planned is None else {stop.visit_id: stop for stop in behind.planned.stops}
    ids = [visit_id for visit_id in behind.underway.behind if visit_id in planned]
    stops: list[Stop] = []
    for visit_id in ids:
        stop, known = planned[visit_id], behind.progress.get(visit_id, VisitProgress(visit_id=visit_id))
        free = stops[-1].departure if stops else stop.arrival - stop.travel
        arrival = _at(known.arrived_at) or max(stop.arrival, free + stop.travel)
        start = _at(known.started_at) or max(arrival, stop.start)
        arrival = min(arrival, start)
        duration = stop.finish - stop.start + known.extension
        finish = _at(known.finished_at) or start + duration
        if visit_id == ids[-1] and not known.is_over:
            finish = max(start, whole_second(behind.underway.ready_at))
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


def _cost(
    behind: Behind, stops: Sequence[Stop], rest: Route | None, worked: timedelta, overtime: timedelta, home: timedelta
) -> dict[str, Cents]:
    """Add up what is behind and what is left, each term rounded for itself."""
    rates, person = behind.rates, behind.technician
    cost: dict[str, Cents] = dict(rest.cost) if rest is not None else {"fixed": rates.shift_used}
    travel_s = sum((stop.travel for stop in stops), home if rest is None else _NONE) // _SECOND
    late_s = sum((stop.lateness for stop in stops), _NONE) // _SECOND
    work_s = (worked + (home if rest is None else _NONE)) // _SECOND
    overtime_s = (overtime - (_NONE if rest is None else rest.overtime)) // _SECOND
    for term, cents in {
        "travel": _share(travel_s, rates.travel_per_hour, _HOUR_S),
        "distance": _share(sum(stop.distance for stop in stops), rates.travel_per_km, _KILOMETER_M),
        "lateness": _share(late_s, rates.lateness_per_minute, _MINUTE_S),
        "work": _share(work_s, person.work_rate, _HOUR_S),
        "overtime": _share(overtime_s, person.overtime_rate, _HOUR_S),
    }.items():
        cost[term] = Cents(cost.get(term, 0) + cents)
    return cost


def _share(amount: int, rate: int, unit: int) -> Cents:
    """Price an amount at a rate for so many of it, halves up."""
    return Cents((amount * rate + unit // 2) // unit)
