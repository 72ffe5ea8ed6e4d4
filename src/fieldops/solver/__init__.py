"""
The solver: a library of its own that turns an `Instance` of arrays and integers into a `Result`.

It knows no domain, no database and no clock but the monotonic one it measures its own budget with.
"""

from fieldops.solver.checker import check
from fieldops.solver.evaluate import Evaluator, Insertion
from fieldops.solver.explain import Explanation, ReasonCode, UnassignedKind, explain_all, explain_unassigned
from fieldops.solver.instance import Break, Instance, Shift, Technician, Visit
from fieldops.solver.progress import Progress
from fieldops.solver.quote import Legs, Refusal, RunningRoute, RunningRoutes, Slot, Standing, WindowQuote, quote
from fieldops.solver.repair import Repair
from fieldops.solver.replan import Replan, replan
from fieldops.solver.solution import Result, Solution, Termination
from fieldops.solver.solve import solve

__all__ = [
    "Break",
    "Evaluator",
    "Explanation",
    "Insertion",
    "Instance",
    "Legs",
    "Progress",
    "ReasonCode",
    "Refusal",
    "Repair",
    "Replan",
    "Result",
    "RunningRoute",
    "RunningRoutes",
    "Shift",
    "Slot",
    "Solution",
    "Standing",
    "Technician",
    "Termination",
    "UnassignedKind",
    "Visit",
    "WindowQuote",
    "check",
    "explain_all",
    "explain_unassigned",
    "quote",
    "replan",
    "solve",
]
