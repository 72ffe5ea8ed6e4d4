"""From a problem to the solver's instance."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from fieldops.domain.horizon import horizon_of, start_windows, with_fixed_offset
from fieldops.domain.problem import Break, CostRates, Problem, Shift, Technician, TimeWindow, Told, Visit
from fieldops.errors import Fault, InvalidInput
from fieldops.solver import instance as solver
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Translation:
    """
    A problem as the solver sees it, and the way back.

    Attributes
    ----------
    start
        First instant of the horizon, UTC: second 0 of the solver.
    shifts
        Technician and shift of every shift index.
    """

    problem: Problem
    instance: solver.Instance
    start: datetime
    shifts: tuple[tuple[Technician, Shift], ...]

    def second_of(self, instant: datetime) -> int:
        """Count the seconds that really pass from the horizon start to an instant, also on days of 23 or 25 hours."""
        return (instant - self.start) // timedelta(seconds=1)

    def instant_of(self, second: int) -> datetime:
        """Give the instant of a second, with the offset that the problem's time zone has then."""
        instant = self.start + timedelta(seconds=second)
        return with_fixed_offset(instant.astimezone(ZoneInfo(self.problem.time_zone)))


def to_instance(problem: Problem, travel: TravelMatrix) -> Translation:
    """
    Translate a problem.

    Parameters
    ----------
    problem
        Without faults (`domain.faults.problem_faults`).
    travel
        Between `problem.places`, in their order.

    Raises
    ------
    InvalidInput
        When a visit can start at no time at all, or amounts of money are too large to be added up exactly.

    Notes
    -----
    What each wish of a visit becomes:

    - The windows in which service may start are the given ones (without any, the whole horizon), cut by the horizon,
      the release, the earliest of the promised window (nobody comes before it) and, when the promise is hard, its
      latest. A pinned start leaves the single instant.
    - A promise that is not hard makes later starts cost the lateness rate.
    - A pinned technician is the only one allowed; a pinned rank is the sequence; whatever is pinned is mandatory.
    - Leaving a visit out costs its own amount, or else its priority times the rate.
    - Whom and when the customer was told has the price of changing it; somebody the problem does not have cannot come,
      so that costs nothing.
    - The rates for travel, distance and a shift used are those of every shift; the pay is the technician's.
    """
    horizon = horizon_of(problem)
    words = _Words(
        start=horizon.earliest.astimezone(UTC),
        rates=problem.rates,
        skills=problem.skills,
        place_idx={place.id: idx for idx, place in enumerate(problem.places)},
        technician_idx={technician.id: idx for idx, technician in enumerate(problem.technicians)},
    )
    windows = [_start_windows(visit, horizon) for visit in problem.visits]
    faults = [
        Fault(path=f"visits[{idx}]", found="none", expected="a start of service that its windows and pin allow")
        for idx, of_visit in enumerate(windows)
        if not of_visit
    ]
    if faults:
        raise InvalidInput(faults)
    instance = solver.Instance(
        horizon_s=words.second(horizon.latest),
        travel_s=np.ascontiguousarray(travel.duration_s[None], np.int32),
        distance_m=np.ascontiguousarray(travel.distance_m[None], np.int32),
        technicians=tuple(words.technician(technician) for technician in problem.technicians),
        shifts=tuple(
            words.shift(technician, shift) for technician in problem.technicians for shift in technician.shifts
        ),
        visits=tuple(words.visit(visit, of_visit) for visit, of_visit in zip(problem.visits, windows, strict=True)),
    )
    return translated(problem, instance)


def translated(problem: Problem, instance: solver.Instance) -> Translation:
    """Give the translation of a problem whose instance is known."""
    return Translation(
        problem=problem,
        instance=instance,
        start=horizon_of(problem).earliest.astimezone(UTC),
        shifts=tuple((technician, shift) for technician in problem.technicians for shift in technician.shifts),
    )


def _start_windows(visit: Visit, horizon: TimeWindow) -> tuple[TimeWindow, ...]:
    """Give the windows for the start of service, with the pinned start taken into account."""
    windows = start_windows(visit, horizon)
    if visit.pin is None or visit.pin.start is None:
        return windows
    pinned = visit.pin.start
    return (TimeWindow(pinned, pinned),) if any(pinned in window for window in windows) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the parts of one problem are called in its instance."""

    start: datetime
    rates: CostRates
    skills: tuple[str, ...]
    place_idx: dict[str, int]
    technician_idx: dict[str, int]

    def second(self, instant: datetime) -> int:
        """Count the seconds from the horizon start; negative before it."""
        return (instant - self.start) // timedelta(seconds=1)

    def window(self, window: TimeWindow) -> tuple[int, int]:
        """Translate a closed interval."""
        return self.second(window.earliest), self.second(window.latest)

    def people(self, ids: frozenset[str]) -> frozenset[int]:
        """Translate technician ids."""
        return frozenset(self.technician_idx[name] for name in ids)

    def technician(self, technician: Technician) -> solver.Technician:
        """Translate a technician without the shifts."""
        return solver.Technician(
            skill_levels=tuple(technician.skills.get(skill, 0) for skill in self.skills),
            duration_permille=technician.duration_permille,
        )

    def shift(self, technician: Technician, shift: Shift) -> solver.Shift:
        """Translate a shift with what it costs."""
        return solver.Shift(
            technician=self.technician_idx[technician.id],
            start_place=self.place_idx[shift.start_place_id],
            end_place=None if shift.end_place_id is None else self.place_idx[shift.end_place_id],
            earliest_start=self.second(shift.start),
            regular_end=self.second(shift.end),
            hard_end=self.second(shift.hard_end),
            breaks=tuple(self.pause(pause) for pause in shift.breaks),
            cost_per_work_hour=technician.work_rate,
            cost_per_overtime_hour=technician.overtime_rate,
            cost_per_travel_hour=self.rates.travel_per_hour,
            cost_per_km=self.rates.travel_per_km,
            fixed_cost=self.rates.shift_used,
            max_visits=shift.max_visits,
            max_travel_s=None if shift.max_travel is None else _seconds(shift.max_travel),
            max_work_s=None if shift.max_work is None else _seconds(shift.max_work),
            underway=shift.underway,
        )

    def pause(self, pause: Break) -> solver.Break:
        """Translate a break."""
        return solver.Break(
            earliest=self.second(pause.earliest_start),
            latest=self.second(pause.latest_start),
            duration=_seconds(pause.duration),
            place=None if pause.place_id is None else self.place_idx[pause.place_id],
            paid=pause.paid,
        )

    def visit(self, visit: Visit, windows: tuple[TimeWindow, ...]) -> solver.Visit:
        """Translate a visit that may start in these windows."""
        pinned_id = None if visit.pin is None else visit.pin.technician_id
        allowed = visit.allowed_technicians if pinned_id is None else frozenset({pinned_id})
        told = visit.told or Told()
        by_priority = Cents(visit.priority * self.rates.unassigned_per_priority)
        return solver.Visit(
            place=self.place_idx[visit.place_id],
            service_s=_seconds(visit.duration),
            windows=tuple(self.window(window) for window in windows),
            promised_latest=None if visit.promised_window is None else self.second(visit.promised_window.latest),
            lateness_cents_per_minute=self.rates.lateness_per_minute,
            preferred=None if visit.preferred_window is None else self.window(visit.preferred_window),
            preferred_miss_cents=self.rates.preferred_window_missed,
            due=None if visit.due is None else self.second(visit.due),
            due_cents_per_hour=self.rates.sla_per_hour,
            required_levels=tuple(visit.required_skills.get(skill, 0) for skill in self.skills),
            allowed_technicians=None if allowed is None else self.people(allowed),
            forbidden_technicians=self.people(visit.forbidden_technicians),
            preferred_technicians=self.people(visit.preferred_technicians),
            other_technician_cents=self.rates.other_technician,
            baseline_technician=None if told.technician_id is None else self.technician_idx.get(told.technician_id),
            reassigned_cents=self.rates.told_technician_changed,
            told=None if told.window is None else self.window(told.window),
            told_miss_cents=self.rates.told_time_changed,
            unassigned_cents=by_priority if visit.unassigned_cost is None else visit.unassigned_cost,
            mandatory=visit.mandatory or visit.pin is not None,
            sequence=None if visit.pin is None else visit.pin.sequence,
        )


def _seconds(duration: timedelta) -> int:
    """Count the whole seconds of a duration."""
    return duration // timedelta(seconds=1)
