"""Why a visit is on no route: every reason, on a day small enough to see it."""

from typing import Any

import pytest

from builders import DAY_S, make_break, make_instance, make_shift, make_visit
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.explain import Explanation, ReasonCode, UnassignedKind, explain_all, explain_unassigned
from fieldops.solver.instance import Instance, Shift, Technician, Visit

IMPOSSIBLE, DISPLACED = UnassignedKind.IMPOSSIBLE_ALONE, UnassignedKind.DISPLACED


def _explain(instance: Instance, orders: dict[int, tuple[int, ...]] | None = None, visit: int = 0) -> Explanation:
    return explain_unassigned(Evaluator(instance), orders or {}, visit)


def test_a_visit_everybody_is_forbidden_at_has_no_technician_allowed() -> None:
    """Allowing somebody is the only way out; hiring or overtime would not help."""
    visit = make_visit(allowed_technicians=frozenset({0}), forbidden_technicians=frozenset({0}))
    explanation = _explain(make_instance(visit, technicians=[Technician(), Technician()]))

    assert (explanation.kind, explanation.reasons) == (IMPOSSIBLE, (ReasonCode.NO_TECHNICIAN_ALLOWED,))


def test_a_level_nobody_allowed_holds_is_a_missing_skill() -> None:
    """The one who holds it is forbidden there, so among those left the skill is what is missing."""
    visit = make_visit(required_levels=(0, 2), forbidden_technicians=frozenset({1}))
    technicians = [Technician(skill_levels=(3, 1)), Technician(skill_levels=(0, 2))]
    shifts = [make_shift(technician=0), make_shift(technician=1)]
    explanation = _explain(make_instance(visit, technicians=technicians, shifts=shifts))

    assert (explanation.kind, explanation.reasons) == (IMPOSSIBLE, (ReasonCode.NO_TECHNICIAN_WITH_SKILL,))


@pytest.mark.parametrize(
    ("visit", "shift"),
    [
        pytest.param(
            make_visit(windows=((20_001, 30_000),)), make_shift(regular_end=20_000, hard_end=20_000), id="over"
        ),
        pytest.param(make_visit(windows=((0, 9_999),)), make_shift(earliest_start=10_000), id="not begun"),
        # The last second to start 1,000 s of service is 19,000.
        pytest.param(
            make_visit(windows=((19_001, 20_000),)), make_shift(regular_end=20_000, hard_end=20_000), id="too long"
        ),
        # Both windows are outside, the shift is between them.
        pytest.param(
            make_visit(windows=((0, 9_999), (20_001, 30_000))),
            make_shift(earliest_start=10_000, regular_end=20_000, hard_end=20_000),
            id="between",
        ),
        # On break from 9,000 to 14,000: 10,000 to 12,000 is inside.
        pytest.param(
            make_visit(windows=((10_000, 12_000),)), make_shift(make_break(9_000, 9_000, 5_000)), id="on break"
        ),
    ],
)
def test_a_window_nobody_is_on_duty_in_has_no_shift(visit: Visit, shift: Shift) -> None:
    """Who is not there, cannot stay long enough or is at lunch does not cover the window."""
    explanation = _explain(make_instance(visit, shifts=[shift]))

    assert (explanation.kind, explanation.reasons) == (IMPOSSIBLE, (ReasonCode.NO_SHIFT_IN_WINDOW,))


def test_a_technician_without_a_shift_does_not_cover_the_window() -> None:
    """The skill is there in principle; nobody who has it works on these days."""
    visit = make_visit(required_levels=(1,))
    technicians = [Technician(skill_levels=(0,)), Technician(skill_levels=(1,))]
    explanation = _explain(make_instance(visit, technicians=technicians))

    assert explanation.reasons == (ReasonCode.NO_SHIFT_IN_WINDOW,)


@pytest.mark.parametrize(
    ("visit", "shift"),
    [
        # Ten minutes there: at 600 at the earliest.
        pytest.param(make_visit(windows=((0, 599),)), make_shift(), id="late for the window"),
        # There 600, service 1,000, back 600: 2,200 in all.
        pytest.param(make_visit(), make_shift(regular_end=2_199, hard_end=2_199), id="late at home"),
        pytest.param(make_visit(), make_shift(end_place=None, regular_end=1_599, hard_end=1_599), id="late, open end"),
    ],
)
def test_a_way_that_takes_too_long_is_too_far(visit: Visit, shift: Shift) -> None:
    """One second short is too far, and the way home counts when there is one."""
    explanation = _explain(make_instance(visit, shifts=[shift]))

    assert (explanation.kind, explanation.reasons) == (IMPOSSIBLE, (ReasonCode.TOO_FAR,))


@pytest.mark.parametrize(
    ("cap", "load"),
    [
        pytest.param({"max_visits": 0}, 0, id="visits"),
        pytest.param({"max_travel_s": 1_199}, 0, id="travel"),
        pytest.param({"max_work_s": 2_199}, 0, id="work"),
        pytest.param({"load_capacity": 4}, 5, id="load"),
    ],
)
def test_a_cap_that_forbids_even_this_visit_alone_is_the_reason(cap: dict[str, int], load: int) -> None:
    """Each cap is one below what the visit alone needs: 1 visit, 2 x 600 s of travel, 2,200 s of work, a load of 5."""
    explanation = _explain(make_instance(make_visit(load=load), shifts=[make_shift(**cap)]))

    assert (explanation.kind, explanation.reasons) == (IMPOSSIBLE, (ReasonCode.OVER_CAP,))


def test_shifts_may_fail_for_different_reasons() -> None:
    """One technician lives too far away, the other may not drive that long: both are told."""
    visit = make_visit(windows=((0, 2_000),))
    shifts = [make_shift(max_travel_s=1_000), make_shift(start_place=5)]
    explanation = _explain(make_instance(visit, shifts=shifts))

    assert explanation.reasons == (ReasonCode.TOO_FAR, ReasonCode.OVER_CAP)


def test_a_visit_with_no_gap_for_it_is_displaced_by_full_shifts() -> None:
    """It fits alone (2,200 s), but not beside the one that takes as long: 3,200 s are not there."""
    instance = make_instance(make_visit(), make_visit(), shifts=[make_shift(regular_end=3_000, hard_end=3_000)])
    explanation = _explain(instance, {0: (1,)})

    assert (explanation.kind, explanation.reasons) == (DISPLACED, (ReasonCode.SHIFTS_FULL,))


@pytest.mark.parametrize("value", [1_199, 1_200])
def test_a_visit_that_costs_at_least_its_worth_is_left_out_for_that(value: int) -> None:
    """Driving there and back costs 1,200 cents, at a cent a second."""
    instance = make_instance(make_visit(unassigned_cents=value), shifts=[make_shift(cost_per_travel_hour=3_600)])
    explanation = _explain(instance)

    assert (explanation.kind, explanation.reasons) == (DISPLACED, (ReasonCode.COSTS_MORE_THAN_LEAVING_OUT,))


@pytest.mark.parametrize(
    "visit",
    [
        pytest.param(make_visit(unassigned_cents=1_201), id="worth it"),
        pytest.param(make_visit(mandatory=True), id="mandatory"),
        # Unassigned it counts as finished at the horizon's end, 10 h late: 2,000 cents.
        pytest.param(make_visit(due=0, due_cents_per_hour=200), id="overdue"),
    ],
)
def test_a_visit_that_only_had_to_be_inserted_has_no_reason(visit: Visit) -> None:
    """The search ended too early, which is nobody's fault; the repair says where it goes."""
    explanation = _explain(make_instance(visit, shifts=[make_shift(cost_per_travel_hour=3_600)]))

    assert (explanation.kind, explanation.reasons) == (DISPLACED, ())
    assert explanation.repair is not None


@pytest.mark.parametrize(
    "broken", [pytest.param({"windows": ((0, 100),)}, id="too far"), pytest.param({"service_s": DAY_S}, id="too long")]
)
def test_a_route_that_breaks_a_rule_takes_no_further_visit(broken: dict[str, Any]) -> None:
    """A plan made by hand may be broken, even so that overtime would mend it; what is left out is explained anyway."""
    instance = make_instance(make_visit(), make_visit(**broken))
    explanation = _explain(instance, {0: (1,)})

    assert (explanation.reasons, explanation.repair) == ((ReasonCode.SHIFTS_FULL,), None)


def test_without_any_shift_no_shift_is_in_the_window() -> None:
    """An empty calendar is a reason, too."""
    explanation = _explain(make_instance(make_visit(), shifts=[], technicians=[Technician()]))

    assert (explanation.kind, explanation.reasons, explanation.repair) == (
        IMPOSSIBLE,
        (ReasonCode.NO_SHIFT_IN_WINDOW,),
        None,
    )


def test_many_visits_get_the_explanations_each_would_get_alone() -> None:
    """Sharing the work between visits must not mix up whose variant is whose."""
    instance = make_instance(
        make_visit(windows=((DAY_S + 1_000, DAY_S + 2_000),), required_levels=(0,)),
        make_visit(2, required_levels=(1,)),
        make_visit(3, service_s=10_000, required_levels=(0,)),
        make_visit(service_s=25_000, required_levels=(0,)),
        technicians=[Technician(skill_levels=(0,))],
    )
    evaluator = Evaluator(instance)
    explanations = explain_all(evaluator, {0: (3,)}, [2, 0, 1])

    assert list(explanations) == [2, 0, 1]
    assert explanations == {visit: explain_unassigned(evaluator, {0: (3,)}, visit) for visit in (2, 0, 1)}
    assert len({explanation.repair for explanation in explanations.values()}) == 3


def test_a_visit_on_a_route_cannot_be_explained() -> None:
    """Asking is a mistake of the caller, and it is told which visits it concerns."""
    evaluator = Evaluator(make_instance(make_visit(), make_visit()))

    with pytest.raises(ValueError, match=r"\[1\]"):
        explain_all(evaluator, {0: (1,)}, [0, 1])


def test_nothing_to_explain_is_explained_by_nothing() -> None:
    """The usual case of a good day."""
    assert explain_all(Evaluator(make_instance(make_visit())), {0: (0,)}, []) == {}
