"""How answers about bookings look to different callers, and what a caller is told when a window is gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fieldops.api.schemas.base import Schema
from fieldops.api.schemas.bookings import (
    BookingSchema,
    CustomerBooking,
    CustomerHold,
    CustomerOffer,
    CustomerQuote,
    CustomerWaitlist,
    HoldSchema,
    OfferSchema,
    QuoteSchema,
    WaitlistSchema,
)
from fieldops.errors import HoldExpired, OfferExpired, WindowTaken
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.booking_views import BookingView, HoldView, QuoteView, WaitlistView
from fieldops.usecases.context import Context
from fieldops.usecases.quote_windows import fresh_offers

_STAFF: Final = frozenset({Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE})


def quote_for(actor: Actor) -> Callable[[QuoteView], QuoteSchema | CustomerQuote]:
    """Show quotes as this caller may see them."""
    return QuoteSchema.model_validate if _sees_all(actor) else CustomerQuote.model_validate


def hold_for(actor: Actor) -> Callable[[HoldView], HoldSchema | CustomerHold]:
    """Show holds as this caller may see them."""
    return HoldSchema.model_validate if _sees_all(actor) else CustomerHold.model_validate


def booking_for(actor: Actor) -> Callable[[BookingView], BookingSchema | CustomerBooking]:
    """Show bookings as this caller may see them."""
    return BookingSchema.model_validate if _sees_all(actor) else CustomerBooking.model_validate


def waitlist_for(actor: Actor) -> Callable[[WaitlistView], WaitlistSchema | CustomerWaitlist]:
    """Show entries of the waitlist as this caller may see them."""
    return WaitlistSchema.model_validate if _sees_all(actor) else CustomerWaitlist.model_validate


@contextmanager
def offering_others(ctx: Context, actor: Actor) -> Iterator[None]:
    """
    Tell a caller whose window is gone which ones can be had now: ``details.offers``, best first.

    Notes
    -----
    Quoted after the failed transaction has ended, in one of its own. A caller that has to ask again would come last.
    """
    try:
        yield
    except (WindowTaken, OfferExpired, HoldExpired) as error:
        schema: type[Schema] = OfferSchema if _sees_all(actor) else CustomerOffer
        offers = fresh_offers(ctx, actor, str(error.details["visit_id"]))
        shown = [schema.model_validate(offer).model_dump(mode="json") for offer in offers]
        raise type(error)(str(error), details={**error.details, "offers": shown}) from error


def _sees_all(actor: Actor) -> bool:
    """Whether the caller is staff or an integration."""
    return bool(actor.scopes & _STAFF)
