"""What quotes, holds, bookings and the waitlist look like from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class OfferReason(StrEnum):
    """What speaks for an offered window."""

    #: No other window of the quote costs less.
    LEAST_COST = "least_cost"
    #: The technician passes by: the extra travel is within the territory's `Policies.nearby`.
    TECHNICIAN_NEARBY = "technician_nearby"
    #: The customer knows the technician who would come.
    KNOWN_TECHNICIAN = "known_technician"
    #: The planned start lies in the time the customer would prefer.
    PREFERRED_TIME = "preferred_time"
    #: On the first date on which anything can be had.
    EARLY = "early"


class RefusedReason(StrEnum):
    """Why a window cannot be had from anybody: what came closest."""

    #: Somebody could come, were it not for the other visits.
    FULL = "full"
    #: Those who may come do not work then, or live too far.
    OUTSIDE_SHIFTS = "outside_shifts"
    #: Nobody who works on that date holds the skills.
    NO_SKILL = "no_skill"
    #: The visit's own rules leave nobody who works on that date.
    NOT_ALLOWED = "not_allowed"
    #: Nobody works on that date.
    NO_SHIFTS = "no_shifts"
    #: Routes that might have room break a rule already and have to be planned again first.
    UNSOUND = "unsound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    A technician who could keep a window.

    Attributes
    ----------
    cost_cents
        Added to the running plan.
    start
        When service would start.
    slack_s
        How far that start could slip without breaking anything, the buffer not touched.
    extra_travel_s
        Driving added to the route.
    """

    technician_id: str
    shift_id: str
    cost_cents: int
    start: datetime
    slack_s: int
    extra_travel_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """
    A window that can be held.

    Attributes
    ----------
    window_start, window_end
        Closed interval for the start of service.
    rank
        1 = best of its quote.
    cost_cents, slack_s, start
        Those of the best technician.
    kept_permille
        How likely this technician is to begin within the window, 0 to 1,000.
    technicians
        The best ones, best first; at most three.
    """

    id: str
    quote_id: str
    visit_id: str
    territory_id: str
    date: date
    window_start: datetime
    window_end: datetime
    rank: int
    cost_cents: int
    slack_s: int
    kept_permille: int
    start: datetime
    reasons: tuple[OfferReason, ...]
    technicians: tuple[Candidate, ...]
    expires_at: datetime

    @property
    def technician_nearby(self) -> bool:
        """Whether a technician passes by anyway."""
        return OfferReason.TECHNICIAN_NEARBY in self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedWindow:
    """
    A window of the pattern that nobody can keep.

    Attributes
    ----------
    counts
        Shifts per reason of the engine (`fieldops.solver.quote.Refusal`).
    """

    date: date
    window_start: datetime
    window_end: datetime
    reason: RefusedReason
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """
    The answer to one question for windows.

    Attributes
    ----------
    offers
        By rank.
    refused
        By time.
    """

    id: str
    visit_id: str
    work_order_id: str
    territory_id: str
    time_zone: str
    made_at: datetime
    expires_at: datetime
    offers: tuple[OfferView, ...]
    refused: tuple[RefusedWindow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """
    A window reserved for a short time.

    Attributes
    ----------
    state
        ``active``, ``confirmed``, ``released``, or ``expired``, as soon as the time is over.
    extendable_until
        It can be given more time until then.
    seconds_left
        Until it expires; 0 when it is not active.
    planned_start, technician_id
        Where its visit is on the plan; None when it is on none.
    """

    id: str
    offer_id: str | None
    visit_id: str
    work_order_id: str
    territory_id: str
    date: date
    window_start: datetime
    window_end: datetime
    state: str
    made_at: datetime
    expires_at: datetime
    extendable_until: datetime
    seconds_left: int
    planned_start: datetime | None
    technician_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistView:
    """
    A place on the waitlist for an earlier window.

    Attributes
    ----------
    state
        ``waiting``, ``offered``, ``accepted`` or ``left``.
    offer_id, offer_window_start, offer_window_end, offer_expires_at
        The last offer made.
    """

    id: str
    booking_id: str
    territory_id: str
    not_before: datetime
    state: str
    offer_id: str | None
    offer_window_start: datetime | None
    offer_window_end: datetime | None
    offer_expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingView:
    """
    A confirmed window.

    Attributes
    ----------
    version
        Raised by every change of the window.
    planned_start, technician_id
        Where its visit is on the plan; None when it is on none.
    waitlist
        The open entry for an earlier window, if there is one.
    """

    id: str
    visit_id: str
    work_order_id: str
    customer_id: str
    territory_id: str
    time_zone: str
    hold_id: str | None
    date: date
    window_start: datetime
    window_end: datetime
    state: str
    version: int
    confirmed_at: datetime
    changed_at: datetime
    canceled_at: datetime | None
    cancel_reason: str | None
    planned_start: datetime | None
    technician_id: str | None
    waitlist: WaitlistView | None
