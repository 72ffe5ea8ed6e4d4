"""The published instance files, where they are at hand: all of them become valid instances with a reference value."""

from pathlib import Path

import pytest

from fieldops.bench import SUITES

INSTANCES = Path(__file__).parents[2].parent / "shared" / "instances"


@pytest.mark.parametrize(
    ("suite", "pattern", "count"),
    [("solomon", "*.txt", 37), ("homberger", "*_2_*.txt", 42), ("city", "*.json", 4)],
)
def test_every_published_file_becomes_a_valid_instance(suite: str, pattern: str, count: int) -> None:
    """A file that is skipped or misread would silently flatter the mean of its class."""
    folder = INSTANCES / suite
    if not folder.is_dir():
        pytest.skip(f"the instance files of {suite} are not beside the checkout")
    paths = sorted(folder.glob(pattern))
    references = SUITES[suite].references(folder, 30.0)

    cases = [SUITES[suite].read(path) for path in paths]

    assert len(cases) == count
    assert all(case.name in references for case in cases)
    assert all(case.judge([]).unassigned == len(case.instance.visits) > 0 for case in cases)


def test_a_solomon_name_starts_with_its_class() -> None:
    """The summary groups by class; RC101 among the R1 files would spoil both means."""
    folder = INSTANCES / "solomon"
    if not folder.is_dir():
        pytest.skip("the instance files of solomon are not beside the checkout")
    cases = [SUITES["solomon"].read(path) for path in sorted(folder.glob("*.txt"))]

    assert {case.group for case in cases} == {"C1", "C2", "R1", "R2", "RC1", "RC2"}
    assert all(case.name.startswith(case.group) for case in cases)
