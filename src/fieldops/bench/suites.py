"""
What a benchmark suite is: files that become cases, a referee per case, and what a plan is measured against.

The suites themselves are a module each; `run.SUITES` names them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldops.solver.instance import Instance

#: A plan as the referees see it: shift index and the visit indices in serving order, nothing else is believed.
Routes = Sequence[tuple[int, Sequence[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """
    What a referee found by recomputing a plan from the suite's own file.

    Attributes
    ----------
    problems
        Rules broken, for people; empty = feasible.
    cost
        In the unit of the suite's reference.
    travel_s
        Travel of all routes, in the instance's seconds.
    unassigned
        Visits on no route.
    served_priority
        Sum of the priorities of the visits served; None where the suite has no priorities.
    """

    problems: tuple[str, ...]
    cost: float
    travel_s: int
    unassigned: int
    served_priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One file of a suite.

    Attributes
    ----------
    name
        As in the suite's reference file.
    group
        Row of the summary table it belongs to.
    instance
        What the solver gets.
    judge
        The suite's referee, bound to the file's own data.
    """

    name: str
    group: str
    instance: Instance
    judge: Callable[[Routes], Judgment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """
    A set of instance files with one objective.

    Attributes
    ----------
    pattern
        Which files of the folder are instances.
    cost_header
        What the cost column holds, for the summary.
    read
        Reads one file; raises `InvalidInput`.
    references
        Folder and CPU budget in seconds to reference value per instance name.
    gap_pct
        Judgment and reference value to the gap in percent; lower is better.
    """

    name: str
    pattern: str
    cost_header: str
    read: Callable[[Path], Case]
    references: Callable[[Path, float], Mapping[str, float]]
    gap_pct: Callable[[Judgment, float], float]
