"""From a question for windows to a hold."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.booking_answers import hold_for, offering_others, quote_for
from fieldops.api.dependencies import Ctx, Key, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.bookings import (
    CustomerHold,
    CustomerQuote,
    HoldRequest,
    HoldSchema,
    QuoteRequest,
    QuoteSchema,
)
from fieldops.errors import NotFound, OfferExpired, TravelUnavailable, WindowTaken, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.extend_hold import extend_hold
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.quote_windows import quote_windows
from fieldops.usecases.read_bookings import read_hold
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.work import transact, view

router = APIRouter(tags=["booking"])

Booker = Annotated[Actor, needs(Scope.BOOKINGS_WRITE, Scope.OWN_BOOKING)]
HoldId = Annotated[str, Path(max_length=64, examples=["ho_7h3k9c2m4p6r8t0w"])]


@router.post(
    "/quotes",
    operation_id="quote_visit",
    summary="Quote a visit",
    status_code=201,
    response_model=QuoteSchema | CustomerQuote,
    responses=problems(NotFound, WrongState, TravelUnavailable),
)
def quote(ctx: Ctx, actor: Booker, key: Key, body: QuoteRequest) -> Response:
    """
    Ask which windows can be had for a visit.

    Every window offered could be kept at that moment, judged on the running plans by the engine that also judges the
    hold. Ranked by what it adds to them. A booked visit is quoted as if it were not: that is how it is rescheduled.
    """
    return answer(
        ctx,
        actor,
        key,
        201,
        quote_for(actor),
        quote_windows,
        body.visit_id,
        first_date=body.first_date,
        num_days=body.num_days,
    )


@router.post(
    "/holds",
    operation_id="hold_window",
    summary="Hold a window",
    status_code=201,
    response_model=HoldSchema | CustomerHold,
    responses=problems(NotFound, OfferExpired, WindowTaken, WrongState, TravelUnavailable),
)
def hold(ctx: Ctx, actor: Booker, key: Key, body: HoldRequest) -> Response:
    """
    Reserve the window of an offer for a short time.

    The visit is on the plan from now on: nobody else can get its place. When somebody was faster, `details.offers`
    of the answer are the best windows that can be had now. A visit holds one window at a time.
    """
    with offering_others(ctx, actor):
        made = answer(ctx, actor, key, 201, hold_for(actor), hold_window, body.offer_id)
    return located(made, "/v1/holds/{id}")


@router.get("/holds/{hold_id}", operation_id="read_hold", summary="Read a hold", responses=problems(NotFound))
def read(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE, Scope.OWN_BOOKING)],
    hold_id: HoldId,
) -> HoldSchema | CustomerHold:
    """Read a hold, with the seconds left until it expires."""
    return hold_for(actor)(view(ctx, actor, read_hold, hold_id))


@router.post(
    "/holds/{hold_id}/extend",
    operation_id="extend_hold",
    summary="Hold a window longer",
    response_model=HoldSchema | CustomerHold,
    responses=problems(NotFound, WrongState),
)
def extend(ctx: Ctx, actor: Booker, key: Key, hold_id: HoldId) -> Response:
    """
    Give whoever is still deciding more time: the hold lasts as long from now as it did when it was made.

    Bounded by the territory's policy `hold_most_minutes`: `extendable_until` of the hold says how far.
    """
    return answer(ctx, actor, key, 200, hold_for(actor), extend_hold, hold_id)


@router.delete(
    "/holds/{hold_id}", operation_id="release_hold", summary="Release a hold", responses=problems(NotFound, WrongState)
)
def release(ctx: Ctx, actor: Booker, hold_id: HoldId) -> HoldSchema | CustomerHold:
    """Give back a window that is not wanted; others can have it at once."""
    return hold_for(actor)(transact(ctx, actor, release_hold, hold_id))
