"""Bookings of a company that is made up: put on the plans one after the other, where the engine finds them cheapest."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import insert, select, update

from fieldops.domain.policies import windows_on
from fieldops.domain.problem import Place, TimeWindow
from fieldops.domain.territory import Territory
from fieldops.store.day_plans import load_visits, lock_plans
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import (
    BookingRow,
    PromiseRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.ask_boards import Asked, ask_boards
from fieldops.usecases.board import Board, bounded, places_of, put_on_board, replace_shifts
from fieldops.usecases.boards import Boards
from fieldops.usecases.schedule_route import schedule_route
from fieldops.usecases.work import Work

#: Windows a customer asks for before giving up: some skills are rare.
DRAWS: Final = 5


class Drawn(Protocol):
    """Whoever draws a company: from where its chance comes, how its rows are named, and what time it is."""

    rng: np.random.Generator
    now: datetime

    def id(self, prefix: str) -> str:
        """Name a row."""
        ...


class _OwnBoards(Boards):
    """Boards that are nobody else's: what is put on them stays in memory until the end."""

    def __init__(self, boards: Iterable[Board]) -> None:
        super().__init__()
        self.by_date = {board.date: board for board in boards}

    def of(self, work: Work, territory: Territory, days: Iterable[date]) -> list[Board]:  # noqa: ARG002
        """Return the boards of some dates."""
        return [self.by_date[day] for day in days]


def put_on_plans(
    work: Work, drawn: Drawn, territory: Territory, days: Sequence[date], visit_ids: Sequence[str], num_booked: int
) -> None:
    """Put visits on the plans, in the first of some random windows that has a place, until enough are booked."""
    zone = ZoneInfo(territory.time_zone)
    boards = _OwnBoards(work.ctx.boards.of(work, territory, days))
    own = replace(work, ctx=replace(work.ctx, boards=boards))
    visits, places = load_visits(work.session, visit_ids, promised=False)
    windows = {day: list(windows_on(territory.offered_windows, day, zone)) for day in days}
    promised: dict[str, tuple[date, TimeWindow]] = {}
    for visit_id in visit_ids:
        if len(promised) == num_booked:
            break
        asked = Asked(visit=visits[visit_id], place=places[visits[visit_id].place_id])
        for _ in range(DRAWS):
            day = days[int(drawn.rng.integers(len(days)))]
            window = windows[day][int(drawn.rng.integers(len(windows[day])))]
            if _put(own, boards, territory, asked, day, window):
                promised[visit_id] = (day, window)
                break
    if len(promised) < num_booked:
        raise RuntimeError(f"{territory.name} has no room for {num_booked} visits: {len(promised)} have a place")
    _store(work, drawn, territory, boards, promised)


def _put(work: Work, boards: _OwnBoards, territory: Territory, asked: Asked, day: date, window: TimeWindow) -> bool:
    """Put a visit where it is cheapest; tell whether there was a place."""
    [answer] = ask_boards(work, territory, asked, {day: [window]})
    if not answer.quotes[0].slots:
        return False
    slot = answer.quotes[0].slots[0]
    problem = answer.board.quotable[slot.route].problem
    visit = replace(asked.visit, windows=(), promised_window=window, promise_is_hard=True, mandatory=True)
    visits = list(problem.visits)
    visits.insert(slot.position, bounded(visit, territory.policies.buffer))
    places: tuple[Place, ...] = places_of(problem.technicians[0], visits, [*problem.places, asked.place])
    travel = work.ctx.travel(territory.travel).matrix(places)
    shift = put_on_board(replace(problem, visits=tuple(visits), places=places), travel)
    boards.by_date[day] = replace_shifts(answer.board, [shift], version=answer.board.version)
    return True


def _store(
    work: Work,
    drawn: Drawn,
    territory: Territory,
    boards: _OwnBoards,
    promised: dict[str, tuple[date, TimeWindow]],
) -> None:
    """Write the routes as one published version of each plan, and the bookings."""
    session = work.session
    plans = lock_plans(session, territory.id, boards.by_date)
    for day, board in boards.by_date.items():
        routes = {
            shift.shift.id: schedule_route(shift.problem, shift.travel)
            for shift in board.shifts
            if shift.problem.visits
        }
        assert None not in routes.values(), "the engine offered a place in a route that then breaks a rule"
        write_routes(session, plans[day], routes, reason="publish", actor=SYSTEM.id, now=drawn.now)
    of_visits = (
        select(VisitRow.id, WorkOrderRow.customer_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .where(VisitRow.territory_id == territory.id)
    )
    customers = {visit_id: customer_id for visit_id, customer_id in session.execute(of_visits)}
    bookings: list[dict[str, Any]] = []
    promises: list[dict[str, Any]] = []
    for visit_id, (day, window) in promised.items():
        about = {
            "visit_id": visit_id,
            "customer_id": customers[visit_id],
            "window_start": window.earliest,
            "window_end": window.latest,
        }
        booking = {"id": drawn.id("bk"), "territory_id": territory.id, "date": day, "state": "confirmed", "version": 1}
        bookings.append({**booking, **about, "confirmed_at": drawn.now, "changed_at": drawn.now})
        promise = {"id": drawn.id("pr"), "booking_id": booking["id"], "kind": "window", "told_at": drawn.now}
        promises.append({**promise, **about})
    session.execute(insert(BookingRow), bookings)
    session.execute(insert(PromiseRow), promises)
    session.execute(
        update(VisitRow).where(VisitRow.territory_id == territory.id, VisitRow.id.in_(promised)).values(state="booked")
    )
