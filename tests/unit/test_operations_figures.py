"""The arithmetic of reports: bins, quantiles, ratios of what was counted."""

from datetime import date

import pytest

from fieldops.domain.operations import BINS, Spread, Tally, bin_of, figures_of, spread_of


@pytest.mark.parametrize(
    ("minutes", "bounds"),
    [
        (-61, (None, -60)),
        (-60, (-60, -30)),
        (-30, (-30, -15)),
        (-15, (-15, 0)),
        (-0.5, (-15, 0)),
        (0, (0, 0)),
        (0.5, (0, 5)),
        (5, (0, 5)),
        (5.1, (5, 15)),
        (60, (30, 60)),
        (61, (60, None)),
    ],
)
def test_every_start_is_in_one_bin(minutes: float, bounds: tuple[int | None, int | None]) -> None:
    """A quarter of an hour counts to the bin nearer to the window, on both sides of it."""
    assert BINS[bin_of(minutes)] == bounds


def test_quantiles_lie_between_values() -> None:
    """Of 0, 10, ..., 100 one of ten is below 10; of two values the median is between them; of one all are the same."""
    assert spread_of(range(100, -1, -10)) == Spread(count=11, p10=10, median=50, p90=90)
    assert spread_of([4, 1]) == Spread(count=2, p10=1.3, median=2.5, p90=3.7)
    assert spread_of([7]) == Spread(count=1, p10=7, median=7, p90=7)
    assert spread_of([]) == Spread(count=0, p10=None, median=None, p90=None)


def test_all_days_together_are_computed_of_counts_not_of_averages() -> None:
    """A day with one visit must not count as much as a day with a hundred."""
    quiet = Tally(promises_kept=0, promises_broken=1, nps_answers=1, detractors=1, travel_s=600, planned_visits=1)
    busy = Tally(promises_kept=99, nps_answers=9, promoters=9, travel_s=99 * 120, planned_visits=99)
    total = Tally()
    for tally in (quiet, busy):
        total.add(tally)

    figures = figures_of(None, total)

    # 99 of 100 kept; nine promoters and one detractor of ten; 600 s + 11,880 s = 208 minutes for 100 visits.
    assert (figures.kept_percent, figures.nps, figures.travel_minutes_per_visit) == (99.0, 80.0, 2.08)
    assert figures_of(date(2026, 3, 16), quiet).kept_percent == 0.0


def test_of_nothing_there_is_no_ratio() -> None:
    """Zero percent kept on a Sunday without visits would be an alarm."""
    figures = figures_of(date(2026, 3, 15), Tally())

    assert figures.promises_made == 0
    assert figures.overtime_minutes == 0
    assert {figures.kept_percent, figures.adherence_percent, figures.nps, figures.messages_per_visit} == {None}
