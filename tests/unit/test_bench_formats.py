"""Reading the benchmark files: what they say, and what is said about files that are wrong."""

from pathlib import Path

import pytest
from bench_files import TINY_VRPTW, city_technician, city_visit, write_city, write_vrptw

from fieldops.bench.formats import read_city, read_vrptw
from fieldops.errors import InvalidInput


def test_a_vrptw_file_is_read_whole(tmp_path: Path) -> None:
    """Every number of the file matters: one column off and all gaps would be meaningless."""
    file = read_vrptw(write_vrptw(tmp_path))

    assert (file.name, file.num_vehicles, file.capacity) == ("R101", 3, 10)
    assert (file.depot.x, file.depot.y, file.depot.due) == (0, 0, 100)
    assert [(one.number, one.x, one.y, one.demand, one.ready, one.due, one.service) for one in file.customers] == [
        (1, 3, 4, 4, 0, 50, 2),
        (2, 3, 5, 5, 20, 60, 2),
        (3, -5, 0, 6, 0, 30, 2),
    ]


def test_windows_line_ends_and_missing_blank_lines_do_not_matter(tmp_path: Path) -> None:
    """The published files come with both kinds of line ends."""
    file = read_vrptw(write_vrptw(tmp_path, text=TINY_VRPTW.replace("\n\n", "\n").replace("\n", "\r\n")))

    assert len(file.customers) == 3


def test_all_bad_lines_of_a_vrptw_file_are_named(tmp_path: Path) -> None:
    """Whoever has a damaged file wants the whole list, with line numbers."""
    lines = TINY_VRPTW.splitlines()
    lines[4] = "  3"  # the capacity is missing
    lines[10] = lines[10].replace("50", "5.5")
    path = write_vrptw(tmp_path, text="\n".join(lines))

    with pytest.raises(InvalidInput) as caught:
        read_vrptw(path)

    assert [fault.path for fault in caught.value.faults] == ["R101.txt:5", "R101.txt:11"]


@pytest.mark.parametrize("text", ["", "no such thing", TINY_VRPTW.replace("CUSTOMER", "CLIENT"), "\0" * 1_000])
def test_a_file_that_is_no_vrptw_file_is_refused(tmp_path: Path, text: str) -> None:
    """A wrong folder must end in a message, not in a traceback."""
    path = write_vrptw(tmp_path, text=text)

    with pytest.raises(InvalidInput):
        read_vrptw(path)


def test_customers_out_of_order_are_refused(tmp_path: Path) -> None:
    """Visit index i is customer i + 1 everywhere, so the order of the lines is part of the format."""
    path = write_vrptw(tmp_path, text=TINY_VRPTW.replace("    2      3 ", "    4      3 "))

    with pytest.raises(InvalidInput, match="in order"):
        read_vrptw(path)


def test_a_city_day_is_read_whole(tmp_path: Path) -> None:
    """Every field has a meaning in the suite's rules."""
    day = read_city(write_city(tmp_path, [city_technician()], [city_visit(priority=5)]))

    technician, visit = day.technicians[0], day.visits[0]
    assert (technician.home, technician.shift, technician.skills) == ((48.0, 11.0), (28_800, 61_200), {"a"})
    assert (technician.lunch.duration, technician.lunch.latest_start) == (1_800, 46_800)
    assert (visit.location, visit.duration, visit.window, visit.priority) == ((48.1, 11.0), 3_600, (28_800, 57_600), 5)


def test_all_bad_fields_of_a_city_file_are_named(tmp_path: Path) -> None:
    """A fault names the field the way the file is written."""
    path = write_city(tmp_path, [city_technician(home=[48.0])], [city_visit(), city_visit(duration="long")])

    with pytest.raises(InvalidInput) as caught:
        read_city(path)

    places = [fault.path for fault in caught.value.faults]
    assert places == ["city-2-s1.json:technicians[0].home[1]", "city-2-s1.json:visits[1].duration"]


def test_a_lunch_that_can_leave_the_shift_is_refused(tmp_path: Path) -> None:
    """Shift until 13:20, lunch until 13:30 when it starts at 13:00: the suite's rules leave open what that means."""
    path = write_city(tmp_path, [city_technician(shift=[28_800, 48_000])], [city_visit()])

    with pytest.raises(InvalidInput, match=r"technicians\[0\]\.lunch"):
        read_city(path)
