"""The booking page: what anybody may ask before anything is booked, and who books."""

import hmac
import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from fieldops.api.dependencies import Anonymous, Ctx, Key, Page, TerritoryId, answer, needs, replied
from fieldops.api.limits import network_of
from fieldops.api.problems import problems
from fieldops.api.schemas.addresses import AddressRequest
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.booking_page import (
    BookableTerritory,
    BookingPage,
    CallSchema,
    ConsentsSchema,
    FoundAddress,
    FoundAddresses,
    OpenRequest,
    OwnContactRequest,
    OwnContactSchema,
    RequestedSite,
    RequestForWindows,
)
from fieldops.api.schemas.customers import LanguageCode
from fieldops.api.security import address_of
from fieldops.errors import (
    AddressNotFound,
    GeocoderUnavailable,
    NotFound,
    TravelUnavailable,
    WrongState,
)
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.ask_for_call import ask_for_call
from fieldops.usecases.booking_pages import list_bookable, read_booking_page
from fieldops.usecases.context import Context
from fieldops.usecases.find_addresses import find_addresses
from fieldops.usecases.give_contact import give_contact
from fieldops.usecases.request_booking import OpenRequestView, request_booking, survey_site, token_of
from fieldops.usecases.work import Receipt, Reply, answer_once, transact, view

router = APIRouter(prefix="/booking", tags=["booking page"])

Own = Annotated[Actor, needs(Scope.OWN_BOOKING)]


@router.get("", operation_id="list_bookable", summary="List where something can be booked")
def list_all(ctx: Ctx, nobody: Anonymous, page: Page) -> PageOf[BookableTerritory]:
    """List the territories that have services customers can book themselves. Needs no credentials."""
    found = view(ctx, nobody, list_bookable, limit=page.limit, after=page.after)
    return PageOf[BookableTerritory].model_validate(found)


@router.put("/contact", operation_id="give_contact", summary="Say who books", responses=problems(NotFound, WrongState))
def contact(ctx: Ctx, actor: Own, body: OwnContactRequest) -> OwnContactSchema:
    """
    Write down who books and how to be reached, with the token of the request, in place of what was given before.

    It has to be there before a hold is confirmed, and cannot be changed here any more afterwards. Numbers and
    addresses that are known already are taken like any other.
    """
    found = transact(ctx, actor, give_contact, body.contact())
    return OwnContactSchema(
        **{name: getattr(found, name) for name in OwnContactSchema.model_fields if name != "consents"},
        consents=ConsentsSchema(email=found.email_consent, sms=found.sms_consent),
    )


@router.post(
    "/call",
    operation_id="ask_for_call",
    summary="Ask to be called",
    response_model=CallSchema,
    responses=problems(NotFound, WrongState),
)
def call(ctx: Ctx, actor: Own, key: Key) -> Response:
    """
    Ask to be called once a time can be had, with the token of the request; who asks has to be given before.

    The request is kept as one of a known customer, and somebody gets a task (`no_time`). Asking again changes nothing.
    """
    return answer(ctx, actor, key, 200, CallSchema.model_validate, ask_for_call)


@router.get(
    "/{territory_id}", operation_id="read_booking_page", summary="Read what can be booked", responses=problems(NotFound)
)
def read(
    ctx: Ctx,
    nobody: Anonymous,
    territory_id: TerritoryId,
    language: Annotated[LanguageCode, Query(description="Of the texts.")] = "en",
) -> BookingPage:
    """Read all that a booking page shows before it knows anything. Needs no credentials."""
    return BookingPage.model_validate(view(ctx, nobody, read_booking_page, territory_id, language))


@router.post(
    "/{territory_id}/locate",
    operation_id="find_addresses",
    summary="Find an address to book for",
    responses=problems(NotFound, GeocoderUnavailable, TravelUnavailable),
)
def locate(
    request: Request, ctx: Ctx, nobody: Anonymous, territory_id: TerritoryId, body: AddressRequest
) -> FoundAddresses:
    """
    Find where an address is, and whether it is near enough to be booked. Needs no credentials.

    Only geocoders and public tables are asked, never the addresses of customers. Nothing is changed, so no
    Idempotency-Key is needed; how often one may ask is the setting `locate_rate_limit`.
    """
    request.app.state.limits.count_locating(address_of(request))
    found = find_addresses(ctx, nobody, territory_id, body.address)
    return FoundAddresses(candidates=[FoundAddress.model_validate(candidate) for candidate in found])


@router.post(
    "/{territory_id}/requests",
    operation_id="request_booking",
    summary="Begin to book",
    status_code=201,
    response_model=OpenRequest,
    responses=problems(NotFound, AddressNotFound, GeocoderUnavailable, TravelUnavailable),
)
def begin(
    request: Request, ctx: Ctx, nobody: Anonymous, key: Key, territory_id: TerritoryId, body: RequestForWindows
) -> Response:
    """
    Say what is to be done and where, and get the token with which the rest is done. Needs no credentials.

    With it as bearer: `POST /v1/quotes`, `POST /v1/holds`, `PUT /v1/booking/contact`, `POST /v1/bookings`, and later
    everything on the customer's page. How often one may ask is the setting `booking_rate_limit`. A repeated request
    with the same Idempotency-Key gets the same token.
    """
    address = address_of(request)
    request.app.state.limits.count_booking(address)
    wanted = body.request(territory_id)
    surveyed = survey_site(ctx, nobody, wanted)
    # Nobody's keys are their own: those of two strangers must not meet.
    principal = f"{nobody.id}:{_fingerprint(ctx, address)}"
    receipt = Receipt(principal=principal, key=key.key, request_hash=key.request_hash, render=_without_token)
    reply = answer_once(ctx, nobody, receipt, request_booking, wanted, surveyed)
    kept = json.loads(reply.body)
    token = view(ctx, nobody, token_of, kept.pop("link_id"))
    shown = OpenRequest(**kept, token=token).model_dump_json()
    return replied(Reply(reply.status, shown, is_replay=reply.is_replay))


def _fingerprint(ctx: Context, address: str) -> str:
    """Tell callers apart by where they come from, without keeping that."""
    key = ctx.settings.secret.get_secret_value().encode()
    return hmac.digest(key, network_of(address).encode(), "sha256").hex()


def _without_token(found: OpenRequestView) -> Reply:
    """Write what is kept for a repeated request: the token is made again, and stored nowhere."""
    site = RequestedSite(address=found.address, latitude=found.latitude, longitude=found.longitude)
    kept = {name: getattr(found, name) for name in ("work_order_id", "visit_id", "expires_at", "kept_until")}
    schema = OpenRequest(**kept, site=site, token=None)
    return Reply(201, json.dumps({**schema.model_dump(mode="json", exclude={"token"}), "link_id": found.link_id}))
