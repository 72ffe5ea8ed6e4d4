"""How likely a window is to be kept when it is booked, for the best place that a quote has found in it."""

from collections.abc import Collection, Mapping, Sequence

from fieldops.domain.factors import Factors
from fieldops.domain.problem import TimeWindow, Visit
from fieldops.solver import instance as solver
from fieldops.solver.quote import Legs, RunningRoute, RunningRoutes, Window, WindowQuote
from fieldops.solver.risk import Booking, Noise, kept_if_booked
from fieldops.usecases.ask_boards import DayAnswer, to_quoted
from fieldops.usecases.board import ShiftOnBoard
from fieldops.usecases.uncertainty import Steps, key_of, noise_of_route, travel_steps


def odds_of(
    answer: DayAnswer, visit: Visit, factors: Factors, windows: Collection[TimeWindow]
) -> Mapping[TimeWindow, int]:
    """
    Tell how likely windows of a date are to be kept by their best technicians.

    Parameters
    ----------
    windows
        Some of those asked for; somebody can keep each.

    Returns
    -------
    Mapping[TimeWindow, int]
        Permille: of the scenarios in which the service starts before the window is over, the buffer of the policies
        used up.
    """
    board = answer.board
    quoted_visit, spans = to_quoted(board, visit, answer.windows)
    steps = travel_steps(board.start, board.running.latest_end, board.territory.time_zone, factors)
    asked = {
        window: (quoted, span, board.second_of(window.latest))
        for window, quoted, span in zip(answer.windows, answer.quotes, spans, strict=True)
        if window in windows
    }
    both = (visit, quoted_visit)
    odds = best_odds(board.quotable, board.running, both, answer.legs, list(asked.values()), factors, steps)
    return {window: kept for window, kept in zip(asked, odds, strict=True) if kept is not None}


def best_odds(
    shifts: Sequence[ShiftOnBoard],
    running: Sequence[RunningRoute] | RunningRoutes,
    visit: tuple[Visit, solver.Visit],
    legs: Legs,
    asked: Sequence[tuple[WindowQuote, Window, int]],
    factors: Factors,
    steps: Steps,
) -> list[int | None]:
    """
    Tell how likely windows are to be kept by the first of their slots; None where there is no slot.

    Parameters
    ----------
    shifts, running
        Those that were asked, and their routes.
    visit
        In the words of the domain and of the solver.
    asked
        Of each window: the answer, the seconds it was asked for, and the latest second that keeps it.
    """
    noises: dict[int, Noise] = {}
    bookings = []
    for answer, span, latest in asked:
        if not answer.slots:
            continue
        slot = answer.slots[0]
        if slot.route not in noises:
            noises[slot.route] = _noise_of(shifts[slot.route], factors, steps)
        bookings.append(Booking(slot=slot, window=span, latest=latest, noise=noises[slot.route]))
    known, quoted = visit
    of_type = factors.of_type(known.name, known.required_skills)
    kept = iter(
        kept_if_booked(
            running,
            quoted,
            legs,
            bookings,
            service_mean=of_type.permille / 1_000,
            service_sigma=of_type.spread,
            key=key_of(known.id),
        )
    )
    return [next(kept) if answer.slots else None for answer, _, _ in asked]


def _noise_of(own: ShiftOnBoard, factors: Factors, steps: Steps) -> Noise:
    assert own.running is not None, "a shift with a slot has a running route"
    return noise_of_route(own.problem, own.running.instance, factors, steps)
