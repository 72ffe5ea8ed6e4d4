"""A STOP is said by a number or an address, and outlives whatever staff do with the customers who have it."""

from typing import Any

import pytest

from fieldops.store.database import Database
from fieldops.store.tables import CustomerRow
from fieldops.usecases.contact_points import ContactKind, NewContact
from fieldops.usecases.context import Context
from fieldops.usecases.create_customer import NewCustomer, create_customer
from fieldops.usecases.customer_views import CustomerView
from fieldops.usecases.reach_customer import ways_to_reach
from fieldops.usecases.receive_sms import receive_sms
from fieldops.usecases.set_consent import Consent, set_consent
from fieldops.usecases.update_customer import add_contact, remove_contact
from fieldops.usecases.work import transact
from worlds import STAFF, SYSTEM, add_territory, make_context

NUMBER = "+12025550123"
PHONE = NewContact(kind=ContactKind.PHONE, value=NUMBER, has_consent=True)


@pytest.fixture
def ctx(database: Database) -> Context:
    """Give a world with one territory."""
    with database.writing() as session:
        add_territory(session)
    return make_context(database)


def _create(ctx: Context, **more: Any) -> CustomerView:
    return transact(ctx, STAFF, create_customer, NewCustomer(name="Pat Example", contacts=(PHONE,), **more))


def _can_be_reached(ctx: Context, customer: CustomerView) -> bool:
    with ctx.database.reading() as session:
        return bool(ways_to_reach(session, session.get_one(CustomerRow, customer.id)))


def test_a_second_customer_with_the_number_is_stopped_from_the_start(ctx: Context) -> None:
    """Taken down twice is not asked twice: the owner of the number said STOP to all of us."""
    _create(ctx)
    transact(ctx, SYSTEM, receive_sms, NUMBER, "STOP")

    second = _create(ctx, allow_duplicate=True)

    assert not _can_be_reached(ctx, second)
    (point,) = second.contacts
    assert (point.consent_at, point.stopped_at is None) == (None, False)


def test_a_number_that_was_removed_and_added_again_is_still_stopped(ctx: Context) -> None:
    """Nobody can undo a STOP by tidying up."""
    customer = _create(ctx)
    transact(ctx, SYSTEM, receive_sms, NUMBER, "STOP")
    (point,) = customer.contacts
    transact(ctx, STAFF, remove_contact, customer.id, point.id)

    transact(ctx, STAFF, add_contact, customer.id, PHONE)

    assert not _can_be_reached(ctx, customer)


def test_a_stop_of_a_number_nobody_has_yet_holds_later(ctx: Context) -> None:
    """Whoever is told STOP before the customer was taken down has been told."""
    transact(ctx, SYSTEM, receive_sms, NUMBER, "Stop!")
    assert not _can_be_reached(ctx, _create(ctx))

    transact(ctx, SYSTEM, receive_sms, NUMBER, "START")

    assert _can_be_reached(ctx, _create(ctx, allow_duplicate=True))


def test_staff_take_back_the_stop_of_one_customer_only(ctx: Context) -> None:
    """One of a household agrees again: the other one said nothing, and whoever is new is not asked for it."""
    first, second = _create(ctx), _create(ctx, allow_duplicate=True)
    transact(ctx, SYSTEM, receive_sms, NUMBER, "STOP")
    (point,) = first.contacts

    transact(ctx, STAFF, set_consent, first.id, point.id, Consent.GIVEN)

    assert [_can_be_reached(ctx, customer) for customer in (first, second)] == [True, False]
    assert not _can_be_reached(ctx, _create(ctx, allow_duplicate=True))
    (point,) = second.contacts
    transact(ctx, STAFF, set_consent, second.id, point.id, Consent.GIVEN)
    assert not _can_be_reached(ctx, _create(ctx, allow_duplicate=True))
