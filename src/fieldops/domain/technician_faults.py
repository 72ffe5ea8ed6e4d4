"""What can be wrong with a technician, the shifts and the breaks."""

from collections.abc import Container, Iterator, Mapping
from datetime import timedelta
from typing import Final

from fieldops.domain.problem import Break, Shift, Technician, TimeWindow
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

#: Most breaks one shift may have.
MAX_BREAKS: Final = 8
#: Highest level a skill may have.
MAX_SKILL_LEVEL: Final = 100
_LEAST_PERMILLE: Final = 100
_MOST_PERMILLE: Final = 10_000
_MOST_VISITS: Final = 10_000


def technician_faults(
    path: str, technician: Technician, places: Container[str], skills: Container[str], horizon: TimeWindow | None
) -> Iterator[Fault]:
    """
    Report what is wrong with one technician.

    Parameters
    ----------
    path
        Where the technician stands in the document.
    places, skills
        Ids of all places, names of all skills.
    horizon
        None when it is not known; nothing is compared with it then.
    """
    yield from skill_level_faults(field_path(path, "skills"), technician.skills, skills)
    yield from whole_number_faults(
        field_path(path, "duration_permille"), technician.duration_permille, _LEAST_PERMILLE, _MOST_PERMILLE
    )
    yield from money_faults(field_path(path, "work_rate_cents"), technician.work_rate)
    yield from money_faults(field_path(path, "overtime_rate_cents"), technician.overtime_rate)
    judgeable: list[tuple[str, Shift]] = []
    for i, shift in enumerate(technician.shifts):
        shift_path = field_path(path, "shifts", i)
        time_faults = list(_shift_time_faults(shift_path, shift, horizon))
        yield from time_faults
        yield from _shift_value_faults(shift_path, shift, places)
        for k, pause in enumerate(shift.breaks):
            pause_path = field_path(shift_path, "breaks", k)
            yield from _break_faults(pause_path, pause, None if time_faults else shift, places, horizon)
        yield from _break_order_faults(shift_path, shift)
        if not time_faults:
            judgeable.append((shift_path, shift))
    yield from _overlap_faults(judgeable)


def skill_level_faults(path: str, levels: Mapping[str, int], skills: Container[str]) -> Iterator[Fault]:
    """Report skills nobody knows and levels that are no levels."""
    for skill, level in levels.items():
        if skill not in skills:
            yield wrong(field_path(path, skill), skill, "a skill of this problem")
        yield from whole_number_faults(field_path(path, skill), level, 1, MAX_SKILL_LEVEL)


def _shift_time_faults(path: str, shift: Shift, horizon: TimeWindow | None) -> Iterator[Fault]:
    instants = {"start": shift.start, "end": shift.end, "hard_end": shift.hard_end}
    malformed = [fault for name, value in instants.items() for fault in instant_faults(field_path(path, name), value)]
    if malformed:
        yield from malformed
        return
    if shift.end <= shift.start:
        yield wrong(field_path(path, "end"), shift.end, f"after the start, {shown(shift.start)}")
    if shift.hard_end < shift.end:
        yield wrong(field_path(path, "hard_end"), shift.hard_end, f"not before the end, {shown(shift.end)}")
    if horizon is not None and not horizon.earliest <= shift.start < horizon.latest:
        yield wrong(field_path(path, "start"), shift.start, f"within the horizon, {_span(horizon)}")
    if horizon is not None and shift.hard_end > horizon.latest:
        yield wrong(field_path(path, "hard_end"), shift.hard_end, f"within the horizon, {_span(horizon)}")


def _span(horizon: TimeWindow) -> str:
    return f"{shown(horizon.earliest)} to {shown(horizon.latest)}"


def _shift_value_faults(path: str, shift: Shift, places: Container[str]) -> Iterator[Fault]:
    yield from unknown_faults(field_path(path, "start_place_id"), [shift.start_place_id], places, "the id of a place")
    if shift.end_place_id is not None:
        yield from unknown_faults(field_path(path, "end_place_id"), [shift.end_place_id], places, "the id of a place")
    yield from whole_number_faults(field_path(path, "max_visits"), shift.max_visits, 0, _MOST_VISITS)
    yield from duration_faults(field_path(path, "max_travel_s"), shift.max_travel, least_s=0)
    yield from duration_faults(field_path(path, "max_work_s"), shift.max_work, least_s=0)
    if len(shift.breaks) > MAX_BREAKS:
        yield Fault(
            path=field_path(path, "breaks"), found=f"{len(shift.breaks)} breaks", expected=f"at most {MAX_BREAKS}"
        )


def _break_faults(
    path: str, pause: Break, shift: Shift | None, places: Container[str], horizon: TimeWindow | None
) -> Iterator[Fault]:
    yield from duration_faults(field_path(path, "duration_s"), pause.duration)
    if pause.place_id is not None:
        yield from unknown_faults(field_path(path, "place_id"), [pause.place_id], places, "the id of a place")
    malformed = [
        *instant_faults(field_path(path, "earliest_start"), pause.earliest_start),
        *instant_faults(field_path(path, "latest_start"), pause.latest_start),
    ]
    if malformed:
        yield from malformed
        return
    if pause.latest_start < pause.earliest_start:
        yield wrong(
            field_path(path, "latest_start"),
            pause.latest_start,
            f"not before the earliest start, {shown(pause.earliest_start)}",
        )
    elif pause.place_id is not None and pause.latest_start != pause.earliest_start:
        yield wrong(
            field_path(path, "latest_start"),
            pause.latest_start,
            f"the earliest start, {shown(pause.earliest_start)}: a break with a place is fixed",
        )
    if shift is None:
        return
    if horizon is not None and pause.earliest_start < horizon.earliest:
        yield wrong(field_path(path, "earliest_start"), pause.earliest_start, f"within the horizon, {_span(horizon)}")
    if pause.latest_start < shift.start:
        yield wrong(
            field_path(path, "latest_start"), pause.latest_start, f"not before the shift's start, {shown(shift.start)}"
        )
    if pause.earliest_start > shift.hard_end or pause.duration > shift.hard_end - pause.earliest_start:
        yield wrong(
            field_path(path, "earliest_start"),
            pause.earliest_start,
            f"early enough to end by the shift's hard end, {shown(shift.hard_end)}",
        )


def _break_order_faults(path: str, shift: Shift) -> Iterator[Fault]:
    """
    Report breaks that cannot be taken one after the other in the given order.

    Each is taken as early as it can be; one that would then start after its latest start overlaps those before it.
    """
    ready = None
    for k, pause in enumerate(shift.breaks):
        instants = (pause.earliest_start, pause.latest_start)
        if any(value.utcoffset() is None for value in instants) or pause.latest_start < pause.earliest_start:
            return
        if not timedelta(0) < pause.duration <= timedelta(days=14):
            return
        start = pause.earliest_start if ready is None else max(ready, pause.earliest_start)
        if start > pause.latest_start:
            yield wrong(
                field_path(path, "breaks", k, "latest_start"),
                pause.latest_start,
                f"not before {shown(start)}, the earliest end of the breaks before it",
            )
            return
        ready = start + pause.duration


def _overlap_faults(shifts: list[tuple[str, Shift]]) -> Iterator[Fault]:
    """Report shifts of one technician that share time, allowed overtime included."""
    latest: tuple[str, Shift] | None = None
    for path, shift in sorted(shifts, key=lambda pair: pair[1].start):
        if latest is not None and shift.start < latest[1].hard_end:
            expected = f"not before the hard end of {latest[0]}, {shown(latest[1].hard_end)}"
            yield wrong(field_path(path, "start"), shift.start, expected)
        if latest is None or shift.hard_end > latest[1].hard_end:
            latest = (path, shift)
