"""The clock of a demonstration goes fast."""

from datetime import timedelta

import pytest

from domain_builders import at
from fieldops.simulate import fast_clock
from fieldops.simulate.fast_clock import FastClock


def test_a_fast_clock_shows_a_minute_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 60x; and whoever waits for an instant waits a sixtieth of the time."""
    passed, slept = [100.0], list[float]()
    monkeypatch.setattr(fast_clock, "monotonic", lambda: passed[0])
    monkeypatch.setattr(fast_clock, "sleep", slept.append)
    clock = FastClock(begin=at("07:00"), speed=60, made=passed[0])

    passed[0] += 1.5

    assert clock.now() == at("07:00") + timedelta(seconds=90)
    clock.wait_until(at("07:02"))
    # Half a minute is left: half a second.
    assert slept == [pytest.approx(0.5)]


def test_nobody_waits_for_what_is_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration on a slow machine is late, and goes on."""
    slept = list[float]()
    monkeypatch.setattr(fast_clock, "sleep", slept.append)

    FastClock(begin=at("07:00"), speed=60).wait_until(at("06:00"))

    assert slept == [0.0]
