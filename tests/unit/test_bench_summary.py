"""The summary per class: what is averaged over what."""

import platform

from fieldops.bench.machine import machine_facts
from fieldops.bench.rows import Outcome, Row
from fieldops.bench.summary import summarize


def _outcome(group: str, instance: str, gap_pct: float | None, *, feasible: bool = True, cost: float = 10.0) -> Outcome:
    row = Row(
        suite="solomon",
        instance=instance,
        solver="fieldops",
        seed=0,
        budget_s=5.0,
        threads=1,
        cpu_s=5.0,
        cost=cost,
        gap_pct=gap_pct,
        feasible=feasible,
    )
    return Outcome(row=row, group=group)


def test_each_class_and_all_together_get_a_line() -> None:
    """(1 + 3) / 2 = 2 in the first class; (1 + 3 + 5) / 3 = 3 over all runs."""
    summaries = summarize([_outcome("C1", "a", 1.0), _outcome("C1", "a", 3.0), _outcome("R1", "b", 5.0)])

    assert [(one.group, one.instances, one.runs, one.mean_gap_pct, one.worst_gap_pct) for one in summaries] == [
        ("C1", 1, 2, 2.0, 3.0),
        ("R1", 1, 1, 5.0, 5.0),
        ("all", 2, 3, 3.0, 5.0),
    ]


def test_infeasible_rows_are_counted_and_never_averaged() -> None:
    """A plan that breaks a rule is cheap; its gap must not flatter the mean."""
    summary = summarize([_outcome("C1", "a", 2.0, cost=12.0), _outcome("C1", "b", -50.0, feasible=False)])[0]

    assert (summary.runs, summary.infeasible, summary.mean_gap_pct, summary.mean_cost) == (2, 1, 2.0, 12.0)


def test_a_single_class_is_not_repeated_as_all() -> None:
    """One line says it."""
    assert [summary.group for summary in summarize([_outcome("C1", "a", None)])] == ["C1"]


def test_nothing_measured_is_no_number() -> None:
    """A class with only infeasible plans has no mean; zero would look like a best known solution."""
    summary = summarize([_outcome("C1", "a", 1.0, feasible=False)])[0]

    assert (summary.mean_gap_pct, summary.worst_gap_pct, summary.mean_cost) == (None, None, None)


def test_the_machine_is_described_without_its_name() -> None:
    """Tables are published; the name of somebody's computer is not."""
    facts = machine_facts()

    assert facts["python"] == platform.python_version()
    assert facts["cpu"].endswith(" cores")
    assert platform.node() not in " ".join(facts.values()).split()
