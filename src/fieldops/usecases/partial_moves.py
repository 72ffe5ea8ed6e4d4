"""Some moves of a proposal without the others: the orders that come out."""

from collections.abc import Collection, Mapping, Sequence

Orders = Mapping[str, Sequence[str]]


def with_moves(running: Orders, proposed: Orders, accepted: Collection[str]) -> dict[str, tuple[str, ...]]:
    """
    Move some visits to where a proposal has them, and leave all others where they are.

    Parameters
    ----------
    running, proposed
        Shift id to visit ids in serving order; a visit that is in neither order of a shift is on none.
    accepted
        Visits that move. Those that the proposal has on no route are left out.

    Returns
    -------
    dict[str, tuple[str, ...]]
        Every shift of both. A visit comes right after the last of those that are before it in the proposal and on its
        route now, or before the first of those after it.
    """
    orders = {shift_id: [name for name in order if name not in accepted] for shift_id, order in running.items()}
    for shift_id, order in proposed.items():
        route = orders.setdefault(shift_id, [])
        for position, visit_id in enumerate(order):
            if visit_id in accepted:
                route.insert(_place(route, order, position), visit_id)
    return {shift_id: tuple(route) for shift_id, route in orders.items()}


def _place(route: Sequence[str], order: Sequence[str], position: int) -> int:
    """Say where in a route a visit goes that has a position in an order."""
    before = [name for name in order[:position] if name in route]
    if before:
        return route.index(before[-1]) + 1
    after = [name for name in order[position + 1 :] if name in route]
    return route.index(after[0]) if after else len(route)
