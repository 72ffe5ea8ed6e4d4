"""What a simulated day was like, in figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.problem import TimeWindow
from fieldops.messaging.kinds import ON_THE_DAY, Kind
from fieldops.simulate.day import Diary
from fieldops.simulate.driver import Expectation, ReplanDone
from fieldops.usecases.tell_visit import NEAR

#: A customer looks at what is expected so long before the arrival.
BEFORE: Final = timedelta(hours=1)
#: Customers see a range from so long before the expected arrival on, and look at it so often.
_SHOWN: Final = NEAR
_LOOK: Final = timedelta(minutes=10)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_NEWS: Final = frozenset(
    {Kind.DELAYED.value, Kind.SOONER.value, Kind.UNCERTAIN.value, Kind.EXPECTED.value, Kind.CHANGE.value}
)
_OF_THE_DAY: Final = frozenset(kind.value for kind in ON_THE_DAY) | _NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """
    The day as it was planned.

    Attributes
    ----------
    promised
        Booked windows that end before the day does, by visit id.
    shift_ends
        When work is to be over, by technician id.
    bookings
        How many customers have a booking on the day.
    """

    promised: Mapping[str, TimeWindow]
    bookings: int
    shift_ends: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many."""

    count: int
    total: int

    @property
    def percent(self) -> float:
        """The share; of nothing it is 0."""
        return 100 * self.count / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """
    One day in figures.

    Attributes
    ----------
    promises
        Bookings of the morning that count: neither called off nor with nobody at home.
    broken, never
        Those whose service did not start within the window, and those among them that were not served at all.
    waiting_min
        From the beginning of the window to the start of service, of every customer served; minutes.
    overtime_h, driven_h
        After the ends of the shifts, and on the road, way home included; of all technicians, hours.
    served
        Visits that were begun, whether anybody was promised them or not.
    urgent
        Urgent visits that were begun, of those called in.
    replans
        How many were done.
    moved
        Per replan that changed the plan: how many of the visits ahead somebody else serves now.
    messages, news
        Messages on the day to customers with a booking, and those among them about another time. What goes to one
        customer by two channels is one message.
    bookings
        How many customers have a booking on the day.
    covered_leaving, covered_before
        Arrivals within the range that was expected when the technician left for the visit, and an hour earlier than
        the arrival.
    covered_shown
        Looks at a range that held the arrival, of all looks: every ten minutes while the tracking page shows one, from
        the first of them until the technician is there. Somebody who looks at an instant that nobody has chosen.
    """

    promises: int
    broken: int
    never: int
    waiting_min: tuple[float, ...]
    overtime_h: float
    driven_h: float
    served: int
    urgent: Share
    replans: int
    moved: tuple[Share, ...]
    messages: int
    news: int
    bookings: int
    covered_leaving: Share
    covered_before: Share
    covered_shown: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """
    What the product did on a day.

    Attributes
    ----------
    messages
        Kind, and what it was about: one pair for each message to customers.
    heard_after
        How long after something was reported what is expected then is heard at the latest.
    """

    expected: Mapping[str, Sequence[Expectation]] = field(default_factory=dict)
    replans: Sequence[ReplanDone] = ()
    messages: frozenset[tuple[str, str]] = frozenset()
    heard_after: timedelta = timedelta(0)


def figures_of(morning: Morning, diary: Diary, product: Product) -> DayFigures:
    """Count what a day was like."""
    excused = diary.canceled | diary.not_opened
    counted = {visit_id: window for visit_id, window in morning.promised.items() if visit_id not in excused}
    never = [visit_id for visit_id in counted if visit_id not in diary.starts]
    served = {visit_id: window for visit_id, window in counted.items() if visit_id in diary.starts}
    late = [visit_id for visit_id, window in served.items() if diary.starts[visit_id] > window.latest]
    waits = [max(diary.starts[visit_id] - window.earliest, timedelta(0)) for visit_id, window in served.items()]
    overtime = [
        home - morning.shift_ends[technician_id]
        for technician_id, home in diary.home.items()
        if technician_id in morning.shift_ends
    ]
    told = [kind for kind, _ in product.messages if kind in _OF_THE_DAY]
    # What is expected once somebody has left, not what was expected of somebody who was still at work.
    left = {visit_id: at + product.heard_after for visit_id, at in diary.departures.items()}
    return DayFigures(
        promises=len(counted),
        broken=len(never) + len(late),
        never=len(never),
        waiting_min=tuple(wait / _MINUTE for wait in waits),
        overtime_h=sum(max(over, timedelta(0)) / _HOUR for over in overtime),
        driven_h=diary.driven / _HOUR,
        served=len(diary.starts),
        urgent=Share(count=sum(visit_id in diary.starts for visit_id in diary.urgent), total=len(diary.urgent)),
        replans=len(product.replans),
        moved=tuple(Share(count=done.moved, total=done.ahead) for done in product.replans if done.state == "applied"),
        messages=len(told),
        news=sum(kind in _NEWS for kind in told),
        bookings=morning.bookings,
        covered_leaving=_covered(diary.arrivals, product.expected, left),
        covered_before=_covered(
            diary.arrivals, product.expected, {visit_id: at - BEFORE for visit_id, at in diary.arrivals.items()}
        ),
        covered_shown=_shown(diary.arrivals, product.expected),
    )


def _covered(
    arrivals: Mapping[str, datetime], expected: Mapping[str, Sequence[Expectation]], looked: Mapping[str, datetime]
) -> Share:
    """Count the arrivals within what was expected when somebody looked; when nothing was, it does not count."""
    hits = total = 0
    for visit_id, arrival in arrivals.items():
        shown = _at(expected.get(visit_id, ()), looked[visit_id])
        if shown is not None:
            total += 1
            hits += shown.earliest <= arrival <= shown.latest
    return Share(count=hits, total=total)


def _shown(arrivals: Mapping[str, datetime], expected: Mapping[str, Sequence[Expectation]]) -> Share:
    """Count the looks at a range, and those at one that held the arrival."""
    hits = total = 0
    for visit_id, arrival in arrivals.items():
        expectations = expected.get(visit_id, ())
        look = next((shown.since for shown in expectations if shown.arrival - shown.since <= _SHOWN), arrival)
        while look < arrival:
            shown = _at(expectations, look)
            # What is expected much later now is not shown any more.
            if shown is not None and shown.arrival - look <= _SHOWN:
                total += 1
                hits += shown.earliest <= arrival <= shown.latest
            look += _LOOK
    return Share(count=hits, total=total)


def _at(expectations: Iterable[Expectation], instant: datetime) -> Expectation | None:
    """Find what was expected at an instant."""
    found = None
    for expectation in expectations:
        if expectation.since <= instant:
            found = expectation
    return found
