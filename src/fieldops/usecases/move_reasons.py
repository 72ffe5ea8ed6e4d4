"""Why a change of plan moves a visit: one sentence each, the strongest reason that the two plans show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.plan import Route, Stop
from fieldops.domain.problem import Problem, Visit
from fieldops.report.wording import clock, duration_words, excess_words, window_words
from fieldops.usecases.naming import Naming

#: Less driving or overtime saved is nobody's reason.
_WORTH_SAYING: Final = timedelta(minutes=1)
_NONE: Final = timedelta(0)
#: What is said of the cost term that falls most, where neither driving nor overtime is saved.
_CHEAPER_WORDS: Final = {
    "lateness": "promises of these routes are kept better",
    "sla": "less work past its due time",
    "preference": "closer to the times customers prefer",
    "technician": "closer to whom customers prefer",
    "churn": "closer to what customers were told",
    "work": "less paid time",
    "distance": "a shorter way",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a plan has a visit."""

    route: Route
    position: int

    @property
    def stop(self) -> Stop:
        """The visit's stop."""
        return self.route.stops[self.position]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    Two plans of what is left of a day.

    Attributes
    ----------
    was, will
        Where every visit is in one and the other, by id.
    out
        Shifts that nobody works any more.
    naming
        What technicians and visits are called.
    """

    problem: Problem
    before: tuple[Route, ...]
    after: tuple[Route, ...]
    was: Mapping[str, Spot] = field(init=False)
    will: Mapping[str, Spot] = field(init=False)
    out: frozenset[str]
    naming: Naming

    def __post_init__(self) -> None:
        object.__setattr__(self, "was", _spots_of(self.before))
        object.__setattr__(self, "will", _spots_of(self.after))

    def who(self, technician_id: str) -> str:
        """Name a technician."""
        return self.naming.who(technician_id)

    def what(self, visit_id: str) -> str:
        """Name a visit."""
        return self.naming.what(visit_id)

    def promise(self, visit: Visit) -> str:
        """Say when a visit was promised."""
        assert visit.promised_window is not None, "only a promise can be missed"
        return window_words(visit.promised_window, ZoneInfo(self.problem.time_zone))


def _spots_of(routes: Iterable[Route]) -> dict[str, Spot]:
    """Say where every visit is, by id."""
    return {stop.visit_id: Spot(route, pos) for route in routes for pos, stop in enumerate(route.stops)}


def reason_of(comparison: Comparison, visit: Visit, old: Spot | None, new: Spot | None) -> str:
    """
    Say why a visit moves.

    Notes
    -----
    Of these the first that is so: its technician is out; its promise would be missed as it stands; its technician would
    still be at work after the latest end; it makes room for another visit, which is new on the route or was late
    behind it; the visit before it has gone; less driving; less overtime; what else costs less on the routes it leaves
    and joins; the plan as a whole costs less.
    """
    if old is None:
        return "had no place"
    if old.route.shift_id in comparison.out:
        tail = "" if new is not None else ", and nobody else has room for it"
        return f"{comparison.who(old.route.technician_id)} is out{tail}"
    missed = _late_words(comparison, visit, old)
    if new is None:
        return missed or f"nobody has room for it without giving up more{_for_whom(comparison, old)}"
    if new.stop.lateness < old.stop.lateness:
        return missed
    others = [
        _past_end_words(comparison, old) if new.route.shift_id != old.route.shift_id else "",
        _room_words(comparison, old, new),
        _gone_words(comparison, old, new),
        _saved_words(comparison, old, new),
    ]
    return next((words for words in others if words), "the plan as a whole costs less")


def _late_words(comparison: Comparison, visit: Visit, old: Spot) -> str:
    """Say by how much a promise would be missed, if it would."""
    late = old.stop.lateness
    if late <= _NONE or visit.promised_window is None:
        return ""
    who = comparison.who(old.route.technician_id)
    return f"the promise {comparison.promise(visit)} would be missed by {excess_words(late)} with {who}"


def _past_end_words(comparison: Comparison, old: Spot) -> str:
    """Say by how much a technician would be at work too long, if so."""
    ends = {shift.id: shift.hard_end for person in comparison.problem.technicians for shift in person.shifts}
    hard_end = ends.get(old.route.shift_id)
    if hard_end is None or old.route.end <= hard_end:
        return ""
    late = excess_words(old.route.end - hard_end)
    until = clock(hard_end, ZoneInfo(comparison.problem.time_zone))
    return f"{comparison.who(old.route.technician_id)} would be at work {late} after {until}, the latest end"


def _room_words(comparison: Comparison, old: Spot, new: Spot) -> str:
    """Say for which visit it makes room: the one that was latest behind it and gains, or one that is new here."""
    was, will = comparison.was, comparison.will
    gains = [
        (stop.lateness - will[stop.visit_id].stop.lateness, stop.visit_id)
        for stop in old.route.stops[old.position + 1 :]
        if stop.visit_id in will and will[stop.visit_id].stop.lateness < stop.lateness
    ]
    if gains:
        _, visit_id = max(gains, key=lambda gain: gain[0])
        return f"makes room for {comparison.what(visit_id)}, which would be late"
    shift_id = old.route.shift_id
    here = next((route for route in comparison.after if route.shift_id == shift_id), None)
    stops = () if here is None else here.stops
    if here is not None and new.route.shift_id == shift_id:
        if new.stop.start < old.stop.start:
            return ""
        stops = stops[: new.position]
    came = [stop.visit_id for stop in stops if _shift_of(was, stop.visit_id) != shift_id]
    exchanged = [visit_id for visit_id in came if _shift_of(was, visit_id) == new.route.shift_id != shift_id]
    if exchanged:
        return f"changes places with {comparison.what(exchanged[-1])}"
    return f"makes room for {comparison.what(came[-1])}" if came else ""


def _gone_words(comparison: Comparison, old: Spot, new: Spot) -> str:
    """Say which visit before it has gone, when it comes sooner on the same route."""
    if new.route.shift_id != old.route.shift_id or new.stop.start >= old.stop.start:
        return ""
    will = comparison.will
    gone = [
        stop.visit_id
        for stop in old.route.stops[: old.position]
        if _shift_of(will, stop.visit_id) != old.route.shift_id
    ]
    if not gone:
        return ""
    to = will.get(gone[-1])
    where = "is left out" if to is None else f"goes to {comparison.who(to.route.technician_id)}"
    return f"{comparison.what(gone[-1])}, before it, {where}"


def _saved_words(comparison: Comparison, old: Spot, new: Spot) -> str:
    """Say how much driving or overtime the routes it leaves and joins are spared together."""
    touched = {old.route.shift_id, new.route.shift_id}
    was = [route for route in comparison.before if route.shift_id in touched]
    will = [route for route in comparison.after if route.shift_id in touched]
    driving = _sum(route.travel for route in was) - _sum(route.travel for route in will)
    if driving >= _WORTH_SAYING:
        return f"{duration_words(driving)} less driving"
    overtime = _sum(route.overtime for route in was) - _sum(route.overtime for route in will)
    if overtime >= _WORTH_SAYING:
        return f"{duration_words(overtime)} less overtime"
    saved = {term: _cents(was, term) - _cents(will, term) for term in _CHEAPER_WORDS}
    term = max(saved, key=lambda name: saved[name])
    return _CHEAPER_WORDS[term] if saved[term] > 0 else ""


def _cents(routes: Iterable[Route], term: str) -> int:
    """Sum up what a term costs."""
    return sum(route.cost.get(term, 0) for route in routes)


def _for_whom(comparison: Comparison, old: Spot) -> str:
    """Say in favor of which visit one is left out, if that can be said."""
    will = comparison.will
    helped = [
        stop.visit_id
        for stop in old.route.stops[old.position + 1 :]
        if stop.visit_id in will and will[stop.visit_id].stop.lateness < stop.lateness
    ]
    return f"; {comparison.what(helped[0])} would be late behind it" if helped else ""


def _shift_of(spots: Mapping[str, Spot], visit_id: str) -> str | None:
    """Give the shift that has a visit."""
    spot = spots.get(visit_id)
    return None if spot is None else spot.route.shift_id


def _sum(durations: Iterable[timedelta]) -> timedelta:
    """Sum up durations."""
    return sum(durations, _NONE)
