"""The benchmark run from end to end, with solvers made for the test."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from bench_files import TENTH_DEGREE_S, city_technician, city_visit, write_city, write_vrptw
from rich.console import Console

from fieldops.bench import COLUMNS, BenchOptions, run_bench
from fieldops.bench.solvers import Answer, Budget, SolverFunction
from fieldops.errors import InvalidInput
from fieldops.solver.instance import Instance
from fieldops.solver.schedule import schedule_solution
from fieldops.solver.solution import CostBreakdown, Solution

HEADER = (
    "suite,instance,solver,seed,budget_s,threads,wall_s,cpu_s,cost,reference,gap_pct,unassigned,served_priority,"
    "travel_s,feasible"
)


def one_visit_per_shift(instance: Instance, _budget: Budget) -> Answer:
    """Give every shift in turn the first visit left that its technician may serve."""
    left = list(range(len(instance.visits)))
    routes = []
    for shift_idx, shift in enumerate(instance.shifts):
        fitting = [visit for visit in left if instance.is_eligible(shift.technician, visit)]
        if fitting:
            left.remove(fitting[0])
            routes.append((shift_idx, (fitting[0],)))
    return Answer(routes=routes)


def everything_on_one_shift(instance: Instance, _budget: Budget) -> Answer:
    """Overload the first shift."""
    return Answer(routes=[(0, range(len(instance.visits)))])


def nobody_there(_instance: Instance, _budget: Budget) -> Answer:
    """Use a shift that does not exist."""
    return Answer(routes=[(99, [0])])


def crashing(_instance: Instance, budget: Budget) -> Answer:
    """Fail for odd seeds."""
    if budget.seed % 2:
        raise ZeroDivisionError("seven [of] nine")
    return one_visit_per_shift(_instance, budget)


def interrupted(instance: Instance, budget: Budget) -> Answer:
    """Be interrupted at the second seed."""
    answer = one_visit_per_shift(instance, budget)
    return Answer(routes=answer.routes, interrupted=budget.seed == 1)


def honest(instance: Instance, budget: Budget) -> Answer:
    """Hand over the whole solution of one visit per shift, with times and costs."""
    routes = one_visit_per_shift(instance, budget).routes
    solution = schedule_solution(instance, dict(routes))
    assert isinstance(solution, Solution)
    return Answer(routes=routes, solution=solution)


def lying(instance: Instance, budget: Budget) -> Answer:
    """Claim that the same plan costs nothing."""
    answer = honest(instance, budget)
    assert answer.solution is not None
    return Answer(routes=answer.routes, solution=replace(answer.solution, cost=CostBreakdown()))


def misled(instance: Instance, budget: Budget) -> Answer:
    """Solve another instance, in which every way is a second longer."""
    return honest(replace(instance, travel_s=instance.travel_s + (instance.travel_s > 0)), budget)


SOLVERS: dict[str, SolverFunction] = {
    "honest": honest,
    "lying": lying,
    "misled": misled,
    "one_each": one_visit_per_shift,
    "overload": everything_on_one_shift,
    "nobody": nobody_there,
    "crashing": crashing,
    "interrupted": interrupted,
}


class Run:
    """Exit code, rows, terminal output and Markdown of one run."""

    def __init__(self, options: BenchOptions) -> None:
        terminal = io.StringIO()
        self.exit_code = run_bench(options, Console(file=terminal, width=160), solvers=SOLVERS)
        self.terminal = terminal.getvalue()
        text = options.out.read_text(encoding="utf-8")
        self.header = text.splitlines()[0]
        self.rows = list(csv.DictReader(io.StringIO(text)))
        self.markdown = options.out.with_suffix(".md").read_text(encoding="utf-8")


@pytest.fixture
def solomon(tmp_path: Path) -> Path:
    """A folder as shared: a subfolder per suite, with best known values for one of two files."""
    write_vrptw(tmp_path / "in" / "solomon", "R101")
    write_vrptw(tmp_path / "in" / "solomon", "RC101")
    (tmp_path / "in" / "solomon" / "bks.csv").write_text(
        "instance,objective,vehicles,cost\nR101,dimacs_trunc1_distance,2,25.28\n", encoding="utf-8"
    )
    return tmp_path / "in"


def _options(
    folder: Path, tmp_path: Path, *, solver: str = "one_each", suite: str = "solomon", seeds: int = 1
) -> BenchOptions:
    return BenchOptions(suite=suite, instances=folder, out=tmp_path / "out" / "rows.csv", solver=solver, seeds=seeds)


def test_the_columns_are_those_everybody_agreed_on(tmp_path: Path, solomon: Path) -> None:
    """Later suites, peers and plots read these files by name and order."""
    run = Run(_options(solomon, tmp_path))

    assert run.header == HEADER == ",".join(COLUMNS)


def test_a_vrptw_run_writes_a_refereed_row_per_instance_and_seed(tmp_path: Path, solomon: Path) -> None:
    """
    One customer per vehicle: 2 x (50 + 58 + 50) tenths = 31.6; the reference is made up as 25.28, so the gap is 25 %.
    """
    run = Run(_options(solomon, tmp_path, seeds=2))

    assert run.exit_code == 0
    assert [(row["instance"], row["seed"]) for row in run.rows] == [
        ("R101", "0"),
        ("R101", "1"),
        ("RC101", "0"),
        ("RC101", "1"),
    ]
    row = run.rows[0]
    assert float(row.pop("wall_s")) >= 0
    assert float(row.pop("cpu_s")) >= 0
    assert row == {
        "suite": "solomon",
        "instance": "R101",
        "solver": "one_each",
        "seed": "0",
        "budget_s": "5",
        "threads": "1",
        "cost": "31.6",
        "reference": "25.3",
        "gap_pct": "25",
        "unassigned": "0",
        "served_priority": "",
        "travel_s": "316",
        "feasible": "True",
    }
    assert (run.rows[2]["reference"], run.rows[2]["gap_pct"]) == ("", "")


def test_a_city_run_counts_priority_and_travel(tmp_path: Path) -> None:
    """The one technician serves the first of two visits: priority 3 of a reference of 4, 25 % short."""
    folder = tmp_path / "city"
    write_city(folder, [city_technician()], [city_visit(), city_visit(id="V1")])
    (folder / "reference.csv").write_text(
        "instance,solver,seconds,served_priority,total_priority,travel_s\ncity-2-s1,peer,1,4,6,9000\n", encoding="utf-8"
    )
    run = Run(_options(folder, tmp_path, suite="city"))

    row = run.rows[0]
    assert run.exit_code == 0
    assert (row["cost"], row["travel_s"]) == (str(2 * TENTH_DEGREE_S), str(2 * TENTH_DEGREE_S))
    assert "| mean served priority |" in run.markdown
    assert (row["served_priority"], row["unassigned"], row["reference"], row["gap_pct"]) == ("3", "1", "4", "25")


def test_more_threads_are_measured_against_peers_with_as_much_cpu(tmp_path: Path) -> None:
    """Two threads for 5 s may use 10 CPU seconds, so a peer that took 8 of them is a fair reference."""
    folder = tmp_path / "city"
    write_city(folder, [city_technician()], [city_visit()])
    (folder / "reference.csv").write_text(
        "instance,solver,seconds,served_priority,total_priority,travel_s\ncity-2-s1,peer,8,4,6,9000\n", encoding="utf-8"
    )
    options = BenchOptions(suite="city", instances=folder, out=tmp_path / "rows.csv", solver="one_each", threads=2)

    assert Run(options).rows[0]["reference"] == "4"


def test_an_infeasible_plan_is_named_and_fails_the_command(tmp_path: Path, solomon: Path) -> None:
    """Nobody should have to look for a cheating solver in a table: 4 + 5 + 6 is over the capacity of 10."""
    run = Run(_options(solomon, tmp_path, solver="overload"))

    assert run.exit_code == 1
    assert [row["feasible"] for row in run.rows] == ["False", "False"]
    assert "load 15 over the capacity 10" in run.terminal


def test_a_whole_solution_is_checked_and_accepted(tmp_path: Path, solomon: Path) -> None:
    """The solver's own times and costs are right, and both judges see the same travel."""
    run = Run(_options(solomon, tmp_path, solver="honest"))

    assert (run.exit_code, run.rows[0]["cost"], run.rows[0]["feasible"]) == (0, "31.6", "True")


def test_good_routes_with_wrong_figures_are_not_feasible(tmp_path: Path, solomon: Path) -> None:
    """The suite's referee has nothing against the routes; the solver's checker finds the cost wrong."""
    run = Run(_options(solomon, tmp_path, solver="lying"))

    assert (run.exit_code, run.rows[0]["cost"], run.rows[0]["feasible"]) == (1, "31.6", "False")


def test_a_solver_that_solves_another_instance_is_found_out(tmp_path: Path, solomon: Path) -> None:
    """Six ways a second longer each: this is how a mistake in the translation of a file would look."""
    run = Run(_options(solomon, tmp_path, solver="misled"))

    assert run.rows[0]["feasible"] == "False"
    assert "the solver says 322 s of travel, the referee 316 s" in run.terminal


def test_a_plan_that_cannot_be_judged_leaves_its_figures_empty(tmp_path: Path, solomon: Path) -> None:
    """A cost made from routes that do not exist would be a lie."""
    run = Run(_options(solomon, tmp_path, solver="nobody"))

    assert run.exit_code == 1
    assert (run.rows[0]["cost"], run.rows[0]["gap_pct"], run.rows[0]["feasible"]) == ("", "", "False")


def test_a_crash_costs_its_row_and_not_the_run(tmp_path: Path, solomon: Path) -> None:
    """A night of measuring must survive one failure, and still end in an error."""
    run = Run(_options(solomon, tmp_path, solver="crashing", seeds=3))

    assert run.exit_code == 1
    assert [row["feasible"] for row in run.rows] == ["True", "False", "True"] * 2
    assert "ZeroDivisionError: seven [of] nine" in run.terminal


def test_an_unreadable_file_costs_its_rows_and_not_the_run(tmp_path: Path, solomon: Path) -> None:
    """The message names the file and what was expected in it."""
    write_vrptw(solomon / "solomon", "R102", text="something else")
    run = Run(_options(solomon, tmp_path))

    assert run.exit_code == 1
    assert [(row["instance"], row["feasible"]) for row in run.rows] == [
        ("R101", "True"),
        ("R102", "False"),
        ("RC101", "True"),
    ]
    assert "R102.txt" in run.terminal


def test_an_interrupted_run_keeps_what_it_has_measured(tmp_path: Path, solomon: Path) -> None:
    """The plan that was cut short does not count, the rows before it do."""
    run = Run(_options(solomon, tmp_path, solver="interrupted", seeds=3))

    assert run.exit_code == 130
    assert [row["seed"] for row in run.rows] == ["0"]


def test_only_picks_instances_by_pattern_in_natural_order(tmp_path: Path) -> None:
    """``c1_10_1`` comes after ``c1_2_1``, and the case of the letters does not matter."""
    for name in ("c1_10_1", "c1_2_2", "c1_2_1", "r1_2_1"):
        write_vrptw(tmp_path / "in", name)
    options = BenchOptions(
        suite="homberger", instances=tmp_path / "in", out=tmp_path / "rows.csv", solver="one_each", only="C1_*"
    )

    assert [row["instance"] for row in Run(options).rows] == ["c1_2_1", "c1_2_2", "c1_10_1"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"suite": "nothing"}, "--suite"),
        ({"solver": "nobody else"}, "--solver"),
        ({"seconds": 0.0}, "--seconds"),
        ({"seconds": float("nan")}, "--seconds"),
        ({"threads": 0}, "--threads"),
        ({"seeds": 0}, "--seeds"),
        ({"only": "Q*"}, "--only"),
        ({"instances": Path("nowhere")}, "--instances"),
        ({"out": Path("rows.txt")}, "--out"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(
    tmp_path: Path, solomon: Path, changes: dict[str, object], path: str
) -> None:
    """A typo must not leave an empty result file behind."""
    fields: dict[str, object] = {
        "suite": "solomon",
        "instances": solomon,
        "out": tmp_path / "out" / "rows.csv",
        "solver": "one_each",
    }
    options = BenchOptions(**(fields | changes))  # type: ignore[arg-type]

    with pytest.raises(InvalidInput) as caught:
        run_bench(options, Console(file=io.StringIO()), solvers=SOLVERS)

    assert [fault.path for fault in caught.value.faults] == [path]
    assert not (tmp_path / "out").exists()


def test_the_summary_stands_on_the_terminal_and_in_markdown(tmp_path: Path, solomon: Path) -> None:
    """The table for the docs is generated with what it was measured on, and is the one that was shown."""
    run = Run(_options(solomon, tmp_path))

    assert "| R1 | 1 | 1 | +25.00 | +25.00 | 31.6 |" in run.markdown
    assert "| all | 2 | 2 | +25.00 | +25.00 | 31.6 |" in run.markdown
    assert "solomon: one_each, 5 s, threads 1, seeds 1" in run.markdown
    assert "RC1" in run.terminal
    assert "served priority" not in run.markdown + run.terminal
    for fact in ("date", "commit", "cpu", "python", "fieldops", "ortools"):
        assert f"{fact} " in run.markdown
