"""A visit as somebody asks for it: what can be wrong with it, and how it is stored."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.problem import TimeWindow
from fieldops.domain.technician_faults import MAX_SKILL_LEVEL
from fieldops.domain.value_faults import (
    MAX_DURATION,
    field_path,
    instant_faults,
    money_faults,
    shown,
    whole_number_faults,
    wrong,
)
from fieldops.domain.visit_faults import MAX_PRIORITY
from fieldops.errors import Fault
from fieldops.store.tables import TechnicianRow, TerritoryRow, VisitRow

LONGEST_NAME: Final = 200
MOST_WINDOWS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRequest:
    """
    A visit as somebody asks for it.

    Attributes
    ----------
    duration_s
        Nominal time on site, seconds.
    windows
        Hard windows for the start of service; none = any time.
    allowed_technicians
        None = all.

    Notes
    -----
    The other fields are those of `fieldops.store.tables.VisitRow`.
    """

    duration_s: int
    name: str = ""
    required_skills: Mapping[str, int] = field(default_factory=dict)
    windows: tuple[TimeWindow, ...] = ()
    preferred_window: TimeWindow | None = None
    release_at: datetime | None = None
    due_at: datetime | None = None
    priority: int = 3
    is_mandatory: bool = False
    unassigned_cents: int | None = None
    allowed_technicians: tuple[str, ...] | None = None
    forbidden_technicians: tuple[str, ...] = ()
    preferred_technicians: tuple[str, ...] = ()


def visit_request_faults(
    session: Session, path: str, visit: VisitRequest, territory: TerritoryRow, now: datetime
) -> Iterator[Fault]:
    """
    Report everything that is wrong with a visit that is asked for.

    Parameters
    ----------
    path
        Where the visit stands in the request.
    """
    if len(visit.name) > LONGEST_NAME:
        yield wrong(field_path(path, "name"), visit.name, f"a name of at most {LONGEST_NAME} characters")
    most_s = MAX_DURATION // timedelta(seconds=1)
    yield from whole_number_faults(field_path(path, "duration_s"), visit.duration_s, 1, most_s)
    for skill, level in visit.required_skills.items():
        skill_path = field_path(path, "required_skills", skill)
        if skill not in territory.skills:
            yield wrong(skill_path, skill, f"a skill known to the territory {territory.name}")
        yield from whole_number_faults(skill_path, level, 1, MAX_SKILL_LEVEL)
    yield from _time_faults(path, visit, now)
    yield from whole_number_faults(field_path(path, "priority"), visit.priority, 1, MAX_PRIORITY)
    yield from money_faults(field_path(path, "unassigned_cents"), visit.unassigned_cents)
    yield from _technician_faults(session, path, visit, territory)


def visit_values(visit: VisitRequest) -> dict[str, Any]:
    """Write a visit that is asked for as columns of its row."""
    return {
        "duration_s": visit.duration_s,
        "name": visit.name.strip(),
        "required_skills": dict(visit.required_skills),
        "windows": [_pair(window) for window in visit.windows],
        "preferred_window": [] if visit.preferred_window is None else _pair(visit.preferred_window),
        "release_at": visit.release_at,
        "due_at": visit.due_at,
        "priority": visit.priority,
        "is_mandatory": visit.is_mandatory,
        "unassigned_cents": visit.unassigned_cents,
        "allowed_technicians": None if visit.allowed_technicians is None else list(visit.allowed_technicians),
        "forbidden_technicians": list(visit.forbidden_technicians),
        "preferred_technicians": list(visit.preferred_technicians),
    }


def request_of(row: VisitRow) -> VisitRequest:
    """Read a row as if it were asked for."""
    return VisitRequest(
        duration_s=row.duration_s,
        name=row.name,
        required_skills=dict(row.required_skills),
        windows=tuple(map(window_of, row.windows)),
        preferred_window=window_of(row.preferred_window) if row.preferred_window else None,
        release_at=row.release_at,
        due_at=row.due_at,
        priority=row.priority,
        is_mandatory=row.is_mandatory,
        unassigned_cents=row.unassigned_cents,
        allowed_technicians=None if row.allowed_technicians is None else tuple(row.allowed_technicians),
        forbidden_technicians=tuple(row.forbidden_technicians),
        preferred_technicians=tuple(row.preferred_technicians),
    )


def window_of(pair: list[str]) -> TimeWindow:
    """Read a window of its JSON."""
    earliest, latest = pair
    return TimeWindow(datetime.fromisoformat(earliest), datetime.fromisoformat(latest))


def _time_faults(path: str, visit: VisitRequest, now: datetime) -> Iterator[Fault]:
    """Report windows and bounds that are malformed, turned round, over, or at odds with each other."""
    windows = [(field_path(path, "windows", i), window) for i, window in enumerate(visit.windows[:MOST_WINDOWS])]
    if len(visit.windows) > MOST_WINDOWS:
        yield Fault(
            path=field_path(path, "windows"), found=f"{len(visit.windows)} windows", expected=f"at most {MOST_WINDOWS}"
        )
    preferred = visit.preferred_window
    named = windows if preferred is None else [*windows, (field_path(path, "preferred_window"), preferred)]
    malformed = [
        *(fault for at, window in named for fault in instant_faults(field_path(at, "earliest"), window.earliest)),
        *(fault for at, window in named for fault in instant_faults(field_path(at, "latest"), window.latest)),
        *instant_faults(field_path(path, "release_at"), visit.release_at),
        *instant_faults(field_path(path, "due_at"), visit.due_at),
    ]
    if malformed:
        yield from malformed
        return
    for at, window in named:
        if window.latest < window.earliest:
            expected = f"not before the earliest, {shown(window.earliest)}"
            yield wrong(field_path(at, "latest"), window.latest, expected)
        elif window.latest < now:
            yield wrong(field_path(at, "latest"), window.latest, f"an instant that is not over at {shown(now)}")
    release = visit.release_at
    if release is not None and visit.due_at is not None and visit.due_at <= release:
        yield wrong(field_path(path, "due_at"), visit.due_at, f"after the release, {shown(release)}")
    if release is not None and windows and all(window.latest < release for _, window in windows):
        yield wrong(field_path(path, "release_at"), release, "not after the end of every window")


def _technician_faults(session: Session, path: str, visit: VisitRequest, territory: TerritoryRow) -> Iterator[Fault]:
    """Report technicians nobody knows, and wishes that leave nobody."""
    lists = {
        "allowed_technicians": visit.allowed_technicians,
        "forbidden_technicians": visit.forbidden_technicians,
        "preferred_technicians": visit.preferred_technicians,
    }
    known: Container[str] = ()
    if any(lists.values()):
        known = frozenset(session.scalars(select(TechnicianRow.id).where(TechnicianRow.territory_id == territory.id)))
    for name, ids in lists.items():
        for i, technician_id in enumerate(ids or ()):
            if technician_id not in known:
                expected = f"the id of a technician of the territory {territory.name}"
                yield wrong(field_path(path, name, i), technician_id, expected)
    allowed = visit.allowed_technicians
    if allowed is not None and not set(allowed) - set(visit.forbidden_technicians):
        expected = "somebody who is not forbidden, or null for everybody"
        yield wrong(field_path(path, "allowed_technicians"), list(allowed), expected)


def _pair(window: TimeWindow) -> list[str]:
    """Write a window as JSON, in UTC."""
    return [window.earliest.astimezone(UTC).isoformat(), window.latest.astimezone(UTC).isoformat()]
