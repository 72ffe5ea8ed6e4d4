"""The mapping file of an import: what it can say, and that its mistakes are found before any table is read."""

from pathlib import Path

import pytest

from fieldops.errors import InvalidInput
from fieldops.files.import_mapping import ImportMapping, read_mapping, with_columns


def faults_of(path: Path) -> list[str]:
    """Read a mapping that must be refused, and return the faults without the folder."""
    with pytest.raises(InvalidInput) as caught:
        read_mapping(path)
    return [str(fault).removeprefix(f"{path.parent}/") for fault in caught.value.faults]


TOML = """
name = "n"
first_date = 2026-03-16
[visits.columns]
latitude = "lat"
[visits.defaults]
priority = 3
"""
JSON = """
{"name": "n", "first_date": "2026-03-16", "visits": {"columns": {"latitude": "lat"}, "defaults": {"priority": 3}}}
"""


@pytest.mark.parametrize(("name", "text"), [("m.toml", TOML), ("m.json", JSON)])
def test_a_mapping_is_toml_or_json(tmp_path: Path, name: str, text: str) -> None:
    """TOML for people, JSON for programs; both say the same."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    mapping = read_mapping(path)
    assert mapping.visits.columns == {"latitude": "lat"}
    assert mapping.visits.defaults == {"priority": 3}
    assert str(mapping.first_date) == "2026-03-16"


def test_every_mistake_in_a_mapping_is_told(tmp_path: Path) -> None:
    """A misspelled field would otherwise be a column that is silently ignored."""
    path = tmp_path / "mapping.toml"
    path.write_text(
        'time_zone = "Chicago"\n[visits.columns]\nlattitude = "lat"\n[shifts.defaults]\npriority = 3\n',
        encoding="utf-8",
    )
    time_zone, column, default = faults_of(path)
    assert time_zone.startswith("mapping.toml:time_zone: found 'Chicago', expected an IANA time zone")
    assert column.startswith("mapping.toml:visits.columns.lattitude: found 'lattitude', expected one of id, name, date")
    assert default.startswith("mapping.toml:shifts.defaults.priority: found 'priority', expected one of id, technician")


def test_faults_of_form_are_told_too(tmp_path: Path) -> None:
    """An unknown section, and a list where a value belongs."""
    path = tmp_path / "mapping.toml"
    path.write_text("[visit]\n[visits.defaults]\npriority = [3]\n", encoding="utf-8")
    assert faults_of(path) == [
        "mapping.toml:visits.defaults.priority: found a list of 1, expected text, a number, true or false",
        "mapping.toml:visit: found an object with 0 field(s), expected no such field",
    ]


@pytest.mark.parametrize("name", ["mapping.toml", "mapping.json"])
def test_a_file_that_is_no_mapping_is_one_fault(tmp_path: Path, name: str) -> None:
    """Neither TOML nor JSON."""
    path = tmp_path / name
    path.write_text("= = =", encoding="utf-8")
    (fault,) = faults_of(path)
    assert fault.startswith(f"{name}: found text that cannot be read")


def test_single_columns_can_be_named_on_the_way() -> None:
    """For a table that needs little, no mapping file has to be written."""
    mapping = with_columns(ImportMapping(), ["latitude=lat", "visits.longitude = lon", "technicians.id=Full Name"])
    assert mapping.visits.columns == {"latitude": "lat", "longitude": "lon"}
    assert mapping.technicians.columns == {"id": "Full Name"}


def test_later_pairs_win_over_the_mapping_file() -> None:
    """What is said on the command line is said last."""
    mapping = with_columns(with_columns(ImportMapping(), ["latitude=lat"]), ["latitude=y"])
    assert mapping.visits.columns == {"latitude": "y"}


def test_pairs_that_say_nothing_are_told() -> None:
    """All of them at once."""
    with pytest.raises(InvalidInput) as caught:
        with_columns(ImportMapping(), ["latitude", "latitude=", "vans.id=x", "lattitude=lat"])
    assert [(fault.path, fault.found) for fault in caught.value.faults] == [
        ("--map", "'latitude'"),
        ("--map", "'latitude='"),
        ("--map", "'vans.id=x'"),
        ("visits.columns.lattitude", "'lattitude'"),
    ]
