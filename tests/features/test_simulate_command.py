"""``fieldops simulate``: days are lived through, and their figures written."""

from pathlib import Path

from command_line import fault_lines, run, write_problem

from simulated_days import small_town


def test_a_day_is_simulated_with_and_without_replans(tmp_path: Path) -> None:
    """One command gives the table that says what replanning is worth, on the terminal and in a file."""
    problem = write_problem(tmp_path, small_town(num_technicians=1, num_visits=3))
    table = tmp_path / "days.csv"

    outcome = run("simulate", problem, "--plan-seconds", 1, "--seed", 3, "--out", table)

    assert outcome.exit_code == 0, outcome.err
    assert "day 3 without replans: " in outcome.err
    assert "day 3 with replans: " in outcome.err
    assert "broken promises" in outcome.out
    rows = table.read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [["3", "no"], ["3", "yes"]]
    assert rows[0].startswith("seed,replans,promises,broken,")


def test_a_table_of_an_unknown_kind_is_refused_before_anything_is_simulated(tmp_path: Path) -> None:
    """Twenty days later would be too late to hear of it."""
    problem = write_problem(tmp_path)

    outcome = run("simulate", problem, "--out", tmp_path / "days.xlsx")

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--out"]


def test_a_demonstration_says_what_it_can_show() -> None:
    """There is one kind so far; whoever leaves it out is told."""
    outcome = run("demo")

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--live"]
