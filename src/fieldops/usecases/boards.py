"""
Boards: the running plans of dates to come, kept in memory.

A board is what the database said at one version of a plan. It is refreshed when the version has moved, shift by shift
where only routes changed; what an open transaction has changed itself is seen by that transaction and never kept. So
any number of processes may share one database, each with boards of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from types import MappingProxyType
from typing import Final, TypeGuard

import numpy as np
import structlog
from sqlalchemy import bindparam, select

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.horizon import midnight
from fieldops.domain.live import Reality
from fieldops.domain.problem import Problem, Technician, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import UnreachablePlaces
from fieldops.store.database import on_commit
from fieldops.store.day_plans import CHANGED_PLANS, load_day, orders_at, plan_versions
from fieldops.store.day_visits import load_visits
from fieldops.store.plan_routes import changed_shifts
from fieldops.store.prepared import Prepared
from fieldops.store.tables import PlanVersionRow
from fieldops.travel.provider import TravelMatrix, TravelProvider
from fieldops.usecases.board import Board, ShiftOnBoard, bounded, places_of, put_on_board, replace_shifts
from fieldops.usecases.work import Work

#: Versions of a plan made for these reasons may have changed more than routes.
_RELOADS: Final = ("shifts", "absence", "wishes")
_RELOADED: Final = Prepared(
    select(PlanVersionRow.version)
    .where(PlanVersionRow.plan_id == bindparam("plan_id"), PlanVersionRow.version > bindparam("since"))
    .where(PlanVersionRow.reason.in_(_RELOADS))
    .limit(1)
)
#: Under this name `Session.info` keeps the boards that are true once the transaction has committed.
_NEW_BOARDS: Final = "fieldops_new_boards"
#: Boards of dates this long before now are forgotten; every time zone has left them behind.
_KEPT: Final = timedelta(days=2)
_NO_TRAVEL: Final = TravelMatrix(
    duration_s=np.zeros((0, 0), np.int32), distance_m=np.zeros((0, 0), np.int32), snap_m=()
)

log = structlog.get_logger(__name__)

#: Shifts as they are at an instant, by what they are made of.
_Made = dict[tuple[ShiftOnBoard, Reality | None], ShiftOnBoard]


class Boards:
    """Boards of any number of territories; threads may share them."""

    def __init__(self) -> None:
        self._boards: dict[tuple[str, date], Board] = {}
        self._locks: dict[tuple[str, date], Lock] = {}
        self._guard = Lock()
        self._present: dict[tuple[str, date], tuple[datetime, _Made]] = {}

    def of(self, work: Work, territory: Territory, days: Iterable[date]) -> list[Board]:
        """
        Return the boards of some dates, no older than what the transaction sees.

        Raises
        ------
        TravelUnavailable
            As the travel provider does, when there is something new on a date.

        Notes
        -----
        A place without a road cuts off the shifts that go there, and no others.
        """
        # Nothing may wait for another transaction while a lock of ours is held.
        work.session.flush()
        self._forget_before(work.now.astimezone(UTC).date() - _KEPT)
        wanted = list(days)
        plans = plan_versions(work.session, territory.id, wanted)
        return [self._board(work, territory, day, *plans.get(day, (None, 0))) for day in wanted]

    def bound(
        self,
        board: Board,
        now: datetime,
        bound: Callable[[ShiftOnBoard, datetime, Reality | None], ShiftOnBoard],
        realities: Mapping[str, Reality] = MappingProxyType({}),
    ) -> Board:
        """
        Return a board with its shifts bounded by the clock; shifts that were so at the same instant are not made again.

        Parameters
        ----------
        bound
            Makes one shift as it is at an instant.
        realities
            How the day differs from its plan, by shift id.
        """
        if now <= board.start:
            return board
        key = (board.territory.id, board.date)
        known = self._present.get(key)
        if known is None or known[0] != now:
            known = self._present[key] = (now, {})
        made = known[1]
        wanted = [(shift, realities.get(shift.shift.id)) for shift in board.shifts]
        for shift, reality in wanted:
            if (shift, reality) not in made:
                made[shift, reality] = shift if shift.cut_off else bound(shift, now, reality)
        shifts = tuple(made[both] for both in wanted)
        return board if shifts == board.shifts else replace(board, shifts=shifts)

    def keep_on_commit(self, work: Work, board: Board) -> None:
        """Take over what the transaction has made of a board, should it commit; until then only itself sees it."""
        if _NEW_BOARDS not in work.session.info:
            boards = work.session.info[_NEW_BOARDS] = {}
            on_commit(work.session, lambda: self._keep(boards))
        work.session.info[_NEW_BOARDS][board.territory.id, board.date] = board

    def _keep(self, boards: Mapping[tuple[str, date], Board]) -> None:
        """Keep boards, unless newer ones are kept already."""
        with self._guard:
            for key, board in boards.items():
                known = self._boards.get(key)
                # Of two different plans only the one read last can have been committed.
                if known is None or known.plan_id != board.plan_id or known.version <= board.version:
                    self._boards[key] = board

    def _board(self, work: Work, territory: Territory, day: date, plan_id: str | None, version: int) -> Board:
        """Return the board of one date."""
        key = (territory.id, day)
        known = self._boards.get(key)
        if plan_id in work.session.info.get(CHANGED_PLANS, ()):
            # Made or changed by a transaction that may yet be rolled back: nobody else may see this.
            known = work.session.info.get(_NEW_BOARDS, {}).get(key, known)
            if _serves(known, territory, plan_id, version):
                return known
            return _refreshed(work, territory, day, plan_id, version, known)
        if _serves(known, territory, plan_id, version):
            return known
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            known = self._boards.get(key)
            if _serves(known, territory, plan_id, version):
                return known
            board = _refreshed(work, territory, day, plan_id, version, known)
            self._keep({key: board})
            return board

    def _forget_before(self, day: date) -> None:
        """Drop the boards of dates that are over."""
        with self._guard:
            for key in [key for key in self._boards if key[1] < day]:
                self._boards.pop(key, None)
                self._present.pop(key, None)
                self._locks.pop(key, None)


def _serves(known: Board | None, territory: Territory, plan_id: str | None, version: int) -> TypeGuard[Board]:
    """Tell whether a board is of the plan read, or of none yet, and at least as new."""
    if known is None or known.plan_id not in {None, plan_id}:
        return False
    return known.version >= version and known.territory == territory


def _refreshed(
    work: Work, territory: Territory, day: date, plan_id: str | None, version: int, known: Board | None
) -> Board:
    """Make a board of one version, from an older one where that is enough."""
    provider = work.ctx.travel(territory.travel)
    if (
        known is None
        or known.plan_id is None
        or known.plan_id != plan_id
        or known.territory != territory
        or _must_reload(work, known)
    ):
        return _board_of(load_day(work.session, territory.id, day, version=version), provider)
    changed = changed_shifts(work.session, known.plan_id, known.version)
    rerouted = [shift for shift in known.shifts if shift.shift.id in changed]
    orders, starts = orders_at(work.session, known.plan_id, version, [shift.shift.id for shift in rerouted])
    visits, places = load_visits(work.session, starts)
    shifts = []
    for shift in rerouted:
        all_places = {place.id: place for place in shift.problem.places} | places
        problem = replace(shift.problem, places=tuple(all_places.values()))
        route = [visits[visit_id] for visit_id in orders[shift.shift.id]]
        shifts.append(_on_board(problem, shift.technician, route, starts, provider, territory.policies.buffer))
    return replace_shifts(known, shifts, version=version)


def _must_reload(work: Work, known: Board) -> bool:
    """Tell whether more than routes may have changed since a board was made."""
    return _RELOADED.scalar(work.session, {"plan_id": known.plan_id, "since": known.version}) is not None


def _board_of(day_plan: DayPlan, provider: TravelProvider) -> Board:
    """Make a board of a loaded plan, or of some shifts of it."""
    problem, territory = day_plan.problem, day_plan.territory
    visits = {visit.id: visit for visit in problem.visits}
    shifts = []
    for technician in problem.technicians:
        for shift in technician.shifts:
            alone = replace(technician, shifts=(shift,))
            route = [visits[visit_id] for visit_id in day_plan.orders[shift.id]]
            shifts.append(_on_board(problem, alone, route, day_plan.starts, provider, territory.policies.buffer))
    return Board(
        territory=territory,
        date=day_plan.date,
        plan_id=day_plan.plan_id,
        version=day_plan.version,
        start=midnight(day_plan.date, territory.time_zone).astimezone(UTC),
        shifts=tuple(sorted(shifts, key=lambda shift: shift.shift.id)),
    )


def _on_board(
    problem: Problem,
    technician: Technician,
    route: Sequence[Visit],
    starts: Mapping[str, datetime],
    provider: TravelProvider,
    buffer: timedelta,
) -> ShiftOnBoard:
    """Put the one shift of a technician on a board, with its route; the problem has all the places needed, or more."""
    visits = tuple(bounded(visit, buffer, planned_start=starts[visit.id]) for visit in route)
    places = places_of(technician, visits, problem.places)
    of_shift = replace(problem, technicians=(technician,), visits=visits, places=places)
    try:
        travel = provider.matrix(places)
    except UnreachablePlaces as error:
        log.warning("board.shift_cut_off", shift_id=technician.shifts[0].id, detail=str(error))
        return ShiftOnBoard(problem=of_shift, travel=_NO_TRAVEL, running=None, starts=starts, cut_off=str(error))
    return put_on_board(of_shift, travel, starts)
