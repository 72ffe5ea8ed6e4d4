"""What callers get to see of edits by hand: what one would do, what was done, and where else a visit could go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fieldops.domain.edits import AddBreak, Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem
from fieldops.store.tables import PlanEditRow
from fieldops.usecases.broken_rules import BrokenRule
from fieldops.usecases.naming import naming_of
from fieldops.usecases.rank_places import RankedPlace
from fieldops.usecases.what_if import RouteChange, WhatIf

#: Code of a promise that would not be kept any more; the others are those of hard rules.
PROMISE: Final = "promise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationView:
    """
    Something that an edit breaks.

    Attributes
    ----------
    amount
        By how much: seconds, visits, levels or ranks, as the code implies; 0 when it cannot be measured.
    message
        For people.
    is_new
        Whether it was not broken before, or less.
    """

    code: str
    message: str
    amount: int
    technician_id: str | None
    shift_id: str | None
    visit_id: str | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStopView:
    """A stop and its times."""

    visit_id: str
    arrival_at: datetime
    start_at: datetime
    finish_at: datetime
    lateness_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChangeView:
    """One route, before and after; of a day under way what is ahead of it."""

    technician_id: str
    shift_id: str
    before: tuple[TimedStopView, ...]
    after: tuple[TimedStopView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfView:
    """
    What an edit would do.

    Attributes
    ----------
    version
        Of the plan it was tried on.
    at_risk
        Visits on the routes whose promise would be kept with hardly anything to spare.
    cost_cents
        Term name to cents more than before; terms that do not change are left out.
    """

    version: int
    violations: tuple[ViolationView, ...]
    at_risk: tuple[str, ...]
    cost_change_cents: int
    cost_cents: Mapping[str, int]
    overtime_change_s: int
    travel_change_s: int
    routes: tuple[RouteChangeView, ...]

    @property
    def needs_force(self) -> bool:
        """Whether it is only done when it is forced."""
        return any(found.is_new for found in self.violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEditView:
    """
    An edit that was made.

    Attributes
    ----------
    kind
        ``move``, ``swap``, ``unassign``, ``lock``, ``duration``, ``add_break``, ``undo``.
    violations
        What it broke and was forced all the same: objects with ``code``, ``message``, ``amount``.
    undone_by
        The edit that took it back.
    """

    id: str
    kind: str
    request: Mapping[str, Any]
    reason: str
    is_forced: bool
    violations: tuple[Mapping[str, Any], ...]
    from_version: int
    to_version: int
    actor: str
    made_at: datetime
    undone_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPlaceView:
    """A shift that cannot take the visit, and why; codes of `fieldops.solver.quote.Refusal`."""

    technician_id: str
    shift_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesView:
    """Where a visit could go on a date, best first, and where it could not."""

    visit_id: str
    version: int
    places: tuple[RankedPlace, ...]
    without: tuple[NoPlaceView, ...]


def what_if_view(found: WhatIf, problem: Problem, version: int) -> WhatIfView:
    """Show what an edit would do to a plan."""
    return WhatIfView(
        version=version,
        violations=(*_broken_rules(found), *_broken_promises(found, problem)),
        at_risk=found.at_risk,
        cost_change_cents=found.cost_change,
        cost_cents=found.cost_change_by_term,
        overtime_change_s=_seconds(found.overtime_change),
        travel_change_s=_seconds(found.travel_change),
        routes=tuple(_route_change(change) for change in found.routes),
    )


def violation_view(rule: BrokenRule, *, is_new: bool) -> ViolationView:
    """Show a broken rule."""
    return ViolationView(
        code=rule.code.value,
        message=rule.sentence,
        amount=rule.amount,
        technician_id=rule.technician_id,
        shift_id=rule.shift_id,
        visit_id=rule.visit_id,
        is_new=is_new,
    )


def violation_document(found: ViolationView) -> dict[str, Any]:
    """Write something broken down as JSON."""
    return {
        "code": found.code,
        "message": found.message,
        "amount": found.amount,
        "technician_id": found.technician_id,
        "shift_id": found.shift_id,
        "visit_id": found.visit_id,
    }


def plan_edit_view(row: PlanEditRow) -> PlanEditView:
    """Show an edit."""
    return PlanEditView(
        id=row.id,
        kind=row.kind,
        request=row.request,
        reason=row.reason,
        is_forced=row.is_forced,
        violations=tuple(row.violations),
        from_version=row.from_version,
        to_version=row.to_version,
        actor=row.actor,
        made_at=row.made_at,
        undone_by=row.undone_by,
    )


def request_document(edit: Edit) -> tuple[str, dict[str, Any]]:
    """Write down what was asked for: its kind, and the rest as JSON."""
    match edit:
        case Move():
            return "move", {"visit_id": edit.visit_id, "shift_id": edit.shift_id, "position": edit.position}
        case Swap():
            return "swap", {"visit_id": edit.visit_id, "other_visit_id": edit.other_visit_id}
        case Unassign():
            return "unassign", {"visit_id": edit.visit_id}
        case Lock():
            fixed = {"technician": edit.technician, "sequence": edit.sequence, "start": edit.start}
            return ("lock" if any(fixed.values()) else "unlock"), {"visit_id": edit.visit_id, **fixed}
        case Duration():
            return "duration", {"visit_id": edit.visit_id, "duration_s": _seconds(edit.duration)}
        case AddBreak():
            return "add_break", {
                "shift_id": edit.shift_id,
                "earliest_start": edit.pause.earliest_start.isoformat(),
                "latest_start": edit.pause.latest_start.isoformat(),
                "duration_s": _seconds(edit.pause.duration),
                "name": edit.pause.name,
                "paid": edit.pause.paid,
            }


def _broken_rules(found: WhatIf) -> Iterable[ViolationView]:
    """Show the hard rules that are broken."""
    known = {rule.is_about for rule in found.already_broken}
    return (violation_view(rule, is_new=rule.is_about not in known) for rule in found.violations)


def _broken_promises(found: WhatIf, problem: Problem) -> Iterable[ViolationView]:
    """Show the promises that would not be kept any more, where no hard rule says so already."""
    names = naming_of(problem)
    said = {rule.visit_id for rule in found.violations}
    for promise in found.promises:
        if not promise.breaks or promise.visit_id in said:
            continue
        what, late = names.what(promise.visit_id), promise.late_after
        how = "nobody would come" if late is None else f"{-(-_seconds(late) // 60)} min after it"
        route = next(
            (change for change in found.routes if promise.visit_id in _visits(change.after)),
            None,
        )
        yield ViolationView(
            code=PROMISE,
            message=f"{what} would miss its promised window: {how}",
            amount=0 if late is None else _seconds(late),
            technician_id=None if route is None else route.technician_id,
            shift_id=None if route is None else route.shift_id,
            visit_id=promise.visit_id,
            is_new=True,
        )


def _visits(route: Route | None) -> set[str]:
    """Name the visits of a route."""
    return set() if route is None else {stop.visit_id for stop in route.stops}


def _route_change(change: RouteChange) -> RouteChangeView:
    """Show one route before and after."""
    return RouteChangeView(
        technician_id=change.technician_id,
        shift_id=change.shift_id,
        before=_timed(change.before),
        after=_timed(change.after),
    )


def _timed(route: Route | None) -> tuple[TimedStopView, ...]:
    """Show the stops of a route."""
    return tuple(
        TimedStopView(
            visit_id=stop.visit_id,
            arrival_at=stop.arrival,
            start_at=stop.start,
            finish_at=stop.finish,
            lateness_s=_seconds(stop.lateness),
        )
        for stop in (() if route is None else route.stops)
    )


def _seconds(duration: timedelta) -> int:
    """Count the whole seconds of a duration."""
    return duration // timedelta(seconds=1)
