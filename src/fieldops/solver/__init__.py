"""
The solver: a library of its own that turns an `Instance` of arrays and integers into a `Result`.

It knows no domain, no database and no clock but the monotonic one it measures its own budget with.
"""

from fieldops.solver.checker import check
from fieldops.solver.evaluate import Evaluator, Insertion
from fieldops.solver.explain import Explanation, ReasonCode, UnassignedKind, explain_all, explain_unassigned
from fieldops.solver.instance import Break, Instance, Shift, Technician, Visit
from fieldops.solver.progress import Progress
from fieldops.solver.repair import Repair
from fieldops.solver.solution import Result, Solution, Termination
from fieldops.solver.solve import solve

__all__ = [
    "Break",
    "Evaluator",
    "Explanation",
    "Insertion",
    "Instance",
    "Progress",
    "ReasonCode",
    "Repair",
    "Result",
    "Shift",
    "Solution",
    "Technician",
    "Termination",
    "UnassignedKind",
    "Visit",
    "check",
    "explain_all",
    "explain_unassigned",
    "solve",
]
