"""
Recombination of good routes: set partitioning over the pool.

Routes of a working day are short, so the routes a search meets contain the parts of better plans than any it meets
whole. The linear relaxation (GLOP) prices the visits; columns whose reduced cost exceeds the gap between incumbent and
relaxation cannot be part of a better plan and are dropped; CP-SAT picks from the rest, with the incumbent as hint.

References
----------
.. [1] Subramanian, Uchoa, Ochi (2013), A hybrid algorithm for a class of vehicle routing problems, Computers &
       Operations Research 40(10), doi 10.1016/j.cor.2013.01.013.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from fieldops.solver.evaluate import Evaluator
from fieldops.solver.move_limit import NO_HOME, MoveLimit
from fieldops.solver.schedule import unassigned_cost
from fieldops.units import UNITS_PER_CENT

#: Columns given to CP-SAT at most, those of least reduced cost: it finds little among more in the time it has.
MAX_SAT_COLUMNS = 800
#: Leaving a mandatory visit out costs this many times the dearest route or visit of the pool.
MANDATORY_WEIGHT = 10
#: Cost units that make one unit of CP-SAT's integer objective.
UNITS_PER_STEP = UNITS_PER_CENT // 10


@dataclass(frozen=True, slots=True)
class Column:
    """A route of the pool: any shift of the class may take it."""

    shift_class: int
    cost: int
    visits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    How long CP-SAT may think.

    Attributes
    ----------
    seconds
        Wall clock for the whole recombination; None = by deterministic time alone.
    deterministic_s
        CP-SAT's own machine-independent measure of work.
    threads, seed
        As for the whole solve.
    """

    seconds: float | None
    deterministic_s: float
    threads: int
    seed: int


def recombine(
    evaluator: Evaluator,
    columns: Sequence[Column],
    incumbent: Sequence[Sequence[int]],
    limits: Limits,
    moves: MoveLimit | None = None,
) -> list[list[int]] | None:
    """
    Pick the cheapest combination of pool routes that serves each visit at most once.

    Parameters
    ----------
    columns
        Routes with their exact cost.
    incumbent
        Visits per shift of the best plan; its routes join the columns.
    moves
        How many visits may be with somebody else; where the incumbent is beyond it, what is picked is no further.

    Returns
    -------
    list[list[int]] | None
        Visits per shift; None when nothing better was found in time. The caller compares exact costs.
    """
    model = _Master(evaluator, columns, incumbent)
    kept = model.promising(limits)
    if kept is None:
        return None
    return model.pick(kept, limits, None if moves is None else model.away(moves))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Away:
    """Visits away from home: per column (the least, over the shifts that may take it), when left out, at most."""

    columns: list[int]
    left_out: list[int]
    most: int


class _Master:
    """Set partitioning: a row per visit and per shift class, a variable per column and per visit left out."""

    def __init__(self, evaluator: Evaluator, columns: Sequence[Column], incumbent: Sequence[Sequence[int]]) -> None:
        self.shifts = evaluator.instance.shifts
        self.shifts_of: dict[int, list[int]] = defaultdict(list)
        for shift in range(len(evaluator.instance.shifts)):
            self.shifts_of[evaluator.core.shift_class(shift)].append(shift)
        own = [
            Column(evaluator.core.shift_class(shift), evaluator.cost(shift, visits) or 0, tuple(visits))
            for shift, visits in enumerate(incumbent)
            if visits
        ]
        self.num_own = len(own)
        # A shift under way costs something even when no column takes it: columns count with what they cost beyond that.
        idle = {key: evaluator.cost(shifts[0], ()) or 0 for key, shifts in self.shifts_of.items()}
        own = [replace(column, cost=column.cost - idle[column.shift_class]) for column in own]
        self.columns = own + [replace(column, cost=column.cost - idle[column.shift_class]) for column in columns]
        visits = evaluator.instance.visits
        left_out = [int(unassigned_cost(evaluator.instance, idx).total) for idx in range(len(visits))]
        dearest = max([column.cost for column in self.columns] + left_out)
        self.absence = [
            MANDATORY_WEIGHT * dearest if visit.mandatory else cost
            for visit, cost in zip(visits, left_out, strict=True)
        ]
        served = {visit for column in own for visit in column.visits}
        self.incumbent_absent = [visit for visit in range(len(visits)) if visit not in served]
        self.upper = sum(column.cost for column in own) + sum(self.absence[visit] for visit in self.incumbent_absent)

    def promising(self, limits: Limits) -> list[int] | None:
        """Solve the relaxation and keep the columns that could be part of a better plan; None when none can."""
        solver = pywraplp.Solver.CreateSolver("GLOP")
        # Measured on pools of 3,000 to 18,000 routes: two to three times faster than the default.
        solver.SetSolverSpecificParametersAsString("use_dual_simplex: true use_preprocessing: false")
        if limits.seconds is not None:
            solver.SetTimeLimit(int(1_000 * limits.seconds))
        scale = 1.0 / UNITS_PER_CENT
        objective = solver.Objective()
        rows = [solver.Constraint(1.0, 1.0) for _ in self.absence]
        caps = {key: solver.Constraint(0.0, float(len(shifts))) for key, shifts in self.shifts_of.items()}
        for row, price in zip(rows, self.absence, strict=True):
            absent = solver.NumVar(0.0, solver.infinity(), "")
            row.SetCoefficient(absent, 1.0)
            objective.SetCoefficient(absent, price * scale)
        routes = []
        for column in self.columns:
            route = solver.NumVar(0.0, solver.infinity(), "")
            objective.SetCoefficient(route, column.cost * scale)
            caps[column.shift_class].SetCoefficient(route, 1.0)
            for visit in column.visits:
                rows[visit].SetCoefficient(route, 1.0)
            routes.append(route)
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        gap = self.upper * scale - objective.Value()
        if gap <= 1e-6 * max(1.0, abs(objective.Value())):
            return None
        priced = [(route.ReducedCost(), pos) for pos, route in enumerate(routes)]
        within = sorted(entry for entry in priced if entry[0] <= gap or entry[1] < self.num_own)
        own = list(range(self.num_own))
        return own + [pos for _, pos in within if pos >= self.num_own][:MAX_SAT_COLUMNS]

    def away(self, moves: MoveLimit) -> _Away:
        """Count who is away from home where."""
        technicians = {
            key: {self.shifts[shift].technician for shift in shifts} for key, shifts in self.shifts_of.items()
        }
        homes = [
            [home for visit in column.visits if (home := moves.homes[visit]) != NO_HOME] for column in self.columns
        ]
        columns = [
            min(sum(home != technician for home in at_home) for technician in technicians[column.shift_class])
            for column, at_home in zip(self.columns, homes, strict=True)
        ]
        left_out = [int(home != NO_HOME) for home in moves.homes]
        now = sum(columns[: self.num_own]) + sum(left_out[visit] for visit in self.incumbent_absent)
        return _Away(columns=columns, left_out=left_out, most=max(now, moves.most_moved))

    def pick(self, kept: Sequence[int], limits: Limits, away: _Away | None) -> list[list[int]] | None:
        """Choose among the kept columns with CP-SAT."""
        model = cp_model.CpModel()
        covering: list[list[cp_model.IntVar]] = [[] for _ in self.absence]
        of_class: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        chosen: list[tuple[cp_model.IntVar, int]] = []
        terms: list[tuple[cp_model.IntVar, int]] = []
        for pos in kept:
            column = self.columns[pos]
            route = model.new_bool_var("")
            model.add_hint(route, pos < self.num_own)
            of_class[column.shift_class].append(route)
            for visit in column.visits:
                covering[visit].append(route)
            chosen.append((route, pos))
            terms.append((route, column.cost))
        absences: list[cp_model.IntVar] = []
        absent_in_incumbent = set(self.incumbent_absent)
        for visit, routes in enumerate(covering):
            absent = model.new_bool_var("")
            model.add_hint(absent, visit in absent_in_incumbent)
            model.add_exactly_one([*routes, absent])
            terms.append((absent, self.absence[visit]))
            absences.append(absent)
        if away is not None:
            variables = [*(route for route, _ in chosen), *absences]
            counts = [*(away.columns[pos] for _, pos in chosen), *away.left_out]
            moved = cp_model.LinearExpr.weighted_sum(variables, counts)
            model.add(moved <= away.most)
        for shift_class, routes in of_class.items():
            room = len(self.shifts_of[shift_class])
            if room == 1:
                model.add_at_most_one(routes)
            else:
                model.add(sum(routes) <= room)
        model.minimize(sum((price // UNITS_PER_STEP) * variable for variable, price in terms))

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = limits.threads
        solver.parameters.random_seed = limits.seed % 2**31
        # Ctrl-C is for the caller of the whole solve; CP-SAT would keep it to itself.
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = limits.deterministic_s
        if limits.seconds is not None:
            solver.parameters.max_time_in_seconds = limits.seconds
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        orders: list[list[int]] = [[] for shifts in self.shifts_of.values() for _ in shifts]
        free = {key: list(reversed(shifts)) for key, shifts in self.shifts_of.items()}
        for route, pos in chosen:
            if solver.boolean_value(route):
                column = self.columns[pos]
                orders[free[column.shift_class].pop()] = list(column.visits)
        return orders
