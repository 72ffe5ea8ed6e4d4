"""A technician on a simulated day: drives, waits, works and reports, as the phone says and as the world has it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from fieldops.domain.problem import Place
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.simulate.driver import BreakAhead, DayAhead, StopAhead
from fieldops.simulate.world import World

#: What somebody says who will take longer is a round number.
_ROUND = timedelta(minutes=15)
#: Who has nothing to do looks at the phone so often.
_LOOK = timedelta(minutes=1)

#: Gives the expected time of a drive.
Drive = Callable[[Place, Place], timedelta]


@dataclass(frozen=True, slots=True)
class Step:
    """What a technician does next: at an instant, something happens that may be reported."""

    at: datetime
    event: ProgressEvent | None = None


@dataclass(slots=True, kw_only=True)
class Worker:
    """
    One technician; what comes next depends on the phone at the moment at which it is looked at.

    Attributes
    ----------
    key
        What luck is named after.
    here
        Where the technician is, or is driven to.
    free_at
        When the next thing can begin.
    over
        Visits behind, in order.
    taken
        Visits that anybody has set out for; nobody else does, whatever an old plan on a phone says.
    at
        The visit that is being driven to or served; None = free.
    is_out
        Sick or without a vehicle.
    last_at
        When the last visit was left; None = there was none.
    seen_every
        How often the phone reports where it is on the way to a visit; None = never.
    """

    technician_id: str
    key: str
    world: World
    drive: Drive
    here: Place
    free_at: datetime
    taken: set[str]
    over: list[str] = field(default_factory=list)
    at: StopAhead | None = None
    last_at: datetime | None = None
    breaks_taken: int = 0
    is_out: bool = False
    seen_every: timedelta | None = None
    _steps: list[Step] = field(default_factory=list)

    def next_at(self) -> datetime | None:
        """Tell when the technician will do something next; None = when the phone says something new."""
        if self._steps:
            return self._steps[0].at
        return None if self.is_out else self.free_at

    def do(self, now: datetime, show: Callable[[], DayAhead | None]) -> ProgressEvent | None:
        """
        Do what is to be done now, and return what is reported of it.

        Parameters
        ----------
        show
            Shows the day on the phone; only looked at when it is open what comes next.
        """
        if self._steps:
            step = self._steps.pop(0)
            if not self._steps and self.at is not None:
                self.over.append(self.at.visit_id)
                self.at = None
                self.free_at = self.last_at = step.at
            return step.event
        self._look_at(now, show())
        if self._steps and self._steps[0].at <= now:
            return self._steps.pop(0).event
        return None

    def stop(self) -> None:
        """Go home: work that was begun stays as it is, and somebody else may set out for what was not."""
        self.is_out = True
        if self.at is not None and any(step.event and step.event.kind is EventKind.STARTED for step in self._steps):
            self.taken.discard(self.at.visit_id)
        self._steps.clear()
        self.at = None

    def drop(self, visit_id: str, now: datetime) -> bool:
        """Hear that the visit that is driven to is not wanted any more; tell whether it was this one."""
        if self.at is None or self.at.visit_id != visit_id:
            return False
        self._steps.clear()
        self.over.append(visit_id)
        self.at = None
        self.free_at = now
        return True

    def _look_at(self, now: datetime, phone: DayAhead | None) -> None:
        """Decide what to do next by what the phone shows."""
        self.free_at = now + _LOOK
        if phone is None:
            return
        if not self.over and now < phone.leaves_at:
            self.free_at = min(phone.leaves_at, now + _LOOK)
            return
        pause = next(iter(phone.breaks[self.breaks_taken :]), None)
        if pause is not None and pause.after_visits > len(self.over):
            pause = None
        stop = next(iter(self._ahead(phone)), None)
        if pause is not None and (pause.not_before <= now or stop is None):
            self.breaks_taken += 1
            self.free_at = max(now, pause.not_before) + pause.duration
            return
        if stop is not None:
            # Nobody waits for a break that may not begin yet.
            steps = list(self._serve(stop, now, pause))
            # Of two things at one instant the first of the visit comes first.
            self._steps = sorted([*steps, *self._seen(stop, now, steps[1].at)], key=lambda step: step.at)
            self.at, self.here = stop, stop.place
            self.taken.add(stop.visit_id)

    def _seen(self, stop: StopAhead, left_at: datetime, arrival: datetime) -> Iterator[Step]:
        """Say where the phone is on the way: on the straight line, as far along it as the drive is."""
        if self.seen_every is None:
            return
        here, there = self.here, stop.place
        for number in range(1, -(-(arrival - left_at) // self.seen_every)):
            at = left_at + number * self.seen_every
            share = (at - left_at) / (arrival - left_at)
            event = ProgressEvent(
                id=f"{stop.visit_id}:{self.technician_id}:seen-{number:02}",
                kind=EventKind.POSITION,
                occurred_at=at,
                technician_id=self.technician_id,
                latitude=here.latitude + share * (there.latitude - here.latitude),
                longitude=here.longitude + share * (there.longitude - here.longitude),
            )
            yield Step(at, event)

    def _ahead(self, phone: DayAhead) -> list[StopAhead]:
        """List what nobody has set out for yet."""
        return [stop for stop in phone.stops if stop.visit_id not in self.taken]

    def _serve(self, stop: StopAhead, now: datetime, pause: BreakAhead | None) -> Iterator[Step]:
        """Say how a visit goes, from leaving for it to leaving it; a break that is due at the door comes first."""
        numbers = count(1)

        def step(at: datetime, kind: EventKind, *, minutes: int = 0, reason: str = "") -> Step:
            # Events of one instant count in the order of their ids.
            event = ProgressEvent(
                id=f"{stop.visit_id}:{self.technician_id}:{next(numbers):02}-{kind.value}",
                kind=kind,
                occurred_at=at,
                technician_id=self.technician_id,
                visit_id=stop.visit_id,
                minutes=minutes,
                reason=reason,
            )
            return Step(at, event)

        arrival = now + self.world.travel(self.key, stop.key, self.drive(self.here, stop.place), now)
        yield step(now, EventKind.TRAVEL_STARTED)
        yield step(arrival, EventKind.ARRIVED)
        ready = arrival
        if pause is not None and pause.not_before <= arrival:
            self.breaks_taken += 1
            ready += pause.duration
        start = max(ready, stop.not_before or ready)
        if not self.world.opens(stop.key):
            waited = timedelta(minutes=self.world.assumptions.no_access_minutes)
            yield step(start + waited, EventKind.NO_SHOW, reason="nobody opened")
            return
        yield step(start, EventKind.STARTED)
        taken = self.world.on_site(stop.key, stop.name, self.key, stop.planned)
        said = stop.planned
        while taken > said:
            longer = _ROUND * max(1, -(-(taken - said) // _ROUND))
            # People are too hopeful the first time.
            asked = min(longer, 2 * _ROUND) if said == stop.planned else longer
            yield step(start + said, EventKind.EXTENDED, minutes=asked // timedelta(minutes=1))
            said += asked
        yield step(start + taken, EventKind.DONE)
