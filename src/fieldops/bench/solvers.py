"""
The solvers a benchmark can run, by name.

A solver is one function from an instance and a budget to routes. Peers join as one adapter each; a solver that also
times and prices its plan hands over the whole solution, which is then checked too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fieldops.bench.suites import Routes
from fieldops.solver import solve
from fieldops.solver.instance import Instance
from fieldops.solver.solution import Solution, Termination


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a solver may use: wall-clock seconds, threads, and the seed that makes runs differ."""

    seconds: float
    threads: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What a solver hands back.

    Attributes
    ----------
    routes
        Shift index and visit indices in serving order, for the suite's referee.
    solution
        The same plan with times and costs, for the solver's own checker; None when the solver has none.
    interrupted
        Somebody pressed Ctrl-C: the plan had less than its budget and does not count.
    """

    routes: Routes
    solution: Solution | None = None
    interrupted: bool = False


SolverFunction = Callable[[Instance, Budget], Answer]


def solve_with_fieldops(instance: Instance, budget: Budget) -> Answer:
    """Run our own solver."""
    result = solve(instance, seconds=budget.seconds, threads=budget.threads, seed=budget.seed)
    return Answer(
        routes=tuple((route.shift, route.visits) for route in result.solution.routes),
        solution=result.solution,
        interrupted=result.termination is Termination.INTERRUPTED,
    )


SOLVERS: Final[Mapping[str, SolverFunction]] = MappingProxyType({"fieldops": solve_with_fieldops})
