"""Rank all places that a visit could have on a day: every shift, every position, exact costs, and why not elsewhere."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fieldops.domain.problem import Visit
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.report.wording import clock, duration_words, excess_words
from fieldops.solver import instance as solver
from fieldops.solver.quote import Refusal, RunningRoute, Slot, WindowQuote, quote
from fieldops.solver.schedule import unassigned_cost
from fieldops.solver.trial import try_route
from fieldops.units import UNITS_PER_CENT, Cents, CostUnits, to_cents
from fieldops.usecases.naming import naming_of
from fieldops.usecases.part_of_day import part_of, travel_of_part
from fieldops.usecases.running_day import RunningDay, legs_of, without_visit
from fieldops.usecases.translate import names_technicians, to_standing
from fieldops.usecases.try_routes import try_routes


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPlace:
    """
    The best place of a visit on one shift's route.

    Attributes
    ----------
    position
        How many of the route's other visits come before it.
    cost_change
        What the whole plan costs more than now, cents; negative = less.
    slack
        How far the start could slip without breaking a hard rule.
    extra_travel
        Driving added to the route.
    """

    technician_id: str
    shift_id: str
    position: int
    cost_change: Cents
    start: datetime
    finish: datetime
    slack: timedelta
    extra_travel: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPlace:
    """A shift that cannot take the visit, and why."""

    technician_id: str
    shift_id: str
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPlaces:
    """
    All shifts for one visit.

    Attributes
    ----------
    places
        The best of each shift that has one, by rising cost, then in the problem's order. The visit's own shift is one
        of them.
    without
        The other shifts, in the problem's order.
    """

    visit_id: str
    places: tuple[RankedPlace, ...]
    without: tuple[NoPlace, ...]


def rank_places(day: RunningDay, visit_id: str) -> RankedPlaces:
    """
    Rank all places of a visit, wherever it is now.

    Raises
    ------
    InvalidInput
        When the problem has no such visit.

    Notes
    -----
    Exact: no other place on the same route is cheaper. A promise is no hard rule here, but what being late costs
    counts. O(stops) per shift where nothing depends on time.
    """
    if visit_id not in day.numbers:
        raise InvalidInput([wrong("visit_id", visit_id, "a visit of the problem")])
    visit_idx, home = day.numbers[visit_id], day.homes.get(visit_id)
    slots, reasons = _quoted(day, visit_idx, home)
    now = _cost_now(day, home, visit_idx, None if home is None else slots.get(home))
    priced = sorted((slot.cost + _reassigned(day, idx, visit_idx) - now, idx) for idx, slot in slots.items())
    return RankedPlaces(
        visit_id=visit_id,
        places=tuple(_ranked(day, idx, slots[idx], CostUnits(cost)) for cost, idx in priced),
        without=tuple(
            NoPlace(technician_id=day.shifts[idx].technician.id, shift_id=day.shifts[idx].shift.id, reason=reasons[idx])
            for idx in sorted(reasons)
        ),
    )


def _quoted(day: RunningDay, visit_idx: int, home: int | None) -> tuple[dict[int, Slot], dict[int, Refusal]]:
    """Find the best place on every shift that has one, and why the others have none; its own is asked without it."""
    visit, wanted = day.translation.problem.visits[visit_idx], day.translation.instance.visits[visit_idx]
    quoted = replace(
        wanted,
        place=0,
        allowed_technicians=None,
        forbidden_technicians=frozenset(),
        preferred_technicians=frozenset(),
        baseline_technician=None,
    )
    windows = [(0, day.translation.instance.horizon_s)]
    standings = None
    if names_technicians(visit):
        standings = [to_standing(visit, day.shifts[idx].technician) for idx in day.asked]
    (answer,) = quote(day.running, quoted, day.legs(wanted.place), windows, standings)
    slots = {day.asked[slot.route]: slot for slot in answer.slots if day.asked[slot.route] != home}
    reasons = _reasons(day, visit, quoted, {*slots, home}, answer)
    if home is not None:
        rest = without_visit(day, home, visit.id)
        if rest.running is None:
            reasons[home] = Refusal.UNSOUND
        else:
            own = [to_standing(visit, rest.technician)]
            (at_home,) = quote([rest.running], quoted, legs_of(day, wanted.place, rest), windows, own)
            slots.update((home, slot) for slot in at_home.slots)
            reasons.update((home, why) for why in at_home.refusals)
    return slots, reasons


def _reasons(
    day: RunningDay, visit: Visit, quoted: solver.Visit, others: Collection[int | None], answer: WindowQuote
) -> dict[int, Refusal]:
    """Say why shifts have no place, but for others."""
    reasons: dict[int, Refusal] = {}
    unclear: list[int] = []
    why = set(answer.refusals) - {Refusal.NOT_ALLOWED, Refusal.SKILL}
    for idx, shift in enumerate(day.shifts):
        if idx in others:
            continue
        if shift.running is None:
            reasons[idx] = Refusal.UNSOUND
        elif not to_standing(visit, shift.technician).allowed:
            reasons[idx] = Refusal.NOT_ALLOWED
        elif _lacks_skill(shift.running, quoted):
            reasons[idx] = Refusal.SKILL
        elif len(why) == 1:
            (reasons[idx],) = why
        else:
            unclear.append(idx)
    for idx in unclear:
        running = day.shifts[idx].running
        assert running is not None, "a shift without a running route has its reason"
        legs = legs_of(day, day.translation.instance.visits[day.numbers[visit.id]].place, day.shifts[idx])
        (alone,) = quote([running], quoted, legs, [(0, day.translation.instance.horizon_s)])
        (reasons[idx],) = alone.refusals
    return reasons


def _lacks_skill(running: RunningRoute, quoted: solver.Visit) -> bool:
    """Tell whether a technician's levels do not suffice."""
    held = running.instance.technicians[0].skill_levels
    return any(level < least for level, least in zip(held, quoted.required_levels, strict=True))


def _cost_now(day: RunningDay, home: int | None, visit_idx: int, at_home: Slot | None) -> int:
    """Say what a visit costs where it is now: what its route would cost less without it, or leaving it out."""
    instance = day.translation.instance
    if home is None:
        return unassigned_cost(instance, visit_idx).total
    order = [day.numbers[visit.id] for visit in day.shifts[home].problem.visits]
    if at_home is not None and order[at_home.position] == visit_idx:
        return at_home.cost + _reassigned(day, home, visit_idx)
    rest = [idx for idx in order if idx != visit_idx]
    has_route = bool(rest) or instance.shifts[home].underway
    without = try_route(instance, home, rest).route.cost.total if has_route else 0
    return try_route(instance, home, order).route.cost.total - without


def _reassigned(day: RunningDay, idx: int, visit_idx: int) -> int:
    """Price that somebody else comes than the customer was told."""
    wanted = day.translation.instance.visits[visit_idx]
    if wanted.baseline_technician in {None, day.translation.instance.shifts[idx].technician}:
        return 0
    return wanted.reassigned_cents * UNITS_PER_CENT


def _ranked(day: RunningDay, idx: int, slot: Slot, cost: CostUnits) -> RankedPlace:
    """Name what the solver numbers."""
    shift, start = day.shifts[idx], day.translation.instant_of(slot.start)
    return RankedPlace(
        technician_id=shift.technician.id,
        shift_id=shift.shift.id,
        position=slot.position,
        cost_change=to_cents(cost),
        start=start,
        finish=start + timedelta(seconds=slot.finish - slot.start),
        slack=timedelta(seconds=slot.slack),
        extra_travel=timedelta(seconds=slot.extra_travel_s),
    )


def place_words(day: RunningDay, place: RankedPlace, visit_id: str) -> str:
    """
    Say in one sentence what a place means.

    Returns
    -------
    str
        ``Kim, after Hill Street, 14:10, +12 min driving, 8 min overtime``; the overtime is what comes on top.
    """
    problem, naming = day.translation.problem, naming_of(day.translation.problem)
    own = next(shift for shift in day.shifts if shift.shift.id == place.shift_id)
    others = [visit.id for visit in own.problem.visits if visit.id != visit_id]
    part = part_of(problem, {place.shift_id: others}, {visit_id})
    travel = travel_of_part(problem, day.travel, part)
    order = [*others[: place.position], visit_id, *others[place.position :]]
    before = try_routes(part, travel, {place.shift_id: others}).routes
    (after,) = try_routes(part, travel, {place.shift_id: order}).routes
    words = [
        naming.who(place.technician_id),
        f"after {naming.what(others[place.position - 1])}" if place.position else "first",
        clock(place.start, ZoneInfo(problem.time_zone)),
    ]
    if place.extra_travel:
        sign = "+" if place.extra_travel > timedelta(0) else "\N{MINUS SIGN}"
        words.append(f"{sign}{duration_words(abs(place.extra_travel))} driving")
    overtime = after.overtime - sum((route.overtime for route in before), timedelta(0))
    if overtime > timedelta(0):
        words.append(f"{excess_words(overtime)} overtime")
    late = next(stop.lateness for stop in after.stops if stop.visit_id == visit_id)
    if late:
        words.append(f"{excess_words(late)} late")
    return ", ".join(words)
