"""``fieldops replan`` and ``fieldops whatif``: a day under way, and changes by hand, on files."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Outcome, fault_lines, run, write_problem

from domain_builders import CUSTOMER, DEPOT, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.problem import Place
from fieldops.files.plan_json import load_plan
from fieldops.files.sample_city import sample_city_path

#: Kim knows gas at level 2 and has everything to do; Lee knows it at level 1.
PROBLEM = make_problem(
    make_visit(id="a", name="Boiler", windows=(window("10:00", "10:00"),)),
    make_visit(id="b", name="Stove", place_id="hill", promised_window=window("12:00", "13:00")),
    make_visit(
        id="c", name="Heater", place_id="hill", promised_window=window("14:00", "15:00"), required_skills={"gas": 2}
    ),
    technicians=[
        make_technician(name="Kim"),
        make_technician(
            make_shift(id="lee-monday", start_place_id="hill", end_place_id="hill"),
            id="lee",
            name="Lee",
            skills={"gas": 1},
        ),
    ],
    places=(DEPOT, CUSTOMER, Place(id="hill", latitude=38.95, longitude=-77.08)),
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Write the problem, and a plan in which Kim serves everything."""
    problem = write_problem(tmp_path, PROBLEM)
    pinned = {"technician_id": "kim"}

    def pin(document: dict[str, Any]) -> None:
        for visit in document["visits"]:
            visit["pin"] = pinned

    (tmp_path / "pinned").mkdir()
    plan = tmp_path / "plan.json"
    assert (
        run("plan", write_problem(tmp_path / "pinned", PROBLEM, pin), "--iterations", 20, "--out", plan).exit_code == 0
    )
    return problem, plan


def live_file(folder: Path, now: str, **fields: object) -> Path:
    """Write a live document."""
    path = folder / "live.json"
    document = {"format": "fieldops-live/1", "now": f"2026-03-16T{now}:00-04:00", **fields}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def replan(files: tuple[Path, Path], live: Path, *options: object) -> Outcome:
    """Replan with a few iterations."""
    return run("replan", *files, live, "--iterations", 20, *options)


def test_an_overrun_moves_the_visit_that_would_be_late(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A lasts three hours more, until 13:30: B goes to Lee, who is on the hill; the new plan says so."""
    live = live_file(tmp_path, "10:10", technicians=[{"technician_id": "kim", "late_s": 10_800}])
    new_plan, report = tmp_path / "new.json", tmp_path / "report.html"

    outcome = replan(files, live, "--out", new_plan, "--report", report)

    assert outcome.exit_code == 0
    assert "repaired after " in outcome.out.splitlines()[0]
    row = next(line for line in outcome.out.splitlines() if line.startswith("b "))
    assert row.split()[1:4:2] == ["Kim", "Lee"]
    assert "the promise 12:00\N{EN DASH}13:00 would be missed by" in row
    assert "promises kept 1 -> 2 of 2" in outcome.out
    assert outcome.out.endswith(f" -> {new_plan}, {report}\n")
    routes = {route.shift_id: [stop.visit_id for stop in route.stops] for route in load_plan(new_plan).routes}
    assert routes == {"kim-monday": ["a", "c"], "lee-monday": ["b"]}
    assert "Stove" in report.read_text(encoding="utf-8")


def test_nobody_else_comes_when_nobody_may(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Without moves B is late instead; served late is better than not at all."""
    live = live_file(tmp_path, "10:10", technicians=[{"technician_id": "kim", "late_s": 10_800}])

    outcome = replan(files, live, "--most-moves", 0)

    assert "0 to somebody else" in outcome.out
    assert "promises kept 1 -> 1 of 2" in outcome.out


def test_who_is_out_leaves_what_nobody_else_can_do(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Kim is out: Lee takes B, but cannot do C."""
    live = live_file(
        tmp_path, "10:40", technicians=[{"technician_id": "kim", "out_since": "2026-03-16T10:35:00-04:00"}]
    )

    outcome = replan(files, live)

    assert outcome.out.startswith("as it stands: Stove has to be served and is left out\n")
    rows = {line.split()[0]: line for line in outcome.out.splitlines() if line[:2] in {"b ", "c "}}
    assert rows["b"].rstrip().endswith("Kim is out")
    assert "nobody" in rows["c"]
    assert rows["c"].rstrip().endswith("Kim is out, and nobody else has room for it")


def test_faults_of_a_live_document_come_all_at_once(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Whoever writes it by hand corrects it once."""
    later = "2026-03-16T12:00:00-04:00"
    live = live_file(
        tmp_path,
        "10:10",
        travel_permille=20_000,
        technicians=[
            {"technician_id": "x", "position": {"latitude": 99, "longitude": 0, "seen_at": later}},
            {"technician_id": "kim"},
            {"technician_id": "kim", "late_s": -1},
        ],
        visits=[
            {"visit_id": "a", "arrived_at": later, "finished_at": "2026-03-16T09:00:00-04:00"},
            {"visit_id": "b", "technician_id": "y", "finished_at": "2026-03-16T10:00:00-04:00", "extended_s": -5},
            {"visit_id": "z", "told": {"technician_id": "w"}},
        ],
    )

    outcome = replan(files, live)

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == [
        "travel_permille",
        "technicians[0].technician_id",
        "technicians[0].position.latitude",
        "technicians[0].position.seen_at",
        "technicians[2].technician_id",
        "technicians[2].late_s",
        "visits[0].arrived_at",
        "visits[0].finished_at",
        "visits[1].technician_id",
        "visits[1].started_at",
        "visits[1].extended_s",
        "visits[2].visit_id",
        "visits[2].told.technician_id",
    ]


def test_a_live_document_of_another_day_or_form_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    """An instant outside the problem's days, and fields that there are not."""
    path = tmp_path / "live.json"
    path.write_text('{"format": "fieldops-live/1", "now": "2026-03-18T10:00:00-04:00"}', encoding="utf-8")
    assert fault_lines(replan(files, path)) == ["now"]

    path.write_text('{"format": "fieldops-live/1", "now": "10:00", "freeze": 3}', encoding="utf-8")
    assert fault_lines(replan(files, path)) == ["now", "freeze"]


def test_the_new_plan_never_replaces_what_was_read(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The running plan is needed until the new one is published."""
    outcome = replan(files, live_file(tmp_path, "10:10"), "--out", files[1])

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--out"]


def test_the_sample_city_can_be_replanned(tmp_path: Path) -> None:
    """Its live document fits every plan of its day: it names people, not visits that a plan may have elsewhere."""
    day = sample_city_path()
    plan = tmp_path / "plan.json"
    run("plan", day, "--iterations", 30, "--out", plan, "--quiet")

    outcome = run("replan", day, plan, day.with_name("live.json"), "--iterations", 30, "--out", tmp_path / "new.json")

    assert outcome.exit_code == 0
    assert "Leo Marsh is out" in outcome.out
    assert load_plan(tmp_path / "new.json").kpis.visits == 240


def test_a_move_shows_what_it_costs(files: tuple[Path, Path]) -> None:
    """Lee starts and ends on the hill: B costs no driving there."""
    outcome = run("whatif", *files, "--move", "b=lee-monday")

    assert outcome.exit_code == 0
    lines = outcome.out.splitlines()
    assert lines[0].startswith("Kim (kim-monday): 3 visits, ")
    assert lines[1].startswith("Lee (lee-monday): nothing to do -> 1 visit, 0 min driving, until ")
    assert lines[-1].startswith("cost ")


def test_a_move_that_breaks_a_rule_is_shown_and_ends_with_one(files: tuple[Path, Path]) -> None:
    """C requires gas at level 2, and Lee has 1."""
    outcome = run("whatif", *files, "--move", "c=lee-monday:0")

    assert outcome.exit_code == 1
    assert outcome.out.startswith("breaks a rule: Lee lacks what Heater requires: gas at level 2 (has 1)\n")


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--swap", "b,c"], "promise not kept: Stove is"),
        (["--unassign", "b"], "promise not kept: nobody comes to Stove"),
        (["--duration", "a=200"], "promise not kept: Stove is"),
        (["--lock", "b"], "cost 0.00"),
    ],
)
def test_other_changes_by_hand(files: tuple[Path, Path], options: list[str], shown: str) -> None:
    """A broken promise costs money; it is no rule."""
    outcome = run("whatif", *files, *options)

    assert (outcome.exit_code, shown in outcome.out) == (0, True), outcome.out


def test_all_places_of_a_visit_are_ranked(files: tuple[Path, Path]) -> None:
    """B is on the way to C for Kim and at the door for Lee: neither drives for it. C has a place with Kim only."""
    places = run("whatif", *files, "--rank", "b").out
    assert [line.split()[:2] for line in places.splitlines()[3:5]] == [["0.00", "kim-monday"], ["0.00", "lee-monday"]]
    assert "Lee, first, 12:00" in places

    assert "no place: lacks a skill: 1" in run("whatif", *files, "--rank", "c").out


def test_a_visit_without_any_place_ends_with_one(tmp_path: Path) -> None:
    """Nobody knows power."""
    problem = write_problem(tmp_path, make_problem(make_visit(required_skills={"power": 1})))
    plan = tmp_path / "plan.json"
    run("plan", problem, "--iterations", 5, "--out", plan)

    assert run("whatif", problem, plan, "--rank", "v1").exit_code == 1


def test_changes_can_be_tried_on_what_is_left_of_a_day(files: tuple[Path, Path], tmp_path: Path) -> None:
    """At 12:10 Kim serves B, which cannot be moved any more; C can, though Lee may not serve it."""
    live = live_file(tmp_path, "12:10")

    assert fault_lines(run("whatif", *files, "--live", live, "--move", "b=lee-monday")) == ["visit_id"]
    assert run("whatif", *files, "--live", live, "--move", "c=lee-monday").exit_code == 1


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ([], "options"),
        (["--unassign", "a", "--lock", "b"], "options"),
        (["--move", "a"], "--move"),
        (["--swap", "a"], "--swap"),
        (["--duration", "a=soon"], "--duration"),
        (["--duration", "a=0"], "--duration"),
        (["--move", "a=x"], "shift_id"),
        (["--rank", "x"], "visit_id"),
    ],
)
def test_what_cannot_be_tried_is_a_fault(files: tuple[Path, Path], options: list[str], path: str) -> None:
    """One thing at a time, of things there are."""
    outcome = run("whatif", *files, *options)

    assert (outcome.exit_code, fault_lines(outcome)) == (2, [path])
