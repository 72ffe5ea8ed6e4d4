"""The compiled quote against scheduling every place by the definition of the time model."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from fieldops.solver.instance import IntArray, Visit
from fieldops.solver.quote import Legs, Refusal, RunningRoute, Slot, Standing, Window, WindowQuote, quote
from quote_oracle import judged_by_definition


@st.composite
def running_routes(draw: st.DrawFn) -> RunningRoute:
    """A route with any rules, mostly one that works: visits that fit nowhere are left out one by one."""
    instance, order = draw(strategies.instances_with_order(max_visits=4, max_breaks=3))

    def only(visits: tuple[int, ...]) -> RunningRoute:
        # Ranks and wishes of people stay; who is allowed would make most short routes useless.
        kept = tuple(
            replace(instance.visits[visit], allowed_technicians=None, forbidden_technicians=frozenset())
            for visit in visits
        )
        return RunningRoute(instance=replace(instance, visits=kept), order=tuple(range(len(kept))))

    if draw(st.integers(0, 9)) == 0:
        return only(order)
    chosen: tuple[int, ...] = ()
    for visit in order:
        if only((*chosen, visit)).is_sound:
            chosen = (*chosen, visit)
    return only(chosen)


@st.composite
def newcomers(draw: st.DrawFn) -> Visit:
    """A visit that names no technicians."""
    visit = draw(strategies.visits(num_places=1, num_technicians=1))
    return replace(
        visit,
        allowed_technicians=None,
        forbidden_technicians=frozenset(),
        preferred_technicians=frozenset(),
        baseline_technician=None,
        other_technician_cents=draw(st.integers(0, 2)),
    )


def _row(draw: st.DrawFn, size: int) -> IntArray:
    return np.array(draw(st.lists(st.integers(0, 12), min_size=size, max_size=size)), np.int32)


@st.composite
def questions(
    draw: st.DrawFn,
) -> tuple[list[RunningRoute], Visit, list[Legs], list[Window], list[Standing]]:
    """Up to three routes, a newcomer, the travel to it per route, up to three windows."""
    routes = draw(st.lists(running_routes(), min_size=1, max_size=3))
    legs = []
    for running in routes:
        there, back = _row(draw, running.num_places), _row(draw, running.num_places)
        meters = [(seconds * 7) % np.int32(31) for seconds in (there, back)]
        legs.append(Legs(to_visit_s=there, to_visit_m=meters[0], from_visit_s=back, from_visit_m=meters[1]))
    windows = [
        (earliest, earliest + draw(st.integers(0, 60)))
        for earliest in draw(st.lists(st.integers(-5, strategies.LAST_S), min_size=1, max_size=3))
    ]
    standings = [Standing(allowed=draw(st.integers(0, 9)) > 0, preferred=draw(st.booleans())) for _ in routes]
    return routes, draw(newcomers()), legs, windows, standings


def _joined(legs: list[Legs]) -> Legs:
    """Lay the legs of all routes end to end."""
    return Legs(
        to_visit_s=np.concatenate([leg.to_visit_s for leg in legs]),
        to_visit_m=np.concatenate([leg.to_visit_m for leg in legs]),
        from_visit_s=np.concatenate([leg.from_visit_s for leg in legs]),
        from_visit_m=np.concatenate([leg.from_visit_m for leg in legs]),
    )


@given(question=questions())
@settings(max_examples=100, deadline=None)
def test_a_quote_is_what_scheduling_every_place_finds(
    question: tuple[list[RunningRoute], Visit, list[Legs], list[Window], list[Standing]],
) -> None:
    """An offer that is dearer, earlier or tighter than the definition says becomes a promise nobody can keep."""
    routes, visit, legs, windows, standings = question

    answers = quote(routes, visit, _joined(legs), windows, standings)

    for window, answer in zip(windows, answers, strict=True):
        outcomes = [
            judged_by_definition(idx, running, visit, legs[idx], window, standings[idx])
            for idx, running in enumerate(routes)
        ]
        slots = sorted(
            (outcome for outcome in outcomes if isinstance(outcome, Slot)), key=lambda slot: (slot.cost, slot.route)
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert answer == WindowQuote(slots=tuple(slots), refusals={why: refused.count(why) for why in set(refused)})
