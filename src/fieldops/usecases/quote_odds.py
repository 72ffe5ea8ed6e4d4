"""How likely a window is to be kept when it is booked, for the best place that a quote has found in it."""

from collections.abc import Mapping, Sequence

from fieldops.domain.factors import Factors
from fieldops.domain.problem import TimeWindow, Visit
from fieldops.solver import instance as solver
from fieldops.solver.quote import Legs, RunningRoute, RunningRoutes, Window, WindowQuote
from fieldops.solver.risk import Booking, Noise, kept_if_booked
from fieldops.usecases.ask_boards import DayAnswer, to_quoted
from fieldops.usecases.board import ShiftOnBoard
from fieldops.usecases.uncertainty import Steps, key_of, noise_of_route, travel_steps


def odds_of(answer: DayAnswer, visit: Visit, factors: Factors) -> Mapping[TimeWindow, int]:
    """
    Tell how likely each window of a date is to be kept by its best technician.

    Returns
    -------
    Mapping[TimeWindow, int]
        Permille, for the windows that somebody can keep: of the scenarios in which the service starts before the window
        is over, the buffer of the policies used up.
    """
    board = answer.board
    if not any(quoted.slots for quoted in answer.quotes):
        return {}
    quoted_visit, spans = to_quoted(board, visit, answer.windows)
    steps = travel_steps(board.start, board.running.latest_end, board.territory.time_zone, factors)
    latest = [board.second_of(window.latest) for window in answer.windows]
    odds = best_odds(
        board.quotable,
        board.running,
        (visit, quoted_visit),
        answer.legs,
        list(zip(answer.quotes, spans, latest, strict=True)),
        factors,
        steps,
    )
    return {window: kept for window, kept in zip(answer.windows, odds, strict=True) if kept is not None}


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
