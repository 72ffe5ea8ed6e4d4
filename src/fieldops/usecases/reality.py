"""How a day under way differs from its plan, as far as quotes mind: what has begun, and how late the rest is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select

from fieldops.domain.live import Reality
from fieldops.domain.problem import Visit
from fieldops.domain.progress import FINAL_PHASES, VisitPhase
from fieldops.domain.remaining import scaled
from fieldops.store.base import table_of
from fieldops.store.tables import EtaRow, TechnicianStateRow, VisitProgressRow
from fieldops.usecases.board import Board, ShiftOnBoard
from fieldops.usecases.work import Work

#: Who should be done already is done so soon at the earliest.
_SOON: Final = timedelta(minutes=1)
_PROGRESS: Final = table_of(VisitProgressRow)
_ETAS: Final = table_of(EtaRow)
_STATES: Final = table_of(TechnicianStateRow)
_REPORTED: Final = select(
    _PROGRESS.c.visit_id,
    _PROGRESS.c.phase,
    _PROGRESS.c.started_at,
    _PROGRESS.c.finished_at,
    _PROGRESS.c.extension_s,
).where(_PROGRESS.c.territory_id == bindparam("territory_id"), _PROGRESS.c.date == bindparam("day"))
_EXPECTED: Final = select(_ETAS.c.visit_id, _ETAS.c.shift_id, _ETAS.c.arrival_at, _ETAS.c.finish_at).where(
    _ETAS.c.territory_id == bindparam("territory_id"), _ETAS.c.date == bindparam("day")
)
_OUT: Final = select(_STATES.c.technician_id).where(
    _STATES.c.territory_id == bindparam("territory_id"),
    _STATES.c.date == bindparam("day"),
    _STATES.c.out_since.is_not(None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """Where a visit stands."""

    phase: VisitPhase
    started_at: datetime | None
    finished_at: datetime | None
    extension: timedelta


def load_realities(work: Work, board: Board) -> dict[str, Reality]:
    """Find out, by shift id, how a day differs from its plan; shifts of which nothing is known are left out."""
    if work.now <= board.start:
        return {}
    of_day = {"territory_id": board.territory.id, "day": board.date}
    steps = {
        row.visit_id: _Step(
            phase=VisitPhase(row.phase),
            started_at=row.started_at,
            finished_at=row.finished_at,
            extension=timedelta(seconds=row.extension_s),
        )
        for row in work.session.execute(_REPORTED, of_day)
    }
    expected: dict[str, tuple[datetime, datetime]] = {}
    known: set[str] = set()
    for row in work.session.execute(_EXPECTED, of_day):
        expected[row.visit_id] = (row.arrival_at, row.finish_at)
        known.add(row.shift_id)
    out = set(work.session.scalars(_OUT, of_day))
    found: dict[str, Reality] = {}
    for own in board.shifts:
        is_known = own.shift.id in known or any(visit.id in steps for visit in own.problem.visits)
        if own.technician.id in out:
            found[own.shift.id] = Reality(is_open=False)
        elif is_known:
            found[own.shift.id] = _reality(own, steps, expected, work.now)
    return found


def _reality(
    own: ShiftOnBoard, steps: Mapping[str, _Step], expected: Mapping[str, tuple[datetime, datetime]], now: datetime
) -> Reality:
    """Compare the route of one shift with what was reported of it."""
    visits = own.problem.visits
    has_begun = [_has_begun(steps.get(visit.id)) for visit in visits]
    begun = sum(has_begun)
    if not all(has_begun[:begun]):
        return Reality(is_open=False)
    ahead = tuple((visit.id, expected[visit.id][0]) for visit in visits[begun:] if visit.id in expected)
    if not begun:
        return Reality(expected=ahead)
    last = visits[begun - 1]
    return Reality(begun=begun, free_at=_free_at(own, last, steps[last.id], expected.get(last.id), now), expected=ahead)


def _has_begun(step: _Step | None) -> bool:
    """Tell whether somebody is on the way to a visit, or was there."""
    return step is not None and step.phase is not VisitPhase.PLANNED


def _free_at(
    own: ShiftOnBoard, visit: Visit, step: _Step, expected: tuple[datetime, datetime] | None, now: datetime
) -> datetime:
    """Expect the end of the last visit that has begun."""
    if step.phase in FINAL_PHASES and step.finished_at is not None:
        return max(now, step.finished_at)
    on_site = scaled(visit.duration, own.technician.duration_permille) + step.extension
    if step.started_at is not None:
        return max(step.started_at + on_site, now + _SOON)
    return max(now + on_site, now if expected is None else expected[1])
