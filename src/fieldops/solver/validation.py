"""What a solver instance must satisfy; every fault is found in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from fieldops.errors import Fault
from fieldops.solver.instance import (
    MAX_BREAKS,
    MAX_CENTS,
    MAX_VALUE,
    Break,
    Instance,
    IntArray,
    Shift,
    Technician,
    Visit,
)
from fieldops.solver.solution import Violation
from fieldops.units import (
    UNITS_PER_CENT,
    UNITS_PER_CENT_HOUR_SECOND,
    UNITS_PER_CENT_KM_METER,
    UNITS_PER_CENT_MINUTE_SECOND,
)

#: No plan may cost more cost units than this: sums in 64 bits stay exact, with room to spare.
MAX_PLAN_UNITS: Final = 2**60
#: A technician may be at most a hundred times slower than nominal.
MAX_DURATION_PERMILLE: Final = 100_000
_LONGEST_TEXT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """How many there are of what is referred to by index."""

    places: int
    profiles: int
    technicians: int
    skills: int


def instance_faults(instance: Instance) -> list[Fault]:
    """
    List everything that is wrong with an instance; empty when nothing is.

    Notes
    -----
    A faulty matrix gets one fault per kind of fault, naming its first wrong entry and the number of others. The bound
    on the cost of a plan is judged only when nothing else is wrong, the ways home of shifts under way after that.
    """
    faults: list[Fault] = []
    _judge(faults, "horizon_s", instance.horizon_s, 1, MAX_VALUE)
    _judge_matrices(faults, instance.travel_s, instance.distance_m)
    counts = _counts(instance)
    for pos, technician in enumerate(instance.technicians):
        _judge_technician(faults, f"technicians[{pos}]", technician, counts)
    for pos, shift in enumerate(instance.shifts):
        _judge_shift(faults, f"shifts[{pos}]", shift, counts)
    paces = [person.duration_permille for person in instance.technicians if type(person.duration_permille) is int]
    slowest = max(paces, default=1_000)
    for pos, visit in enumerate(instance.visits):
        _judge_visit(faults, f"visits[{pos}]", visit, counts, slowest)
    if not faults:
        judge_largest_cost(faults, "visits", largest_cost(instance))
    if not faults:
        _judge_ways_home(faults, instance)
    return faults


def visit_faults(visit: Visit, *, num_skills: int, slowest: int) -> list[Fault]:
    """
    List what is wrong with a visit that belongs to no instance, but for its place and its technicians.

    Parameters
    ----------
    slowest
        Largest ``duration_permille`` of those who may serve it.
    """
    faults: list[Fault] = []
    counts = _Counts(places=0, profiles=0, technicians=0, skills=num_skills)
    _judge_demands(faults, "visit", visit, counts, slowest)
    return faults


def largest_cost(instance: Instance) -> int:
    """Bound the cost of any plan from above, generously; cost units."""
    latest = max([instance.horizon_s, *(shift.hard_end for shift in instance.shifts)])
    total = sum(largest_visit_cost(visit, latest) for visit in instance.visits)
    farthest = int(instance.distance_m.max()) if instance.distance_m.size else 0
    num_legs = len(instance.visits) + len(instance.shifts) * (1 + MAX_BREAKS)
    dearest_km = max((shift.cost_per_km for shift in instance.shifts), default=0)
    total += dearest_km * UNITS_PER_CENT_KM_METER * farthest * num_legs
    for shift in instance.shifts:
        hourly = shift.cost_per_work_hour + shift.cost_per_overtime_hour + shift.cost_per_travel_hour
        total += hourly * UNITS_PER_CENT_HOUR_SECOND * (shift.hard_end - shift.earliest_start)
        total += shift.fixed_cost * UNITS_PER_CENT
    return total


def largest_visit_cost(visit: Visit, latest: int) -> int:
    """Bound what one visit adds to the cost of a plan, but for driving; nothing happens after `latest`."""
    once = visit.preferred_miss_cents + visit.other_technician_cents + visit.unassigned_cents
    once += visit.reassigned_cents + visit.told_miss_cents
    late = latest - min(visit.promised_latest or 0, 0)
    overdue = latest - min(visit.due or 0, 0)
    total = once * UNITS_PER_CENT
    total += visit.lateness_cents_per_minute * UNITS_PER_CENT_MINUTE_SECOND * late
    total += visit.due_cents_per_hour * UNITS_PER_CENT_HOUR_SECOND * overdue
    return total


def judge_largest_cost(faults: list[Fault], path: str, total: int) -> None:
    """Keep costs so small that the search can add without looking."""
    if total > MAX_PLAN_UNITS:
        found = f"a plan may cost {total // UNITS_PER_CENT} cents"
        _add(faults, path, found, f"{MAX_PLAN_UNITS // UNITS_PER_CENT} at most; lower the rates")


def _judge_ways_home(faults: list[Fault], instance: Instance) -> None:
    """Refuse shifts under way that keep every rule with no visit, not even without: the search starts from there."""
    from fieldops.solver.schedule import schedule_route  # which imports the instance

    for pos, shift in enumerate(instance.shifts):
        outcome = schedule_route(instance, pos, ()) if shift.underway else None
        if isinstance(outcome, Violation):
            _add(faults, f"shifts[{pos}].underway", "True", f"a way home that keeps every rule: {outcome.message}")


def _counts(instance: Instance) -> _Counts:
    is_cube = isinstance(instance.travel_s, np.ndarray) and instance.travel_s.ndim == 3
    # Against a matrix without a usable shape no place can be judged; the matrix itself is already reported.
    profiles, places = instance.travel_s.shape[:2] if is_cube else (MAX_VALUE, MAX_VALUE)
    levels = [person.skill_levels for person in instance.technicians[:1]]
    levels += [visit.required_levels for visit in instance.visits[:1]]
    return _Counts(
        places=places,
        profiles=profiles,
        technicians=len(instance.technicians),
        skills=len(levels[0]) if levels else 0,
    )


def _add(faults: list[Fault], path: str, found: object, expected: str) -> None:
    text = found if isinstance(found, str) else repr(found)
    if len(text) > _LONGEST_TEXT:
        text = text[: _LONGEST_TEXT - 3] + "..."
    faults.append(Fault(path=path, found=text, expected=expected))


def _judge(faults: list[Fault], path: str, value: object, low: int, high: int) -> bool:
    # NumPy integers and booleans are refused on purpose: they overflow or surprise in sums.
    if type(value) is int and low <= value <= high:
        return True
    _add(faults, path, value, f"a whole number from {low} to {high}")
    return False


def _judge_index(faults: list[Fault], path: str, value: object, count: int, what: str) -> None:
    if type(value) is not int or not 0 <= value < count:
        _add(faults, path, value, f"the index of one of the {count} {what}")


def _judge_interval(faults: list[Fault], path: str, interval: tuple[int, int], low: int) -> bool:
    if not isinstance(interval, tuple) or len(interval) != 2:
        _add(faults, path, interval, "a pair (earliest, latest)")
        return False
    earliest, latest = interval
    whole = [_judge(faults, path, bound, low, MAX_VALUE) for bound in interval]
    if all(whole) and earliest > latest:
        _add(faults, path, interval, "earliest at or before latest")
        return False
    return all(whole)


def _judge_matrices(faults: list[Fault], travel_s: IntArray, distance_m: IntArray) -> None:
    for path, matrix in (("travel_s", travel_s), ("distance_m", distance_m)):
        if not isinstance(matrix, np.ndarray) or matrix.dtype != np.int32:
            _add(faults, path, f"{type(matrix).__name__} of {getattr(matrix, 'dtype', 'no dtype')}", "array of int32")
            continue
        if matrix.ndim != 3 or matrix.shape[1] != matrix.shape[2]:
            _add(faults, path, f"shape {matrix.shape}", "shape (profiles, places, places)")
            continue
        if not matrix.flags.c_contiguous:
            _add(faults, path, "another memory layout", "a C-contiguous array")
        if matrix.size and int(matrix.min()) < 0:
            _judge_entries(faults, path, matrix, matrix < 0, "0 or more")
        if matrix.size and int(matrix.max()) > MAX_VALUE:
            _judge_entries(faults, path, matrix, matrix > MAX_VALUE, f"{MAX_VALUE} at most")
    shapes = [getattr(matrix, "shape", None) for matrix in (travel_s, distance_m)]
    if shapes[0] != shapes[1]:
        _add(faults, "distance_m", f"shape {shapes[1]}", f"the shape of travel_s, {shapes[0]}")


def _judge_entries(faults: list[Fault], path: str, matrix: IntArray, wrong: np.ndarray, expected: str) -> None:
    where = np.argwhere(wrong)
    first = tuple(int(axis) for axis in where[0])
    others = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
    _add(faults, f"{path}[{', '.join(map(str, first))}]", f"{matrix[first]}{others}", expected)


def _judge_levels(faults: list[Fault], path: str, levels: tuple[int, ...], counts: _Counts) -> None:
    if len(levels) != counts.skills:
        _add(faults, path, f"{len(levels)} level(s)", f"{counts.skills}, one per skill")
    for pos, level in enumerate(levels):
        if type(level) is not int or not 0 <= level <= MAX_VALUE:
            _judge(faults, f"{path}[{pos}]", level, 0, MAX_VALUE)


def _judge_technician(faults: list[Fault], path: str, technician: Technician, counts: _Counts) -> None:
    _judge(faults, f"{path}.duration_permille", technician.duration_permille, 1, MAX_DURATION_PERMILLE)
    _judge_levels(faults, f"{path}.skill_levels", technician.skill_levels, counts)


def _judge_shift(faults: list[Fault], path: str, shift: Shift, counts: _Counts) -> None:
    _judge_index(faults, f"{path}.technician", shift.technician, counts.technicians, "technicians")
    _judge_index(faults, f"{path}.start_place", shift.start_place, counts.places, "places")
    if shift.end_place is not None:
        _judge_index(faults, f"{path}.end_place", shift.end_place, counts.places, "places")
    _judge_index(faults, f"{path}.profile", shift.profile, counts.profiles, "travel profiles")

    times = [_judge(faults, f"{path}.{n}", getattr(shift, n), 0, MAX_VALUE) for n in ("earliest_start", "regular_end")]
    times.append(_judge(faults, f"{path}.hard_end", shift.hard_end, 0, MAX_VALUE))
    if all(times) and shift.regular_end < shift.earliest_start:
        _add(faults, f"{path}.regular_end", shift.regular_end, f"{shift.earliest_start} (earliest_start) or later")
    if all(times) and shift.hard_end < shift.regular_end:
        _add(faults, f"{path}.hard_end", shift.hard_end, f"{shift.regular_end} (regular_end) or later")

    rates = ("cost_per_work_hour", "cost_per_overtime_hour", "cost_per_travel_hour", "cost_per_km", "fixed_cost")
    for name in rates:
        _judge(faults, f"{path}.{name}", getattr(shift, name), 0, MAX_CENTS)
    for name in ("max_visits", "max_travel_s", "max_work_s", "load_capacity"):
        cap = getattr(shift, name)
        if cap is not None:
            _judge(faults, f"{path}.{name}", cap, 0, MAX_VALUE)
    _judge_breaks(faults, f"{path}.breaks", shift.breaks, counts)


def _judge_breaks(faults: list[Fault], path: str, breaks: tuple[Break, ...], counts: _Counts) -> None:
    if len(breaks) > MAX_BREAKS:
        _add(faults, path, f"{len(breaks)} breaks", f"{MAX_BREAKS} at most")
    earliest_end = 0
    for pos, pause in enumerate(breaks):
        own = f"{path}[{pos}]"
        sound = _judge(faults, f"{own}.duration", pause.duration, 1, MAX_VALUE)
        sound &= _judge(faults, f"{own}.earliest", pause.earliest, 0, MAX_VALUE)
        sound &= _judge(faults, f"{own}.latest", pause.latest, 0, MAX_VALUE)
        if pause.place is not None:
            _judge_index(faults, f"{own}.place", pause.place, counts.places, "places")
        if not sound:
            continue
        if pause.earliest > pause.latest:
            _add(faults, f"{own}.latest", pause.latest, f"{pause.earliest} (earliest) or later")
            continue
        if pause.place is not None and pause.earliest != pause.latest:
            _add(
                faults,
                f"{own}.latest",
                pause.latest,
                f"{pause.earliest} (earliest): a break at a place is fixed",
            )
        if earliest_end > pause.latest:
            _add(faults, f"{own}.latest", pause.latest, f"{earliest_end} (earliest end of the breaks before) or later")
        earliest_end = max(earliest_end, pause.earliest) + pause.duration


def _judge_visit(faults: list[Fault], path: str, visit: Visit, counts: _Counts, slowest: int) -> None:
    _judge_index(faults, f"{path}.place", visit.place, counts.places, "places")
    _judge_demands(faults, path, visit, counts, slowest)
    _judge_people(faults, f"{path}.allowed_technicians", visit.allowed_technicians or (), counts)
    _judge_people(faults, f"{path}.forbidden_technicians", visit.forbidden_technicians, counts)
    _judge_people(faults, f"{path}.preferred_technicians", visit.preferred_technicians, counts)
    if visit.baseline_technician is not None:
        _judge_index(
            faults, f"{path}.baseline_technician", visit.baseline_technician, counts.technicians, "technicians"
        )


def _judge_demands(faults: list[Fault], path: str, visit: Visit, counts: _Counts, slowest: int) -> None:
    if _judge(faults, f"{path}.service_s", visit.service_s, 0, MAX_VALUE):
        longest = (visit.service_s * slowest + 500) // 1_000
        if longest > MAX_VALUE:
            _add(faults, f"{path}.service_s", visit.service_s, f"{MAX_VALUE} at most for the slowest technician")
    _judge_windows(faults, f"{path}.windows", visit.windows)
    # What is only wished for may already be past when the horizon starts.
    if visit.promised_latest is not None:
        _judge(faults, f"{path}.promised_latest", visit.promised_latest, -MAX_VALUE, MAX_VALUE)
    if visit.preferred is not None:
        _judge_interval(faults, f"{path}.preferred", visit.preferred, -MAX_VALUE)
    if visit.told is not None:
        _judge_interval(faults, f"{path}.told", visit.told, -MAX_VALUE)
    if visit.due is not None:
        _judge(faults, f"{path}.due", visit.due, -MAX_VALUE, MAX_VALUE)
    _judge_money(faults, path, visit)
    _judge_levels(faults, f"{path}.required_levels", visit.required_levels, counts)
    if visit.sequence is not None:
        _judge(faults, f"{path}.sequence", visit.sequence, 0, MAX_VALUE)
    _judge(faults, f"{path}.load", visit.load, 0, MAX_VALUE)


def _judge_money(faults: list[Fault], path: str, visit: Visit) -> None:
    _judge(faults, f"{path}.lateness_cents_per_minute", visit.lateness_cents_per_minute, 0, MAX_CENTS)
    _judge(faults, f"{path}.preferred_miss_cents", visit.preferred_miss_cents, 0, MAX_CENTS)
    _judge(faults, f"{path}.due_cents_per_hour", visit.due_cents_per_hour, 0, MAX_CENTS)
    _judge(faults, f"{path}.other_technician_cents", visit.other_technician_cents, 0, MAX_CENTS)
    _judge(faults, f"{path}.reassigned_cents", visit.reassigned_cents, 0, MAX_CENTS)
    _judge(faults, f"{path}.told_miss_cents", visit.told_miss_cents, 0, MAX_CENTS)
    _judge(faults, f"{path}.unassigned_cents", visit.unassigned_cents, 0, MAX_CENTS)


def _judge_windows(faults: list[Fault], path: str, windows: tuple[tuple[int, int], ...]) -> None:
    if not windows:
        _add(faults, path, windows, "at least one window")
    last_end = None
    for pos, window in enumerate(windows):
        if not _judge_interval(faults, f"{path}[{pos}]", window, 0):
            continue
        if last_end is not None and window[0] <= last_end:
            _add(faults, f"{path}[{pos}]", window, f"a begin after {last_end}, the end of the window before")
        last_end = window[1]


def _judge_people(faults: list[Fault], path: str, people: Iterable[int], counts: _Counts) -> None:
    for person in sorted(people):
        _judge_index(faults, path, person, counts.technicians, "technicians")
