"""Keep breaks between the visits between which the plan has them: people go by the order on their phones."""

from dataclasses import replace
from datetime import datetime

from fieldops.domain.problem import Break, Problem
from fieldops.usecases.expected_route import expected_route
from fieldops.usecases.live_shift import LiveShift


def with_breaks_as_planned(shift: LiveShift) -> Problem:
    """
    Let the breaks that are left be due on the legs on which the plan has them.

    Parameters
    ----------
    shift
        With visits ahead.

    Notes
    -----
    A day that has slipped would have room for them later on as well, and a schedule that is free to choose prefers
    that. Breaks with a place are at their own time in any case.
    """
    assert shift.rest is not None, "somebody with visits ahead has something left to do"
    assert shift.travel is not None, "and ways to go"
    rest, planned, every = shift.rest, shift.facts.planned, shift.facts.shift.breaks
    [own] = rest.technicians[0].shifts
    is_known = planned is not None and len(planned.breaks) == len(every)
    if not own.breaks or not is_known or any(pause.place_id is not None for pause in every):
        return rest
    expected = expected_route(rest, shift.order, shift.travel)
    assert planned is not None, "it is known"
    assert expected is not None, "there are visits ahead"
    was_before = {stop.visit_id: pos for pos, stop in enumerate(planned.stops)}
    finishes = [own.start, *(stop.finish for stop in expected.stops)]
    breaks: list[Break] = []
    for pause, taken in zip(own.breaks, planned.breaks[len(every) - len(own.breaks) :], strict=True):
        ahead = sum(was_before.get(visit_id, len(was_before)) < taken.after_visits for visit_id in shift.order)
        breaks.append(_due_at(pause, finishes[ahead]) if taken.on_the_clock else pause)
    person = replace(rest.technicians[0], shifts=(replace(own, breaks=tuple(breaks)),))
    return replace(rest, technicians=(person,))


def _due_at(pause: Break, finish: datetime) -> Break:
    """Let a break begin when the visit before it is over, or as soon as it may."""
    return replace(pause, latest_start=min(pause.latest_start, max(pause.earliest_start, finish)))
