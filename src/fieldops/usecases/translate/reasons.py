"""From the solver's explanation of a visit left out to the plan's, in words people use."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from fieldops.domain.plan import ReasonCode, Repair, UnassignedKind, UnassignedVisit
from fieldops.report.wording import clock, excess_words, short_date
from fieldops.solver.explain import Explanation
from fieldops.solver.repair import Repair as SolverRepair
from fieldops.units import to_cents
from fieldops.usecases.translate.instance import Translation


def to_unassigned(translation: Translation, visit_idx: int, explanation: Explanation) -> UnassignedVisit:
    """Translate why a visit is on no route, and what would get it served."""
    repair = explanation.repair
    return UnassignedVisit(
        visit_id=translation.problem.visits[visit_idx].id,
        kind=UnassignedKind(explanation.kind.value),
        reasons=tuple(ReasonCode(reason.value) for reason in explanation.reasons),
        repair=None if repair is None else _repair(translation, repair),
    )


def _repair(translation: Translation, repair: SolverRepair) -> Repair:
    """Translate a repair."""
    problem = translation.problem
    technician, shift = translation.shifts[repair.shift]
    return Repair(
        description=_words(translation, repair),
        technician_id=technician.id,
        shift_id=shift.id,
        start=translation.instant_of(repair.start),
        cost=to_cents(repair.cost),
        extra_overtime=timedelta(seconds=repair.extra_overtime_s),
        window_shift=timedelta(seconds=repair.window_shift_s),
        missing_skills=tuple(problem.skills[skill] for skill in repair.missing_skills),
        displaces=tuple(problem.visits[visit].id for visit in repair.displaces),
    )


def _words(translation: Translation, repair: SolverRepair) -> str:
    """Say a repair: ``fits at 14:10 with Kim if 20 min more overtime is allowed``."""
    problem = translation.problem
    technician, _ = translation.shifts[repair.shift]
    start = translation.instant_of(repair.start)
    day = f"on {short_date(start.date())} " if problem.num_days > 1 else ""
    conditions = list(_conditions(translation, repair))
    condition = f" if {_listed(conditions)}" if conditions else ""
    return (
        f"fits {day}at {clock(start, ZoneInfo(problem.time_zone))} with {technician.name or technician.id}{condition}"
    )


def _conditions(translation: Translation, repair: SolverRepair) -> Iterator[str]:
    """Say what people would have to agree to."""
    problem = translation.problem
    if repair.extra_overtime_s:
        yield f"{excess_words(timedelta(seconds=repair.extra_overtime_s))} more overtime is allowed"
    if repair.window_shift_s:
        side = "after" if repair.window_shift_s > 0 else "before"
        yield f"it may start {excess_words(timedelta(seconds=abs(repair.window_shift_s)))} {side} its window"
    if repair.needs_permission:
        technician, _ = translation.shifts[repair.shift]
        yield f"{technician.name or technician.id} may serve it"
    if repair.missing_skills:
        yield f"it may be done without {_listed([problem.skills[skill] for skill in repair.missing_skills])}"
    if repair.displaces:
        ids = [problem.visits[visit].id for visit in repair.displaces]
        yield f"{_listed(ids)} {'is' if len(ids) == 1 else 'are'} left out instead"


def _listed(parts: Sequence[str]) -> str:
    """Join parts with commas and a final "and"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
