"""Customers, how to reach them, where they are, and what was said."""

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.domain.spelling import address_key, name_key
from fieldops.store.base import Row

#: Text compared code point by code point on every database, so that a range of it is a prefix.
_KEY: Final = String().with_variant(String(collation="C"), "postgresql")


def _name_key(context: DefaultExecutionContext) -> str:
    """Make the key of the name that is inserted."""
    return name_key(context.get_current_parameters()["name"])  # type: ignore[no-untyped-call]


def _address_key(context: DefaultExecutionContext) -> str:
    """Make the key of the address that is inserted."""
    return address_key(context.get_current_parameters()["address"])  # type: ignore[no-untyped-call]


class CustomerRow(Row):
    """
    Somebody who asks for work.

    Attributes
    ----------
    name_key
        Of `name`, for searching; made when the row is inserted, to be set along with the name later.
    language
        Of messages: ``en`` or ``de``.
    channel
        Preferred for messages: ``email`` or ``sms``.
    time_zone
        IANA name for quiet hours; None = that of the territory.
    known_technician_id
        Whom the customer knows and would like to see again.
    technician_is_chosen
        Whether staff have said whom the customer knows, or that it is nobody; else who was there first is.
    is_draft
        Somebody who has begun to book and not finished; staff see nothing of them, and they are sent nothing.
    erased_at
        When everything about the person was erased for good; what is left says nothing of anybody.
    """

    __tablename__ = "customers"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(_KEY, default=_name_key, index=True)
    language: Mapped[str] = mapped_column(default="en")
    channel: Mapped[str] = mapped_column(default="email")
    time_zone: Mapped[str | None]
    known_technician_id: Mapped[str | None] = mapped_column(ForeignKey("technicians.id"))
    technician_is_chosen: Mapped[bool] = mapped_column(default=False, server_default=false())
    reference: Mapped[str | None] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]
    is_draft: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class ContactPointRow(Row):
    """
    A phone number (E.164) or e-mail address (lower case) of a customer.

    Attributes
    ----------
    consent_at
        When the customer agreed to messages here; None = never asked: only messages about the customer's own booking.
    stopped_at
        When the customer said STOP; nothing is sent here any more.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        Index("ix_contact_points_kind_value", "kind", "value"),
        Index("uq_contact_points_customer_id_kind_value", "customer_id", "kind", "value", unique=True),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # phone | email
    value: Mapped[str]
    consent_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class OptOutRow(Row):
    """
    A number or address where somebody said STOP; it holds for whoever has it, now or later.

    Attributes
    ----------
    kind, value
        As of `ContactPointRow`.
    """

    __tablename__ = "opt_outs"
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    said_at: Mapped[datetime]


class CustomerNoteRow(Row):
    """What somebody wrote down about a customer or a contact on any channel."""

    __tablename__ = "customer_notes"
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    author: Mapped[str]
    channel: Mapped[str]  # phone | email | sms | chat | web | visit | internal
    text: Mapped[str]


class SiteRow(Row):
    """
    A place on the map: a customer's address, a depot, a home.

    Attributes
    ----------
    address_key
        Of `address`, for searching; made when the row is inserted. A customer who moves has another site.
    geocoded_by
        ``given`` when the coordinates came with the address, ``customer`` when a customer set them without an account,
        else the geocoder's name.
    """

    __tablename__ = "sites"
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str] = mapped_column(default="customer")  # customer | depot | home
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(_KEY, default=_address_key, index=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    geocoded_by: Mapped[str] = mapped_column(default="given")
    access_notes: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class GeocodeRow(Row):
    """An address looked up once, under its `address_key`; ``latitude`` None = looked up and not found."""

    __tablename__ = "geocodes"
    query: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    found_at: Mapped[datetime]
