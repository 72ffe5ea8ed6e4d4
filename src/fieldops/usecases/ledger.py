"""The ledger of promises, and what other systems are told about bookings."""

from sqlalchemy import update

from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, PromiseRow
from fieldops.usecases.notify import emit
from fieldops.usecases.work import Work


def promise_window(work: Work, booking: BookingRow) -> None:
    """Write down the window a customer is told."""
    work.session.add(
        PromiseRow(
            id=new_id("pr"),
            booking_id=booking.id,
            visit_id=booking.visit_id,
            customer_id=booking.customer_id,
            kind="window",
            window_start=booking.window_start,
            window_end=booking.window_end,
            told_at=work.now,
        )
    )


def settle_promises(work: Work, booking: BookingRow, outcome: str) -> None:
    """Write down what became of the promises about a booking that were still open."""
    work.session.execute(
        update(PromiseRow)
        .where(PromiseRow.booking_id == booking.id, PromiseRow.outcome.is_(None))
        .values(outcome=outcome, settled_at=work.now)
    )


def tell_systems(work: Work, event: str, booking: BookingRow) -> None:
    """Tell other systems what a booking is now."""
    data = {
        "booking_id": booking.id,
        "visit_id": booking.visit_id,
        "customer_id": booking.customer_id,
        "territory_id": booking.territory_id,
        "state": booking.state,
        "version": booking.version,
        "date": booking.date.isoformat(),
        "window_start": booking.window_start.isoformat(),
        "window_end": booking.window_end.isoformat(),
    }
    emit(work, event, booking.id, booking.version, data)
