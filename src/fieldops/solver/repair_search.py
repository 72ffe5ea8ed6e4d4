"""The cheapest repair of an unassigned visit, found by really inserting it under one relaxation after the other."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from fieldops.solver.evaluate import Evaluator, Insertion, Orders
from fieldops.solver.relaxation import with_longer_shifts, with_variants
from fieldops.solver.repair import DISPLACED_CENTS, WINDOW_SHIFT_CENTS_PER_MINUTE, Repair, window_shift_s
from fieldops.solver.schedule import unassigned_cost
from fieldops.solver.solution import Route
from fieldops.units import UNITS_PER_CENT, UNITS_PER_CENT_MINUTE_SECOND, CostUnits

#: How many visits may be displaced at once.
MOST_DISPLACED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Room:
    """
    Visits taken off a route to make room.

    Attributes
    ----------
    price, cost
        What that adds to the plan, with and without the price of displacing somebody; cost units.
    worth
        What leaving out the dearest of them costs; cost units.
    displaces, rest
        Visit indices: those that leave, and those that stay, in serving order.
    """

    price: int
    cost: int
    worth: int
    displaces: tuple[int, ...]
    rest: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A route with the visit in it (as `inserted`, when a variant of it), and what that costs over leaving it out."""

    evaluator: Evaluator
    shift: int
    order: tuple[int, ...]
    inserted: int
    cost: CostUnits

    def route(self) -> Route:
        """Schedule it."""
        route = self.evaluator.route(self.shift, self.order)
        assert route is not None, "a route that has a cost can be scheduled"
        return route


class _Cheapest:
    """The cheapest repair met so far; of equally cheap ones the first."""

    def __init__(self) -> None:
        self.repair: Repair | None = None

    def beats(self, price: int) -> bool:
        """Whether a repair at this price is not wanted any more."""
        return self.repair is not None and self.repair.price <= price

    def offer(self, repair: Repair) -> None:
        """Keep it when it is cheaper."""
        if not self.beats(repair.price):
            self.repair = repair


class RepairSearch:
    """
    What the repairs of several visits share: relaxed copies of the instance, and what it costs to make room.

    Parameters
    ----------
    evaluator
        Of the instance as it is.
    orders
        The routes as they are.
    visits
        Those that will be asked about; on no route.
    """

    def __init__(self, evaluator: Evaluator, orders: Orders, visits: Collection[int]) -> None:
        self.instance = evaluator.instance
        self.plain = evaluator
        self.longer = Evaluator(with_longer_shifts(self.instance))
        self.variants = with_variants(self.instance, visits)
        self.eased = Evaluator(self.variants.instance)
        self.orders = {shift: tuple(order) for shift, order in enumerate(evaluator.dense(orders))}
        self.costs = {shift: evaluator.cost(shift, order) for shift, order in self.orders.items()}
        self.left_out = [unassigned_cost(self.instance, visit).total for visit in range(len(self.instance.visits))]
        self.rooms: dict[int, list[_Room]] = {}

    def cheapest(self, visit: int, alone: Sequence[Insertion], fitting: Sequence[Insertion]) -> Repair | None:
        """
        Find the cheapest repair by `Repair.price`, or None when nothing helps.

        A visit that fits as it is and should not be left out then (it is mandatory, or leaving it out is dearer) needs
        no other repair.

        Parameters
        ----------
        visit
            One of the visits given.
        alone, fitting
            Where it fits when all routes are empty, and where it fits now.

        Notes
        -----
        Of equal prices the less intrusive wins: as it is, overtime, another start, another technician, displacing.
        """
        best = _Cheapest()
        for trial in self._trials(self.plain, fitting, visit, visit, best):
            best.offer(_repair(trial, visit, trial.route()))
        if best.repair is not None and (best.repair.cost < 0 or self.instance.visits[visit].mandatory):
            return best.repair
        self._try_overtime(visit, best)
        self._try_another_start(visit, best)
        self._try_anybody(visit, best)
        self._try_displacing(visit, [found.shift for found in alone], best)
        return best.repair

    def _trials(
        self, evaluator: Evaluator, found: Sequence[Insertion], visit: int, inserted: int, best: _Cheapest
    ) -> Iterator[_Trial]:
        """Yield the insertions at every position that are still wanted, those into cheap shifts first."""
        shifts = []
        for insertion in found:
            order, before = self.orders[insertion.shift], self.costs[insertion.shift]
            relaxed_before = evaluator.cost(insertion.shift, order)
            if before is not None and relaxed_before is not None:
                left_out = before + self.left_out[visit]
                shifts.append((relaxed_before + insertion.cost - left_out, insertion.shift, left_out))
        for cheapest, shift, left_out in sorted(shifts):
            if best.beats(cheapest):
                return
            order = self.orders[shift]
            for position in range(len(order) + 1):
                changed = (*order[:position], inserted, *order[position:])
                after = evaluator.cost(shift, changed)
                if after is not None and not best.beats(after - left_out):
                    yield _Trial(evaluator, shift, changed, inserted, CostUnits(after - left_out))

    def _try_overtime(self, visit: int, best: _Cheapest) -> None:
        """Try to let one technician stay longer."""
        found = self.longer.insertions(self.orders, visit)
        for trial in self._trials(self.longer, found, visit, visit, best):
            route = trial.route()
            extra_s = max(0, route.end - self.instance.shifts[trial.shift].hard_end)
            best.offer(_repair(trial, visit, route, extra_overtime_s=extra_s))

    def _try_another_start(self, visit: int, best: _Cheapest) -> None:
        """Try to serve it before or after its windows, by more and more."""
        copies = self.variants.widened.get(visit, ())
        at_any_time = self.eased.insertions(self.orders, copies[-1].visit) if copies else []
        if not at_any_time:
            return
        # What a start far away costs bounds, closely enough, what a nearer one may save.
        least = min(found.cost for found in at_any_time) - self.left_out[visit]
        least_shift_s = 0
        for copy in copies:
            asked = least_shift_s * WINDOW_SHIFT_CENTS_PER_MINUTE * UNITS_PER_CENT_MINUTE_SECOND
            if best.beats(least + asked):
                return
            found = at_any_time if copy is copies[-1] else self.eased.insertions(self.orders, copy.visit)
            for trial in self._trials(self.eased, found, visit, copy.visit, best):
                route = trial.route()
                shift_s = window_shift_s(self.instance.visits[visit], _start(route, copy.visit))
                best.offer(_repair(trial, visit, route, window_shift_s=shift_s))
            least_shift_s = copy.widened_s

    def _try_anybody(self, visit: int, best: _Cheapest) -> None:
        """Try technicians without the skills, or without leave, to serve it; never forbidden ones."""
        copy = self.variants.anybody.get(visit)
        if copy is None:
            return
        wanted = self.instance.visits[visit]
        found = self.eased.insertions(self.orders, copy.visit)
        for trial in self._trials(self.eased, found, visit, copy.visit, best):
            who = self.instance.shifts[trial.shift].technician
            held = self.instance.technicians[who].skill_levels
            pairs = enumerate(zip(held, wanted.required_levels, strict=True))
            missing = tuple(skill for skill, (level, least) in pairs if level < least)
            allowed = wanted.allowed_technicians
            needs_permission = allowed is not None and who not in allowed
            repair = _repair(trial, visit, trial.route(), missing_skills=missing, needs_permission=needs_permission)
            best.offer(repair)

    def _try_displacing(self, visit: int, shifts: Sequence[int], best: _Cheapest) -> None:
        """Try to leave out one or two visits of a route that are worth less; in all shifts side by side."""
        left_out = self.left_out[visit]
        waiting = {shift: self._rooms_worth_less(shift, visit) for shift in shifts}
        while waiting:
            tried: dict[int, _Room] = {}
            for shift, rooms in list(waiting.items()):
                room = next(rooms, None)
                # Serving one more visit makes no route cheaper, but for roads that break the triangle inequality.
                if room is None or best.beats(room.price - left_out):
                    del waiting[shift]
                else:
                    tried[shift] = room
            for found in self.plain.insertions({shift: room.rest for shift, room in tried.items()}, visit):
                if found.shift not in tried:
                    continue
                room = tried[found.shift]
                if best.beats(room.price + found.cost - left_out):
                    continue
                order = (*room.rest[: found.position], visit, *room.rest[found.position :])
                trial = _Trial(self.plain, found.shift, order, visit, CostUnits(room.cost + found.cost - left_out))
                best.offer(_repair(trial, visit, trial.route(), displaces=room.displaces))

    def _rooms_worth_less(self, shift: int, visit: int) -> Iterator[_Room]:
        """Yield the ways to make room in a shift that displace only visits worth less than this one, by price."""
        is_mandatory = self.instance.visits[visit].mandatory
        for room in self._rooms(shift):
            if is_mandatory or room.worth < self.left_out[visit]:
                yield room

    def _rooms(self, shift: int) -> list[_Room]:
        """List the ways to make room in a shift by price; mandatory visits stay."""
        if shift in self.rooms:
            return self.rooms[shift]
        order, before = self.orders[shift], self.costs[shift]
        optional = [visit for visit in order if not self.instance.visits[visit].mandatory]
        rooms = []
        for count in range(1, MOST_DISPLACED + 1):
            for displaces in combinations(optional, count):
                rest = tuple(visit for visit in order if visit not in displaces)
                after = self.plain.cost(shift, rest)
                if before is None or after is None:
                    continue
                values = [self.left_out[visit] for visit in displaces]
                cost = after - before + sum(values)
                price = cost + count * DISPLACED_CENTS * UNITS_PER_CENT
                rooms.append(_Room(price=price, cost=cost, worth=max(values), displaces=displaces, rest=rest))
        self.rooms[shift] = sorted(rooms)
        return self.rooms[shift]


def _start(route: Route, visit: int) -> int:
    return next(stop.start for stop in route.stops if stop.visit == visit)


def _repair(
    trial: _Trial,
    visit: int,
    route: Route,
    *,
    extra_overtime_s: int = 0,
    window_shift_s: int = 0,
    missing_skills: tuple[int, ...] = (),
    needs_permission: bool = False,
    displaces: tuple[int, ...] = (),
) -> Repair:
    return Repair(
        shift=trial.shift,
        visits=tuple(visit if other == trial.inserted else other for other in trial.order),
        start=_start(route, trial.inserted),
        cost=trial.cost,
        extra_overtime_s=extra_overtime_s,
        window_shift_s=window_shift_s,
        missing_skills=missing_skills,
        needs_permission=needs_permission,
        displaces=displaces,
    )
