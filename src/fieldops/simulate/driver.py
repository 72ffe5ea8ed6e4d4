"""The product as technicians and customers of a simulated day meet it: in process, or over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fieldops.domain.problem import Place
from fieldops.domain.progress import ProgressEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAhead:
    """
    A stop on a technician's phone.

    Attributes
    ----------
    key
        What its luck is named after: the same whenever the day is simulated.
    not_before
        When service may start at the earliest: the beginning of what the customer was promised.
    planned
        Time on site at this technician's pace.
    """

    visit_id: str
    key: str
    name: str
    place: Place
    not_before: datetime | None
    planned: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakAhead:
    """A break on a technician's phone; it is due once so many visits are over, but not before an instant."""

    not_before: datetime
    duration: timedelta
    after_visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAhead:
    """
    A technician's day as the phone shows it now.

    Attributes
    ----------
    key
        What the technician's luck is named after.
    leaves_at
        When to leave the start place.
    stops
        All of the day in serving order, those that are over included.
    """

    technician_id: str
    key: str
    start_place: Place
    end_place: Place | None
    leaves_at: datetime
    ends_at: datetime
    stops: tuple[StopAhead, ...]
    breaks: tuple[BreakAhead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """When somebody was expected at a visit, from `since` on: the middle, and the range."""

    since: datetime
    arrival: datetime
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanDone:
    """
    One replan.

    Attributes
    ----------
    state
        As `ReplanRow.state` has it; ``applied`` = the plan has changed.
    ahead
        Visits that were still ahead of somebody.
    moved
        How many of them somebody else serves now.
    """

    at: datetime
    state: str
    why: tuple[str, ...]
    ahead: int
    moved: int


class Driver(Protocol):
    """The product under test."""

    def advance(self, until: datetime) -> None:
        """Let time pass, and let the product do whatever it does meanwhile."""
        ...

    def days(self) -> Sequence[DayAhead]:
        """Show every technician's day as it is now; technicians without a route have none."""
        ...

    def report(self, events: Sequence[ProgressEvent]) -> None:
        """Report what has happened, now."""
        ...

    def call_in(self, like_visit_id: str, number: int) -> str:
        """Have a customer ask for urgent work such as that of a visit, and return the new visit's id."""
        ...
