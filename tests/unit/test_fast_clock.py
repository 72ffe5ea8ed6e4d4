"""The clock of a demonstration goes fast, but never away from the day."""

from datetime import timedelta

import pytest

from domain_builders import at
from fieldops.simulate import fast_clock
from fieldops.simulate.fast_clock import FastClock


class _Seconds:
    """Our own clock: it goes on when somebody sleeps, or is told to."""

    def __init__(self) -> None:
        self.passed = 100.0

    def monotonic(self) -> float:
        """Give what it shows."""
        return self.passed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> _Seconds:
    """Our own clock, in the place of the machine's."""
    ours = _Seconds()
    monkeypatch.setattr(fast_clock, "monotonic", ours.monotonic)
    monkeypatch.setattr(fast_clock, "sleep", ours.sleep)
    return ours


def test_a_fast_clock_shows_a_minute_after_a_second(seconds: _Seconds) -> None:
    """At 60x; and whoever waits for an instant waits a sixtieth of the time."""
    clock = FastClock(begin=at("07:00"), speed=60)

    seconds.passed += 1.5

    assert clock.now() == at("07:00") + timedelta(seconds=90)
    clock.wait_until(at("07:05"))
    # Five minutes are five seconds.
    assert seconds.passed == pytest.approx(105)
    assert clock.now() >= at("07:05")


def test_a_fast_clock_waits_for_a_day_that_falls_behind(seconds: _Seconds) -> None:
    """On a slow machine the day takes longer, instead of everybody being late for everything."""
    clock = FastClock(begin=at("07:00"), speed=60)
    clock.wait_until(at("07:10"))

    seconds.passed += 1_000

    assert clock.now() == at("07:12")
    clock.wait_until(at("07:11"))
    clock.wait_until(at("07:13"))
    # Nothing of the time it stood still is made up for: from 7:12 on it took one second.
    assert seconds.passed == pytest.approx(1_111)
