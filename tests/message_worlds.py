"""What tests of messages need: channels that remember, and a booked customer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.messaging.channel import Channel, Delivery, Outcome, Outgoing
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, CustomerRow, MessageRow, PromiseRow, TerritoryRow
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context
from fieldops.usecases.notify import notify_customer
from fieldops.usecases.work import transact
from worlds import NOW, STAFF, add_customer, add_site, add_territory, add_visit, book_visit, local

DELIVERED = Delivery(outcome=Outcome.DELIVERED, detail="250 OK", provider_id="p-1")
LATER = Delivery(outcome=Outcome.RETRY, detail="451 try again")
NEVER = Delivery(outcome=Outcome.REFUSED, detail="550 no such user")
CONTACT = "Acme Service, +1 202 555 0100, help@acme.example"


@dataclass(slots=True)
class RecordingChannel:
    """
    A channel that remembers what it was given.

    Attributes
    ----------
    answers
        What it says, one after the other; the last one for good.
    before
        Called with each message before it is answered.
    """

    answers: list[Delivery] = field(default_factory=lambda: [DELIVERED])
    before: Callable[[Outgoing], object] = lambda _: None
    sent: list[Outgoing] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def send(self, message: Outgoing) -> Delivery:
        """Remember, and answer."""
        self.before(message)
        with self.lock:
            self.sent.append(message)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The channels of a context."""

    email: RecordingChannel = field(default_factory=RecordingChannel)
    sms: RecordingChannel = field(default_factory=RecordingChannel)
    webhook: RecordingChannel = field(default_factory=RecordingChannel)

    def channels(self) -> dict[str, Channel]:
        """Return them by name."""
        return {"email": self.email, "sms": self.sms, "webhook": self.webhook}


def add_booking(
    session: Session,
    *,
    start: datetime | None = None,
    territory: TerritoryRow | None = None,
    customer: CustomerRow | None = None,
    policies: dict[str, Any] | None = None,
    **changes: Any,
) -> BookingRow:
    """Add a booking of two hours with its visit, customer and territory: on Thursday from 10:00 to 12:00 local time."""
    territory = territory or add_territory(session, policies={"contact": CONTACT, **(policies or {})})
    customer = customer or add_customer(session)
    begins = start or local("10:00") + timedelta(days=3)
    site = add_site(session, customer, km_north=1.0, address="12 Main Street")
    visit = add_visit(session, territory, customer=customer, site=site)
    return book_visit(session, visit, begins, begins + timedelta(hours=2), **changes)


def move(session: Session, booking: BookingRow, by: timedelta, at: datetime = NOW) -> None:
    """Move a booking as a reschedule does: the ledger keeps the old window, the version rises."""
    session.add(
        PromiseRow(
            id=new_id("pr"),
            booking_id=booking.id,
            visit_id=booking.visit_id,
            customer_id=booking.customer_id,
            window_start=booking.window_start,
            window_end=booking.window_end,
            told_at=booking.changed_at,
            outcome="changed",
            settled_at=at,
        )
    )
    booking.window_start += by
    booking.window_end += by
    booking.version += 1
    booking.changed_at = at
    session.flush()


def cancel(session: Session, booking: BookingRow, at: datetime = NOW) -> None:
    """Cancel a booking."""
    booking.state, booking.canceled_at, booking.changed_at = "canceled", at, at
    session.flush()


def tell(ctx: Context, booking: BookingRow, kind: str, who: Actor = STAFF, **extra: object) -> None:
    """Leave a message about a booking in a transaction of its own."""
    transact(
        ctx, who, lambda work: notify_customer(work, work.session.get_one(BookingRow, booking.id), kind, extra=extra)
    )


def outbox(database: Database, **where: str) -> list[MessageRow]:
    """List messages, the oldest due first."""
    with database.reading() as session:
        return list(session.scalars(select(MessageRow).filter_by(**where).order_by(MessageRow.due_at, MessageRow.id)))
