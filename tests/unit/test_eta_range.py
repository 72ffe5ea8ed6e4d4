"""How much wider the range of an arrival is, the longer it takes until then."""

from datetime import UTC, datetime, timedelta

import pytest

from fieldops.domain.eta_range import with_what_may_come

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)


def widened(
    arrival: int, *, before: int = 5, after: int = 10, begins: int = -60, is_on_the_way: bool = False
) -> tuple[float, float]:
    """Give, in minutes from now, the range of an arrival in so many minutes that was simulated from -5 to +10."""
    at = NOW + timedelta(minutes=arrival)
    earliest, latest = with_what_may_come(
        at - timedelta(minutes=before),
        at + timedelta(minutes=after),
        arrival=at,
        now=NOW,
        begins=NOW + timedelta(minutes=begins),
        is_on_the_way=is_on_the_way,
    )
    return (earliest - NOW).total_seconds() / 60, (latest - NOW).total_seconds() / 60


@pytest.mark.parametrize(
    ("arrival", "margin"),
    [
        pytest.param(9, 0, id="soon"),
        pytest.param(10, 3, id="from half a step on"),
        pytest.param(60, 9, id="an hour: three steps of three minutes"),
        pytest.param(180, 27, id="three hours"),
        pytest.param(400, 27, id="no more than that"),
    ],
)
def test_the_longer_until_then_the_more_may_come(arrival: int, margin: int) -> None:
    """Three minutes on either side for every twenty that are still to go."""
    assert widened(arrival) == (arrival - 5 - margin, arrival + 10 + margin)


def test_nothing_comes_between_once_somebody_has_left() -> None:
    """On the way only the traffic counts, which the simulation knows."""
    assert widened(60, is_on_the_way=True) == (55, 70)


def test_nobody_is_expected_in_the_past() -> None:
    """An arrival from now on at the earliest is not made one before now; what was before stays."""
    assert widened(60, before=58) == (0, 79)
    assert widened(60, before=70) == (-10, 79)
    assert widened(-2) == (-7, 8)


def test_nobody_comes_before_the_day_begins() -> None:
    """The first visit is planned five minutes after the shift begins: no change of plan brings anybody sooner."""
    assert widened(120, begins=118) == (115, 148)
    assert widened(120, begins=110) == (110, 148)
