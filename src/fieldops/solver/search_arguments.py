"""What can be wrong with the arguments of a search."""

from fieldops.errors import Fault
from fieldops.solver.evaluate import Orders
from fieldops.solver.instance import Instance
from fieldops.solver.search_run import Budget


def budget_faults(budget: Budget) -> list[Fault]:
    """List what makes no sense about a budget."""
    seconds, iterations, threads, seed = budget.seconds, budget.iterations, budget.threads, budget.seed
    faults = []
    if seconds is None and iterations is None:
        faults.append(Fault(path="seconds", found="nothing", expected="a budget in seconds or in iterations"))
    if seconds is not None and not 0 < seconds < float("inf"):
        faults.append(Fault(path="seconds", found=str(seconds), expected="a finite number above 0"))
    if iterations is not None and iterations < 0:
        faults.append(Fault(path="iterations", found=str(iterations), expected="0 or more"))
    if threads < 1:
        faults.append(Fault(path="threads", found=str(threads), expected="1 or more"))
    if seed < 0:
        faults.append(Fault(path="seed", found=str(seed), expected="0 or more"))
    return faults


def orders_faults(name: str, instance: Instance, orders: Orders) -> list[Fault]:
    """List what a plan given as an argument refers to that there is not, or twice."""
    faults = []
    seen: set[int] = set()
    for shift, visits in orders.items():
        if not 0 <= shift < len(instance.shifts):
            faults.append(Fault(path=f"{name}[{shift}]", found=str(shift), expected="the index of a shift"))
        for position, visit in enumerate(visits):
            path = f"{name}[{shift}][{position}]"
            if not 0 <= visit < len(instance.visits):
                faults.append(Fault(path=path, found=str(visit), expected="the index of a visit"))
            elif visit in seen:
                faults.append(Fault(path=path, found=str(visit), expected="each visit at most once"))
            seen.add(visit)
    return faults


def limit_faults(most_moved: int | None, *, has_baseline: bool) -> list[Fault]:
    """List what makes no sense about the number of visits that may move."""
    if most_moved is None:
        return []
    if not has_baseline:
        return [Fault(path="most_moved", found=str(most_moved), expected="nothing, or a baseline along with it")]
    if most_moved < 0:
        return [Fault(path="most_moved", found=str(most_moved), expected="0 or more")]
    return []
