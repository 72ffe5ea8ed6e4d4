"""How the report says figures, instants and codes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldops.domain.plan import ReasonCode, UnassignedKind
from fieldops.report.wording import (
    KIND_WORDS,
    REASON_WORDS,
    clock,
    cost_words,
    count_words,
    distance_words,
    duration_words,
    excess_words,
    long_date,
    money_words,
    percent_words,
)

NEW_YORK = ZoneInfo("America/New_York")


def test_every_code_of_a_plan_has_words() -> None:
    """A new reason without words would fail only when it first happens to somebody."""
    assert set(REASON_WORDS) == set(ReasonCode)
    assert set(KIND_WORDS) == set(UnassignedKind)


def test_instants_are_said_in_the_problems_time_zone() -> None:
    """14:05 UTC is five minutes past nine in a New York November."""
    assert clock(datetime(2026, 11, 12, 14, 5, 59, tzinfo=UTC), NEW_YORK) == "09:05"


def test_the_repeated_hour_says_which_one_is_meant() -> None:
    """On the first of November 2026 half past one happens twice in New York."""
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

    assert clock(first, NEW_YORK) == "01:30 EDT"
    assert clock(first + timedelta(hours=1), NEW_YORK) == "01:30 EST"
    assert clock(first + timedelta(hours=2), NEW_YORK) == "02:30"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (20, "<1 min"), (30, "1 min"), (149, "2 min"), (3_600, "1 h"), (3_900, "1 h 05 min")],
)
def test_durations_are_said_in_hours_and_minutes(seconds: int, words: str) -> None:
    """Whole minutes, halves up, and nothing that exists is called zero."""
    assert duration_words(timedelta(seconds=seconds)) == words


def test_one_second_late_is_a_minute_late() -> None:
    """A broken promise said as "0 min late" would be a contradiction."""
    assert excess_words(timedelta(seconds=1)) == "1 min"
    assert excess_words(timedelta(minutes=61)) == "1 h 01 min"


def test_only_the_complete_is_a_hundred_percent() -> None:
    """2,999 of 3,000 promises rounds to 100.0, which is not what happened."""
    assert percent_words(2_999 / 3_000) == "99.9%"
    assert percent_words(1.0) == "100%"
    assert percent_words(0.0) == "0%"
    assert percent_words(0.1234) == "12.3%"


def test_money_keeps_its_cents_and_its_sign() -> None:
    """Integer cents are split, never divided as floats."""
    assert money_words(1_234_567) == "12,345.67"
    assert money_words(5) == "0.05"
    assert money_words(-250) == "\N{MINUS SIGN}2.50"


def test_distances_and_counts_read_naturally() -> None:
    """Decimals only where they say something; no "1 visits"."""
    assert distance_words(12_340) == "12.3 km"
    assert distance_words(123_400) == "123 km"
    assert count_words(1, "visit") == "1 visit"
    assert count_words(1_200, "visit") == "1,200 visits"


def test_dates_are_american() -> None:
    """The spelling of the whole product."""
    assert long_date(date(2026, 11, 2)) == "Monday, November 2, 2026"


def test_an_unknown_cost_term_is_still_shown_readably() -> None:
    """A plan written by a newer version may have more terms."""
    assert cost_words("lateness") == "Broken promises"
    assert cost_words("stock_missing") == "Stock missing"
