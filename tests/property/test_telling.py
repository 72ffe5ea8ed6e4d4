"""Whatever is expected in whatever order: customers are told rarely, in no circles, and never left with an old time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.problem import TimeWindow
from fieldops.domain.telling import (
    Expected,
    Heard,
    News,
    at_the_door,
    decide,
    is_to_hear_that_nobody_can_tell,
    told_range,
)
from worlds import local

PROMISED = TimeWindow(local("10:00"), local("12:00"))
POLICIES = LivePolicies()
STEP = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)
#: Half of the range in which somebody is expected.
RANGE = 20 * MINUTE


@dataclass(frozen=True, slots=True)
class Word:
    """Something that was told, when, and which arrival it spoke of."""

    at: datetime
    news: News
    arrival: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at a visit: what is expected, and what the customer knows after it."""

    now: datetime
    arrival: datetime
    told: datetime | None
    window: TimeWindow | None
    is_on_the_way: bool


#: For how many half minutes which arrival is expected, in minutes from 9:00 on.
EXPECTATIONS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 300)), min_size=1, max_size=25)


def _day(changes: list[tuple[int, int]], leaves_after: int) -> Iterator[tuple[Moment, Word | None]]:
    """Look every half minute, as the sweep does, while expectations change."""
    now, told, window, told_at, since = local("08:00"), None, None, None, None
    for number, (steps, minutes) in enumerate(changes):
        arrival = local("09:00") + minutes * MINUTE
        is_on_the_way = number >= leaves_after
        for _ in range(steps):
            if arrival <= now:
                return  # somebody is there
            expected = Expected(
                arrival=arrival,
                earliest=arrival - RANGE,
                latest=arrival + RANGE,
                is_on_the_way=is_on_the_way,
                is_next=True,
            )
            heard = Heard(promised=PROMISED, arrival=told, window=window, at=told_at, news_since=since)
            decision = decide(expected, heard, POLICIES, now)
            word, since = None, decision.news_since
            if decision.news is not None:
                told, window, told_at = at_the_door(expected, PROMISED), told_range(expected, PROMISED), now
                word = Word(now, decision.news, told)
            yield Moment(now, at_the_door(expected, PROMISED), told, window, is_on_the_way), word
            now += STEP


@settings(max_examples=150, deadline=None)
@given(EXPECTATIONS, st.integers(0, 25))
def test_customers_are_told_rarely_and_in_no_circles(changes: list[tuple[int, int]], leaves_after: int) -> None:
    """At least 20 minutes between two words, and a word only for a quarter of an hour or more."""
    words = [word for _, word in _day(changes, leaves_after) if word is not None]

    for before, after in pairwise(words):
        assert after.at - before.at >= POLICIES.cooling
        if after.news is News.DELAYED:
            assert after.arrival - before.arrival >= POLICIES.told_change
        if after.news is News.SOONER:
            assert before.arrival - after.arrival >= POLICIES.told_change
    if words and words[0].news is News.DELAYED:
        assert words[0].arrival > PROMISED.latest
    assert News.SOONER not in {word.news for word in words[:1]}


@settings(max_examples=150, deadline=None)
@given(EXPECTATIONS, st.integers(0, 25))
def test_nobody_is_left_with_an_old_time(changes: list[tuple[int, int]], leaves_after: int) -> None:
    """Nobody is expected outside of what was told for longer than the cooling time and one look."""
    off_since = None
    for moment, _ in _day(changes, leaves_after):
        off = _is_off(moment)
        off_since = (off_since or moment.now) if off else None
        if off_since is not None:
            assert moment.now - off_since <= POLICIES.cooling + STEP


def _is_off(moment: Moment) -> bool:
    """Whether the customer counts on a wrong time; an earlier one after the window is told on the way only."""
    if moment.told is None or moment.window is None:
        enough = timedelta(0) if moment.is_on_the_way else POLICIES.told_change
        return moment.arrival > PROMISED.latest + enough
    is_welcome = moment.is_on_the_way or moment.arrival <= PROMISED.latest
    if abs(moment.arrival - moment.told) < POLICIES.told_change:
        return False
    return moment.arrival > moment.window.latest or (is_welcome and moment.arrival < moment.window.earliest)


#: For how many half minutes somebody comes, and nobody.
COMING_AND_GOING = st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=8)


def _coming_and_going(spells: list[tuple[int, int]]) -> Iterator[tuple[datetime, bool, str | None]]:
    """Look every half minute while somebody comes at 14:00, and does not: the instant, whether, and what is said."""
    now, certain_at, uncertain_at, since = local("08:00"), None, None, None
    expected = Expected(arrival=local("14:00"), earliest=local("13:40"), latest=local("14:20"))
    promised = TimeWindow(local("13:00"), local("15:00"))
    for coming, going in spells:
        for step in range(coming + going):
            word, comes = None, step < coming
            if comes:
                told = None if certain_at is None else expected.arrival
                window = None if certain_at is None else told_range(expected, promised)
                known = {"arrival": told, "window": window, "at": certain_at, "uncertain_at": uncertain_at}
                decision = decide(expected, Heard(promised=promised, news_since=since, **known), POLICIES, now)
                since = decision.news_since
                if decision.news is not None:
                    word, certain_at = decision.news.value, now
            elif is_to_hear_that_nobody_can_tell(uncertain_at, certain_at, POLICIES, now):
                word, uncertain_at = "uncertain", now
            yield now, comes, word
            now += STEP


@settings(max_examples=100, deadline=None)
@given(COMING_AND_GOING)
def test_nobody_is_told_back_and_forth_that_nobody_can_tell(spells: list[tuple[int, int]]) -> None:
    """However often people come and go: the two words take turns, and a time has stood 20 minutes when it is unsaid."""
    words = [(now, word) for now, _, word in _coming_and_going(spells) if word is not None]

    for (before_at, before), (after_at, after) in pairwise(words):
        assert {before, after} == {"uncertain", "expected"}
        if after == "uncertain":
            assert after_at - before_at >= POLICIES.cooling


@settings(max_examples=100, deadline=None)
@given(COMING_AND_GOING)
def test_nobody_waits_long_for_nobody(spells: list[tuple[int, int]]) -> None:
    """Whom nobody comes to for the cooling time and a look knows it, at the latest then."""
    last, alone_since = None, None
    for now, comes, word in _coming_and_going(spells):
        last = word or last
        alone_since = None if comes else alone_since or now
        if alone_since is not None and now - alone_since > POLICIES.cooling:
            assert last == "uncertain"


@given(st.integers(0, 400), st.integers(0, 90), st.integers(0, 90))
def test_a_range_that_is_told_holds_what_is_expected(minutes: int, before: int, after: int) -> None:
    """On the clock's fives, never before the promised window, and never so narrow that it cannot be true."""
    arrival = local("08:00") + minutes * MINUTE + timedelta(seconds=17)
    expected = Expected(arrival=arrival, earliest=arrival - before * MINUTE, latest=arrival + after * MINUTE)
    told = told_range(expected, PROMISED)

    assert told.earliest >= PROMISED.earliest
    assert told.earliest <= at_the_door(expected, PROMISED) <= told.latest
    assert told.latest - told.earliest >= timedelta(minutes=10)
    assert told.earliest.minute % 5 == told.latest.minute % 5 == 0
    assert told.earliest.second == told.latest.second == 0
