"""Change a visit about which nothing is promised."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fieldops.domain.problem import TimeWindow
from fieldops.errors import InvalidInput, NotFound, VersionStale, WrongState
from fieldops.store.tables import TerritoryRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.changes import UNCHANGED, Unchanged, changed
from fieldops.usecases.heed_wishes import heed_wishes
from fieldops.usecases.place_visit import lock_for, take_off_plan
from fieldops.usecases.visit_request import request_of, visit_request_faults, visit_values
from fieldops.usecases.work import Work
from fieldops.usecases.work_order_views import VisitView, visit_views

#: Changes that a route planned without them may break.
_BIND: Final = frozenset(
    {"duration_s", "required_skills", "windows", "release_at", "allowed_technicians", "forbidden_technicians"}
)

#: Changes that make an insertion beside the visit cost something else.
_WISHED: Final = frozenset({"preferred_window", "due_at", "preferred_technicians"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitChanges:
    """What is to be different; see `fieldops.usecases.visit_request.VisitRequest`."""

    name: str | Unchanged = UNCHANGED
    duration_s: int | Unchanged = UNCHANGED
    required_skills: dict[str, int] | Unchanged = UNCHANGED
    windows: tuple[TimeWindow, ...] | Unchanged = UNCHANGED
    preferred_window: TimeWindow | Unchanged | None = UNCHANGED
    release_at: datetime | Unchanged | None = UNCHANGED
    due_at: datetime | Unchanged | None = UNCHANGED
    priority: int | Unchanged = UNCHANGED
    is_mandatory: bool | Unchanged = UNCHANGED
    unassigned_cents: int | Unchanged | None = UNCHANGED
    allowed_technicians: tuple[str, ...] | Unchanged | None = UNCHANGED
    forbidden_technicians: tuple[str, ...] | Unchanged = UNCHANGED
    preferred_technicians: tuple[str, ...] | Unchanged = UNCHANGED


def edit_visit(work: Work, visit_id: str, version: int, changes: VisitChanges) -> VisitView:
    """
    Change an open visit. If it is on a plan and the plan minds the change, it is taken off, for the next planning.

    Parameters
    ----------
    version
        That the caller has read.

    Raises
    ------
    NotFound
        When there is no such visit.
    VersionStale
        When somebody has changed it since.
    WrongState
        When it is held, booked, done or canceled.
    InvalidInput
        With everything that is wrong with the changes.
    """
    if work.session.get(VisitRow, visit_id) is None:
        raise NotFound("visit", visit_id)
    locked = lock_for(work, visit_id, ())
    row = locked.visit
    if row.version != version:
        details: dict[str, object] = {"version": row.version, "read": version}
        raise VersionStale(f"the visit {visit_id} is at version {row.version}, not {version}", details=details)
    if row.state != "open":
        details = {"visit_id": visit_id, "state": row.state}
        raise WrongState(f"the visit {visit_id} is {row.state}; only an open one can be edited", details=details)
    wanted = changed(changes)
    asked = replace(request_of(row), **wanted)
    territory = work.session.get_one(TerritoryRow, row.territory_id)
    found = visit_request_faults(work.session, "", asked, territory, work.now)
    # What was right when it was asked for (a window that is over by now) need not be mended to change the rest.
    faults = [fault for fault in found if fault.path.partition("[")[0].partition(".")[0] in wanted]
    if faults:
        raise InvalidInput(faults)
    before = visit_values(request_of(row))
    after = {name: value for name, value in visit_values(asked).items() if value != before[name]}
    if after:
        if _BIND.intersection(after):
            take_off_plan(work, locked, reason="edit")
        elif _WISHED.intersection(after):
            heed_wishes(work, [visit_id])
        for name, value in after.items():
            setattr(row, name, value)
        row.version += 1
        work.session.flush()
        record(work, "visit.changed", "visit", row.id, fields=sorted(after))
    return visit_views(work.session, [row], work.now)[0]
