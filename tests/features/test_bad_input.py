"""What the command line does with input that is wrong: every fault listed, exit code 2, nothing written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import fault_lines, run, write_problem

from domain_builders import make_problem, make_visit
from fieldops.domain.problem import TravelSource

Document = dict[str, Any]


def visit(**fields: object) -> Callable[[Document], None]:
    """Change fields of the first visit."""
    return lambda document: document["visits"][0].update(fields)


def shift(**fields: object) -> Callable[[Document], None]:
    """Change fields of the first shift."""
    return lambda document: document["technicians"][0]["shifts"][0].update(fields)


def place(**fields: object) -> Callable[[Document], None]:
    """Change fields of the first place."""
    return lambda document: document["places"][0].update(fields)


def double(collection: str) -> Callable[[Document], None]:
    """Say the first entry of a list twice."""
    return lambda document: document[collection].append(document[collection][0])


EARLY, LATE = "2026-03-16T09:00:00-04:00", "2026-03-16T11:00:00-04:00"

CASES: dict[str, tuple[Callable[[Document], None], list[str]]] = {
    "negative duration": (visit(duration_s=-60), ["visits[0].duration_s"]),
    "window ends before it starts": (
        visit(windows=[{"earliest": LATE, "latest": EARLY}]),
        ["visits[0].windows[0].latest"],
    ),
    "unknown skill": (visit(required_skills={"magic": 1}), ["visits[0].required_skills.magic"]),
    "unknown technician": (visit(allowed_technicians=["nobody"]), ["visits[0].allowed_technicians"]),
    "unknown place": (visit(place_id="nowhere"), ["visits[0].place_id"]),
    "pinned outside its window": (
        visit(windows=[{"earliest": LATE, "latest": LATE}], pin={"start": EARLY}),
        ["visits[0].pin.start"],
    ),
    "pinned to a stranger": (visit(pin={"technician_id": "nobody"}), ["visits[0].pin.technician_id"]),
    "shift ends before it starts": (shift(end="2026-03-16T07:00:00-04:00"), ["technicians[0].shifts[0].end"]),
    "latitude out of range": (place(latitude=91.0), ["places[0].latitude"]),
    "longitude that is no number": (place(longitude=float("nan")), ["places[0].longitude"]),
    "infinite latitude": (place(latitude=float("inf")), ["places[0].latitude"]),
    "visit twice": (double("visits"), ["visits[1].id"]),
    "place twice": (double("places"), ["places[2].id"]),
    "no time zone there is": (lambda document: document.update(time_zone="Mars/Olympus"), ["time_zone"]),
    "a field nobody knows": (visit(urgent=True), ["visits[0].urgent"]),
    "text for a number": (visit(priority="high"), ["visits[0].priority"]),
    "another kind of document": (lambda document: document.update(format="fieldops-plan/1"), ["format"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    """Path, value found and value expected, so that it can be put right; and no plan, no report, no part of either."""
    change, paths = CASES[name]
    problem = write_problem(tmp_path, change=change)
    files = ("--out", tmp_path / "plan.json", "--report", tmp_path / "report.html")
    outcome = run("plan", problem, "--iterations", 50, *files)

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == paths
    assert all(", expected " in line for line in outcome.err.splitlines()[1:])
    assert outcome.out == ""
    assert list(tmp_path.iterdir()) == [problem]


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_all_faults_come_at_once(tmp_path: Path, command: str) -> None:
    """Three hundred faulty visits and a faulty place are 301 lines, none cut short, not one fault at a time."""
    many = make_problem(*(make_visit(id=f"v{pos}") for pos in range(300)))

    def change(document: Document) -> None:
        document["places"][0]["latitude"] = 91.0
        for entry in document["visits"]:
            entry["duration_s"] = -60

    outcome = run(command, write_problem(tmp_path, many, change))

    assert outcome.exit_code == 2
    assert outcome.err.splitlines()[0] == "301 faults in the input:"
    assert fault_lines(outcome) == ["places[0].latitude", *(f"visits[{pos}].duration_s" for pos in range(300))]


@pytest.mark.parametrize("command", ["plan", "validate", "show"])
@pytest.mark.parametrize(
    "content",
    [b"", b"   \n", b"{", b"[1, 2]", b"\xff\xfe\x00", b'{"format": "fieldops-problem/1"', b"null", b'"text"'],
    ids=["empty", "blank", "cut off", "list", "not text", "half", "null", "text"],
)
def test_files_that_are_no_documents_are_one_fault(tmp_path: Path, command: str, content: bytes) -> None:
    """Whatever somebody hands in by mistake: one line that says what it is, no traceback."""
    path = tmp_path / "problem.json"
    path.write_bytes(content)
    outcome = run(command, path)

    assert outcome.exit_code == 2
    assert len(fault_lines(outcome)) == 1


@pytest.mark.parametrize("filler", [b"\x00", b"[", b'{"a":', b"A, "], ids=["zeros", "brackets", "objects", "text"])
def test_fifty_megabytes_of_junk_are_refused(tmp_path: Path, filler: bytes) -> None:
    """Without reading them all, and without running out of stack."""
    path = tmp_path / "junk.json"
    path.write_bytes(filler * (50_000_000 // len(filler)))
    outcome = run("plan", path, "--out", tmp_path / "plan.json")

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == [str(path)]
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize("target", ["missing.json", "."])
def test_files_that_cannot_be_read_are_one_fault(tmp_path: Path, target: str) -> None:
    """A file that is not there, and a folder."""
    outcome = run("validate", tmp_path / target)

    assert outcome.exit_code == 2
    assert len(fault_lines(outcome)) == 1


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_a_matrix_of_the_wrong_size_is_a_fault(tmp_path: Path, command: str) -> None:
    """Two places need two rows and two columns; three columns are somebody else's matrix."""
    cells = np.zeros((2, 3), dtype=np.int32)
    np.savez(tmp_path / "roads.npz", place_ids=np.array(["depot", "customer"]), duration_s=cells, distance_m=cells)
    problem = make_problem(travel=TravelSource(kind="matrix", matrix_path="roads.npz"))
    outcome = run(command, write_problem(tmp_path, problem))

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["roads.npz:duration_s", "roads.npz:distance_m"]
    assert "(2, 3)" in outcome.err


def test_a_missing_matrix_file_is_a_fault(tmp_path: Path) -> None:
    """`validate` looks at it too: whoever asks wants to know whether planning would work."""
    problem = make_problem(travel=TravelSource(kind="matrix", matrix_path="roads.npz"))
    outcome = run("validate", write_problem(tmp_path, problem))

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == [str(tmp_path / "roads.npz")]


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Escape sequences and markup in a file are shown, not obeyed."""
    outcome = run("validate", write_problem(tmp_path, change=visit(place_id="\x1b[2J[red]nowhere[/red]")))

    assert outcome.exit_code == 2
    assert "\x1b" not in outcome.err
    assert "[red]nowhere[/red]" in outcome.err


def test_a_sound_problem_is_told_in_one_line(tmp_path: Path) -> None:
    """With its size, so that a file mixed up is noticed."""
    outcome = run("validate", write_problem(tmp_path))

    assert outcome.exit_code == 0
    assert outcome.out == "no faults: 1 visit, 1 technician, 1 shift, Mon, Mar 16, 2026\n"


def test_a_wrong_option_is_no_traceback(tmp_path: Path) -> None:
    """Typing errors end like every other wrong input."""
    assert run("plan", tmp_path, "--wrong").exit_code == 2
    assert run("plan").exit_code == 2
    assert run("fly").exit_code == 2


def test_the_document_in_these_tests_is_sound(tmp_path: Path) -> None:
    """Otherwise the faults above might not be those the tests put in."""
    document = json.loads(write_problem(tmp_path).read_text(encoding="utf-8"))

    assert run("validate", tmp_path / "problem.json").exit_code == 0
    assert [entry["id"] for entry in document["visits"]] == ["v1"]
