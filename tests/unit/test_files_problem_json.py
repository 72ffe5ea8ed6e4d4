"""Problem documents: what a file people hand us can be, and that every fault of it is told at once."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from domain_builders import at, make_break, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.problem import Pin, Problem
from fieldops.errors import Fault, InvalidInput
from fieldops.files.problem_json import dump_problem, load_problem

BUSY = make_problem(
    make_visit(pin=Pin(technician_id="kim"), promised_window=window("10:00", "12:00"), required_skills={"gas": 1}),
    make_visit(id="v2", preferred_technicians=frozenset({"kim"})),
    make_visit(id="v3", windows=(window("08:00", "09:00"), window("12:00", "13:00"))),
    technicians=[
        make_technician(make_shift(breaks=(make_break("12:00", "13:00"),))),
        make_technician(make_shift(id="lee-monday"), id="lee"),
    ],
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a sound problem document."""
    file = tmp_path / "problem.json"
    dump_problem(BUSY, file)
    return file


def change(path: Path, *changes: tuple[tuple[str | int, ...], Any]) -> None:
    """Set single values of a document; `...` removes the field."""
    document = json.loads(path.read_text(encoding="utf-8"))
    for (*steps, last), value in changes:
        place = document
        for step in steps:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    path.write_text(json.dumps(document), encoding="utf-8")


def faults_of(path: Path) -> list[Fault]:
    """Load a document that must be refused, and return what was wrong."""
    with pytest.raises(InvalidInput) as caught:
        load_problem(path)
    return list(caught.value.faults)


def test_what_was_written_is_read_back(path: Path) -> None:
    """The property test draws all fields; this is the example to look at when it fails."""
    assert load_problem(path) == BUSY


def test_times_are_written_in_the_problem_s_zone(path: Path) -> None:
    """People read these files; 10:00 in Washington must not say 14:00."""
    promised = json.loads(path.read_text(encoding="utf-8"))["visits"][0]["promised_window"]
    assert promised == {"earliest": "2026-03-16T10:00:00-04:00", "latest": "2026-03-16T12:00:00-04:00"}


def test_every_visit_has_a_line_of_its_own(path: Path) -> None:
    """Changing one visit then changes one line, which is what reviews and diffs show."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sum('"place_id"' in line for line in lines if line.startswith('  {"id": "v')) == 3


def test_prices_and_travel_are_written_even_where_they_are_the_defaults(path: Path) -> None:
    """A document must mean the same when the defaults change one day."""
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["rates"]["lateness_per_minute_cents"] == 200
    assert document["travel"] == {"kind": "geodesic", "coefficient_s": 180.0, "exponent": 0.72, "detour": 1.4}


@pytest.mark.parametrize(
    ("where", "value", "path_told", "found", "expected"),
    [
        (("visits", 0, "duration_s"), "1800", "visits[0].duration_s", "'1800'", "a whole number"),
        (("visits", 0, "duration_s"), 1800.5, "visits[0].duration_s", "1800.5", "a whole number"),
        (("visits", 0, "duration_s"), True, "visits[0].duration_s", "True", "a whole number"),
        (("visits", 0, "duration_s"), ..., "visits[0].duration_s", "nothing", "a value; the field is required"),
        (("visits", 0, "durations_s"), 5, "visits[0].durations_s", "5", "no such field"),
        (("visits", 0), 5, "visits[0]", "5", "an object"),
        (("visits", 0, "mandatory"), "yes", "visits[0].mandatory", "'yes'", "true or false"),
        (("visits", 0, "name"), None, "visits[0].name", "None", "text"),
        (("visits", 0, "windows"), {}, "visits[0].windows", "an object with 0 field(s)", "a list"),
        (("visits", 0, "required_skills", "gas"), "2", "visits[0].required_skills.gas", "'2'", "a whole number"),
        (("places", 1, "latitude"), "38.9", "places[1].latitude", "'38.9'", "a number"),
        (("places", 1, "latitude"), float("nan"), "places[1].latitude", "nan", "a finite number"),
        (("places", 1, "longitude"), float("-inf"), "places[1].longitude", "-inf", "a finite number"),
        (("first_date",), "16.03.2026", "first_date", "'16.03.2026'", "a date, such as 2026-03-16"),
        (("first_date",), 5, "first_date", "5", "a date as text, such as 2026-03-16"),
        (("visits",), {"a": 1}, "visits", "an object with 1 field(s)", "a list"),
    ],
)
def test_faults_of_form_say_where_what_and_what_instead(
    path: Path, where: tuple[str | int, ...], value: Any, path_told: str, found: str, expected: str
) -> None:
    """Nothing is guessed or converted: a number as text is a mistake somewhere upstream."""
    change(path, (where, value))
    assert faults_of(path) == [Fault(path=path_told, found=found, expected=expected)]


@pytest.mark.parametrize(
    "value", ["2026-03-16T08:00:00", 1773662400, "2026-03-16", "08:00", "9999-12-31T23:00:00-04:00"]
)
def test_an_instant_is_iso_8601_with_an_offset(path: Path, value: Any) -> None:
    """Without an offset nobody knows when it is; the end of the calendar breaks arithmetic."""
    change(path, (("visits", 0, "release"), value))
    (fault,) = faults_of(path)
    assert fault.path == "visits[0].release"
    assert "instant" in fault.expected


def test_a_duration_beyond_any_calendar_is_a_fault(path: Path) -> None:
    """Python cannot hold it as a duration; no traceback may come of it."""
    change(path, (("visits", 0, "duration_s"), 10**30))
    assert [fault.path for fault in faults_of(path)] == ["visits[0].duration_s"]


def test_faults_of_form_and_of_substance_come_together(path: Path) -> None:
    """A missing comma's worth of typing mistakes must not hide that a window is upside down."""
    change(
        path,
        (("visits", 0, "pinned"), True),
        (("visits", 0, "priority"), 9),
        (("visits", 1, "duration_s"), "long"),
        (("visits", 2, "place_id"), "nowhere"),
        (("places", 0, "latitude"), float("nan")),
        (("rates", "travel_per_km_cents"), "cheap"),
    )
    assert [fault.path for fault in faults_of(path)] == [
        "rates.travel_per_km_cents",
        "places[0].latitude",
        "visits[0].pinned",
        "visits[1].duration_s",
        "visits[0].priority",
        # The third visit keeps its number although the second cannot be judged.
        "visits[2].place_id",
    ]


def test_a_technician_who_cannot_be_read_is_not_said_to_be_unknown(path: Path) -> None:
    """One broken shift would otherwise bring a fault for every visit that names the technician."""
    change(path, (("technicians", 0, "shifts", 0, "start"), "early"), (("visits", 1, "priority"), 0))
    assert [fault.path for fault in faults_of(path)] == ["technicians[0].shifts[0].start", "visits[1].priority"]


def test_a_place_that_cannot_be_read_is_not_said_to_be_unknown(path: Path) -> None:
    """As for technicians."""
    change(path, (("places", 1, "latitude"), "north"))
    assert [fault.path for fault in faults_of(path)] == ["places[1].latitude"]


@pytest.mark.parametrize("field", ["time_zone", "first_date", "num_days", "skills", "places", "technicians", "visits"])
def test_a_broken_foundation_is_told_alone(path: Path, field: str) -> None:
    """Without it the other rules cannot be judged, and guesses would be noise."""
    change(path, ((field,), 5.5), (("visits", 0, "priority"), 9) if field != "visits" else (("name",), "x"))
    assert [fault.path for fault in faults_of(path)] == [field]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b" \n\t\n", "an empty file"),
        (b"\xef\xbb\xbf", "an empty file"),
        (b"visits: 3", "text that is not JSON"),
        (b'{"format": "fieldops-problem/1"', "text that is not JSON"),
        (b'{"format": "fieldops-problem/1"} trailing', "text that is not JSON"),
        (b"[" * 100_000, "text that is not JSON"),
        (b"[1, 2]", "a list"),
        (b"null", "None"),
        (b"NaN", "nan"),
        ("{}".encode("utf-16"), "byte 0xff at offset 0"),
        (b'{"name": "caf\xe9"}', "byte 0xe9 at offset 13"),
    ],
)
def test_a_file_that_is_no_document_is_one_fault(tmp_path: Path, content: bytes, found: str) -> None:
    """Empty, cut off, in another encoding, not JSON, not an object: one clear line, no traceback."""
    file = tmp_path / "input"
    file.write_bytes(content)
    (fault,) = faults_of(file)
    assert fault.path == str(file)
    assert fault.found.startswith(found)


@pytest.mark.parametrize("text", ["{}", '{"format": "fieldops-plan/1"}', '{"format": ["x"]}'])
def test_another_kind_of_document_is_recognized(tmp_path: Path, text: str) -> None:
    """Handing over a plan for a problem must not end in forty missing fields."""
    file = tmp_path / "input.json"
    file.write_text(text, encoding="utf-8")
    (fault,) = faults_of(file)
    assert (fault.path, fault.expected) == ("format", "'fieldops-problem/1'")


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, name: str) -> None:
    """A missing file or a folder is the caller's mistake, not ours."""
    (fault,) = faults_of(tmp_path / name)
    assert fault.expected == "a readable file"


def test_fifty_megabytes_of_junk_are_refused_with_little_memory(tmp_path: Path) -> None:
    """A wrong file on the command line must neither hang the machine nor print megabytes."""
    file = tmp_path / "junk.json"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    tracemalloc.start()
    (fault,) = faults_of(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fault.found == "more than 16,777,216 bytes"
    # The limit of 16 MiB, once as it is read and once joined.
    assert peak < 40_000_000


@pytest.mark.parametrize(
    ("count", "found"), [(1_000_001, "more than 1,000,000 values"), (20_000, "20,006 faults of form")]
)
def test_dense_junk_of_the_right_format_is_one_fault(tmp_path: Path, count: int, found: str) -> None:
    """Millions of wrong entries would fill the memory with faults nobody reads."""
    file = tmp_path / "junk.json"
    # Each entry is wrong, and name, time_zone, first_date, num_days, places and technicians are missing: 6 more.
    file.write_text('{"format": "fieldops-problem/1", "visits": [' + "1," * (count - 1) + "1]}", encoding="utf-8")
    (fault,) = faults_of(file)
    assert fault.found == found


def test_a_problem_with_faults_is_not_written(tmp_path: Path) -> None:
    """It could not be read back; the file from before stays."""
    file = tmp_path / "problem.json"
    dump_problem(BUSY, file)
    before = file.read_bytes()
    with pytest.raises(InvalidInput):
        dump_problem(make_problem(make_visit(priority=9)), file)
    assert file.read_bytes() == before


def test_instants_keep_the_offset_they_were_written_with(path: Path) -> None:
    """A fault must show the author's own words, and differences of instants must be true durations."""
    change(path, (("visits", 0, "release"), "2026-03-16T12:00:00Z"))
    problem: Problem = load_problem(path)
    assert problem.visits[0].release == at("08:00")
    assert str(problem.visits[0].release) == "2026-03-16 12:00:00+00:00"
