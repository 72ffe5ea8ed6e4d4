"""What can be wrong with a visit and with what people have pinned."""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.horizon import start_windows
from fieldops.domain.problem import Pin, Technician, TimeWindow, Visit
from fieldops.domain.technician_faults import skill_level_faults
from fieldops.domain.value_faults import (
    duration_faults,
    field_path,
    instant_faults,
    money_faults,
    shown,
    unknown_faults,
    whole_number_faults,
    wrong,
)
from fieldops.errors import Fault

MAX_PRIORITY: Final = 5
_MOST_SEQUENCE: Final = 1_000_000
#: A due time or a promise further from the horizon is a slip of the pen.
_REACH: Final = timedelta(days=3_653)


def visit_faults(
    path: str,
    visit: Visit,
    places: Container[str],
    skills: Container[str],
    technicians: Mapping[str, Technician],
    horizon: TimeWindow | None,
) -> Iterator[Fault]:
    """
    Report what is wrong with one visit.

    Parameters
    ----------
    path
        Where the visit stands in the document.
    places, skills, technicians
        Ids of all places, names of all skills, technicians by id.
    horizon
        None when it is not known; nothing is compared with it then.
    """
    yield from unknown_faults(field_path(path, "place_id"), [visit.place_id], places, "the id of a place")
    yield from duration_faults(field_path(path, "duration_s"), visit.duration)
    yield from skill_level_faults(field_path(path, "required_skills"), visit.required_skills, skills)
    for name, ids in (
        ("allowed_technicians", visit.allowed_technicians or frozenset()),
        ("forbidden_technicians", visit.forbidden_technicians),
        ("preferred_technicians", visit.preferred_technicians),
    ):
        yield from unknown_faults(field_path(path, name), ids, technicians, "the id of a technician")
    yield from whole_number_faults(field_path(path, "priority"), visit.priority, 1, MAX_PRIORITY)
    yield from money_faults(field_path(path, "unassigned_cost_cents"), visit.unassigned_cost)
    if visit.told is not None and visit.told.window is not None:
        yield from _told_faults(field_path(path, "told", "window"), visit.told.window)
    time_faults = list(_time_faults(path, visit, horizon))
    yield from time_faults
    if visit.pin is not None:
        span = None if time_faults else horizon
        yield from _pin_faults(field_path(path, "pin"), visit.pin, visit, technicians, span)


def _time_faults(path: str, visit: Visit, horizon: TimeWindow | None) -> Iterator[Fault]:
    malformed = list(_malformed_instants(path, visit))
    if malformed:
        yield from malformed
        return
    inverted = False
    for window_path, window in _windows(path, visit):
        if window.latest < window.earliest:
            inverted = True
            yield wrong(
                field_path(window_path, "latest"), window.latest, f"not before the earliest, {shown(window.earliest)}"
            )
    if inverted or horizon is None:
        return
    outside = list(_horizon_faults(path, visit, horizon))
    yield from outside
    if not outside and not start_windows(visit, horizon):
        expected = "a start of service that windows, promised window, release and horizon all allow"
        yield Fault(path=path, found="none", expected=expected)


def _windows(path: str, visit: Visit) -> Iterator[tuple[str, TimeWindow]]:
    for i, window in enumerate(visit.windows):
        yield field_path(path, "windows", i), window
    if visit.promised_window is not None:
        yield field_path(path, "promised_window"), visit.promised_window
    if visit.preferred_window is not None:
        yield field_path(path, "preferred_window"), visit.preferred_window


def _told_faults(path: str, window: TimeWindow) -> Iterator[Fault]:
    """Report a told window that is none; one of another day is only missed, and a technician may be gone."""
    malformed = [
        *instant_faults(field_path(path, "earliest"), window.earliest),
        *instant_faults(field_path(path, "latest"), window.latest),
    ]
    yield from malformed
    if not malformed and window.latest < window.earliest:
        yield wrong(field_path(path, "latest"), window.latest, f"not before the earliest, {shown(window.earliest)}")


def _malformed_instants(path: str, visit: Visit) -> Iterator[Fault]:
    for window_path, window in _windows(path, visit):
        yield from instant_faults(field_path(window_path, "earliest"), window.earliest)
        yield from instant_faults(field_path(window_path, "latest"), window.latest)
    yield from instant_faults(field_path(path, "release"), visit.release)
    yield from instant_faults(field_path(path, "due"), visit.due)
    if visit.pin is not None:
        yield from instant_faults(field_path(path, "pin", "start"), visit.pin.start)


def _horizon_faults(path: str, visit: Visit, horizon: TimeWindow) -> Iterator[Fault]:
    span = f"{shown(horizon.earliest)} to {shown(horizon.latest)}"
    for window_path, window in _windows(path, visit):
        if window.latest < horizon.earliest or window.earliest > horizon.latest:
            found = f"{shown(window.earliest)} to {shown(window.latest)}"
            yield Fault(path=window_path, found=found, expected=f"a window that overlaps the horizon, {span}")
            continue
        # Hard windows may be open on a side, to the end of the calendar; they are cut by the horizon anyway.
        for name, bound in (("earliest", window.earliest), ("latest", window.latest)):
            if not window_path.endswith("]") and not _is_in_reach(bound, horizon):
                yield wrong(field_path(window_path, name), bound, f"within ten years of the horizon, {span}")
    if visit.release is not None and visit.release > horizon.latest:
        yield wrong(field_path(path, "release"), visit.release, f"before the horizon ends, {shown(horizon.latest)}")
    if visit.due is not None and not _is_in_reach(visit.due, horizon):
        yield wrong(field_path(path, "due"), visit.due, f"within ten years of the horizon, {span}")


def _is_in_reach(instant: datetime, horizon: TimeWindow) -> bool:
    return -_REACH <= instant - horizon.earliest <= _REACH


def _pin_faults(
    path: str, pin: Pin, visit: Visit, technicians: Mapping[str, Technician], horizon: TimeWindow | None
) -> Iterator[Fault]:
    yield from whole_number_faults(field_path(path, "sequence"), pin.sequence, 0, _MOST_SEQUENCE)
    if pin.sequence is not None and pin.technician_id is None:
        yield wrong(field_path(path, "sequence"), pin.sequence, "a pinned technician along with the rank")
    if horizon is not None and pin.start is not None:
        yield from _pinned_start_faults(field_path(path, "start"), pin, visit, horizon)
    if pin.technician_id is None:
        return
    technician_path = field_path(path, "technician_id")
    technician = technicians.get(pin.technician_id)
    if technician is None:
        yield wrong(technician_path, pin.technician_id, "the id of a technician of this problem")
        return
    yield from _eligibility_faults(technician_path, visit, technician)
    if horizon is not None and not _has_shift_for(visit, pin, technician, horizon):
        if pin.start is None:
            expected = "a technician with a shift during the visit's windows"
        else:
            expected = f"a technician with a shift that covers the service from {shown(pin.start)}"
        yield wrong(technician_path, technician.id, expected)


def _pinned_start_faults(path: str, pin: Pin, visit: Visit, horizon: TimeWindow) -> Iterator[Fault]:
    assert pin.start is not None, "called for pinned starts"
    promised = visit.promised_window
    if promised is not None and pin.start > promised.latest:
        yield wrong(path, pin.start, f"not after the promised window, {shown(promised.latest)}")
        return
    windows = start_windows(visit, horizon)
    if not any(pin.start in window for window in windows):
        allowed = " or ".join(f"{shown(window.earliest)} to {shown(window.latest)}" for window in windows)
        yield wrong(path, pin.start, f"a start the visit allows: {allowed}")


def _eligibility_faults(path: str, visit: Visit, technician: Technician) -> Iterator[Fault]:
    for skill, level in visit.required_skills.items():
        held = technician.skills.get(skill, 0)
        if held < level:
            found = f"{technician.id!r} with {skill!r} at level {held}"
            yield Fault(path=path, found=found, expected=f"a technician with {skill!r} at level {level} or more")
    if visit.allowed_technicians is not None and technician.id not in visit.allowed_technicians:
        yield wrong(path, technician.id, "one of the visit's allowed technicians")
    if technician.id in visit.forbidden_technicians:
        yield wrong(path, technician.id, "none of the visit's forbidden technicians")


def _has_shift_for(visit: Visit, pin: Pin, technician: Technician, horizon: TimeWindow) -> bool:
    """Whether a shift leaves room for the service; shifts with faults of their own get the benefit of the doubt."""
    service = timedelta(seconds=(visit.duration // timedelta(seconds=1) * technician.duration_permille + 500) // 1_000)
    windows = start_windows(visit, horizon) if pin.start is None else (TimeWindow(pin.start, pin.start),)
    for shift in technician.shifts:
        if shift.start.utcoffset() is None or shift.hard_end.utcoffset() is None:
            return True
        if shift.hard_end <= shift.start:
            return True
        for window in windows:
            start = max(window.earliest, shift.start)
            if start <= window.latest and service <= shift.hard_end - start:
                return True
    return False
