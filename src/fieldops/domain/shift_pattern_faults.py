"""What can be wrong with a shift pattern and with the shifts it becomes, all at once."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Final

from fieldops.domain.problem import Shift, Technician
from fieldops.domain.shift_pattern import BreakPattern, ShiftPattern
from fieldops.domain.technician_faults import MAX_BREAKS, technician_faults
from fieldops.domain.value_faults import field_path, whole_number_faults, wrong
from fieldops.errors import Fault

#: Longest overtime that can be allowed.
MAX_OVERTIME: Final = timedelta(hours=12)
_DAY: Final = timedelta(days=1)
_PLACE: Final = "the id of a depot or home"
_CAP_MINUTES: Final = 1_440
_SHIFT: Final = re.compile(r"shifts\[(\d+)\]")


def pattern_faults(pattern: ShiftPattern, places: Container[str]) -> Iterator[Fault]:
    """
    Report what is wrong with a pattern, whatever date it is laid on.

    Parameters
    ----------
    places
        Ids of depots and homes.
    """
    if pattern.end == pattern.start:
        yield wrong("end", f"{pattern.end:%H:%M}", "another time than the start; an earlier one is on the next morning")
    overtime = pattern.overtime
    if not timedelta(0) <= overtime <= MAX_OVERTIME:
        yield wrong("overtime_minutes", _minutes(overtime), "from 0 to 720")
    if pattern.start_place_id not in places:
        yield wrong("start_place_id", pattern.start_place_id, _PLACE)
    if pattern.end_place_id is not None and pattern.end_place_id not in places:
        yield wrong("end_place_id", pattern.end_place_id, _PLACE)
    yield from whole_number_faults("max_visits", pattern.max_visits, 1, 1_000)
    for name, cap in (("max_travel_minutes", pattern.max_travel), ("max_work_minutes", pattern.max_work)):
        if cap is not None and not timedelta(0) < cap <= _DAY:
            yield wrong(name, _minutes(cap), f"from 1 to {_CAP_MINUTES}")
    if len(pattern.breaks) > MAX_BREAKS:
        yield Fault(path="breaks", found=f"{len(pattern.breaks)} breaks", expected=f"at most {MAX_BREAKS}")
    length = _after(pattern.start, pattern.end) + max(overtime, timedelta(0))
    for k, pause in enumerate(pattern.breaks):
        yield from _break_faults(field_path("breaks", k), pause, pattern.start, length, places)
    yield from _order_faults(pattern)


def laid_shift_faults(laid: Sequence[Shift], others: Iterable[Shift], labels: Mapping[str, str]) -> Iterator[Fault]:
    """
    Report shifts that the clock change of their date makes impossible, or that share time with one another.

    Parameters
    ----------
    laid
        Made of a pattern without faults.
    others
        Shifts the technician has already, around those dates.
    labels
        Shift id to what people call it.
    """
    shifts = (*laid, *others)
    places = {place for shift in shifts for place in (shift.start_place_id, shift.end_place_id) if place is not None}
    places |= {pause.place_id for shift in shifts for pause in shift.breaks if pause.place_id is not None}

    def named(text: str) -> str:
        return _SHIFT.sub(lambda found: labels[shifts[int(found[1])].id], text)

    for fault in technician_faults("", Technician(id="technician", shifts=shifts), places, (), None):
        numbers = {int(number) for number in _SHIFT.findall(f"{fault.path} {fault.expected}")}
        if any(number < len(laid) for number in numbers):
            yield replace(fault, path=named(fault.path), expected=named(fault.expected))


def _break_faults(
    path: str, pause: BreakPattern, start: time, length: timedelta, places: Container[str]
) -> Iterator[Fault]:
    """Report what is wrong with one break of a shift that lasts so long, overtime included."""
    if not timedelta(minutes=1) <= pause.duration <= _DAY:
        yield wrong(field_path(path, "duration_minutes"), _minutes(pause.duration), f"from 1 to {_CAP_MINUTES}")
    if pause.place_id is not None and pause.place_id not in places:
        yield wrong(field_path(path, "place_id"), pause.place_id, _PLACE)
    earliest, latest = _after(start, pause.earliest_start, zero=True), _after(start, pause.latest_start, zero=True)
    if latest < earliest:
        yield wrong(
            field_path(path, "latest_start"),
            f"{pause.latest_start:%H:%M}",
            f"not before the earliest start, {pause.earliest_start:%H:%M}",
        )
    elif pause.place_id is not None and latest != earliest:
        yield wrong(
            field_path(path, "latest_start"),
            f"{pause.latest_start:%H:%M}",
            f"the earliest start, {pause.earliest_start:%H:%M}: a break with a place is fixed",
        )
    if earliest + pause.duration > length:
        yield wrong(
            field_path(path, "earliest_start"),
            f"{pause.earliest_start:%H:%M}",
            "within the shift, and early enough to end by its end and the overtime allowed",
        )


def _order_faults(pattern: ShiftPattern) -> Iterator[Fault]:
    """Report the first break that cannot be taken in time after those before it."""
    ready = timedelta(0)
    for k, pause in enumerate(pattern.breaks):
        begin = max(ready, _after(pattern.start, pause.earliest_start, zero=True))
        if begin > _after(pattern.start, pause.latest_start, zero=True) and k > 0:
            yield wrong(
                field_path("breaks", k, "latest_start"),
                f"{pause.latest_start:%H:%M}",
                "not before the earliest end of the breaks before it",
            )
            return
        ready = begin + pause.duration


def _after(start: time, clock: time, *, zero: bool = False) -> timedelta:
    """Return how long after the start a wall clock shows a time; the start itself is a day later unless `zero`."""
    minutes = (clock.hour - start.hour) * 60 + clock.minute - start.minute
    passed = timedelta(minutes=minutes % 1_440, seconds=clock.second - start.second)
    return passed if passed or zero else _DAY


def _minutes(duration: timedelta) -> int:
    """Write a duration as the API does."""
    return duration // timedelta(minutes=1)
