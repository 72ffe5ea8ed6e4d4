"""``fieldops import``: from tables to problem documents."""

from pathlib import Path

from command_line import fault_lines, run

from fieldops.files.problem_json import load_problem

VISITS = """\
Ticket,Day,Lat,Lon,Minutes
A,2026-03-16,38.90,-77.03,30
B,2026-03-17,38.92,-77.05,45
C,2026-03-17,38.94,-77.01,60
"""
MAPS = ("--map", "id=Ticket", "--map", "date=Day", "--map", "latitude=Lat", "--map", "longitude=Lon")
COLUMNS = (*MAPS, "--map", "duration_min=Minutes")


def write(path: Path, text: str) -> Path:
    """Write a table."""
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_becomes_a_problem_that_plans(tmp_path: Path) -> None:
    """The document is named after its first day, in a folder made for it, and planning takes it as it is."""
    visits, folder = write(tmp_path / "visits.csv", VISITS), tmp_path / "new" / "folder"
    outcome = run("import", visits, *COLUMNS, "--num-technicians", 2, "--out", folder)

    assert outcome.exit_code == 0
    assert outcome.out == f"3 visits in 1 problem -> {folder / '2026-03-16.json'}\n"
    problem = load_problem(folder / "2026-03-16.json")
    assert [visit.id for visit in problem.visits] == ["A", "B", "C"]
    assert (problem.num_days, len(problem.technicians)) == (2, 2)
    assert run("plan", folder / "2026-03-16.json", "--iterations", 20).out.startswith("3 of 3 visits served")


def test_days_can_be_planned_one_by_one(tmp_path: Path) -> None:
    """A file each, with the visits of its day."""
    visits, folder = write(tmp_path / "visits.csv", VISITS), tmp_path / "days"
    outcome = run("import", visits, *COLUMNS, "--num-technicians", 2, "--split-by-day", "--out", folder)

    assert outcome.out == f"3 visits in 2 problems -> {folder / '*.json'}\n"
    assert [path.name for path in sorted(folder.iterdir())] == ["2026-03-16.json", "2026-03-17.json"]
    assert [visit.id for visit in load_problem(folder / "2026-03-17.json").visits] == ["B", "C"]


def test_the_office_can_be_given(tmp_path: Path) -> None:
    """Otherwise days start amid the visits, which is nobody's office."""
    visits = write(tmp_path / "visits.csv", VISITS)
    run("import", visits, *COLUMNS, "--num-technicians", 1, "--office", "38.8,-77.1", "--out", tmp_path / "days")
    problem = load_problem(tmp_path / "days" / "2026-03-16.json")
    start = problem.technicians[0].shifts[0].start_place_id

    assert [(place.latitude, place.longitude) for place in problem.places if place.id == start] == [(38.8, -77.1)]


def test_every_faulty_cell_is_listed_and_nothing_written(tmp_path: Path) -> None:
    """File, line and column of each, so that the table can be put right in one go."""
    text = VISITS.replace("38.90", "98.90").replace(",45", ",soon")
    folder = tmp_path / "days"
    outcome = run("import", write(tmp_path / "visits.csv", text), *COLUMNS, "--num-technicians", 2, "--out", folder)

    assert outcome.exit_code == 2
    assert sorted(fault_lines(outcome)) == ["visits.csv:2:Lat", "visits.csv:3:Minutes"]
    assert not folder.exists()


def test_options_that_make_no_sense_are_all_listed(tmp_path: Path) -> None:
    """An office that is no point, and a folder that is a file."""
    visits = write(tmp_path / "visits.csv", VISITS)
    outcome = run("import", visits, "--office", "downtown", "--out", visits)

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--out", "--office"]
    assert visits.read_text(encoding="utf-8") == VISITS


def test_a_mapping_file_says_it_once_for_all(tmp_path: Path) -> None:
    """The same columns, kept in a file."""
    mapping = write(
        tmp_path / "mapping.toml",
        'name = "tickets"\ntime_zone = "America/New_York"\n[visits.columns]\nid = "Ticket"\ndate = "Day"\n'
        'latitude = "Lat"\nlongitude = "Lon"\nduration_min = "Minutes"\n',
    )
    visits, folder = write(tmp_path / "visits.csv", VISITS), tmp_path / "days"
    outcome = run("import", visits, "--mapping", mapping, "--num-technicians", 2, "--out", folder)

    assert outcome.exit_code == 0
    problem = load_problem(folder / "2026-03-16.json")
    assert (problem.name, problem.time_zone) == ("tickets", "America/New_York")
