"""``fieldops plan``: what it writes and says, and what it refuses before it starts."""

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import fault_lines, run, write_problem

from domain_builders import make_problem, make_visit, window
from fieldops.domain.problem import TravelSource
from fieldops.files.plan_json import load_plan
from fieldops.solver.solution import Violation, ViolationCode
from fieldops.usecases import plan_problem

#: The command as a process of its own, which hears Ctrl-C even where the test runner is told not to.
COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom fieldops.cli import main\nmain()"
)


def test_a_plan_is_written_and_summed_up_in_one_line(tmp_path: Path) -> None:
    """The line is what people look at first: served, promises, travel, overtime, cost, where it is."""
    problem = write_problem(tmp_path, make_problem(make_visit(promised_window=window("10:00", "11:00"))))
    plan = tmp_path / "plan.json"
    outcome = run("plan", problem, "--iterations", 50, "--out", plan)

    assert outcome.exit_code == 0
    assert len(outcome.out.splitlines()) == 1
    pattern = r"1 of 1 visit served, 1 of 1 promise kept, \d+ min travel, no overtime, cost \d+\.\d\d -> (.+)\n"
    match = re.fullmatch(pattern, outcome.out)
    assert match is not None, outcome.out
    assert match[1] == str(plan)
    assert load_plan(plan).kpis.assigned == 1


def test_the_referee_accepts_what_was_planned(tmp_path: Path) -> None:
    """The three commands must agree about the same two files."""
    problem = write_problem(tmp_path)
    plan = tmp_path / "plan.json"
    run("plan", problem, "--iterations", 50, "--out", plan)

    assert run("check", problem, plan).exit_code == 0
    assert run("show", plan).exit_code == 0


def test_the_report_is_written_too(tmp_path: Path) -> None:
    """One page, with the visit on it."""
    report = tmp_path / "report.html"
    outcome = run("plan", write_problem(tmp_path), "--iterations", 50, "--report", report)

    assert outcome.out.endswith(f"-> {report}\n")
    assert "v1" in report.read_text(encoding="utf-8")


def test_the_same_seed_and_iterations_give_the_same_plan(tmp_path: Path) -> None:
    """Somebody who debugs a plan has to be able to make it again."""
    problem = write_problem(tmp_path, make_problem(*(make_visit(id=f"v{pos}") for pos in range(9))))
    documents = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.json"
        run("plan", problem, "--iterations", 300, "--seed", 7, "--out", path)
        document = json.loads(path.read_text(encoding="utf-8"))
        # How long it took is the only thing that may differ.
        del document["search"]["seconds"], document["search"]["first_plan_s"]
        documents.append(document)

    assert documents[0] == documents[1]
    assert documents[0]["search"]["seed"] == 7
    assert documents[0]["search"]["iterations"] == 300


def test_without_files_only_the_summary_is_left(tmp_path: Path) -> None:
    """Trying a problem out must not litter the folder."""
    problem = write_problem(tmp_path)
    outcome = run("plan", problem, "--iterations", 50)

    assert "->" not in outcome.out
    assert list(tmp_path.iterdir()) == [problem]


def test_progress_goes_to_the_error_stream(tmp_path: Path) -> None:
    """The summary can be piped on; the progress cannot get in its way."""
    outcome = run("plan", write_problem(tmp_path), "--iterations", 50)

    assert re.match(r"\d+\.\d s  cost [\d.,]+  \d unassigned  [\d,]+ iterations/s\n", outcome.err)


def test_quiet_says_nothing(tmp_path: Path) -> None:
    """For scripts that only want the files."""
    outcome = run("plan", write_problem(tmp_path), "--iterations", 50, "--quiet")

    assert (outcome.exit_code, outcome.out, outcome.err) == (0, "", "")


def test_a_mandatory_visit_left_out_is_in_the_summary(tmp_path: Path) -> None:
    """Nobody knows power; whoever reads only the last line must learn that somebody was let down."""
    problem = make_problem(make_visit(required_skills={"power": 1}, mandatory=True))
    outcome = run("plan", write_problem(tmp_path, problem), "--iterations", 50)

    assert outcome.exit_code == 0
    assert outcome.out.startswith("0 of 1 visit served, 1 mandatory left out, ")


def test_unassigned_visits_are_explained(tmp_path: Path) -> None:
    """The kind, the reason and what would help are part of the plan."""
    problem = make_problem(make_visit(required_skills={"power": 1}))
    plan = tmp_path / "plan.json"
    run("plan", write_problem(tmp_path, problem), "--iterations", 50, "--out", plan)
    (left_out,) = load_plan(plan).unassigned

    assert (left_out.kind, left_out.reasons) == ("impossible_alone", ("no_technician_with_skill",))
    assert left_out.repair is not None
    assert left_out.repair.missing_skills == ("power",)
    assert left_out.repair.description.endswith("with kim if it may be done without power")


def test_a_problem_without_visits_has_an_empty_plan(tmp_path: Path) -> None:
    """A quiet day is no error."""
    plan = tmp_path / "plan.json"
    # Nothing to search for: the default of ten seconds is not waited for.
    outcome = run("plan", write_problem(tmp_path, change=lambda document: document.update(visits=[])), "--out", plan)

    assert outcome.out.startswith("0 of 0 visits served")
    assert load_plan(plan).search.termination == "nothing_to_plan"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("option", ["--out", "--report"])
def test_files_that_cannot_be_written_are_found_before_the_search(tmp_path: Path, option: str) -> None:
    """A search of a minute that ends in "no such folder" is a minute wasted; this test would take it, too."""
    problem = write_problem(tmp_path)
    for target in (tmp_path / "nowhere" / "plan.json", tmp_path):
        outcome = run("plan", problem, "--seconds", 60, option, target)
        assert outcome.exit_code == 2
        assert fault_lines(outcome) == [option]
        assert str(target) in outcome.err


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody can write to")
@pytest.mark.timeout(20)
def test_a_folder_that_takes_no_files_is_found_before_the_search(tmp_path: Path) -> None:
    """Permissions do not tell: the superuser may write anywhere, and still not here."""
    outcome = run("plan", write_problem(tmp_path), "--seconds", 60, "--out", "/proc/self/plan.json")

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--out"]


def test_results_replace_neither_the_problem_nor_each_other(tmp_path: Path) -> None:
    """A slip of the keyboard must not cost the input."""
    problem = write_problem(tmp_path)
    before = problem.read_text(encoding="utf-8")
    both = tmp_path / "both"

    assert fault_lines(run("plan", problem, "--iterations", 1, "--out", problem)) == ["--out"]
    assert fault_lines(run("plan", problem, "--iterations", 1, "--out", both, "--report", both)) == ["--report"]
    assert problem.read_text(encoding="utf-8") == before
    assert not both.exists()


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_budget_that_is_none_is_refused(tmp_path: Path, seconds: str) -> None:
    """Nobody waits forever, and nobody plans in no time."""
    outcome = run("plan", write_problem(tmp_path), f"--seconds={seconds}")

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--seconds"]


def test_a_travel_server_that_is_away_is_told_apart_from_bad_input(tmp_path: Path) -> None:
    """Exit code 3: trying again may help. A port nobody listens at is free again as soon as it is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    problem = make_problem(travel=TravelSource(kind="osrm", url=f"http://127.0.0.1:{port}"))
    plan = tmp_path / "plan.json"
    outcome = run("plan", write_problem(tmp_path, problem), "--iterations", 1, "--out", plan)

    assert outcome.exit_code == 3
    assert "E5001" in outcome.err
    assert not plan.exists()


def test_a_plan_the_referee_rejects_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the search must not reach the road; there is no other way to it than a referee that says no."""
    violation = Violation(code=ViolationCode.WINDOW, message="service starts 5 s outside the nearest window")
    monkeypatch.setattr(plan_problem, "check", lambda *_: [violation])
    plan = tmp_path / "plan.json"
    outcome = run("plan", write_problem(tmp_path), "--iterations", 50, "--out", plan)

    assert outcome.exit_code == 1
    assert "E9001" in outcome.err
    assert violation.message in outcome.err
    assert not plan.exists()


def start(*arguments: object) -> "subprocess.Popen[str]":
    """Start ``fieldops`` as a process of its own."""
    command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.timeout(40)
def test_ctrl_c_keeps_the_best_plan(tmp_path: Path) -> None:
    """Of a search of ten minutes: the plan is written whole, the referee accepts it, and the exit code is 0."""
    problem = write_problem(tmp_path, make_problem(*(make_visit(id=f"v{pos}") for pos in range(5))))
    plan = tmp_path / "plan.json"
    with start("plan", problem, "--seconds", 600, "--out", plan) as process:
        assert process.stderr is not None
        # The first line of progress says that the search runs.
        assert "unassigned" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()

    assert process.returncode == 0
    assert out.startswith("interrupted, best plan so far: 5 of 5 visits served, ")
    assert load_plan(plan).search.termination == "interrupted"
    assert run("check", problem, plan).exit_code == 0


@pytest.mark.timeout(40)
def test_ctrl_c_before_the_search_leaves_nothing(tmp_path: Path) -> None:
    """While a server is being asked for travel times there is no plan to keep: exit code 130, no file, no traceback."""
    plan = tmp_path / "plan.json"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        problem = write_problem(tmp_path, make_problem(travel=TravelSource(kind="osrm", url=address)))
        with start("plan", problem, "--out", plan) as process:
            connection, _ = listener.accept()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate()
            connection.close()

    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not plan.exists()
