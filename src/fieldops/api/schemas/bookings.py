"""
Quotes, holds, bookings and the waitlist.

Each comes twice: what staff and integrations see, and what a customer sees, who is told nothing of costs, technicians
and why others cannot come.
"""

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.dates import Day
from fieldops.usecases.booking_views import OfferReason, RefusedReason

_ZONE = Field(examples=["America/New_York"], description="Of the territory; dates are in it.")


class QuoteRequest(Schema):
    """Ask which windows can be had for a visit."""

    EXAMPLE: ClassVar = {"visit_id": "vi_7h3k9c2m4p6r8t0w", "num_days": 7}

    visit_id: Id = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
    first_date: Day | None = Field(default=None, description="Today without it.")
    num_days: Annotated[int, Field(ge=1, le=14)] | None = Field(
        default=None, description="The territory's whole horizon without it."
    )


class HoldRequest(Schema):
    """Reserve a window for a short time."""

    EXAMPLE: ClassVar = {"offer_id": "of_7h3k9c2m4p6r8t0w"}

    offer_id: Id = Field(examples=["of_7h3k9c2m4p6r8t0w"])


class BookingRequest(Schema):
    """Confirm a hold."""

    EXAMPLE: ClassVar = {"hold_id": "ho_7h3k9c2m4p6r8t0w"}

    hold_id: Id = Field(examples=["ho_7h3k9c2m4p6r8t0w"])


class RescheduleRequest(Schema):
    """Move a booking to the window of an offer; quote its visit for one."""

    EXAMPLE: ClassVar = {"offer_id": "of_7h3k9c2m4p6r8t0w"}

    offer_id: Id = Field(examples=["of_7h3k9c2m4p6r8t0w"])


class CancelRequest(Schema):
    """Cancel a booking."""

    EXAMPLE: ClassVar = {"reason": "Boiler works again", "reopens": False}

    reason: str = Field(
        default="", max_length=500, description="Told to the customer.", examples=["Boiler works again"]
    )
    reopens: bool = Field(default=False, description="Whether the visit is still wanted, at another time.")


class WaitlistRequest(Schema):
    """Ask to be offered an earlier window."""

    EXAMPLE: ClassVar = {"not_before": "2026-03-16T08:00:00-04:00", "consent": True}

    not_before: Instant = Field(description="The earliest start the customer could take.")
    consent: bool = Field(description="That the customer agreed to be asked; only true is accepted.")


class OfferFields(Schema):
    """What everybody may know about an offer."""

    id: Id = Field(examples=["of_7h3k9c2m4p6r8t0w"])
    date: Day
    window_start: Instant = Field(description="The service starts in this closed interval.")
    window_end: Instant
    rank: int = Field(description="1 = best of its quote.")
    technician_nearby: bool = Field(description="A technician passes by anyway.")
    reasons: list[OfferReason] = Field(description="What speaks for it.")
    expires_at: Instant


class CustomerOffer(OfferFields):
    """A window that can be held."""

    @field_validator("reasons", mode="after")
    @classmethod
    def _without_costs(cls, reasons: list[OfferReason]) -> list[OfferReason]:
        return [reason for reason in reasons if reason is not OfferReason.LEAST_COST]


class CandidateSchema(Schema):
    """A technician who could keep the window."""

    technician_id: Id
    shift_id: Id
    cost_cents: int = Field(description="Added to the running plan.")
    start: Instant
    slack_s: int = Field(description="How far that start could slip without breaking anything.")
    extra_travel_s: int


class OfferSchema(OfferFields):
    """A window that can be held, with what it costs and who would come."""

    cost_cents: int = Field(description="Added to the running plan by the best technician; negative = it saves.")
    slack_s: int
    kept_permille: int = Field(
        description="How likely the best technician is to begin within the window: of 1,000 such days, in so many.",
        examples=[962],
    )
    start: Instant = Field(description="When service would start.")
    technicians: list[CandidateSchema] = Field(description="The best ones, best first.")


class RefusedSchema(Schema):
    """A window that nobody can keep."""

    date: Day
    window_start: Instant
    window_end: Instant
    reason: RefusedReason
    counts: dict[str, int] = Field(description="Shifts per reason.", examples=[{"full": 3, "skill": 1}])


class CustomerQuote(Schema):
    """Windows that can be had, best first."""

    id: Id = Field(examples=["qu_7h3k9c2m4p6r8t0w"])
    visit_id: Id
    work_order_id: Id
    time_zone: str = _ZONE
    made_at: Instant
    expires_at: Instant
    offers: list[CustomerOffer]


class QuoteSchema(Schema):
    """Windows that can be had, best first, and those that cannot."""

    id: Id = Field(examples=["qu_7h3k9c2m4p6r8t0w"])
    visit_id: Id
    work_order_id: Id
    territory_id: Id
    time_zone: str = _ZONE
    made_at: Instant
    expires_at: Instant
    offers: list[OfferSchema]
    refused: list[RefusedSchema] = Field(description="By time.")


class CustomerHold(Schema):
    """A window reserved for a short time."""

    id: Id = Field(examples=["ho_7h3k9c2m4p6r8t0w"])
    offer_id: Id | None
    visit_id: Id
    date: Day
    window_start: Instant
    window_end: Instant
    state: str = Field(description="`active`, `confirmed`, `released` or `expired`.", examples=["active"])
    made_at: Instant
    expires_at: Instant
    extendable_until: Instant = Field(description="`POST /v1/holds/{id}/extend` gives more time until then.")
    seconds_left: int = Field(description="Until it expires; 0 when it is not active.", examples=[600])


class HoldSchema(CustomerHold):
    """A window reserved for a short time, and where its visit is on the plan."""

    work_order_id: Id
    territory_id: Id
    planned_start: Instant | None
    technician_id: Id | None


class CustomerWaitlist(Schema):
    """A place on the waitlist for an earlier window."""

    id: Id = Field(examples=["wl_7h3k9c2m4p6r8t0w"])
    booking_id: Id
    not_before: Instant
    state: str = Field(description="`waiting`, `offered`, `accepted` or `left`.", examples=["waiting"])
    offer_id: Id | None = Field(description="The last offer made: reschedule with it.")
    offer_window_start: Instant | None
    offer_window_end: Instant | None
    offer_expires_at: Instant | None
    created_at: Instant


class WaitlistSchema(CustomerWaitlist):
    """A place on the waitlist for an earlier window."""

    territory_id: Id


class CustomerBooking(Schema):
    """A confirmed window."""

    id: Id = Field(examples=["bk_7h3k9c2m4p6r8t0w"])
    visit_id: Id
    work_order_id: Id
    time_zone: str = _ZONE
    date: Day
    window_start: Instant = Field(description="The service starts in this closed interval.")
    window_end: Instant
    state: str = Field(description="`confirmed` or `canceled`.", examples=["confirmed"])
    version: int = Field(description="Raised by every change.")
    confirmed_at: Instant
    changed_at: Instant
    canceled_at: Instant | None
    cancel_reason: str | None
    waitlist: CustomerWaitlist | None = Field(description="The open entry for an earlier window, if there is one.")


class BookingSchema(Schema):
    """A confirmed window, and where its visit is on the plan."""

    id: Id = Field(examples=["bk_7h3k9c2m4p6r8t0w"])
    visit_id: Id
    work_order_id: Id
    customer_id: Id
    territory_id: Id
    time_zone: str = _ZONE
    hold_id: Id | None
    date: Day
    window_start: Instant = Field(description="The service starts in this closed interval.")
    window_end: Instant
    state: str = Field(description="`confirmed` or `canceled`.", examples=["confirmed"])
    version: int = Field(description="Raised by every change.")
    confirmed_at: Instant
    changed_at: Instant
    canceled_at: Instant | None
    cancel_reason: str | None
    planned_start: Instant | None = Field(description="Null until the next plan when the place was lost.")
    technician_id: Id | None
    waitlist: WaitlistSchema | None = Field(description="The open entry for an earlier window, if there is one.")
