"""Somebody without an account begins to book: what, where, and nothing about who it is yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.service import Service, answer_faults, duration_of, in_language, in_words, skills_of
from fieldops.domain.spelling import address_key
from fieldops.domain.value_faults import decimal_faults, wrong
from fieldops.errors import AddressNotFound, Fault, InvalidInput, NotFound
from fieldops.messaging.wording import LANGUAGES
from fieldops.store.ids import new_id
from fieldops.store.tables import CustomerRow, LinkRow, SiteRow, VisitRow, WorkOrderRow
from fieldops.usecases.actor import Actor
from fieldops.usecases.audit import record
from fieldops.usecases.booking_pages import public_services
from fieldops.usecases.context import Context
from fieldops.usecases.create_work_order import LONGEST_ADDRESS, LONGEST_SUMMARY, NewSite
from fieldops.usecases.links import LinkPurpose, issue_link, view_of
from fieldops.usecases.locate_address import BY_CUSTOMER, EXPECTED, LocatedAddress, Lookup, look_up
from fieldops.usecases.reach_site import within_reach
from fieldops.usecases.work import Work

LONGEST_DETAILS: Final = 2_000
_SERVED: Final = "an address near enough to our technicians; please call about others"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """
    What somebody wants done.

    Attributes
    ----------
    answers
        Id of a question of the service to the id of a choice, or to a text.
    details
        Whatever else there is to say.
    """

    territory_id: str
    service_id: str
    site: NewSite
    answers: Mapping[str, str] = field(default_factory=dict)
    details: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """
    What is known about the address of a request before its transaction begins.

    Attributes
    ----------
    is_served
        Whether it is near enough; true where it is not known where it is.
    """

    lookup: Lookup
    is_served: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequestView:
    """
    A request for which windows can be asked.

    Attributes
    ----------
    kept_until
        Unless it is booked, it is forgotten after this.
    """

    work_order_id: str
    visit_id: str
    link_id: str
    address: str
    latitude: float
    longitude: float
    expires_at: datetime
    kept_until: datetime


def survey_site(ctx: Context, actor: Actor, request: NewRequest) -> Surveyed:
    """
    Find out where the address of a request is, and whether it is near enough; outside of any transaction.

    Raises
    ------
    NotFound
        When there is no such territory.
    TravelUnavailable
        As the travel provider does.
    """
    if list(_place_faults(request.site)):
        return Surveyed(lookup=Lookup())
    lookup = _given(request.site) or look_up(ctx, actor, request.site.address)
    located = lookup.located
    if located is None:
        return Surveyed(lookup=lookup)
    [is_served] = within_reach(ctx, actor, request.territory_id, [(located.latitude, located.longitude)])
    return Surveyed(lookup=lookup, is_served=is_served)


def request_booking(work: Work, request: NewRequest, surveyed: Surveyed) -> OpenRequestView:
    """
    Take a request down as a draft: a customer without a name, an address, a work order with one visit, and a link.

    Nobody but the holder of the link sees any of it until it is booked; see `forget_drafts` for what becomes of others.

    Parameters
    ----------
    surveyed
        From `survey_site`.

    Raises
    ------
    NotFound
        When nothing can be booked in the territory.
    InvalidInput
        With everything that is wrong; `AddressNotFound` when it is only the address.
    GeocoderUnavailable
        When the address could not be looked up.
    """
    services = public_services(work, request.territory_id)
    if not services:
        raise NotFound("booking page", request.territory_id)
    service = services.get(request.service_id)
    faults = list(_faults(request, service, surveyed))
    if faults or service is None:
        only_address = [fault.path for fault in faults] == ["site.address"] and surveyed.is_served
        raise AddressNotFound(faults) if only_address else InvalidInput(faults)
    if surveyed.lookup.failure is not None:
        raise surveyed.lookup.failure
    located = surveyed.lookup.located
    assert located is not None, "an address without place is a fault"
    order, visit = _add_rows(work, request, service, located)
    record(work, "work_order.requested", "work_order", order.id, service_id=service.id)
    link = issue_link(work, LinkPurpose.CUSTOMER, order.id)
    return OpenRequestView(
        work_order_id=order.id,
        visit_id=visit.id,
        link_id=link.id,
        address=located.address,
        latitude=located.latitude,
        longitude=located.longitude,
        expires_at=link.expires_at,
        kept_until=work.now + timedelta(hours=work.ctx.settings.draft_hours),
    )


def token_of(work: Work, link_id: str) -> str | None:
    """Write the token of a link again, which is kept nowhere; None when it opens nothing any more."""
    row = work.session.get(LinkRow, link_id)
    if row is None or row.revoked_at is not None or row.expires_at <= work.now:
        return None
    return view_of(work.ctx.settings, row).token


def _faults(request: NewRequest, service: Service | None, surveyed: Surveyed) -> Iterator[Fault]:
    """Report everything that is wrong with a request, in the order of its fields."""
    if service is None:
        yield wrong("service_id", request.service_id, "the id of a service that can be booked here")
    else:
        yield from answer_faults(service, request.answers)
    place_faults = list(_place_faults(request.site))
    yield from place_faults
    if not place_faults and surveyed.lookup.failure is None and surveyed.lookup.located is None:
        yield wrong("site.address", request.site.address, EXPECTED)
    if not surveyed.is_served:
        yield wrong("site.address", request.site.address, _SERVED)
    if len(request.details) > LONGEST_DETAILS:
        yield wrong("details", request.details, f"a text of at most {LONGEST_DETAILS} characters")
    if request.language not in LANGUAGES:
        yield wrong("language", request.language, f"one of {', '.join(sorted(LANGUAGES))}")


def _place_faults(site: NewSite) -> Iterator[Fault]:
    """Report an address that says nothing, and coordinates that are none."""
    if not address_key(site.address) or len(site.address) > LONGEST_ADDRESS:
        yield wrong("site.address", site.address, f"an address of at most {LONGEST_ADDRESS} characters")
    if (site.latitude is None) != (site.longitude is None):
        missing = "latitude" if site.latitude is None else "longitude"
        yield Fault(path=f"site.{missing}", found="nothing", expected="both coordinates, or none to look them up")
    for name, value, bound in (("latitude", site.latitude, 90), ("longitude", site.longitude, 180)):
        if value is not None:
            yield from decimal_faults(f"site.{name}", value, -bound, bound, "degrees")


def _given(site: NewSite) -> Lookup | None:
    """Take the place that came with the address, if one did."""
    if site.latitude is None or site.longitude is None:
        return None
    return Lookup(
        located=LocatedAddress(
            address=site.address.strip(),
            latitude=site.latitude,
            longitude=site.longitude,
            geocoded_by=BY_CUSTOMER,
        )
    )


def _add_rows(
    work: Work, request: NewRequest, service: Service, located: LocatedAddress
) -> tuple[WorkOrderRow, VisitRow]:
    """Write the draft."""
    # The summary stands in messages; figures by kind of visit go by the visit's name, which is the same for all.
    asked_for = in_language(service.names, request.language)
    customer = CustomerRow(id=new_id("cu"), name="", language=request.language, is_draft=True, created_at=work.now)
    work.session.add(customer)
    work.session.flush()
    site = SiteRow(
        id=new_id("si"),
        customer_id=customer.id,
        address=located.address,
        latitude=located.latitude,
        longitude=located.longitude,
        geocoded_by=located.geocoded_by,
        access_notes=request.site.access_notes.strip(),
        created_at=work.now,
    )
    work.session.add(site)
    work.session.flush()
    details = request.details.strip()
    order = WorkOrderRow(
        id=new_id("wo"),
        territory_id=request.territory_id,
        customer_id=customer.id,
        site_id=site.id,
        summary=f"{asked_for}: {' '.join(details.split())}"[:LONGEST_SUMMARY] if details else asked_for,
        state="draft",
        intake={
            "service_id": service.id,
            "answers": [
                {"question": said.question, "answer": said.answer} for said in in_words(service, request.answers, "en")
            ],
            "details": details,
            "note": "",
        },
        unbooked_since=work.now,
        created_at=work.now,
        created_by=work.actor.id,
    )
    work.session.add(order)
    work.session.flush()
    visit = VisitRow(
        id=new_id("vi"),
        work_order_id=order.id,
        territory_id=order.territory_id,
        site_id=site.id,
        name=in_language(service.names, "en"),
        state="draft",
        duration_s=duration_of(service, request.answers),
        required_skills=skills_of(service, request.answers),
        priority=service.priority,
        created_at=work.now,
    )
    work.session.add(visit)
    work.session.flush()
    return order, visit
