"""Whatever is written is read back the same."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings

from domain_strategies import plans, problems
from fieldops.domain.faults import problem_faults
from fieldops.domain.plan import Plan
from fieldops.domain.problem import Problem
from fieldops.files.plan_json import dump_plan, load_plan
from fieldops.files.problem_json import dump_problem, load_problem

quick = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])


@quick
@given(problem=problems())
def test_a_problem_written_is_read_back_the_same(problem: Problem) -> None:
    """A document that loses a field would plan another day than the one asked for."""
    assert problem_faults(problem) == []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "problem.json"
        dump_problem(problem, path)
        assert load_problem(path) == problem


@quick
@given(plan=plans)
def test_a_plan_written_is_read_back_the_same(plan: Plan) -> None:
    """Reports and checks made from the file must say what the solver found."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        dump_plan(plan, path)
        assert load_plan(path) == plan


@quick
@given(problem=problems())
def test_writing_what_was_read_changes_no_byte(problem: Problem) -> None:
    """Only then do version control and checksums show real changes."""
    with TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.json", Path(folder) / "second.json"
        dump_problem(problem, first)
        dump_problem(load_problem(first), second)
        assert first.read_bytes() == second.read_bytes()
        assert json.loads(first.read_bytes())["format"] == "fieldops-problem/1"
