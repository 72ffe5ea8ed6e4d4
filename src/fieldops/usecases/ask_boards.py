"""
The one feasibility function: where a visit fits on the running plans, window by window.

Listing windows, holding one, confirming after an expiry and rescheduling all ask here, so what is listed can be held
for as long as the plan stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from fieldops.domain.live import Reality
from fieldops.domain.problem import Place, TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import NotFound
from fieldops.solver import instance as solver
from fieldops.solver.quote import Legs, WindowQuote
from fieldops.store.day_visits import load_visits
from fieldops.travel.provider import there_and_back
from fieldops.usecases.board import Board
from fieldops.usecases.present import at_present, quote_at_present, whole_minute
from fieldops.usecases.reality import load_realities
from fieldops.usecases.translate import names_technicians, to_quoted_visit, to_standing
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A visit that wants a place: as if nothing were promised about it yet."""

    visit: Visit
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayAnswer:
    """
    What one date's plan has to say.

    Attributes
    ----------
    board
        Without the visit, should it be on the plan, and bounded by the clock; a slot's route is an index of
        `Board.quotable`.
    kept
        The same as planned, as boards are kept.
    legs
        Between the visit's place and `Board.places`.
    windows, quotes
        What was asked for, and the answer to each.
    """

    board: Board
    kept: Board
    legs: Legs
    windows: tuple[TimeWindow, ...]
    quotes: tuple[WindowQuote, ...]


def load_asked(work: Work, visit_id: str) -> Asked:
    """
    Load a visit that wants a place.

    Raises
    ------
    NotFound
        When there is none of that id.
    """
    visits, places = load_visits(work.session, [visit_id], promised=False)
    if visit_id not in visits:
        raise NotFound("visit", visit_id)
    return Asked(visit=visits[visit_id], place=places[visits[visit_id].place_id])


def ask_boards(
    work: Work, territory: Territory, asked: Asked, windows: Mapping[date, Sequence[TimeWindow]]
) -> list[DayAnswer]:
    """
    Ask the running plans of some dates where a visit fits.

    Parameters
    ----------
    windows
        For the start of service, by date; each is kept with the policies' buffer before its end.

    Raises
    ------
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.
    """
    now = whole_minute(work.now)
    kept = [board.without(asked.visit.id) for board in work.ctx.boards.of(work, territory, windows)]
    realities = [load_realities(work, board) for board in kept]
    boards = [
        work.ctx.boards.bound(board, now, at_present, reality) for board, reality in zip(kept, realities, strict=True)
    ]
    places = [place for board in boards for place in board.places]
    legs = _legs(work, territory, asked.place, places)
    answers, first = [], 0
    for as_kept, board, reality in zip(kept, boards, realities, strict=True):
        cells = slice(first, first + len(board.places))
        first = cells.stop
        of_board = Legs(
            to_visit_s=legs.to_visit_s[cells],
            to_visit_m=legs.to_visit_m[cells],
            from_visit_s=legs.from_visit_s[cells],
            from_visit_m=legs.from_visit_m[cells],
        )
        answers.append(
            DayAnswer(
                board=board,
                kept=as_kept,
                legs=of_board,
                windows=tuple(windows[board.date]),
                quotes=tuple(_quotes(board, now, asked.visit, of_board, windows[board.date], reality)),
            )
        )
    return answers


def _legs(work: Work, territory: Territory, place: Place, places: Sequence[Place]) -> Legs:
    """Ask for the travel between a place and many, both ways, at once."""
    if not places:
        none = np.zeros(0, np.int32)
        return Legs(to_visit_s=none, to_visit_m=none, from_visit_s=none, from_visit_m=none)
    provider = work.ctx.travel(territory.travel)
    there, back = there_and_back(provider, places, place)
    return Legs(
        to_visit_s=np.ascontiguousarray(there.duration_s[:, 0]),
        to_visit_m=np.ascontiguousarray(there.distance_m[:, 0]),
        from_visit_s=np.ascontiguousarray(back.duration_s[0]),
        from_visit_m=np.ascontiguousarray(back.distance_m[0]),
    )


def to_quoted(board: Board, visit: Visit, windows: Sequence[TimeWindow]) -> tuple[solver.Visit, list[tuple[int, int]]]:
    """Translate a visit for one board, and the windows to the seconds in which its service may start."""
    territory = board.territory
    spans = [_span(board, window, territory.policies.buffer) for window in windows]
    allowed = [(min(earliest for earliest, _ in spans), max(latest for _, latest in spans))]
    if visit.pin is not None and visit.pin.start is not None:
        allowed = [(board.second_of(visit.pin.start),) * 2]
    quoted = to_quoted_visit(visit, rates=territory.rates, skills=territory.skills, start=board.start, windows=allowed)
    return quoted, spans


def _quotes(
    board: Board,
    now: datetime,
    visit: Visit,
    legs: Legs,
    windows: Sequence[TimeWindow],
    realities: Mapping[str, Reality],
) -> list[WindowQuote]:
    """Ask one board."""
    if not windows:
        return []
    quoted, spans = to_quoted(board, visit, windows)
    standings = [to_standing(visit, shift.technician) for shift in board.quotable] if names_technicians(visit) else None
    return quote_at_present(board, now, quoted, legs, spans, standings, realities)


def _span(board: Board, window: TimeWindow, buffer: timedelta) -> tuple[int, int]:
    """Give the seconds in which service may start so that the window is kept with the buffer."""
    earliest = board.second_of(window.earliest)
    return earliest, max(earliest, board.second_of(window.latest - buffer))
