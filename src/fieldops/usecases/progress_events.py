"""What is reported of a day under way: what may be wrong with it, who may report it, and what comes back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.progress import (
    ABOUT_TECHNICIANS,
    ABOUT_VISITS,
    TECHNICIANS_KINDS,
    EventKind,
    ProgressEvent,
    VisitPhase,
)
from fieldops.domain.value_faults import decimal_faults, field_path, instant_faults, whole_number_faults, wrong
from fieldops.errors import EventDiffers, Fault, Forbidden, InvalidInput, NotFound
from fieldops.store.tables import ProgressEventRow
from fieldops.usecases.actor import Actor, Role

#: What an event that came before has to say again.
_SAID: Final = (
    *("kind", "occurred_at", "visit_id", "minutes", "expected_at", "reason"),
    *("latitude", "longitude", "permille"),
)
#: Clocks may be ahead of ours by so much.
AHEAD: Final = timedelta(minutes=2)
#: Events may come so late: a phone that was in a drawer over a long weekend.
LATE: Final = timedelta(days=7)
#: A technician asks for at most a working day more.
MOST_MINUTES: Final = 600
LEAST_PERMILLE: Final = 200
MOST_PERMILLE: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReceipt:
    """
    What became of an event.

    Attributes
    ----------
    is_repeated
        It was known already.
    is_ignored
        It came in a phase in which it means nothing; it is kept all the same.
    phase
        Of the visit it is about, as it is now.
    """

    id: str
    is_repeated: bool = False
    is_ignored: bool = False
    visit_id: str | None = None
    phase: VisitPhase | None = None


def judge(events: Sequence[ProgressEvent], now: datetime) -> None:
    """
    Judge what was reported, before anything is looked up.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    faults = [fault for pos, event in enumerate(events) for fault in _faults(field_path("events", pos), event, now)]
    if faults:
        raise InvalidInput(faults)


def _faults(path: str, event: ProgressEvent, now: datetime) -> Iterator[Fault]:
    """Report what is wrong with one event."""
    at = field_path(path, "occurred_at")
    if event.occurred_at.utcoffset() is None:
        yield from instant_faults(at, event.occurred_at)
    elif event.occurred_at > now + AHEAD:
        yield wrong(at, event.occurred_at, f"not after {(now + AHEAD).isoformat()}: no clock is trusted further")
    elif event.occurred_at < now - LATE:
        yield wrong(at, event.occurred_at, f"not before {(now - LATE).isoformat()}: {LATE.days} days are kept open")
    for name, is_needed in (
        ("visit_id", event.kind in ABOUT_VISITS),
        ("technician_id", event.kind in ABOUT_TECHNICIANS),
        ("territory_id", event.kind is EventKind.TRAFFIC),
    ):
        if is_needed and not getattr(event, name):
            yield wrong(field_path(path, name), getattr(event, name), f"an id: {event.kind.value} is about one")
    if event.kind is EventKind.EXTENDED:
        yield from whole_number_faults(field_path(path, "minutes"), event.minutes, 1, MOST_MINUTES)
    if event.kind is EventKind.COULD_NOT_COMPLETE and not event.reason.strip():
        yield wrong(
            field_path(path, "reason"), event.reason, "why it could not be done: whoever plans it anew needs it"
        )
    if event.kind is EventKind.DELAYED:
        yield from _expectation_faults(field_path(path, "expected_at"), event)
    if event.kind is EventKind.TRAFFIC:
        permille = 0 if event.permille is None else event.permille
        yield from whole_number_faults(field_path(path, "permille"), permille, LEAST_PERMILLE, MOST_PERMILLE)
    if event.kind is EventKind.POSITION:
        for name, value, bound in (("latitude", event.latitude, 90.0), ("longitude", event.longitude, 180.0)):
            if value is None:
                yield wrong(field_path(path, name), value, f"degrees from -{bound:g} to {bound:g}")
            else:
                yield from decimal_faults(field_path(path, name), value, -bound, bound, "degrees")


def _expectation_faults(path: str, event: ProgressEvent) -> Iterator[Fault]:
    """Report what is wrong with when somebody says to be there."""
    said = event.expected_at
    if said is None:
        yield wrong(path, said, "an instant: delayed says when the technician expects to be there")
    elif said.utcoffset() is None or event.occurred_at.utcoffset() is None:
        yield from instant_faults(path, said)
    elif not event.occurred_at < said <= event.occurred_at + timedelta(minutes=MOST_MINUTES):
        yield wrong(path, said, f"an instant after occurred_at, by at most {MOST_MINUTES} minutes")


def require_reporter(actor: Actor, events: Sequence[ProgressEvent]) -> None:
    """
    Let technicians report what is theirs to report, of themselves.

    Raises
    ------
    Forbidden
        When a technician reports what only dispatchers do.
    NotFound
        When a technician reports of somebody else.
    """
    if actor.role is not Role.TECHNICIAN:
        return
    for event in events:
        if event.kind not in TECHNICIANS_KINDS:
            raise Forbidden(
                f"technicians do not report {event.kind.value}: a dispatcher does",
                details={"kind": event.kind.value, "event_id": event.id},
            )
        if event.technician_id not in {None, actor.technician_id}:
            raise NotFound("technician", str(event.technician_id))


def data_of(event: ProgressEvent) -> dict[str, Any]:
    """Give what an event says besides its columns, as it is stored."""
    given = {
        "minutes": event.minutes or None,
        "expected_at": None if event.expected_at is None else event.expected_at.isoformat(),
        "reason": event.reason or None,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "permille": event.permille,
    }
    return {name: value for name, value in given.items() if value is not None}


def event_of_row(row: ProgressEventRow | Any) -> ProgressEvent:
    """Make an event of its row."""
    data: Mapping[str, Any] = row.data
    expected_at = data.get("expected_at")
    return ProgressEvent(
        id=row.id,
        kind=EventKind(row.kind),
        occurred_at=row.occurred_at,
        technician_id=row.technician_id,
        visit_id=row.visit_id,
        minutes=data.get("minutes", 0),
        expected_at=None if expected_at is None else datetime.fromisoformat(expected_at),
        reason=data.get("reason", ""),
        latitude=data.get("latitude"),
        longitude=data.get("longitude"),
        territory_id=row.territory_id,
        permille=data.get("permille"),
    )


def require_same(known: ProgressEvent, event: ProgressEvent) -> None:
    """
    Make sure that an event that came back is the one that is known.

    Raises
    ------
    EventDiffers
        When it is not; naming the fields.

    Notes
    -----
    What was left out and filled in when it came first may be left out again.
    """
    differing = [name for name in _SAID if getattr(known, name) != getattr(event, name)]
    for name in ("technician_id", "territory_id"):
        if getattr(event, name) not in {None, getattr(known, name)}:
            differing.append(name)
    if differing:
        raise EventDiffers(
            f"the event {event.id} was reported before with another {differing[0]}",
            details={"event_id": event.id, "fields": differing},
        )


def known_events(session: Session, ids: Sequence[str]) -> dict[str, ProgressEvent]:
    """Look up which events of these ids are known already."""
    found = session.execute(select(ProgressEventRow.__table__).where(ProgressEventRow.id.in_(list(ids))))
    return {row.id: event_of_row(row) for row in found}
