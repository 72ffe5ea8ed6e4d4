"""Offer, hold, booking, and the ledger of what was promised."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class OfferRow(Row):
    """
    An arrival window that could be kept when it was offered, with what it would cost then.

    Attributes
    ----------
    quote_id
        The offers of one answer share it.
    window_start, window_end
        Closed interval for the start of service.
    cost_cents
        Added to the running plan by the best technician.
    slack_s
        How far that start could slip without breaking anything.
    kept_permille
        How likely the window was to be kept, 0 to 1,000. None = offered before that was told.
    rank
        1 = best of its quote.
    """

    __tablename__ = "offers"
    id: Mapped[str] = mapped_column(primary_key=True)
    quote_id: Mapped[str] = mapped_column(index=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    territory_id: Mapped[str]
    date: Mapped[date]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    rank: Mapped[int]
    cost_cents: Mapped[int]
    slack_s: Mapped[int]
    kept_permille: Mapped[int | None]
    technician_id: Mapped[str]
    shift_id: Mapped[str]
    plan_version: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]


class HoldRow(Row):
    """
    A window reserved for a short time: its visit is on the plan, tentatively.

    Attributes
    ----------
    is_another_try
        Whether the visit failed before it was held: should the hold come to nothing, it has failed again.
    """

    __tablename__ = "holds"
    __table_args__ = (
        Index(
            "uq_holds_visit_id_active",
            "visit_id",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
        Index("ix_holds_state_expires_at", "state", "expires_at"),
        CheckConstraint("state in ('active', 'confirmed', 'released', 'expired')", name="state"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    offer_id: Mapped[str | None]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    territory_id: Mapped[str]
    date: Mapped[date]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="active")
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    is_another_try: Mapped[bool] = mapped_column(default=False, server_default=false())


class BookingRow(Row):
    """
    A confirmed window of one visit.

    Attributes
    ----------
    version
        Raised by every change of the window; messages name the version they speak of.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        Index(
            "uq_bookings_visit_id_confirmed",
            "visit_id",
            unique=True,
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
        Index("ix_bookings_territory_id_date", "territory_id", "date"),
        CheckConstraint("state in ('confirmed', 'canceled')", name="state"),
        CheckConstraint("window_start <= window_end", name="window"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    territory_id: Mapped[str]
    hold_id: Mapped[str | None] = mapped_column(index=True)
    date: Mapped[date]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="confirmed")
    version: Mapped[int] = mapped_column(default=1)
    confirmed_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    canceled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class PromiseRow(Row):
    """
    One line of the ledger: a window or ETA told to a customer, and what became of it. Lines are never deleted.

    Attributes
    ----------
    kind
        ``window`` or ``eta``.
    outcome
        None = still to be seen; ``kept``, ``broken``, ``changed`` (another line replaces it), ``canceled``.
    """

    __tablename__ = "promises"
    id: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"), index=True)
    visit_id: Mapped[str] = mapped_column(index=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(default="window")
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    told_at: Mapped[datetime]
    outcome: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class WaitlistRow(Row):
    """
    A booked customer who would come earlier, and agreed to be asked.

    Attributes
    ----------
    not_before
        The earliest start the customer could take.
    state
        ``waiting``, ``offered`` (an offer is out until `offer_expires_at`), ``accepted``, ``left``.
    looked_at
        When room was last looked for; None = never.
    """

    __tablename__ = "waitlist"
    __table_args__ = (
        Index(
            "uq_waitlist_booking_id_open",
            "booking_id",
            unique=True,
            sqlite_where=text("state in ('waiting', 'offered')"),
            postgresql_where=text("state in ('waiting', 'offered')"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"))
    territory_id: Mapped[str] = mapped_column(index=True)
    not_before: Mapped[datetime]
    consent_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    offer_id: Mapped[str | None]
    offer_expires_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
