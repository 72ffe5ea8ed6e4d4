"""Bookings: confirmed windows."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.booking_answers import booking_for, offering_others, waitlist_for
from fieldops.api.dependencies import Ctx, Key, Page, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.routes.technicians import CALENDAR, CALENDAR_FILE
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.bookings import (
    BookingRequest,
    BookingSchema,
    CancelRequest,
    CustomerBooking,
    CustomerWaitlist,
    RescheduleRequest,
    WaitlistRequest,
    WaitlistSchema,
)
from fieldops.api.schemas.dates import Day
from fieldops.errors import HoldExpired, NotFound, OfferExpired, TravelUnavailable, WindowTaken, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.links import LinkPurpose
from fieldops.usecases.read_bookings import list_bookings, read_booking
from fieldops.usecases.read_calendar import read_booking_calendar
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.waitlist import join_waitlist, leave_waitlist
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/bookings", tags=["booking"])

Booker = Annotated[Actor, needs(Scope.BOOKINGS_WRITE, Scope.OWN_BOOKING)]
#: Addresses of before have the customer's token, which opens everything of the work order.
_OPEN_APPOINTMENTS: Final = (LinkPurpose.APPOINTMENT, LinkPurpose.CUSTOMER)
BookingId = Annotated[str, Path(max_length=64, examples=["bk_7h3k9c2m4p6r8t0w"])]


@router.post(
    "",
    operation_id="confirm_booking",
    summary="Confirm a hold",
    status_code=201,
    response_model=BookingSchema | CustomerBooking,
    responses=problems(NotFound, HoldExpired, WrongState, TravelUnavailable),
)
def confirm(ctx: Ctx, actor: Booker, key: Key, body: BookingRequest) -> Response:
    """
    Make a booking of a hold: the window is promised.

    However often a hold is confirmed, there is one booking. A hold that has expired is confirmed all the same while
    its window can be kept; otherwise `details.offers` of the answer are the best windows that can be had now.
    """
    with offering_others(ctx, actor):
        made = answer(ctx, actor, key, 201, booking_for(actor), confirm_booking, body.hold_id)
    return located(made, "/v1/bookings/{id}")


@router.get("", operation_id="list_bookings", summary="List bookings")
def list_all(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_READ)],
    page: Page,
    territory_id: Annotated[str | None, Query(max_length=64)] = None,
    date: Annotated[Day | None, Query(description="Local date of the window.")] = None,
    customer_id: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[Literal["confirmed", "canceled"] | None, Query()] = None,
) -> PageOf[BookingSchema]:
    """List bookings by window, earliest first."""
    found = view(
        ctx,
        actor,
        list_bookings,
        territory_id=territory_id,
        day=date,
        customer_id=customer_id,
        state=state,
        limit=page.limit,
        after=page.after,
    )
    return PageOf[BookingSchema].model_validate(found)


@router.get("/{booking_id}", operation_id="read_booking", summary="Read a booking", responses=problems(NotFound))
def read(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_READ, Scope.OWN_BOOKING)],
    booking_id: BookingId,
) -> BookingSchema | CustomerBooking:
    """Read a booking."""
    return booking_for(actor)(view(ctx, actor, read_booking, booking_id))


@router.post(
    "/{booking_id}/reschedule",
    operation_id="reschedule_booking",
    summary="Move a booking",
    response_model=BookingSchema | CustomerBooking,
    responses=problems(NotFound, OfferExpired, WindowTaken, WrongState, TravelUnavailable),
)
def reschedule(ctx: Ctx, actor: Booker, key: Key, booking_id: BookingId, body: RescheduleRequest) -> Response:
    """
    Move a booking to the window of an offer for its visit, in one step.

    When the window is gone the booking stays as it is, and `details.offers` of the answer are the best windows that
    can be had now.
    """
    with offering_others(ctx, actor):
        return answer(ctx, actor, key, 200, booking_for(actor), reschedule_booking, booking_id, body.offer_id)


@router.post(
    "/{booking_id}/cancel",
    operation_id="cancel_booking",
    summary="Cancel a booking",
    response_model=BookingSchema | CustomerBooking,
    responses=problems(NotFound, WrongState),
)
def cancel(ctx: Ctx, actor: Booker, key: Key, booking_id: BookingId, body: CancelRequest) -> Response:
    """
    Cancel a booking: its visit comes off the plan.

    Whoever waits for an earlier window is asked whether to take the place. One that is canceled stays as it is.
    """
    render = booking_for(actor)
    return answer(ctx, actor, key, 200, render, cancel_booking, booking_id, body.reason, reopens=body.reopens)


@router.post(
    "/{booking_id}/waitlist",
    operation_id="join_waitlist",
    summary="Join the waitlist",
    status_code=201,
    response_model=WaitlistSchema | CustomerWaitlist,
    responses=problems(NotFound, WrongState),
)
def join(ctx: Ctx, actor: Booker, key: Key, booking_id: BookingId, body: WaitlistRequest) -> Response:
    """
    Ask to be offered an earlier window when one comes free.

    Joining again changes the earliest start.
    """
    render = waitlist_for(actor)
    return answer(ctx, actor, key, 201, render, join_waitlist, booking_id, body.not_before, consent=body.consent)


@router.delete(
    "/{booking_id}/waitlist", operation_id="leave_waitlist", summary="Leave the waitlist", responses=problems(NotFound)
)
def leave(ctx: Ctx, actor: Booker, booking_id: BookingId) -> WaitlistSchema | CustomerWaitlist:
    """Be asked no more."""
    return waitlist_for(actor)(transact(ctx, actor, leave_waitlist, booking_id))


@router.get(
    "/{booking_id}/calendar.ics",
    operation_id="read_booking_calendar",
    summary="Read a booking as a calendar file",
    response_class=Response,
    responses={**CALENDAR_FILE, **problems(NotFound)},
)
def calendar(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_READ, Scope.OWN_BOOKING, links=_OPEN_APPOINTMENTS)],
    booking_id: BookingId,
) -> Response:
    """
    Put the appointment into the customer's calendar.

    A later version of the booking replaces the earlier one there; a canceled one is crossed out. Opens with a login,
    or with a token in the address: `calendar_url` of `GET /v1/track` has one that opens nothing else.
    """
    return Response(view(ctx, actor, read_booking_calendar, booking_id), media_type=CALENDAR)
