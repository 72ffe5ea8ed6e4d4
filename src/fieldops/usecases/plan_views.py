"""What callers get to see of a running plan, or of what it was at an earlier version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PinView:
    """
    What a person has fixed about a visit.

    Attributes
    ----------
    technician, sequence, start
        Whether who serves it, its place among the visits whose places are fixed, or when it starts is fixed.
    off
        The date whose plan it stays off; None = none.
    edit_id
        The edit of a plan it comes from; None = set on purpose.
    """

    technician: bool
    sequence: bool
    start: bool
    off: date | None
    edit_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVisitView:
    """
    What is shown of a visit, wherever it is.

    Attributes
    ----------
    state
        Of the visit now.
    duration_s
        Nominal time on site, seconds.
    window_start, window_end
        What is promised or held now; None = nothing.
    pin
        None = free.
    """

    visit_id: str
    work_order_id: str
    name: str
    customer_id: str
    customer_name: str
    state: str
    address: str
    latitude: float
    longitude: float
    duration_s: int
    required_skills: Mapping[str, int]
    priority: int
    pin: PinView | None
    window_start: datetime | None
    window_end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView(ShownVisitView):
    """A visit's place in a route."""

    arrival_at: datetime
    start_at: datetime
    finish_at: datetime
    departure_at: datetime
    wait_s: int
    slack_s: int
    lateness_s: int
    travel_s: int
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """
    One shift and what it does; without stops and times when it serves nobody.

    Attributes
    ----------
    skills
        Of the technician: name to level.
    breaks
        Objects with ``name``, ``start``, ``end``, ``paid``, ``on_the_clock``, ``after_visits``.
    cost_cents
        Term name to cents.
    """

    shift_id: str
    technician_id: str
    technician_name: str
    skills: Mapping[str, int]
    starts_at: datetime
    ends_at: datetime
    departure_at: datetime | None
    end_at: datetime | None
    travel_s: int
    travel_home_s: int
    distance_m: int
    work_s: int
    overtime_s: int
    breaks: tuple[Mapping[str, Any], ...]
    cost_cents: Mapping[str, int]
    stops: tuple[StopView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairView:
    """
    A change that would get a visit served; fields as in `fieldops.domain.plan.Repair`.

    Attributes
    ----------
    needs_permission
        Whether the technician may not serve the visit as things are.
    """

    technician_id: str
    shift_id: str
    start_at: datetime
    extra_overtime_s: int
    window_shift_s: int
    needs_permission: bool
    missing_skills: tuple[str, ...]
    displaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutPlaceView(ShownVisitView):
    """
    A visit that belongs on the date and is on no route.

    Attributes
    ----------
    is_promised
        A customer waits for it: it was held or booked for the date and has lost its place.
    due_at
        When the work should be finished; None = no matter.
    reasons
        Codes (docs/solver.md) from the day's last replan, else from the last published solve; empty for what has
        happened since.
    repair
        For people: what would get it served; None when nothing is known.
    repair_facts
        The same in parts.
    """

    is_promised: bool
    due_at: datetime | None
    reasons: tuple[str, ...]
    repair: str | None
    repair_facts: RepairView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanKpisView:
    """The plan in a few figures; each is defined in docs/glossary.md."""

    assigned: int
    unassigned: int
    promises: int
    promises_kept: int
    shifts: int
    shifts_used: int
    on_site_s: int
    travel_s: int
    wait_s: int
    work_s: int
    overtime_s: int
    distance_m: int
    cost_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """
    The plan of a territory on a date.

    Attributes
    ----------
    version
        The one shown.
    running_version
        The newest one.
    without_place
        Only with the newest version.
    """

    territory_id: str
    date: date
    time_zone: str
    version: int
    running_version: int
    published_version: int | None
    published_at: datetime | None
    routes: tuple[RouteView, ...]
    without_place: tuple[WithoutPlaceView, ...]
    kpis: PlanKpisView


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersionView:
    """Why a plan changed. `reason` is one of those of `PlanVersionRow`."""

    version: int
    reason: str
    actor: str
    made_at: datetime
