"""What the booking page asks and is told: nobody has an account there, and nothing is said about other people."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.customers import Channel, CustomerName, Language, LanguageCode
from fieldops.api.schemas.work_orders import SiteRequest
from fieldops.domain.service import LONGEST_ANSWER, QuestionKind
from fieldops.usecases.give_contact import NewOwnContact
from fieldops.usecases.request_booking import NewRequest

ChannelName = Literal["email", "sms"]
_ZONE = Field(examples=["America/New_York"], description="Of the territory; dates are in it.")


class BookableTerritory(Schema):
    """A territory that has services customers can book themselves."""

    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    name: str = Field(examples=["Washington"])
    time_zone: str = _ZONE


class OfferedChoice(Schema):
    """An answer to choose."""

    id: str = Field(examples=["gas"])
    text: str = Field(examples=["Gas"])


class OfferedQuestion(Schema):
    """Something the customer is asked."""

    id: str = Field(description="Answers name it.", examples=["fuel"])
    kind: QuestionKind
    text: str = Field(examples=["What does it burn?"])
    is_required: bool
    choices: list[OfferedChoice] = Field(description="Of a question of that kind.")


class OfferedService(Schema):
    """Work that can be booked."""

    id: Id = Field(examples=["sv_7h3k9c2m4p6r8t0w"])
    name: str = Field(examples=["Heating does not work"])
    description: str
    duration_s: int = Field(description="About how long it takes; answers may add to it.", examples=[4_500])
    questions: list[OfferedQuestion]


class BookingPage(Schema):
    """All that a booking page shows before it knows anything."""

    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    name: str = Field(examples=["Washington"])
    time_zone: str = _ZONE
    language: LanguageCode = Field(description="Of the texts, where they are written in it; English otherwise.")
    languages: list[LanguageCode] = Field(description="Those that can be asked for.", examples=[["de", "en"]])
    contact: str = Field(description="The company's line.", examples=["Acme Service, +1 202 555 0100"])
    horizon_days: int = Field(description="Days that can be booked, counted from today.", examples=[14])
    hold_minutes: int = Field(description="How long a window is held while the customer decides.", examples=[10])
    channels: list[ChannelName] = Field(
        description="How messages can be sent: what consent can be given for.", examples=[["email", "sms"]]
    )
    services: list[OfferedService] = Field(description="In the order in which they are shown.")


class FoundAddress(Schema):
    """An address that may be meant."""

    address: str = Field(examples=["1380 Quincy Street Northwest, Washington, DC 20011"])
    latitude: float = Field(description="Degrees, WGS84.", examples=[38.937613])
    longitude: float = Field(examples=[-77.032111])
    is_served: bool = Field(description="Whether it is near enough to be booked.")


class FoundAddresses(Schema):
    """Addresses that may be meant, the likeliest first; perhaps none."""

    candidates: list[FoundAddress]


class RequestForWindows(Schema):
    """What somebody without an account wants done, and where."""

    EXAMPLE: ClassVar = {
        "service_id": "sv_7h3k9c2m4p6r8t0w",
        "answers": {"fuel": "gas"},
        "site": {"address": "1380 Quincy St NW, Washington, DC 20011", "access_notes": "Ring at the gate, code 17"},
        "details": "It has been cold since Sunday.",
        "language": "en",
    }

    service_id: Id = Field(examples=["sv_7h3k9c2m4p6r8t0w"])
    answers: dict[
        Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, Field(max_length=LONGEST_ANSWER)]
    ] = Field(
        default_factory=dict,
        max_length=20,
        description="Id of a question to the id of the choice, or to a text.",
        examples=[{"fuel": "gas"}],
    )
    site: SiteRequest
    details: str = Field(default="", max_length=2_000, examples=["It has been cold since Sunday."])
    language: Language = "en"

    def request(self, territory_id: str) -> NewRequest:
        """Say it in the words of the use cases."""
        return NewRequest(territory_id=territory_id, **self.model_dump(exclude={"site"}), site=self.site.site())


class RequestedSite(Schema):
    """Where it is to be done."""

    address: str
    latitude: float
    longitude: float


class OpenRequest(Schema):
    """A request that windows can be asked for with `token` as bearer; nothing is booked yet."""

    work_order_id: Id = Field(examples=["wo_7h3k9c2m4p6r8t0w"])
    visit_id: Id = Field(description="Quote it.", examples=["vi_7h3k9c2m4p6r8t0w"])
    site: RequestedSite
    token: str | None = Field(
        description="The customer's link: opens this work order and nothing else. Null when it was revoked meanwhile.",
        examples=["fol_customer.WyJsbl83aDNrOWMybTRwNnI4dDB3IiwxNzg0MDAwMDAwXQ.x1y2z3"],
    )
    expires_at: Instant = Field(description="When the token does.")
    kept_until: Instant = Field(description="Unless it is booked, the request is forgotten after this.")


class ConsentsSchema(Schema):
    """To which messages the customer agreed beyond those about this booking."""

    email: bool = False
    sms: bool = False


class OwnContactRequest(Schema):
    """Who books, and how to reach them: an e-mail address, a phone number, or both."""

    EXAMPLE: ClassVar = {
        "name": "Zoë Müller",
        "email": "zoe@example.com",
        "phone": "(202) 555-0123",
        "preferred_channel": "sms",
        "consents": {"email": False, "sms": True},
        "language": "en",
        "note": "Please call from the gate.",
    }

    name: CustomerName
    email: Annotated[str, Field(min_length=1, max_length=254)] | None = Field(
        default=None, examples=["zoe@example.com"]
    )
    phone: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None,
        description="In full with its country code, or as it is dialed in the territory's country.",
        examples=["(202) 555-0123"],
    )
    preferred_channel: Channel | None = Field(default=None, description="Null = by e-mail where there is an address.")
    consents: ConsentsSchema = Field(default_factory=ConsentsSchema)
    language: Language | None = Field(default=None, description="Null = as it was.")
    access_notes: Annotated[str, Field(max_length=2_000)] | None = Field(
        default=None, description="Null = as they were.", examples=["Ring at the gate, code 17"]
    )
    note: str = Field(default="", max_length=2_000, examples=["Please call from the gate."])

    def contact(self) -> NewOwnContact:
        """Say it in the words of the use cases."""
        said = self.model_dump(exclude={"consents"})
        return NewOwnContact(**said, email_consent=self.consents.email, sms_consent=self.consents.sms)


class OwnContactSchema(Schema):
    """What was taken down, as it is stored."""

    name: str = Field(examples=["Zoë Müller"])
    email: str | None = Field(examples=["zoe@example.com"])
    phone: str | None = Field(description="E.164.", examples=["+12025550123"])
    preferred_channel: ChannelName
    consents: ConsentsSchema
    language: LanguageCode
    access_notes: str
    note: str


class CallSchema(Schema):
    """Somebody will call."""

    due_at: Instant = Field(description="By when.")
