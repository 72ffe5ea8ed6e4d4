"""Customers: who they are, how to reach them, what was said."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.customers import (
    AddContactRequest,
    ConsentRequest,
    ContactSchema,
    CustomerPatch,
    CustomerRequest,
    CustomerSchema,
    LookupRequest,
    LookupSchema,
    MergeRequest,
    NoteRequest,
    NoteSchema,
    OverviewSchema,
    TimelineEntrySchema,
)
from fieldops.errors import AlreadyThere, NotFound, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.add_note import add_note
from fieldops.usecases.create_customer import create_customer
from fieldops.usecases.customer_timeline import customer_timeline
from fieldops.usecases.customer_view import view_customer
from fieldops.usecases.erase_customer import erase_customer
from fieldops.usecases.find_customers import list_customers, look_up_customers
from fieldops.usecases.merge_customers import merge_customers
from fieldops.usecases.set_consent import set_consent
from fieldops.usecases.timeline_entries import EntryKind
from fieldops.usecases.update_customer import add_contact, remove_contact, update_customer
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/customers", tags=["customers"])

Reader = Annotated[Actor, needs(Scope.CUSTOMERS_READ)]
Writer = Annotated[Actor, needs(Scope.CUSTOMERS_WRITE)]
CustomerId = Annotated[str, Path(max_length=64, examples=["cu_7h3k9c2m4p6r8t0w"])]
ContactId = Annotated[str, Path(max_length=64, examples=["cp_7h3k9c2m4p6r8t0w"])]


@router.post(
    "",
    operation_id="create_customer",
    summary="Take down a customer",
    status_code=201,
    response_model=CustomerSchema,
    responses=problems(AlreadyThere),
)
def create(ctx: Ctx, actor: Writer, key: Key, body: CustomerRequest) -> Response:
    """
    Take down a new customer.

    When somebody has one of the contact points already, `details.customer_ids` of the answer says who; with
    `allow_duplicate` the customer is taken down all the same.
    """
    made = answer(
        ctx,
        actor,
        key,
        201,
        CustomerSchema.model_validate,
        create_customer,
        body.customer(),
        territory_id=body.territory_id,
    )
    return located(made, "/v1/customers/{id}")


@router.get("", operation_id="list_customers", summary="List customers")
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    name: Annotated[
        str | None,
        Query(max_length=200, description="Beginning of the name, or of a word of it.", examples=["müll"]),
    ] = None,
    reference: Annotated[str | None, Query(max_length=100, description="What another system calls them.")] = None,
) -> PageOf[CustomerSchema]:
    """List customers by name."""
    found = view(ctx, actor, list_customers, name=name, reference=reference, limit=page.limit, after=page.after)
    return PageOf[CustomerSchema].model_validate(found)


@router.post(
    "/lookup",
    operation_id="look_up_customers",
    summary="Find who has a contact point",
    responses=problems(NotFound),
)
def look_up(ctx: Ctx, actor: Reader, body: LookupRequest) -> LookupSchema:
    """
    Find who has a phone number or e-mail address, however it is written.

    Nobody is an answer, too. The contact point comes in the body so that no log of addresses has it; nothing is
    changed, so no Idempotency-Key is needed.
    """
    found = view(ctx, actor, look_up_customers, body.contact, territory_id=body.territory_id)
    return LookupSchema.model_validate(found)


@router.get("/{customer_id}", operation_id="read_customer", summary="Read a customer", responses=problems(NotFound))
def read(ctx: Ctx, actor: Reader, customer_id: CustomerId) -> OverviewSchema:
    """Read a customer, with what is open, booked next, and kept of what was promised."""
    return OverviewSchema.model_validate(view(ctx, actor, view_customer, customer_id))


@router.patch(
    "/{customer_id}",
    operation_id="update_customer",
    summary="Change a customer",
    responses=problems(NotFound, WrongState),
)
def update(ctx: Ctx, actor: Writer, customer_id: CustomerId, body: CustomerPatch) -> CustomerSchema:
    """Change what is named; the rest stays. Contact points have addresses of their own."""
    return CustomerSchema.model_validate(transact(ctx, actor, update_customer, customer_id, body.changes()))


@router.get(
    "/{customer_id}/timeline",
    operation_id="read_customer_timeline",
    summary="Read a customer's history",
    responses=problems(NotFound),
)
def read_timeline(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    customer_id: CustomerId,
    kind: Annotated[list[EntryKind] | None, Query(max_length=20, description="Only these; all without it.")] = None,
) -> PageOf[TimelineEntrySchema]:
    """
    Read what happened with a customer on any channel, newest first.

    Notes, messages, promises with their outcomes, bookings, work orders, tasks, who came, answers to surveys, and every
    change of any of them.
    """
    kinds = tuple(EntryKind) if kind is None else kind
    found = view(ctx, actor, customer_timeline, customer_id, kinds=kinds, limit=page.limit, after=page.after)
    return PageOf[TimelineEntrySchema].model_validate(found)


@router.post(
    "/{customer_id}/notes",
    operation_id="add_note",
    summary="Write a note",
    status_code=201,
    response_model=NoteSchema,
    responses=problems(NotFound, WrongState),
)
def write_note(ctx: Ctx, actor: Writer, key: Key, customer_id: CustomerId, body: NoteRequest) -> Response:
    """Write down what was said with a customer, so that no channel asks twice."""
    return answer(
        ctx, actor, key, 201, NoteSchema.model_validate, add_note, customer_id, body.text, channel=body.channel
    )


@router.post(
    "/{customer_id}/contacts",
    operation_id="add_contact",
    summary="Add a contact point",
    status_code=201,
    response_model=CustomerSchema,
    responses=problems(NotFound, WrongState, AlreadyThere),
)
def add_point(ctx: Ctx, actor: Writer, key: Key, customer_id: CustomerId, body: AddContactRequest) -> Response:
    """Add a phone number or e-mail address to a customer."""
    return answer(
        ctx,
        actor,
        key,
        201,
        CustomerSchema.model_validate,
        add_contact,
        customer_id,
        body.contact(),
        allow_duplicate=body.allow_duplicate,
        territory_id=body.territory_id,
    )


@router.delete(
    "/{customer_id}/contacts/{contact_id}",
    operation_id="remove_contact",
    summary="Remove a contact point",
    responses=problems(NotFound, WrongState),
)
def remove_point(ctx: Ctx, actor: Writer, customer_id: CustomerId, contact_id: ContactId) -> CustomerSchema:
    """Take a contact point away from a customer; what was said there stays in the history."""
    return CustomerSchema.model_validate(transact(ctx, actor, remove_contact, customer_id, contact_id))


@router.put(
    "/{customer_id}/contacts/{contact_id}/consent",
    operation_id="set_consent",
    summary="Record consent or STOP",
    responses=problems(NotFound),
)
def record_consent(
    ctx: Ctx, actor: Writer, customer_id: CustomerId, contact_id: ContactId, body: ConsentRequest
) -> ContactSchema:
    """Record what a customer said about messages to a contact point; saying it again changes nothing."""
    return ContactSchema.model_validate(transact(ctx, actor, set_consent, customer_id, contact_id, body.consent))


@router.post(
    "/{customer_id}/merge",
    operation_id="merge_customers",
    summary="Merge two customers",
    response_model=CustomerSchema,
    responses=problems(NotFound),
)
def merge(ctx: Ctx, actor: Writer, key: Key, customer_id: CustomerId, body: MergeRequest) -> Response:
    """
    Give a customer everything another one has: orders, bookings, promises, messages, notes, addresses, contact points.

    For whoever booked on the page and was known before; `same_contacts` of a customer names such others. What is known
    of the customer in the address counts. There is no way back.
    """
    return answer(ctx, actor, key, 200, CustomerSchema.model_validate, merge_customers, customer_id, body.other_id)


@router.post(
    "/{customer_id}/erase",
    operation_id="erase_customer",
    summary="Erase a customer",
    response_model=CustomerSchema,
    responses=problems(NotFound, WrongState),
)
def erase(ctx: Ctx, actor: Annotated[Actor, needs(Scope.ADMIN)], key: Key, customer_id: CustomerId) -> Response:
    """
    Erase everything that says who a customer is: there is no way back.

    Name, numbers, addresses, notes, what was typed in orders, messages, surveys, tasks and the audit are gone, links
    are revoked, open work orders canceled. Plans, promises and figures stay, about nobody; so does a STOP. Refused
    while an appointment is ahead or not reported of, and on the day of a visit.
    """
    return answer(ctx, actor, key, 200, CustomerSchema.model_validate, erase_customer, customer_id)
