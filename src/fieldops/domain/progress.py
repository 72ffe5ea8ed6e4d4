"""
What happens to visits on their day: the events people report, and the phases a visit goes through.

Events come late, twice and out of order, for phones lose their connection. So nothing is decided by the order of
arrival: the progress of a visit is what its events say when they are read in the order in which they occurred.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """What was reported: by a technician about a visit or themselves, or by a dispatcher."""

    TRAVEL_STARTED = "travel_started"
    ARRIVED = "arrived"
    STARTED = "started"
    EXTENDED = "extended"
    DELAYED = "delayed"
    DONE = "done"
    COULD_NOT_COMPLETE = "could_not_complete"
    REOPENED = "reopened"
    POSITION = "position"
    NO_SHOW = "no_show"
    CANCELED = "canceled"
    TECHNICIAN_OUT = "technician_out"
    VEHICLE_DOWN = "vehicle_down"
    TECHNICIAN_BACK = "technician_back"
    TRAFFIC = "traffic"
    EMERGENCY = "emergency"


class VisitPhase(StrEnum):
    """Where a visit stands on its day."""

    PLANNED = "planned"
    TRAVELING = "traveling"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


#: What technicians report about visits, and about themselves; everything else is for dispatchers.
TECHNICIANS_KINDS: Final = frozenset(
    {
        EventKind.TRAVEL_STARTED,
        EventKind.ARRIVED,
        EventKind.STARTED,
        EventKind.EXTENDED,
        EventKind.DELAYED,
        EventKind.DONE,
        EventKind.COULD_NOT_COMPLETE,
        EventKind.NO_SHOW,
        EventKind.REOPENED,
        EventKind.POSITION,
        EventKind.TECHNICIAN_OUT,
        EventKind.VEHICLE_DOWN,
        EventKind.TECHNICIAN_BACK,
    }
)
#: Kinds that are about a technician, not about a visit.
ABOUT_TECHNICIANS: Final = frozenset(
    {EventKind.POSITION, EventKind.TECHNICIAN_OUT, EventKind.VEHICLE_DOWN, EventKind.TECHNICIAN_BACK}
)
#: Whoever reports one of these comes to nobody any more.
GOING_OUT: Final = frozenset({EventKind.TECHNICIAN_OUT, EventKind.VEHICLE_DOWN})
#: Kinds that are about a visit.
ABOUT_VISITS: Final = frozenset(EventKind) - ABOUT_TECHNICIANS - {EventKind.TRAFFIC}

#: Phases in which a technician may say when to be expected.
_AHEAD: Final = frozenset({VisitPhase.PLANNED, VisitPhase.TRAVELING})

#: Phases in which somebody is there, and can say that nobody else is.
_THERE: Final = frozenset({VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})

#: Phases after which nothing more happens to a visit, unless its end is taken back.
FINAL_PHASES: Final = frozenset({VisitPhase.DONE, VisitPhase.FAILED, VisitPhase.CANCELED})

#: Ends that may have been reported by mistake. What a dispatcher calls off has been told to its customer.
REOPENABLE: Final = frozenset({VisitPhase.DONE, VisitPhase.FAILED})
#: So long after an end its technician may take it back: a shift. Dispatchers may for longer.
TAKEN_BACK_WITHIN: Final = timedelta(hours=12)

#: By event: the phase it leads to, and the phases it may come in. Steps nobody reported are taken as read. What a
#: dispatcher calls off has been told to its customer: a phone that was silent until then must not undo that.
TRANSITIONS: Final[Mapping[EventKind, tuple[VisitPhase, frozenset[VisitPhase]]]] = {
    EventKind.TRAVEL_STARTED: (VisitPhase.TRAVELING, frozenset({VisitPhase.PLANNED})),
    EventKind.ARRIVED: (VisitPhase.ARRIVED, frozenset({VisitPhase.PLANNED, VisitPhase.TRAVELING})),
    EventKind.STARTED: (
        VisitPhase.IN_PROGRESS,
        frozenset({VisitPhase.PLANNED, VisitPhase.TRAVELING, VisitPhase.ARRIVED}),
    ),
    EventKind.EXTENDED: (VisitPhase.IN_PROGRESS, _AHEAD | _THERE),
    EventKind.DONE: (VisitPhase.DONE, _AHEAD | _THERE),
    EventKind.COULD_NOT_COMPLETE: (VisitPhase.FAILED, _AHEAD | _THERE),
    EventKind.NO_SHOW: (VisitPhase.FAILED, _AHEAD | _THERE),
    EventKind.CANCELED: (VisitPhase.CANCELED, _AHEAD | _THERE | {VisitPhase.FAILED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """
    One thing reported.

    Attributes
    ----------
    id
        Given by whoever reports; the same id is the same event, however often it arrives.
    technician_id, visit_id
        What it is about; None where the kind needs none. A ``no_show`` of a technician is reported at the door, and a
        ``reopened`` of one takes back an own report.
    occurred_at
        When it happened, by the reporter's clock.
    minutes
        ``extended``: how many more than said before.
    expected_at
        ``delayed``: when the technician expects to be there.
    reason
        ``could_not_complete``, ``no_show``, ``canceled``, ``reopened``, ``technician_out``, ``vehicle_down``: for
        people.
    latitude, longitude
        ``position``: degrees, WGS84.
    territory_id, permille
        ``traffic``: where, and what a nominal 1,000 seconds of travel take from then on.
    """

    id: str
    kind: EventKind
    occurred_at: datetime
    technician_id: str | None = None
    visit_id: str | None = None
    minutes: int = 0
    expected_at: datetime | None = None
    reason: str = ""
    latitude: float | None = None
    longitude: float | None = None
    territory_id: str | None = None
    permille: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitProgress:
    """
    What is known of a visit on its day.

    Attributes
    ----------
    technician_id
        Who reported the last step; None = nobody has reported any.
    extension, extended_at
        Time on site asked for beyond the plan, and when it last was; None = it never was.
    expected_at
        Not there before, by the technician's own word; None = nothing was said.
    ignored
        Ids of the events that came in a phase in which they mean nothing.
    """

    visit_id: str
    phase: VisitPhase = VisitPhase.PLANNED
    technician_id: str | None = None
    travel_started_at: datetime | None = None
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    extension: timedelta = timedelta(0)
    extended_at: datetime | None = None
    expected_at: datetime | None = None
    reason: str = ""
    ignored: tuple[str, ...] = field(default=())

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.phase in FINAL_PHASES


def progress_of(visit_id: str, events: Iterable[ProgressEvent]) -> VisitProgress:
    """
    Read the events of one visit in the order in which they occurred; ids break ties.

    Parameters
    ----------
    events
        About the visit, and of `GOING_OUT` about whoever may have been on the way there.

    Notes
    -----
    A visit that somebody was driving to who goes out is still to come. Whoever sets out last comes. A visit whose end
    is taken back stands where it stood before that end. Depends on the set of events alone, not on the order in which
    they are given. O(n log n).
    """
    progress = before_end = VisitProgress(visit_id=visit_id)
    for event in sorted(events, key=lambda event: (event.occurred_at, event.id)):
        if event.kind is EventKind.DELAYED:
            progress = _told(progress, event)
        elif event.kind is EventKind.REOPENED:
            progress = _taken_back(progress, before_end, event)
        elif event.kind in GOING_OUT:
            progress, before_end = _left_behind(progress, event), _left_behind(before_end, event)
        elif event.kind in TRANSITIONS:
            before, progress = progress, _after(progress, event)
            before_end = before if progress.is_over and not before.is_over else before_end
    return progress


def _taken_back(progress: VisitProgress, before_end: VisitProgress, event: ProgressEvent) -> VisitProgress:
    """Let a visit stand where it stood before its end; a technician takes back what is the own word, and soon."""
    may = progress.phase in REOPENABLE
    if event.technician_id is not None and progress.finished_at is not None:
        is_soon = event.occurred_at - progress.finished_at <= TAKEN_BACK_WITHIN
        may = may and is_soon and event.technician_id == progress.technician_id
    if not may:
        return replace(progress, ignored=(*progress.ignored, event.id))
    return replace(before_end, ignored=progress.ignored)


def _told(progress: VisitProgress, event: ProgressEvent) -> VisitProgress:
    """Take down when a technician expects to be there; what was said last counts, and changes no phase."""
    if progress.phase not in _AHEAD:
        return replace(progress, ignored=(*progress.ignored, event.id))
    who = event.technician_id or progress.technician_id
    return replace(progress, technician_id=who, expected_at=event.expected_at)


def _left_behind(progress: VisitProgress, event: ProgressEvent) -> VisitProgress:
    """Let a visit be still to come whose technician does not come any more."""
    if progress.phase not in _AHEAD or event.technician_id != progress.technician_id:
        return progress
    return replace(progress, phase=VisitPhase.PLANNED, technician_id=None, travel_started_at=None, expected_at=None)


def _takes_over(progress: VisitProgress, event: ProgressEvent) -> bool:
    """Tell whether somebody else sets out to where one is on the way to."""
    is_other = event.technician_id is not None and event.technician_id != progress.technician_id
    return is_other and event.kind is EventKind.TRAVEL_STARTED and progress.phase is VisitPhase.TRAVELING


def _after(progress: VisitProgress, event: ProgressEvent) -> VisitProgress:
    """Take one more event into account."""
    phase, allowed = TRANSITIONS[event.kind]
    if event.kind is EventKind.NO_SHOW and event.technician_id is not None:
        # By a technician's own word; a dispatcher may have heard it from anybody.
        allowed = _THERE
    if _takes_over(progress, event):
        progress = replace(progress, phase=VisitPhase.PLANNED, expected_at=None)
    if progress.phase not in allowed:
        return replace(progress, ignored=(*progress.ignored, event.id))
    at = event.occurred_at
    known = replace(progress, phase=phase, technician_id=event.technician_id or progress.technician_id)
    if event.kind is EventKind.TRAVEL_STARTED:
        return replace(known, travel_started_at=at)
    if event.kind is EventKind.ARRIVED:
        return replace(known, arrived_at=at)
    if event.kind is EventKind.STARTED:
        return replace(known, arrived_at=known.arrived_at or at, started_at=at)
    if event.kind is EventKind.EXTENDED:
        longer = known.extension + timedelta(minutes=event.minutes)
        begun = known.started_at or known.arrived_at or at
        return replace(known, started_at=begun, extension=longer, extended_at=at)
    if event.kind is EventKind.DONE:
        return replace(known, started_at=known.started_at or known.arrived_at or at, finished_at=at)
    # What had failed before it was called off was over then.
    return replace(known, finished_at=known.finished_at or at, reason=event.reason)
