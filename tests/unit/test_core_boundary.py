"""What the compiled core refuses, so that no mistake of a caller reaches its memory."""

import numpy as np
import pytest

from builders import make_instance, make_shift, make_visit
from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator


@pytest.fixture
def evaluator() -> Evaluator:
    """Two visits, two shifts."""
    instance = make_instance(make_visit(1), make_visit(2), shifts=[make_shift(), make_shift()])
    return Evaluator(instance)


def test_indices_out_of_range_are_refused(evaluator: Evaluator) -> None:
    """An index the instance does not have would read what lies behind its arrays."""
    with pytest.raises(IndexError, match="visit index"):
        evaluator.cost(0, [2])
    with pytest.raises(IndexError, match="shift index"):
        evaluator.route(2, [0])
    with pytest.raises(IndexError, match="visit index"):
        evaluator.insertions({}, -1)


def test_a_visit_is_on_one_route_once(evaluator: Evaluator) -> None:
    """The search counts on it; a visit served twice would corrupt its books."""
    search = _core.Search(evaluator.core, 0, 0)

    with pytest.raises(ValueError, match="repeated"):
        evaluator.cost(0, [0, 0])
    with pytest.raises(ValueError, match="two routes"):
        search.construct([[0], [0]])
    search.construct()
    with pytest.raises(ValueError, match="two routes"):
        search.offer([[0], [0]])


def test_only_an_absent_visit_can_be_inserted(evaluator: Evaluator) -> None:
    """Asking where to insert a visit that is there already is a mistake, not a question."""
    with pytest.raises(ValueError, match="on a route already"):
        evaluator.insertions({0: [1]}, 1)


def test_every_shift_has_its_order(evaluator: Evaluator) -> None:
    """A list too short would leave shifts without an order."""
    with pytest.raises(ValueError, match="one order per shift"):
        _core.insertions(evaluator.core, [[0]], 1)


def test_a_running_route_is_of_one_shift_and_whole() -> None:
    """Its room is laid out for one technician, one shift and all visits."""
    two_shifts = make_instance(make_visit(1), shifts=[make_shift(), make_shift()])
    with pytest.raises(ValueError, match="one technician and one shift"):
        _core.RunningRoute(two_shifts, [0])
    instance = make_instance(make_visit(1), make_visit(2))
    with pytest.raises(ValueError, match="serves all its visits"):
        _core.RunningRoute(instance, [0])
    with pytest.raises(IndexError, match="visit index"):
        _core.RunningRoute(instance, [0, 2])


def test_what_is_quoted_has_the_sizes_of_its_routes() -> None:
    """An entry too few would be read from behind the array."""
    route = _core.RunningRoute(make_instance(make_visit(1)), [0])
    visit, right, short = make_visit(), np.zeros(2, np.int32), np.zeros(1, np.int32)

    with pytest.raises(ValueError, match="one entry per place"):
        _core.quote([route], visit, (right, right, right, short), [(True, True)], [(0, 10)])
    with pytest.raises(ValueError, match="one standing per route"):
        _core.quote([route], visit, (right, right, right, right), [], [(0, 10)])
    wanting = make_visit(required_levels=(1,))
    with pytest.raises(ValueError, match="one level per skill"):
        _core.quote([route], wanting, (right, right, right, right), [(True, True)], [(0, 10)])
    with pytest.raises(ValueError, match="not None"):
        _core.quote([None], visit, (right, right, right, right), [(True, True)], [(0, 10)])  # type: ignore[list-item]
