"""Import from tables: what becomes of good records, and where the faults of bad ones are."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from domain_builders import at, window
from fieldops.domain.problem import Problem, TimeWindow
from fieldops.errors import InvalidInput
from fieldops.files.csv_import import import_problem
from fieldops.files.import_mapping import ImportMapping, read_mapping

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
CHICAGO = Path(__file__).parents[3] / "shared" / "visits" / "chicago_food_inspection_visits_2014.csv"
WASHINGTON = ImportMapping(name="test", time_zone="America/New_York")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with three small tables whose columns are named as the fields."""
    write(
        tmp_path / "visits.csv",
        "id,date,latitude,longitude,duration_min,skills,promised_earliest,promised_latest,preferred_technicians",
        "v1,2026-03-16,38.90,-77.03,30,gas:2,10:00,12:00,kim",
        "v2,2026-03-17,38.91,-77.04,45,,,,",
    )
    write(
        tmp_path / "technicians.csv",
        "id,skills,latitude,longitude,duration_permille",
        "kim,gas:2; power,38.92,-77.05,950",
        "lee,,,,",
    )
    write(
        tmp_path / "shifts.csv",
        "technician,date,start,end,overtime_min,break_earliest,break_latest,break_min",
        "kim,2026-03-16,08:00,16:00,120,12:00,13:00,30",
        "lee,2026-03-17,08:00,16:00,,,,",
    )
    return tmp_path


def write(path: Path, *lines: str) -> Path:
    """Write a table."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def change(path: Path, old: str, new: str) -> None:
    """Change a table."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(folder: Path, mapping: ImportMapping = WASHINGTON, **options: bool) -> list[Problem]:
    """Import the three tables of a folder."""
    files = (folder / "visits.csv", folder / "technicians.csv", folder / "shifts.csv")
    return import_problem(*files, mapping, **options)


def faults_of(folder: Path, mapping: ImportMapping = WASHINGTON, **options: bool) -> list[str]:
    """Import tables that must be refused, and return the faults."""
    with pytest.raises(InvalidInput) as caught:
        run(folder, mapping, **options)
    return [str(fault) for fault in caught.value.faults]


def test_tables_become_one_problem_over_all_their_days(folder: Path) -> None:
    """The plain case, without a mapping file: columns are named as the fields."""
    (problem,) = run(folder)
    assert (problem.first_date, problem.num_days) == (date(2026, 3, 16), 2)
    first, second = problem.visits
    assert (first.promised_window, first.duration) == (window("10:00", "12:00"), timedelta(minutes=30))
    assert (first.required_skills, first.preferred_technicians) == ({"gas": 2}, frozenset({"kim"}))
    # A date without times means any time of that day.
    assert second.windows == (TimeWindow(at("00:00", 17), at("00:00", 18) - timedelta(seconds=1)),)
    kim, lee = problem.technicians
    assert (kim.skills, kim.duration_permille) == ({"gas": 2, "power": 1}, 950)
    (shift,) = kim.shifts
    assert (shift.start, shift.end, shift.hard_end) == (at("08:00"), at("16:00"), at("18:00"))
    assert [pause.latest_start for pause in shift.breaks] == [at("13:00")]
    assert (shift.start_place_id, lee.shifts[0].start_place_id) == ("home-kim", "office")
    assert problem.skills == ("gas", "power")


def test_the_office_is_in_the_middle_of_the_visits_or_where_one_says(folder: Path) -> None:
    """Technicians without a home have to start somewhere."""
    (problem,) = run(folder)
    office = next(place for place in problem.places if place.id == "office")
    # (38.90 + 38.91) / 2 and -(77.03 + 77.04) / 2
    assert (office.latitude, office.longitude) == (38.905, -77.035)
    files = (folder / "visits.csv", folder / "technicians.csv", folder / "shifts.csv")
    (problem,) = import_problem(*files, WASHINGTON, office=(38.5, -77.5))
    office = next(place for place in problem.places if place.id == "office")
    assert (office.latitude, office.longitude) == (38.5, -77.5)


def test_days_can_be_planned_one_by_one(folder: Path) -> None:
    """Each day gets its own visits and shifts, and everybody, so that wishes for people off duty stay known."""
    first, second = run(folder, split_by_day=True)
    assert [problem.first_date for problem in (first, second)] == [date(2026, 3, 16), date(2026, 3, 17)]
    assert [[visit.id for visit in problem.visits] for problem in (first, second)] == [["v1"], ["v2"]]
    assert [[len(person.shifts) for person in problem.technicians] for problem in (first, second)] == [[1, 0], [0, 1]]
    assert first.name == "test 2026-03-16"


def test_technicians_can_be_made_up(folder: Path) -> None:
    """For data that only has visits: N people who can do everything, with the usual day, every day."""
    visits = write(
        folder / "visits.csv",
        "id,date,latitude,longitude,duration_min,skills",
        "v1,2026-03-16,38.9,-77.0,30,gas:2",
        "v2,2026-03-18,38.9,-77.0,30,gas:1",
    )
    (problem,) = import_problem(visits, mapping=WASHINGTON, num_technicians=3)
    assert [person.id for person in problem.technicians] == ["T01", "T02", "T03"]
    assert {tuple(person.skills.items()) for person in problem.technicians} == {(("gas", 2),)}
    # Monday to Wednesday, Tuesday included.
    assert [[shift.start for shift in person.shifts] for person in problem.technicians] == [
        [at("08:00", day) for day in (16, 17, 18)]
    ] * 3


def test_every_fault_of_every_record_is_told_with_line_column_and_value(folder: Path) -> None:
    """Repairing a table of thousands of lines one fault at a time is no way to spend a day."""
    write(
        folder / "visits.csv",
        "id,date,latitude,longitude,duration_min,priority,promised_earliest,promised_latest",
        "v1,2026-03-16,91,-77.03,30,3,,",
        "v1,16.03.2026,38.9,,0,9,,",
        ",2026-03-16,38.9,-77,,urgent,noon,12:00",
        "v4,2026-03-16,38.9,-77,30,3,12:00,11:00",
        "v5,2026-03-16,38.9",
    )
    write(folder / "technicians.csv", "id,skills,latitude,longitude", "kim,gas:high,38.9,", "kim,,38.9,-77")
    write(folder / "shifts.csv", "technician,date,start,end", "kim,2026-03-16,16:00,8:00", "max,,8:00,9:00")
    assert faults_of(folder) == [
        "visits.csv:2:latitude: found '91', expected a number from -90 to 90",
        "visits.csv:3:id: found 'v1', expected an id used once; line 2 has it too",
        "visits.csv:3:date: found '16.03.2026', expected a date written like 2026-03-16",
        "visits.csv:3:longitude: found nothing, expected degrees from -180 to 180",
        "visits.csv:3:duration_min: found '0', expected more than 0 minutes",
        "visits.csv:3:priority: found '9', expected a whole number from 1 to 5",
        "visits.csv:4:id: found nothing, expected a value",
        "visits.csv:4:duration_min: found nothing, expected a duration, in a column, by a value map or by default",
        "visits.csv:4:priority: found 'urgent', expected a whole number from 1 to 5",
        "visits.csv:4:promised_earliest: found 'noon', expected a time written like 08:00 or 2026-03-16T08:00",
        "visits.csv:5:promised_latest: found 2026-03-16T11:00:00-04:00, "
        "expected not before the earliest, 2026-03-16T12:00:00-04:00",
        "visits.csv:6: found 3 field(s), expected 8, as in the header",
        "technicians.csv:2:skills: found 'gas:high', expected a skill with a level from 1 to 100, such as hvac:2",
        "technicians.csv:2:longitude: found nothing, expected both coordinates, or neither to start at the office",
        "technicians.csv:3:id: found 'kim', expected an id used once; line 2 has it too",
        "shifts.csv:3:technician: found 'max', expected the id of a technician",
        "shifts.csv:3:start: found '8:00', expected a date beside the clock time",
        "shifts.csv:3:end: found '9:00', expected a date beside the clock time",
    ]


def test_rules_broken_by_good_looking_records_are_told_with_their_line(folder: Path) -> None:
    """Some faults only show when the tables are put together."""
    change(folder / "shifts.csv", "08:00,16:00,120", "16:00,08:00,120")
    change(folder / "visits.csv", "10:00,12:00,kim", "12:00,10:00,kim")
    change(folder / "shifts.csv", "lee,2026-03-17", "lee,2026-03-17,08:00,16:00,,,,\nlee,2026-03-17")
    assert [fault.partition(": ")[0] for fault in faults_of(folder)] == [
        "visits.csv:2:promised_latest",
        "shifts.csv:2:end",
        "shifts.csv:4:start",
    ]


@pytest.mark.parametrize("skills", ["gas:0", "gas:101", "gas:01000000", "gas:", "gas:two", ":2", "gas:-1"])
def test_a_level_is_a_number_from_1_to_100(folder: Path, skills: str) -> None:
    """Anything else would ask for somebody who does not exist."""
    change(folder / "visits.csv", "gas:2", skills)
    assert faults_of(folder) == [
        f"visits.csv:2:skills: found '{skills}', expected a skill with a level from 1 to 100, such as hvac:2"
    ]


def test_a_day_in_two_parts_is_two_shifts(folder: Path) -> None:
    """Without ids of their own, shifts are named after person and day, and told apart by a number."""
    morning = "lee,2026-03-17,08:00,11:00,,,,"
    change(folder / "shifts.csv", "lee,2026-03-17,08:00,16:00", f"{morning}\nlee,2026-03-17,14:00,18:00")
    assert [shift.id for shift in run(folder)[0].technicians[1].shifts] == ["lee-2026-03-17", "lee-2026-03-17-2"]


def test_unknown_people_are_told_where_they_are_named(folder: Path) -> None:
    """A misspelled name would otherwise be a wish that never comes true."""
    change(folder / "visits.csv", "12:00,kim", "12:00,kimm")
    assert faults_of(folder) == ["visits.csv:2:preferred_technicians: found 'kimm', expected the id of a technician"]


def test_one_line_number_counts_lines_and_not_records(folder: Path) -> None:
    """A quoted cell over three lines and a blank line move everything after them."""
    write(
        folder / "visits.csv",
        "id,name,date,latitude,longitude,duration_min",
        'v1,"Cafe ""North""',
        "second floor",
        'ring twice",2026-03-16,38.9,-77,30',
        "",
        "v2,x,2026-03-16,north,-77,30",
    )
    assert [fault.partition(": ")[0] for fault in faults_of(folder)] == ["visits.csv:6:latitude"]
    change(folder / "visits.csv", "north", "38.8")
    (problem,) = run(folder)
    assert problem.visits[0].name == 'Cafe "North"\nsecond floor\nring twice'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_from_spreadsheets_are_understood(folder: Path, encoding: str, delimiter: str) -> None:
    """Spreadsheets write a byte order mark, and semicolons where the comma is the decimal sign."""
    text = (folder / "visits.csv").read_text(encoding="utf-8").replace(",", delimiter).replace("\n", "\r\n")
    (folder / "visits.csv").write_bytes(text.encode(encoding))
    assert [visit.id for visit in run(folder)[0].visits] == ["v1", "v2"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "visits.csv: found an empty file, expected a CSV table with a header"),
        (b"id,latitude\xff\n", "visits.csv: found byte 0xff at offset 11, expected text in UTF-8"),
        (b"id,,latitude\n", "visits.csv:1: found no name for column 2, expected a name for every column"),
        (b"id,id\n", "visits.csv:1: found two columns 'id', expected every column named once"),
        (b"id,latitude,longitude\n", "visits.csv: found no records, expected at least one visit"),
        (
            b'id,latitude,longitude\n"v1,3,4\n',
            "visits.csv:2: found a record that cannot be read (unexpected end of data)",
        ),
        (b"id,lat,longitude\nv1,3,4\n", "visits.csv:1:latitude: found nothing, expected a column 'latitude'"),
    ],
)
def test_a_file_that_is_no_table_is_one_fault(folder: Path, content: bytes, fault: str) -> None:
    """One clear line instead of one for every record."""
    (folder / "visits.csv").write_bytes(content)
    (told,) = faults_of(folder)
    assert told.removeprefix(f"{folder}/").startswith(fault)


def test_all_files_that_cannot_be_read_are_told(folder: Path) -> None:
    """Two misspelled paths are two faults."""
    for name in ("visits.csv", "shifts.csv"):
        (folder / name).unlink()
    assert [fault.partition(": ")[0] for fault in faults_of(folder)] == [
        f"{folder}/visits.csv",
        f"{folder}/shifts.csv",
    ]


def test_who_serves_the_visits_is_said_once(folder: Path) -> None:
    """Neither people nor a number: nothing to plan with. Both: which one?"""
    visits = folder / "visits.csv"
    for technicians, count in ((None, None), (folder / "technicians.csv", 3)):
        with pytest.raises(InvalidInput) as caught:
            import_problem(visits, technicians, num_technicians=count)
        assert [fault.path for fault in caught.value.faults] == ["technicians"]
    with pytest.raises(InvalidInput) as caught:
        import_problem(visits, num_technicians=0, office=(91, 0))
    assert [fault.path for fault in caught.value.faults] == ["number of technicians", "office latitude"]


def test_more_than_fourteen_days_need_a_problem_each(folder: Path) -> None:
    """A horizon has two weeks at most; the fault says what to do."""
    change(folder / "visits.csv", "2026-03-17", "2026-04-16")
    (fault,) = faults_of(folder)
    assert fault == (
        "visits.csv: found 32 days, 2026-03-16 to 2026-04-16, expected at most 14 days, or a problem for each day"
    )
    assert len(run(folder, split_by_day=True)) == 2


def test_a_visit_without_a_date_belongs_to_no_day(folder: Path) -> None:
    """In one problem it may be served any day; day by day nobody knows where it belongs."""
    change(folder / "visits.csv", "v2,2026-03-17", "v2,")
    assert run(folder)[0].visits[1].windows == ()
    assert faults_of(folder, split_by_day=True) == [
        "visits.csv:3:date: found nothing, expected a date, as every day becomes a problem of its own"
    ]


def test_without_any_date_the_mapping_says_when(tmp_path: Path) -> None:
    """Some order lists are simply for tomorrow."""
    visits = write(tmp_path / "visits.csv", "id,latitude,longitude,duration_min", "v1,38.9,-77,30")
    with pytest.raises(InvalidInput, match="first_date in the mapping"):
        import_problem(visits, mapping=WASHINGTON, num_technicians=1)
    mapping = WASHINGTON.model_copy(update={"first_date": date(2026, 3, 16)})
    (problem,) = import_problem(visits, mapping=mapping, num_technicians=1)
    assert (problem.first_date, problem.num_days) == (date(2026, 3, 16), 1)


def test_records_of_one_address_share_a_place(folder: Path) -> None:
    """Two visits in one house are no drive apart."""
    change(folder / "visits.csv", "38.91,-77.04", "38.90,-77.03")
    first, second = run(folder)[0].visits
    assert first.place_id == second.place_id == "p0001"


def test_the_usual_day_is_judged_once(folder: Path) -> None:
    """A mistake in the mapping must not be told for every technician and day."""
    day = WASHINGTON.day.model_copy(update={"end": "07:00"})
    mapping = WASHINGTON.model_copy(update={"day": day})
    with pytest.raises(InvalidInput) as caught:
        import_problem(folder / "visits.csv", folder / "technicians.csv", mapping=mapping)
    assert [fault.path for fault in caught.value.faults] == ["day.end"]
    day = WASHINGTON.day.model_copy(update={"start": "early", "break_min": 0})
    with pytest.raises(InvalidInput) as caught:
        import_problem(
            folder / "visits.csv", folder / "technicians.csv", mapping=WASHINGTON.model_copy(update={"day": day})
        )
    assert [fault.path for fault in caught.value.faults] == ["day.start", "day.break_min"]


def test_the_example_tables_are_imported() -> None:
    """The files people copy to begin with: other column names, American dates, words for numbers."""
    example = EXAMPLES / "field-day"
    files = (example / "visits.csv", example / "technicians.csv", example / "shifts.csv")
    (problem,) = import_problem(*files, read_mapping(example / "mapping.toml"))
    assert (problem.name, problem.first_date, problem.num_days) == ("field day", date(2026, 3, 16), 2)
    assert [visit.priority for visit in problem.visits] == [3, 3, 5, 3, 3, 5, 2, 2]
    assert problem.visits[3].promised_window == window("13:00", "15:00")
    assert problem.visits[3].required_skills == {"electrical": 1, "hvac": 2}
    assert [person.duration_permille for person in problem.technicians] == [950, 1_000]


@pytest.mark.skipif(not CHICAGO.exists(), reason="the shared visits are not beside the repository")
def test_the_food_inspections_of_chicago_are_imported_day_by_day() -> None:
    """Real data of a city: 3,601 records on 44 days, a fifth without a risk, and not one is lost."""
    mapping = read_mapping(EXAMPLES / "chicago-food-inspections.toml")
    problems = import_problem(CHICAGO, mapping=mapping, split_by_day=True, num_technicians=10)
    assert len(problems) == 44
    visits = [visit for problem in problems for visit in problem.visits]
    assert len({visit.id for visit in visits}) == len(visits) == 3_601
    assert [problem.first_date for problem in (problems[0], problems[-1])] == [date(2014, 9, 2), date(2014, 10, 31)]
    # Risk 1: 1,903; risk 3: 66; the rest is risk 2 (937) or not given (695).
    assert Counter(visit.priority for visit in visits) == {4: 1_903, 3: 937 + 695, 2: 66}
    assert all(len(person.shifts) == 1 for problem in problems for person in problem.technicians)
    # The clocks of Chicago were five hours behind UTC throughout.
    assert problems[0].technicians[0].shifts[0].start == datetime.fromisoformat("2014-09-02T08:30:00-05:00")
