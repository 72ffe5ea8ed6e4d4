"""Customers, their contact points and what was said."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.inbound_messages import InboundMessage, NamedCustomerSchema
from fieldops.usecases.add_note import NoteChannel
from fieldops.usecases.contact_points import ContactKind, NewContact
from fieldops.usecases.create_customer import NewCustomer
from fieldops.usecases.set_consent import Consent
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.timeline_entries import EntryKind
from fieldops.usecases.update_customer import CustomerChanges

LanguageCode = Literal["en", "de"]
Language = Annotated[LanguageCode, Field(description="Of messages.")]
Channel = Annotated[Literal["email", "sms"], Field(description="Preferred for messages.")]
CustomerName = Annotated[str, Field(min_length=1, max_length=200, examples=["Zoë Müller"])]
ZoneName = Annotated[str, Field(min_length=1, max_length=64, examples=["America/New_York"])]
Reference = Annotated[str, Field(min_length=1, max_length=100, examples=["SAP-4711"])]

_ZONE = "IANA time zone for quiet hours; null = that of the territory."
_KNOWN = "Whom the customer knows and would like to see again."
_REFERENCE = "What another system calls the customer."


class ContactRequest(Schema):
    """A phone number or e-mail address."""

    kind: ContactKind
    value: str = Field(
        min_length=1,
        max_length=254,
        description="A number in full with its country code, or as it is dialed in the territory's country.",
        examples=["(202) 555-0123"],
    )
    has_consent: bool = Field(default=False, description="Whether the customer agreed to messages there.")

    def contact(self) -> NewContact:
        """Say it in the words of the use cases."""
        return NewContact(kind=self.kind, value=self.value, has_consent=self.has_consent)


class AddContactRequest(ContactRequest):
    """A phone number or e-mail address to be added."""

    EXAMPLE: ClassVar = {"kind": "phone", "value": "+1 202 555 0123", "has_consent": True}

    allow_duplicate: bool = Field(default=False, description="Whether another customer may have it.")
    territory_id: Id | None = Field(
        default=None, description="Numbers without a country code are read as those of its country."
    )


class CustomerFields(Schema):
    """A customer to be taken down."""

    name: CustomerName
    contacts: list[ContactRequest] = Field(default_factory=list, max_length=20)
    language: Language = "en"
    channel: Channel | None = Field(default=None, description="Null = by e-mail where there is an address.")
    time_zone: ZoneName | None = Field(default=None, description=_ZONE)
    known_technician_id: Id | None = Field(default=None, description=_KNOWN)
    reference: Reference | None = Field(default=None, description=_REFERENCE)
    allow_duplicate: bool = Field(
        default=False, description="Whether another customer may have the same contact point, as in one household."
    )

    def customer(self) -> NewCustomer:
        """Say it in the words of the use cases."""
        return NewCustomer(
            name=self.name,
            contacts=tuple(contact.contact() for contact in self.contacts),
            language=self.language,
            channel=self.channel,
            time_zone=self.time_zone,
            known_technician_id=self.known_technician_id,
            reference=self.reference,
            allow_duplicate=self.allow_duplicate,
        )


class CustomerRequest(CustomerFields):
    """A customer to be taken down."""

    EXAMPLE: ClassVar = {
        "name": "Zoë Müller",
        "contacts": [{"kind": "email", "value": "zoe@example.com", "has_consent": True}],
        "language": "de",
    }

    territory_id: Id | None = Field(
        default=None, description="Numbers without a country code are read as those of its country."
    )


class CustomerPatch(Schema):
    """What is to be different; what is not named stays."""

    EXAMPLE: ClassVar = {"language": "de", "channel": "sms"}

    name: CustomerName = Field(default_factory=str)
    language: Language = Field(default_factory=lambda: "en")
    channel: Channel = Field(default_factory=lambda: "email")
    time_zone: ZoneName | None = Field(default_factory=lambda: None, description=_ZONE)
    known_technician_id: Id | None = Field(default_factory=lambda: None, description=_KNOWN)
    reference: Reference | None = Field(default_factory=lambda: None, description=_REFERENCE)

    def changes(self) -> CustomerChanges:
        """Say it in the words of the use cases."""
        return CustomerChanges(**self.model_dump(exclude_unset=True))


class LookupRequest(Schema):
    """Ask who has a phone number or e-mail address."""

    EXAMPLE: ClassVar = {"contact": "+1 202 555 0123"}

    contact: str = Field(min_length=1, max_length=254, examples=["202-555-0123"])
    territory_id: Id | None = Field(
        default=None, description="A number without a country code is read as one of its country."
    )


class NoteRequest(Schema):
    """Something worth remembering about a customer."""

    EXAMPLE: ClassVar = {"text": "The dog bites; please call from the gate.", "channel": "phone"}

    text: str = Field(min_length=1, max_length=10_000, examples=["The dog bites; please call from the gate."])
    channel: NoteChannel = Field(default=NoteChannel.INTERNAL, description="Where it was said; `internal` = by staff.")


class ConsentRequest(Schema):
    """What a customer said about messages to a contact point."""

    EXAMPLE: ClassVar = {"consent": "given"}

    consent: Consent = Field(
        description="`given`: agreed, takes a STOP back. `withdrawn`: only messages about the customer's own bookings. "
        "`stopped`: nothing at all."
    )


class ContactSchema(Schema):
    """A phone number (E.164) or e-mail address (lower case)."""

    id: Id = Field(examples=["cp_7h3k9c2m4p6r8t0w"])
    kind: ContactKind
    value: str = Field(examples=["+12025550123"])
    consent_at: Instant | None = Field(
        description="When the customer agreed to messages there; null = only those about the customer's own bookings."
    )
    stopped_at: Instant | None = Field(description="When the customer said STOP; nothing is sent there.")


class SiteSchema(Schema):
    """An address of a customer."""

    id: Id = Field(examples=["si_7h3k9c2m4p6r8t0w"])
    address: str
    latitude: float
    longitude: float
    geocoded_by: str = Field(description="`given`, or the geocoder that found it.", examples=["given"])
    access_notes: str


class CustomerSchema(Schema):
    """A customer, with contact points and addresses."""

    id: Id = Field(examples=["cu_7h3k9c2m4p6r8t0w"])
    name: str = Field(examples=["Zoë Müller"])
    language: str = Field(examples=["en"])
    channel: str = Field(examples=["email"])
    time_zone: str | None
    known_technician_id: Id | None
    reference: str | None
    created_at: Instant
    erased_at: Instant | None = Field(description="When everything about the person was erased; nothing is left.")
    contacts: list[ContactSchema]
    sites: list[SiteSchema] = Field(description="The newest first.")


class LookupSchema(Schema):
    """Who has a contact point."""

    kind: ContactKind
    values: list[str] = Field(
        description="What it was taken for; several numbers when countries differ in what it means.",
        examples=[["+12025550123"]],
    )
    customers: list[CustomerSchema] = Field(description="Those who came last first; perhaps nobody.")


class OrderSummarySchema(Schema):
    """A work order in a line."""

    id: Id = Field(examples=["wo_7h3k9c2m4p6r8t0w"])
    territory_id: Id
    summary: str
    reference: str | None
    state: str = Field(description="`open`, `closed` or `canceled`.", examples=["open"])
    created_at: Instant


class BookingSummarySchema(Schema):
    """A booking in a line."""

    id: Id = Field(examples=["bk_7h3k9c2m4p6r8t0w"])
    visit_id: Id
    work_order_id: Id
    territory_id: Id
    window_start: Instant = Field(description="The service starts in this closed interval.")
    window_end: Instant
    state: str = Field(description="`confirmed` or `canceled`.", examples=["confirmed"])
    version: int


class MergeRequest(Schema):
    """Say that another customer is the same person."""

    EXAMPLE: ClassVar = {"other_id": "cu_2b4d6f8h0j1k3m5n"}

    other_id: Id = Field(description="Who is no more afterwards.", examples=["cu_2b4d6f8h0j1k3m5n"])


class OverviewSchema(Schema):
    """A customer, with what a conversation begins with."""

    customer: CustomerSchema
    territory_id: Id | None = Field(
        description="Where the newest work order is: what happened with the customer is shown in its time zone."
    )
    same_contacts: list[NamedCustomerSchema] = Field(
        description="Others with one of the numbers or addresses: a household, or the same person; 20 at most."
    )
    open_orders: list[OrderSummarySchema] = Field(description="The newest 20.")
    upcoming_bookings: list[BookingSummarySchema] = Field(
        description="The next 20 that are not served yet, those overdue for less than twelve hours included."
    )
    inbound_messages: list[InboundMessage] = Field(
        description="What the customer wrote and nobody has seen to, the oldest 20."
    )
    promises: dict[str, int] = Field(
        description="Windows and arrival times told to the customer, by outcome.",
        examples=[{"open": 1, "kept": 4, "broken": 0, "changed": 1, "canceled": 0}],
    )


class TimelineTaskSchema(Schema):
    """What a task says in parts; fields as of tasks."""

    code: TaskCode | None = Field(examples=["late"])
    facts: dict[str, str]
    note: str


class TimelineEntrySchema(Schema):
    """Something that happened with a customer."""

    at: Instant
    kind: EntryKind
    id: str = Field(
        description="Of the note, message, promise, booking, order, task or visit; of a change a number, of a survey "
        "its visit."
    )
    text: str = Field(
        description="The note, the title of the message, the summary of the order or task, the kind of change, the "
        "name of who came."
    )
    by: str | None = Field(
        description="Who did it, where that is known; the owner of a task.", examples=["user:us_7h3k9c2m4p6r8t0w"]
    )
    channel: str | None = Field(description="Of notes and messages.", examples=["phone"])
    state: str | None = Field(
        description="Of messages, bookings, orders and tasks, and the outcome of promises (null = still to be seen), "
        "by now; how far a visit has come; of a survey the answers."
    )
    about: str | None = Field(description="The visit, booking or other thing it is about.")
    window_start: Instant | None = Field(description="Of bookings and promises.")
    window_end: Instant | None
    task: TimelineTaskSchema | None = Field(description="The parts of the text of a task.")


class NoteSchema(Schema):
    """What somebody wrote down."""

    id: Id = Field(examples=["no_7h3k9c2m4p6r8t0w"])
    customer_id: Id
    at: Instant
    author: str
    channel: NoteChannel
    text: str
