"""Tables of known addresses in CSV files."""

from pathlib import Path

import pytest

from fieldops.errors import InvalidInput
from fieldops.files.address_table import load_addresses


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "addresses.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_is_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Other columns are somebody else's; the same place twice is no contradiction."""
    path = _file(
        tmp_path,
        "id;address;latitude;longitude",
        "1;1 Main Street, Springfield;38.9;-77.0",
        "2;5 Rue de l'Été;48.8;2.3",
        "3;1 main st springfield;38.9;-77.0",
    )

    assert load_addresses(path) == (
        ("1 Main Street, Springfield", 38.9, -77.0),
        ("5 Rue de l'Été", 48.8, 2.3),
        ("1 main st springfield", 38.9, -77.0),
    )


def test_all_faults_of_a_table_come_at_once(tmp_path: Path) -> None:
    """A table of thousands is mended in one go: places that are none, addresses that are empty or contradict."""
    path = _file(
        tmp_path,
        "address,latitude,longitude",
        "1 Main St,91,x",
        ",1,1",
        "2 Elm St,1,2",
        "2 ELM STREET,1,3",
        "3 Oak St,1",
    )
    with pytest.raises(InvalidInput) as refused:
        load_addresses(path)

    assert sorted(map(str, refused.value.faults)) == [
        "addresses.csv:2:latitude: found '91', expected degrees from -90 to 90",
        "addresses.csv:2:longitude: found 'x', expected degrees from -180 to 180",
        "addresses.csv:3:address: found '', expected an address",
        "addresses.csv:5:address: found '2 ELM STREET', expected the place it has in line 4",
        "addresses.csv:6: found 2 field(s), expected 3, as in the header",
    ]


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """A table with other names for its columns is not guessed at."""
    with pytest.raises(InvalidInput, match="a column named latitude and one named longitude"):
        load_addresses(_file(tmp_path, "address,lat,lon", "1 Main St,1,2"))
