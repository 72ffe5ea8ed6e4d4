"""One simulated day: technicians work, things happen, and the product hears of it at the moment it does."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Final

from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.simulate.driver import DayAhead, Driver
from fieldops.simulate.happenings import Happening, Happens
from fieldops.simulate.technician import Drive, Worker
from fieldops.simulate.world import World

_OUT: Final = {Happens.SICK: EventKind.TECHNICIAN_OUT, Happens.VEHICLE_DOWN: EventKind.VEHICLE_DOWN}


@dataclass(slots=True, kw_only=True)
class Diary:
    """
    What really happened.

    Attributes
    ----------
    arrivals, starts, finishes
        By visit id.
    served_by
        Who began a visit.
    not_opened, canceled
        Visits at which nobody opened, and those that were called off.
    urgent
        Visits that were called in on the day.
    departures
        When somebody left for a visit.
    home
        By technician id, when everybody was home again; whoever fell ill or served nobody is not in it.
    driven
        Time on the road, all together.
    reported
        Every event, in the order in which it was reported.
    """

    departures: dict[str, datetime] = field(default_factory=dict)
    arrivals: dict[str, datetime] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)
    finishes: dict[str, datetime] = field(default_factory=dict)
    served_by: dict[str, str | None] = field(default_factory=dict)
    not_opened: set[str] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    urgent: list[str] = field(default_factory=list)
    home: dict[str, datetime] = field(default_factory=dict)
    driven: timedelta = timedelta(0)
    reported: list[ProgressEvent] = field(default_factory=list)

    def note(self, event: ProgressEvent) -> None:
        """Write an event down."""
        self.reported.append(event)
        if event.visit_id is None:
            return
        if event.kind is EventKind.TRAVEL_STARTED:
            self.departures[event.visit_id] = event.occurred_at
        elif event.kind is EventKind.ARRIVED:
            self.arrivals[event.visit_id] = event.occurred_at
            self.driven += event.occurred_at - self.departures[event.visit_id]
        elif event.kind is EventKind.STARTED:
            self.starts[event.visit_id] = event.occurred_at
            self.served_by[event.visit_id] = event.technician_id
        elif event.kind is EventKind.DONE:
            self.finishes[event.visit_id] = event.occurred_at
        elif event.kind is EventKind.NO_SHOW:
            self.not_opened.add(event.visit_id)
        elif event.kind is EventKind.CANCELED:
            self.canceled.add(event.visit_id)


def run_day(
    driver: Driver,
    world: World,
    drive: Drive,
    happenings: Sequence[Happening],
    begin: datetime,
    end: datetime,
    *,
    seen_every: timedelta | None = None,
) -> Diary:
    """
    Run a day to its end.

    Parameters
    ----------
    drive
        Expected time of a drive between two places.
    begin, end
        Nobody does anything before, and everybody stops where they are after.
    seen_every
        How often phones report where they are on the way to a visit; None = never: then expectations, and with them
        the figures of a day, rest on what technicians report by hand.

    Notes
    -----
    Events of one instant come in the order in which they became known; so a day is the same whenever it is run.
    """
    diary, order = Diary(), count()
    phones = {phone.technician_id: phone for phone in driver.days()}
    taken: set[str] = set()
    workers = {
        phone.technician_id: Worker(
            technician_id=phone.technician_id,
            key=phone.key,
            world=world,
            drive=drive,
            here=phone.start_place,
            free_at=begin,
            taken=taken,
            seen_every=seen_every,
        )
        for phone in phones.values()
    }
    agenda: list[tuple[datetime, int, str | Happening]] = []
    for happening in happenings:
        heapq.heappush(agenda, (happening.at, next(order), happening))
    for technician_id, worker in workers.items():
        heapq.heappush(agenda, (worker.free_at, next(order), technician_id))
    while agenda:
        at, _, who = heapq.heappop(agenda)
        if at > end:
            break
        driver.advance(at)
        if isinstance(who, Happening):
            for interrupted in _happen(who, driver, workers, diary):
                heapq.heappush(agenda, (at, next(order), interrupted))
            continue
        worker = workers[who]
        planned = worker.next_at()
        if planned is None or planned > at:
            # Something has come between since this was put on the agenda, and has put on it what comes instead.
            continue
        event = worker.do(at, partial(_phone, driver, who))
        if event is not None:
            diary.note(event)
            driver.report([event])
        soonest = worker.next_at()
        if soonest is not None:
            heapq.heappush(agenda, (max(soonest, at), next(order), who))
    driver.advance(end)
    _drive_home(driver, world, drive, workers, diary)
    return diary


def _phone(driver: Driver, technician_id: str) -> DayAhead | None:
    """Show a technician's own day."""
    return next((phone for phone in driver.days() if phone.technician_id == technician_id), None)


def _drive_home(driver: Driver, world: World, drive: Drive, workers: dict[str, Worker], diary: Diary) -> None:
    """Let everybody who has worked get home."""
    for phone in driver.days():
        worker = workers.get(phone.technician_id)
        if worker is None or worker.is_out or worker.at is not None or worker.last_at is None:
            continue
        way = timedelta(0)
        if phone.end_place is not None:
            way = world.travel(worker.key, "home", drive(worker.here, phone.end_place), worker.last_at)
        diary.home[phone.technician_id] = worker.last_at + way
        diary.driven += way


def _happen(happening: Happening, driver: Driver, workers: dict[str, Worker], diary: Diary) -> list[str]:
    """Let a disruption come true, and name the technicians who have something else to do now."""
    interrupted = []
    if happening.kind in _OUT:
        worker = workers.get(happening.technician_id)
        if worker is None or worker.is_out:
            return []
        worker.stop()
        event = ProgressEvent(
            id=f"{happening.technician_id}:{happening.kind.value}",
            kind=_OUT[happening.kind],
            occurred_at=happening.at,
            technician_id=happening.technician_id,
            reason="fell ill" if happening.kind is Happens.SICK else "the vehicle broke down",
        )
    elif happening.kind is Happens.CANCELED:
        visit_id = happening.visit_id
        if visit_id in diary.starts or visit_id in diary.not_opened:
            return []
        interrupted = [who for who, worker in workers.items() if worker.drop(visit_id, happening.at)]
        event = ProgressEvent(
            id=f"{visit_id}:canceled",
            kind=EventKind.CANCELED,
            occurred_at=happening.at,
            visit_id=visit_id,
            reason="the customer called off",
        )
    else:
        visit_id = driver.call_in(happening.visit_id, happening.number)
        diary.urgent.append(visit_id)
        event = ProgressEvent(
            id=f"{visit_id}:emergency",
            kind=EventKind.EMERGENCY,
            occurred_at=happening.at,
            visit_id=visit_id,
            reason="called in",
        )
    diary.note(event)
    driver.report([event])
    return interrupted
