"""
When a customer hears of a time: rarely, and never back and forth.

What was told is a range, and stands as long as the expectation is in it. Every job on a day makes the expectations of
all later ones sway, so a window or range must be left by enough to be worth a word. Whoever is on the way is certain.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.problem import TimeWindow

#: People are told times on the clock's fives, and never a range shorter than this.
STEP: Final = timedelta(minutes=5)
SHORTEST: Final = timedelta(minutes=10)


class News(StrEnum):
    """What a customer hears about a time; also the kind of the message."""

    ARRIVING_SOON = "arriving_soon"
    DELAYED = "delayed"
    SOONER = "sooner"
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """
    What is expected of a visit that has not been reached.

    Attributes
    ----------
    arrival, earliest, latest
        As in `fieldops.domain.live.Eta`.
    is_on_the_way
        Whether the technician is driving there.
    is_next
        Whether nobody else is visited before.
    agrees_to_earlier
        Whether the customer said an earlier time is welcome.
    """

    arrival: datetime
    earliest: datetime
    latest: datetime
    is_on_the_way: bool = False
    is_next: bool = False
    agrees_to_earlier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    What the customer heard of the time.

    Attributes
    ----------
    promised
        The booked window.
    arrival, window, at
        The arrival and the range told last, and when; None = only the promised window was.
    news_since
        Since when something is to be told that was not.
    uncertain_at
        When the customer heard last that nobody can tell; None = never.
    """

    promised: TimeWindow
    arrival: datetime | None = None
    window: TimeWindow | None = None
    at: datetime | None = None
    news_since: datetime | None = None
    uncertain_at: datetime | None = None

    @property
    def is_in_the_dark(self) -> bool:
        """Whether that nobody can tell was the last word about the time."""
        return self.uncertain_at is not None and (self.at is None or self.at < self.uncertain_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What to do now.

    Attributes
    ----------
    news
        To be told now; None = nothing.
    news_since
        To be remembered: since when something waits to be told.
    """

    news: News | None = None
    news_since: datetime | None = None


def decide(expected: Expected, heard: Heard, policies: LivePolicies, now: datetime) -> Decision:
    """
    Decide what a customer hears.

    Notes
    -----
    News that a replan may still undo waits for as long as a replan takes; that of a technician on the way does not.
    After any word about the time nothing is said for `LivePolicies.cooling`; who heard that nobody can tell need not
    wait for it.
    """
    arrival = at_the_door(expected, heard.promised)
    is_cool = heard.at is None or heard.is_in_the_dark or now - heard.at >= policies.cooling
    change = _change(expected, arrival, heard, policies)
    if change is not None:
        since = heard.news_since or now
        settled = timedelta(0) if expected.is_on_the_way else policies.replan_within + policies.replan_for
        if is_cool and now - since >= settled:
            return Decision(news=change)
        return Decision(news_since=since)
    is_close = expected.is_on_the_way or expected.is_next
    if is_close and is_cool and now <= arrival <= now + policies.arriving_before:
        return Decision(news=News.ARRIVING_SOON)
    return Decision()


def is_to_hear_that_nobody_can_tell(
    uncertain_at: datetime | None, certain_at: datetime | None, policies: LivePolicies, now: datetime
) -> bool:
    """
    Decide whether a customer to whom nobody comes hears so.

    Parameters
    ----------
    uncertain_at, certain_at
        When the customer heard last that nobody can tell, and when a time; None = never.

    Notes
    -----
    The first time at once: nothing is worse than to wait for nobody. Again only when a time was told in between and has
    stood for `LivePolicies.cooling`; so at most one such word comes in that time, however often people come and go.
    """
    if uncertain_at is None:
        return True
    return certain_at is not None and certain_at > uncertain_at and now - certain_at >= policies.cooling


def at_the_door(expected: Expected, promised: TimeWindow) -> datetime:
    """Return when somebody is expected to ring: nobody does before the promised window."""
    return max(expected.arrival, promised.earliest)


def told_range(expected: Expected, promised: TimeWindow) -> TimeWindow:
    """Put an expectation as people are told it: on the clock's fives, not before the promised window."""
    earliest = max(_floored(expected.earliest), promised.earliest)
    return TimeWindow(earliest, max(_ceiled(expected.latest), earliest + SHORTEST))


def _change(expected: Expected, arrival: datetime, heard: Heard, policies: LivePolicies) -> News | None:
    """Tell whether the expectation is too far from what was told."""
    if heard.is_in_the_dark:
        return News.EXPECTED
    if heard.arrival is None or heard.window is None:
        enough = timedelta(0) if expected.is_on_the_way else policies.told_change
        return News.DELAYED if arrival > heard.promised.latest + enough else None
    moved = arrival - heard.arrival
    if moved >= policies.told_change and arrival > heard.window.latest:
        return News.DELAYED
    is_welcome = expected.is_on_the_way or expected.agrees_to_earlier or arrival <= heard.promised.latest
    is_sooner = -moved >= policies.told_change and arrival < heard.window.earliest
    return News.SOONER if is_sooner and is_welcome else None


def _floored(instant: datetime) -> datetime:
    """Round down to a step."""
    return instant - (instant - datetime.min.replace(tzinfo=UTC)) % STEP


def _ceiled(instant: datetime) -> datetime:
    """Round up to a step."""
    floored = _floored(instant)
    return instant if floored == instant else floored + STEP
