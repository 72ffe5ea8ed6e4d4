"""Customers: taken down once, found by whatever they call from, one history over all channels."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fieldops.errors import AlreadyThere, InvalidInput, NotFound
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, MessageRow, PromiseRow, VisitProgressRow, WorkOrderRow
from fieldops.usecases.add_note import NoteChannel, add_note
from fieldops.usecases.contact_points import ContactKind, NewContact
from fieldops.usecases.context import Context
from fieldops.usecases.create_customer import NewCustomer, create_customer
from fieldops.usecases.customer_timeline import customer_timeline
from fieldops.usecases.customer_view import view_customer
from fieldops.usecases.customer_views import CustomerView
from fieldops.usecases.find_customers import list_customers, look_up_customers
from fieldops.usecases.set_consent import Consent, set_consent, set_consent_everywhere
from fieldops.usecases.task_codes import TaskCode, sentence_of
from fieldops.usecases.tasks import TaskKind, finish_task, open_task
from fieldops.usecases.timeline_entries import EntryKind, TimelineEntry, TimelineTask
from fieldops.usecases.update_customer import CustomerChanges, add_contact, remove_contact, update_customer
from fieldops.usecases.work import transact, view
from worlds import (
    NOW,
    STAFF,
    FakeClock,
    add_customer,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)

PHONE = NewContact(kind=ContactKind.PHONE, value="(202) 555-0123")
EMAIL = NewContact(kind=ContactKind.EMAIL, value="Zoe@Example.com", has_consent=True)


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def ctx(database: Database, clock: FakeClock) -> Context:
    """Give a world with one territory, in New York's time."""
    with database.writing() as session:
        add_territory(session, id="te_dc")
    return make_context(database, clock=clock)


def _create(ctx: Context, name: str = "Zoë Müller", *contacts: NewContact, **more: Any) -> CustomerView:
    return transact(ctx, STAFF, create_customer, NewCustomer(name=name, contacts=contacts, **more))


def test_a_customer_is_found_by_number_or_address_in_any_form(ctx: Context) -> None:
    """No channel may ask a second time who somebody is."""
    created = _create(ctx, "Zoë Müller", PHONE, EMAIL)

    for text in ("202-555-0123", "+1 202 555 0123", "1.202.555.0123", "zoe@EXAMPLE.com "):
        assert view(ctx, STAFF, look_up_customers, text).customers == (created,)
    assert [(point.kind, point.value, point.consent_at) for point in created.contacts] == [
        ("email", "zoe@example.com", NOW),
        ("phone", "+12025550123", None),
    ]
    nobody = view(ctx, STAFF, look_up_customers, "+49 30 123456")
    assert (nobody.kind, nobody.values, nobody.customers) == ("phone", ("+4930123456",), ())


def test_what_is_neither_number_nor_address_is_refused(ctx: Context) -> None:
    """An empty answer would say that nobody has this number."""
    with pytest.raises(InvalidInput, match="contact: found 'Zoë', expected a phone number or an e-mail address"):
        view(ctx, STAFF, look_up_customers, "Zoë")


def test_nobody_is_taken_down_twice_by_accident(ctx: Context) -> None:
    """Two records of one customer are two halves of a history; two people in one house are two customers."""
    first = _create(ctx, "Zoë Müller", PHONE)
    with pytest.raises(AlreadyThere, match="2025550123") as refused:
        _create(ctx, "Max Müller", replace(PHONE, value="+1 202 555 0123"))
    second = _create(ctx, "Max Müller", PHONE, allow_duplicate=True)

    assert refused.value.details == {"customer_ids": [first.id]}
    assert {found.id for found in view(ctx, STAFF, look_up_customers, "2025550123").customers} == {first.id, second.id}


def test_everything_wrong_with_a_customer_is_told_at_once(ctx: Context) -> None:
    """Correcting faults one by one makes customers wait on the phone."""
    with pytest.raises(InvalidInput) as refused:
        _create(
            ctx,
            "  ",
            replace(PHONE, value="12"),
            language="xx",
            channel="fax",
            time_zone="Mars/Olympus",
            known_technician_id="tn_nobody",
        )

    assert [fault.path for fault in refused.value.faults] == [
        "contacts[0].value",
        "name",
        "language",
        "channel",
        "time_zone",
        "known_technician_id",
    ]


def test_a_preferred_channel_needs_a_contact_point(ctx: Context) -> None:
    """Messages by e-mail to somebody without an address reach nobody."""
    with pytest.raises(InvalidInput, match="channel: found 'email', expected a channel of which there is"):
        _create(ctx, "Zoë", PHONE, channel="email")

    assert _create(ctx, "Zoë", PHONE).channel == "sms"
    assert _create(ctx, "Max", EMAIL, replace(PHONE, value="202 555 0199")).channel == "email"


def test_names_are_found_by_the_beginning_of_any_word_in_pages(ctx: Context) -> None:
    """Callers give their last name; case and accents' encoding must not matter, and no page repeats a customer."""
    names = ("Ana Álvarez", "álvaro Paz", "Bo Ålund", "Bob", "Zed ÁLVAREZ", "50% off_")
    ids = {_create(ctx, name).id: name for name in names}

    page = view(ctx, STAFF, list_customers, name="A\u0301LVAR", limit=2)
    rest = view(ctx, STAFF, list_customers, name="álvar", limit=2, after=page.next)

    assert [ids[found.id] for found in page.items + rest.items] == ["Ana Álvarez", "Zed ÁLVAREZ", "álvaro Paz"]
    assert (len(page.items), rest.next) == (2, None)
    assert [found.name for found in view(ctx, STAFF, list_customers, name="50%").items] == ["50% off_"]
    assert view(ctx, STAFF, list_customers, name="5_").items == ()
    with pytest.raises(InvalidInput, match=r"query\.after"):
        view(ctx, STAFF, list_customers, after="nonsense")


def test_a_change_touches_only_what_it_names(ctx: Context) -> None:
    """A new name must not lose the preferred technician, and a technician can be forgotten on purpose."""
    with ctx.database.writing() as session:
        technician = add_technician(session, add_territory(session))
    created = _create(ctx, "Zoë Müller", EMAIL, known_technician_id=technician.id, reference="K-17")
    renamed = transact(ctx, STAFF, update_customer, created.id, CustomerChanges(name=" Zoë Weiß "))
    forgotten = transact(ctx, STAFF, update_customer, created.id, CustomerChanges(known_technician_id=None))

    assert renamed == replace(created, name="Zoë Weiß")
    assert forgotten == replace(renamed, known_technician_id=None)
    assert [found.id for found in view(ctx, STAFF, list_customers, name="weiss").items] == [created.id]
    with pytest.raises(InvalidInput, match="language"):
        transact(ctx, STAFF, update_customer, created.id, CustomerChanges(language="tlh"))
    with pytest.raises(NotFound):
        transact(ctx, STAFF, update_customer, "cu_nobody", CustomerChanges(name="X"))


def test_contact_points_come_and_go(ctx: Context) -> None:
    """People change their numbers; the old one must not lead to them any more."""
    created = _create(ctx, "Zoë", EMAIL)
    other = _create(ctx, "Max", replace(PHONE, value="202 555 0199"))
    added = transact(ctx, STAFF, add_contact, created.id, PHONE)
    with pytest.raises(AlreadyThere, match="already"):
        transact(ctx, STAFF, add_contact, created.id, replace(PHONE, value="2025550123"))
    with pytest.raises(AlreadyThere, match=other.id):
        transact(ctx, STAFF, add_contact, created.id, replace(PHONE, value="202 555 0199"))
    with pytest.raises(InvalidInput, match="value: found '12', expected a phone number"):
        transact(ctx, STAFF, add_contact, created.id, replace(PHONE, value="12"))
    with pytest.raises(NotFound):
        transact(ctx, STAFF, remove_contact, other.id, added.contacts[0].id)
    left = transact(ctx, STAFF, remove_contact, created.id, added.contacts[0].id)

    assert [point.kind for point in added.contacts] == ["email", "phone"]
    assert [point.value for point in left.contacts] == ["+12025550123"]
    assert view(ctx, STAFF, look_up_customers, "zoe@example.com").customers == ()


def test_consent_is_given_withdrawn_and_stopped(ctx: Context, clock: FakeClock) -> None:
    """Nothing is sent where somebody said STOP, until the same person takes it back."""
    created = _create(ctx, "Zoë", EMAIL)
    point = created.contacts[0]
    clock.advance(timedelta(hours=1))
    withdrawn = transact(ctx, STAFF, set_consent, created.id, point.id, Consent.WITHDRAWN)
    stopped = transact(ctx, STAFF, set_consent, created.id, point.id, Consent.STOPPED)
    given = transact(ctx, STAFF, set_consent, created.id, point.id, Consent.GIVEN)

    later = NOW + timedelta(hours=1)
    assert [(seen.consent_at, seen.stopped_at) for seen in (point, withdrawn, stopped, given)] == [
        (NOW, None),
        (None, None),
        (None, later),
        (later, None),
    ]


def test_a_stop_counts_for_everybody_with_that_number(ctx: Context) -> None:
    """The number said STOP, whoever of the household held the phone; saying it twice is once."""
    first = _create(ctx, "Zoë", PHONE)
    second = _create(ctx, "Max", PHONE, allow_duplicate=True)
    for _ in range(2):
        stopped = transact(ctx, STAFF, set_consent_everywhere, ContactKind.PHONE, "+12025550123", Consent.STOPPED)
        assert set(stopped) == {first.id, second.id}

    points = [found.contacts[0] for found in view(ctx, STAFF, look_up_customers, "2025550123").customers]
    assert [point.stopped_at for point in points] == [NOW, NOW]
    changes = view(ctx, STAFF, customer_timeline, first.id, kinds=[EntryKind.CHANGE]).items
    assert [entry.text for entry in changes] == ["customer.consent_stopped", "customer.created"]


def test_notes_say_something(ctx: Context) -> None:
    """An empty note in the history is a question nobody can answer."""
    created = _create(ctx)
    with pytest.raises(InvalidInput, match="text"):
        transact(ctx, STAFF, add_note, created.id, " \n")
    with pytest.raises(NotFound):
        transact(ctx, STAFF, add_note, "cu_nobody", "Hello")

    note = transact(ctx, STAFF, add_note, created.id, " Dog bites ", channel=NoteChannel.PHONE)
    assert (note.text, note.author, note.at) == ("Dog bites", STAFF.id, NOW)


def test_the_timeline_has_every_channel_newest_first(ctx: Context, clock: FakeClock) -> None:
    """Whoever picks up the phone sees what was written, sent, promised and booked, page by page, nothing twice."""
    customer_id = _history(ctx, clock)
    whole = view(ctx, STAFF, customer_timeline, customer_id).items

    assert [(entry.kind.value, entry.text, entry.state) for entry in whole if entry.kind is not EntryKind.CHANGE] == [
        ("note", "Second", None),
        ("note", "First", None),
        ("message", "See you", "sent"),
        ("promise", "window", "changed"),
        ("booking", "", "confirmed"),
        ("work_order", "Boiler inspection", "open"),
    ]
    for limit in (1, 2, 3):
        assert _read_through(ctx, customer_id, limit) == whole
    assert view(ctx, STAFF, customer_timeline, customer_id, kinds=[EntryKind.MESSAGE]).items == whole[4:5]


def test_the_timeline_says_who_came_and_what_is_left_to_do(ctx: Context, clock: FakeClock) -> None:
    """Whoever complains is asked neither who was there nor what was agreed; nobody else's visits are told."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory, name="Kim Lee")
        visit, planned = add_visit(session, territory), add_visit(session, territory)
        strangers = add_visit(session, territory, customer=add_customer(session, name="Somebody else"))
        orders = [session.get_one(WorkOrderRow, each.work_order_id) for each in (visit, planned)]
        orders[1].customer_id = customer_id = orders[0].customer_id
        of_day = {"territory_id": territory.id, "date": clock.now().date(), "technician_id": kim.id}
        came = {"phase": "failed", "arrived_at": NOW - timedelta(hours=1), "finished_at": NOW, "reason": "no access"}
        session.add(VisitProgressRow(visit_id=visit.id, **of_day, **came))
        session.add(VisitProgressRow(visit_id=strangers.id, **of_day, **came))
        session.add(VisitProgressRow(visit_id=planned.id, phase="traveling", travel_started_at=NOW, **of_day))
    task = transact(ctx, STAFF, open_task, TaskKind.COULD_NOT_COMPLETE, visit, TaskCode.MISSED)
    transact(ctx, STAFF, finish_task, task.id, "Comes again on Friday")

    whole = view(ctx, STAFF, customer_timeline, customer_id).items

    told = [(entry.kind, entry.at, entry.text, entry.state) for entry in whole if entry.kind in ("task", "visit")]
    assert told == [
        (EntryKind.TASK, NOW, f"{sentence_of(TaskCode.MISSED, {})}\nComes again on Friday", "done"),
        (EntryKind.VISIT, NOW - timedelta(hours=1), "Kim Lee", "failed"),
    ]
    [parts] = [entry.task for entry in whole if entry.kind == "task"]
    assert parts == TimelineTask(code=TaskCode.MISSED, facts={}, note="Comes again on Friday")
    assert _read_through(ctx, customer_id, 1) == whole


def test_the_view_of_a_customer_begins_with_what_is_open(ctx: Context, clock: FakeClock) -> None:
    """The next booking and the promises broken so far decide how a conversation goes."""
    customer_id = _history(ctx, clock)
    seen = view(ctx, STAFF, view_customer, customer_id)

    assert [order.summary for order in seen.open_orders] == ["Boiler inspection"]
    assert [booking.window_start for booking in seen.upcoming_bookings] == [local("14:00")]
    assert seen.promises == {"open": 0, "kept": 0, "broken": 0, "changed": 1, "canceled": 0}
    with pytest.raises(NotFound):
        view(ctx, STAFF, view_customer, "cu_nobody")


def _read_through(ctx: Context, customer_id: str, limit: int) -> tuple[TimelineEntry, ...]:
    """Read a timeline page by page."""
    page = view(ctx, STAFF, customer_timeline, customer_id, limit=limit)
    read = page.items
    while page.next is not None:
        page = view(ctx, STAFF, customer_timeline, customer_id, limit=limit, after=page.next)
        read += page.items
    return read


def _history(ctx: Context, clock: FakeClock) -> str:
    """Make a customer with one of everything at one instant, two notes later, and somebody else with a booking."""
    window = {"window_start": local("14:00"), "window_end": local("16:00")}
    with ctx.database.writing() as session:
        territory = add_territory(session)
        for name in ("Pat", "Somebody else"):
            customer = add_customer(session, name=name)
            visit = add_visit(session, territory, customer=customer, state="booked")
            booking = BookingRow(
                id=f"bk_{name}",
                visit_id=visit.id,
                customer_id=customer.id,
                territory_id=territory.id,
                hold_id=None,
                date=NOW.date(),
                confirmed_at=NOW,
                changed_at=NOW,
                canceled_at=None,
                cancel_reason=None,
                **window,
            )
            session.add(booking)
            session.flush()
            session.add(
                PromiseRow(
                    id=f"pr_{name}",
                    booking_id=booking.id,
                    visit_id=visit.id,
                    customer_id=customer.id,
                    told_at=NOW,
                    outcome="changed",
                    settled_at=NOW,
                    **window,
                )
            )
            session.add(_message(f"ms_{name}", customer.id, booking.id))
            if name == "Pat":
                customer_id = customer.id
    transact(ctx, STAFF, update_customer, customer_id, CustomerChanges(reference="K-17"))
    clock.advance(timedelta(minutes=1))
    for text in ("First", "Second"):
        transact(ctx, STAFF, add_note, customer_id, text)
        clock.advance(timedelta(minutes=1))
    return customer_id


def _message(message_id: str, customer_id: str, booking_id: str) -> MessageRow:
    """Make a confirmation that was sent."""
    return MessageRow(
        id=message_id,
        territory_id=None,
        customer_id=customer_id,
        kind="confirmation",
        channel="email",
        recipient=f"{message_id}@example.com",
        subject_id=booking_id,
        subject_version=1,
        language="en",
        data={},
        title="See you",
        due_at=NOW,
        expires_at=None,
        state="sent",
        claimed_at=None,
        claimed_by=None,
        sent_at=NOW,
        provider_id=None,
        created_at=NOW,
    )
