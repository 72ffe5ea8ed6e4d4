"""What a day's own drives say about the rest of its travel."""

from fieldops.domain.factors import travel_of_day


def test_a_day_without_drives_is_expected_to_go_as_planned() -> None:
    """Nothing was seen yet."""
    assert travel_of_day([]) == 1_000


def test_a_few_slow_drives_are_believed_a_little() -> None:
    """Two drives of 15 min took 20 each: (5,400 + 2,400) s against (5,400 + 1,800) s planned."""
    assert travel_of_day([(1_200, 900), (1_200, 900)]) == 1_083


def test_many_slow_drives_are_believed() -> None:
    """A hundred drives, a third slower: 125,400 s against 95,400 s."""
    assert travel_of_day([(1_200, 900)] * 100) == 1_314


def test_a_drive_somebody_forgot_to_end_counts_as_five_times_its_plan() -> None:
    """Ten hours for a quarter of one: (5,400 + 4,500) s against 6,300 s."""
    assert travel_of_day([(36_000, 900)]) == 1_571


def test_drives_around_the_corner_say_nothing() -> None:
    """Planned as one minute, and it took five: that is parking."""
    assert travel_of_day([(300, 60)] * 50) == 1_000
