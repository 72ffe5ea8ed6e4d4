"""The running plan of one territory on one date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from fieldops.domain.problem import Problem
from fieldops.domain.territory import Territory


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """
    The running plan of one territory on one date.

    Attributes
    ----------
    plan_id
        None when nothing was ever planned on that date.
    version
        0 when nothing was ever planned.
    problem
        The date's technicians with their shifts (without those who are absent), the visits that are on a route, and
        all places of both. Held and booked visits are mandatory, with their window as a hard promise.
    orders
        Shift id to visit ids in serving order; every shift of the problem is in it, perhaps with nothing.
    starts
        Visit id to planned start of service, for every visit on a route.
    """

    territory: Territory
    date: date
    plan_id: str | None
    version: int
    problem: Problem
    orders: Mapping[str, tuple[str, ...]]
    starts: Mapping[str, datetime] = field(default_factory=dict)
