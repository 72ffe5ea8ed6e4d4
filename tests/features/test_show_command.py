"""``fieldops show``: a plan on the terminal."""

from pathlib import Path

import pytest
from command_line import run, write_problem

from domain_builders import make_break, make_problem, make_shift, make_technician, make_visit, window


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan of Kim's day: v1 promised too early to be kept, lunch, v2 at one; v3 needs what nobody knows."""
    kim = make_technician(make_shift(breaks=(make_break("11:00", "12:00", name="lunch"),)))
    problem = make_problem(
        make_visit(promised_window=window("07:00", "08:00")),
        make_visit(id="v2", windows=(window("13:00", "13:00"),)),
        make_visit(id="v3", required_skills={"power": 1}),
        technicians=[kim],
        name="a day [b]in[/b] March",
    )
    path = tmp_path / "plan.json"
    run("plan", write_problem(tmp_path, problem), "--iterations", 50, "--out", path)
    return path


def lines_of(text: str) -> list[list[str]]:
    """Split output into lines of words."""
    return [line.split() for line in text.splitlines()]


def test_the_overview_has_figures_routes_and_reasons(plan: Path) -> None:
    """What a dispatcher asks first: how good, what does it cost, who drives, who is let down and why."""
    outcome = run("show", plan)

    assert outcome.exit_code == 0
    # A name from a file is text, whatever it looks like.
    assert outcome.out.startswith("a day [b]in[/b] March America/New_York\n")
    lines = lines_of(outcome.out)
    assert ["Visits", "served", "2", "of", "3", "1", "visit", "left", "out"] in lines
    assert ["On-time", "rate", "0%", "0", "of", "1", "kept"] in lines
    # Left out at priority 3.
    assert ["Visits", "left", "out", "300.00"] in lines
    assert [line[:2] for line in lines].count(["kim", "08:00"]) == 1
    assert "v3     Impossible as it stands: Nobody who may serve it has the skills it needs" in outcome.out
    assert "with kim if it may be done without power" in outcome.out


def test_a_technicians_day_has_every_stop_and_break_in_order(plan: Path) -> None:
    """It is read from top to bottom, like the day itself."""
    outcome = run("show", plan, "--technician", "kim")

    assert outcome.exit_code == 0
    assert outcome.out.startswith("kim, Mon, Mar 16 (kim-monday): 2 visits")
    events = [next(word for word in line if not word.isdecimal()) for line in lines_of(outcome.out)[3:-1]]
    assert events == ["leaves", "v1", "lunch", "v2", "ends"]
    # Left at 08:00 and 379 s underway: 08:06, seven minutes begun after the promise.
    first = next(line for line in lines_of(outcome.out) if "v1" in line)
    assert (first[4:7], first[-2:]) == (["08:06", "08:06", "08:36"], ["7", "min"])


def test_a_technician_without_a_route_is_told_who_has_one(plan: Path) -> None:
    """A typing error should not look like a day off."""
    outcome = run("show", plan, "--technician", "kin")

    assert outcome.exit_code == 2
    assert "expected somebody with a route: kim" in outcome.err


def test_days_are_told_apart(tmp_path: Path) -> None:
    """A clock time alone says nothing in a plan of two days."""
    hours = window("08:00", "16:00", 17)
    tuesday = make_shift(id="kim-tuesday", start=hours.earliest, end=hours.latest, hard_end=hours.latest)
    problem = make_problem(
        make_visit(windows=(window("10:00", "10:00"),)),
        make_visit(id="v2", windows=(window("10:00", "10:00", 17),)),
        technicians=[make_technician(make_shift(), tuesday)],
        num_days=2,
    )
    path = tmp_path / "plan.json"
    run("plan", write_problem(tmp_path, problem), "--iterations", 50, "--out", path)
    out = run("show", path).out

    assert out.index("Mon, Mar 16") < out.index("Tue, Mar 17")
    assert run("show", path, "--technician", "kim").out.count(": 1 visit ") == 2


def test_a_plan_of_nothing_can_be_shown(tmp_path: Path) -> None:
    """Without routes there is no table of them, and nothing fails."""
    path = tmp_path / "plan.json"
    problem = write_problem(tmp_path, change=lambda document: document.update(visits=[]))
    run("plan", problem, "--iterations", 1, "--out", path)
    outcome = run("show", path)

    assert outcome.exit_code == 0
    assert "Routes" not in outcome.out


def test_the_version_is_that_of_the_package() -> None:
    """Asked for in every bug report."""
    outcome = run("--version")

    assert outcome.exit_code == 0
    assert outcome.out.startswith("fieldops 0.")
