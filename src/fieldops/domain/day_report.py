"""
What is reported of a day under way in one piece: how it differs from its plan so far, and what is wrong with that.

Whoever and whatever is not mentioned is where the plan has it at that instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from fieldops.domain.horizon import horizon_of
from fieldops.domain.problem import Problem, Told
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.value_faults import decimal_faults, field_path, shown, whole_number_faults, wrong
from fieldops.errors import Fault


class Outcome(StrEnum):
    """How a visit ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where somebody was seen, and when; degrees, WGS84."""

    latitude: float
    longitude: float
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianReport:
    """
    What is different about a technician.

    Attributes
    ----------
    late
        The visit at which the plan has the technician now, or has had last, takes so much longer than planned.
    out_since
        Sick or without a vehicle from then on; None = is not.
    """

    technician_id: str
    late: timedelta = timedelta(0)
    out_since: datetime | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReport:
    """
    What is different about a visit.

    Attributes
    ----------
    technician_id
        Who is or was there; None = whose route it is on.
    travel_started_at, arrived_at, started_at, finished_at
        Steps made; the last one says where it stands. None of them and no outcome = it went as planned so far.
    outcome
        How it ended; None = done if it is finished.
    extension
        Time on site asked for beyond the plan.
    duration
        Nominal time on site, where it is not what the problem says.
    told
        What its customer was told.
    """

    visit_id: str
    technician_id: str | None = None
    travel_started_at: datetime | None = None
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    extension: timedelta = timedelta(0)
    duration: timedelta | None = None
    told: Told | None = None

    @property
    def steps(self) -> list[tuple[str, datetime]]:
        """The steps made, by name, in the order in which they are made."""
        names = ("travel_started_at", "arrived_at", "started_at", "finished_at")
        return [(name, at) for name in names if (at := getattr(self, name)) is not None]

    @property
    def phase(self) -> VisitPhase | None:
        """Where it stands; None = as planned."""
        if self.outcome is not None:
            return VisitPhase(self.outcome.value)
        phases = {
            "travel_started_at": VisitPhase.TRAVELING,
            "arrived_at": VisitPhase.ARRIVED,
            "started_at": VisitPhase.IN_PROGRESS,
            "finished_at": VisitPhase.DONE,
        }
        return phases[self.steps[-1][0]] if self.steps else None

    def progress(self, technician_id: str | None, now: datetime) -> VisitProgress:
        """Say the same as its events would have."""
        phase = self.phase or VisitPhase.PLANNED
        is_over = self.outcome is not None or self.finished_at is not None
        started_at = self.started_at or (self.arrived_at if phase is VisitPhase.DONE else None)
        return VisitProgress(
            visit_id=self.visit_id,
            phase=phase,
            technician_id=self.technician_id or technician_id,
            travel_started_at=self.travel_started_at,
            arrived_at=self.arrived_at or started_at,
            started_at=started_at,
            finished_at=self.finished_at or (now if is_over else None),
            extension=self.extension,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """
    A day under way, as far as it is not as planned.

    Attributes
    ----------
    freeze
        Visits that begin so soon are not moved any more.
    travel_permille
        What a nominal 1,000 seconds of travel take now.
    """

    now: datetime
    freeze: timedelta = timedelta(minutes=15)
    travel_permille: int = 1_000
    technicians: tuple[TechnicianReport, ...] = ()
    visits: tuple[VisitReport, ...] = ()


def day_report_faults(report: DayReport, problem: Problem) -> list[Fault]:
    """List everything that is wrong with a report of a problem's day, in the order of the document."""
    return list(_report_faults(report, problem))


def _report_faults(report: DayReport, problem: Problem) -> Iterator[Fault]:
    horizon = horizon_of(problem)
    if report.now not in horizon:
        expected = f"an instant from {shown(horizon.earliest)} to {shown(horizon.latest)}, the days of the problem"
        yield wrong("now", report.now, expected)
    yield from whole_number_faults("travel_permille", report.travel_permille, 100, 10_000)
    people = {technician.id for technician in problem.technicians}
    seen: set[str] = set()
    for pos, person in enumerate(report.technicians):
        path = field_path("technicians", pos)
        yield from _known_once(field_path(path, "technician_id"), person.technician_id, people, seen, "technician")
        yield from _technician_faults(path, person, report.now, problem)
    visits, seen = {visit.id for visit in problem.visits}, set()
    for pos, visit in enumerate(report.visits):
        path = field_path("visits", pos)
        yield from _known_once(field_path(path, "visit_id"), visit.visit_id, visits, seen, "visit")
        yield from _visit_faults(path, visit, report.now, people)


def _known_once(path: str, name: str, known: set[str], seen: set[str], kind: str) -> Iterator[Fault]:
    """Report a name that the problem does not have, or that was there before."""
    if name not in known:
        yield wrong(path, name, f"a {kind} of the problem")
    elif name in seen:
        yield wrong(path, name, f"a {kind} that is not listed before")
    seen.add(name)


def _technician_faults(path: str, person: TechnicianReport, now: datetime, problem: Problem) -> Iterator[Fault]:
    if person.late < timedelta(0):
        yield wrong(field_path(path, "late_s"), person.late, "0 s or more")
    position = person.position
    if position is None:
        return
    at = field_path(path, "position")
    yield from decimal_faults(field_path(at, "latitude"), position.latitude, -90, 90, "degrees")
    yield from decimal_faults(field_path(at, "longitude"), position.longitude, -180, 180, "degrees")
    if position.seen_at > now:
        yield wrong(field_path(at, "seen_at"), position.seen_at, f"not after now, {shown(now)}")
    if problem.travel.kind == "matrix":
        expected = "none: a travel matrix knows the places of the problem only"
        yield Fault(path=at, found="a position", expected=expected)


def _visit_faults(path: str, visit: VisitReport, now: datetime, people: set[str]) -> Iterator[Fault]:
    if visit.technician_id is not None and visit.technician_id not in people:
        yield wrong(field_path(path, "technician_id"), visit.technician_id, "a technician of the problem")
    for name, at in visit.steps:
        if at > now:
            yield wrong(field_path(path, name), at, f"not after now, {shown(now)}")
    for (before, earlier), (name, at) in pairwise(visit.steps):
        if at < earlier:
            yield wrong(field_path(path, name), at, f"not before {before}, {shown(earlier)}")
    if visit.finished_at is not None and visit.started_at is None and visit.arrived_at is None:
        yield Fault(path=field_path(path, "started_at"), found="nothing", expected="when what is finished began")
    if visit.extension < timedelta(0):
        yield wrong(field_path(path, "extended_s"), visit.extension, "0 s or more")
    if visit.duration is not None and not timedelta(seconds=1) <= visit.duration <= timedelta(days=14):
        yield wrong(field_path(path, "duration_s"), visit.duration, "from 1 s to 14 days")
    told = visit.told
    if told is not None and told.technician_id is not None and told.technician_id not in people:
        yield wrong(field_path(path, "told", "technician_id"), told.technician_id, "a technician of the problem")
    if told is not None and told.window is not None and told.window.latest < told.window.earliest:
        expected = f"not before the earliest, {shown(told.window.earliest)}"
        yield wrong(field_path(path, "told", "window", "latest"), told.window.latest, expected)
