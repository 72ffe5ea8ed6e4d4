"""The outbox and webhooks over HTTP."""

from datetime import timedelta

from sqlalchemy import update

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, MessageRow
from fieldops.usecases.actor import Actor, Role, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.notify import emit
from fieldops.usecases.send_due import send_due
from fieldops.usecases.work import transact
from message_worlds import LATER, RecordingChannel, Told, add_booking, move, outbox, tell
from worlds import NOW, OPS, STAFF, FakeClock, add_customer, make_context

PUBLIC = "https://acme.example"


def _context(database: Database, told: Told | None = None, clock: FakeClock | None = None) -> Context:
    """Make a context whose pages have an address."""
    return make_context(database, clock=clock, channels={} if told is None else told.channels(), public_url=PUBLIC)


def test_the_outbox_shows_what_waits_as_it_would_leave(database: Database) -> None:
    """Without any channel the outbox is where messages are read; the customer's key is not in it."""
    ctx = _context(database)
    client = client_for(ctx, STAFF)
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    send_due(ctx)

    page = client.get("/v1/messages", params={"customer_id": booking.customer_id, "state": "due"}).json()
    by_kind = {item["kind"]: item for item in page["items"]}
    detail = client.get(f"/v1/messages/{by_kind['confirmation']['id']}").json()

    assert sorted(by_kind) == ["confirmation", "reminder"]
    assert page["next"] is None
    assert by_kind["confirmation"]["note"] == "no channel configured"
    assert detail["is_preview"] is True
    assert "between 10:00 AM and 12:00 PM" in detail["message"]["body"]
    assert f"{PUBLIC}/booking#token=fol_..." in detail["message"]["body"]
    assert detail["attempts"] == []


def test_the_outbox_keeps_the_key_of_the_customer_to_itself(sqlite_database: Database) -> None:
    """Who may read messages may not thereby act as the customer."""
    told = Told()
    ctx = _context(sqlite_database, told)
    client = client_for(ctx, STAFF)
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    send_due(ctx)

    (item,) = client.get("/v1/messages", params={"state": "sent"}).json()["items"]
    detail = client.get(f"/v1/messages/{item['id']}").json()

    assert "fol_customer." in told.email.sent[0].body
    assert "fol_customer." not in detail["message"]["body"] + item["body"]
    assert (detail["is_preview"], detail["attempts"][0]["outcome"]) == (False, "delivered")


def test_the_timeline_keeps_the_key_of_the_customer_to_itself(sqlite_database: Database) -> None:
    """Text messages have no title: the timeline shows what they say, and links were written into rows once."""
    told = Told()
    ctx = _context(sqlite_database, told)
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    send_due(ctx)
    with sqlite_database.writing() as session:
        session.execute(update(MessageRow).where(MessageRow.state == "sent").values(body=told.sms.sent[0].body))

    client = client_for(ctx, STAFF)
    entries = client.get(f"/v1/customers/{booking.customer_id}/timeline", params={"kind": "message"}).json()["items"]

    assert "fol_customer." in told.sms.sent[0].body
    texts = [entry["text"] for entry in entries if entry["state"] == "sent"]
    assert [("fol_..." in text, "fol_customer." in text) for text in texts] == [(True, False)]


def test_sending_again_takes_the_right_to_read_what_it_says(sqlite_database: Database) -> None:
    """The answer shows recipient and text: a key that may only book must not get them that way."""
    ctx = _context(sqlite_database)
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    (message,) = outbox(sqlite_database, kind="confirmation")

    def ask(*scopes: Scope) -> int:
        key = Actor(id="key:ak_1", role=Role.INTEGRATION, scopes=frozenset(scopes))
        return client_for(ctx, key).post(f"/v1/messages/{message.id}/retry").status_code

    assert ask(Scope.BOOKINGS_WRITE) == 403
    assert ask(Scope.MESSAGES_READ) == 403
    assert ask(Scope.BOOKINGS_WRITE, Scope.MESSAGES_READ) == 202


def test_the_outbox_is_read_page_by_page(sqlite_database: Database) -> None:
    """Thousands of messages a day; each is on exactly one page."""
    ctx = _context(sqlite_database)
    client = client_for(ctx, STAFF)
    with sqlite_database.writing() as session:
        bookings = [add_booking(session) for _ in range(3)]
    for booking in bookings:
        tell(ctx, booking, "confirmation")
    seen, after = [], None
    for _ in range(4):
        page = client.get("/v1/messages", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert sorted(seen) == sorted(message.id for message in outbox(sqlite_database))
    assert client.get("/v1/messages", params={"after": "?"}).status_code == 422
    assert client.get("/v1/messages", params={"state": "gone"}).status_code == 422
    assert client.get("/v1/messages/ms_none").status_code == 404


def test_a_failed_message_can_be_sent_again_by_hand(database: Database) -> None:
    """Somebody has mended the mail server and will not wait an hour; what is untrue by now stays unsent."""
    told = Told(email=RecordingChannel(answers=[LATER, LATER, RecordingChannel().answers[0]]))
    ctx = _context(database, told)
    client = client_for(ctx, STAFF)
    with database.writing() as session:
        booking, outdated = (add_booking(session) for _ in range(2))
    tell(ctx, booking, "confirmation")
    tell(ctx, outdated, "confirmation")
    send_due(ctx)
    with database.writing() as session:
        move(session, session.get_one(BookingRow, outdated.id), timedelta(days=1))
    ids = {message.subject_id: message.id for message in outbox(database, kind="confirmation")}

    for message_id in ids.values():
        answer = client.post(f"/v1/messages/{message_id}/retry")
        assert (answer.status_code, answer.json()["message"]["state"]) == (202, "due")
    send_due(ctx)

    states = {message.subject_id: message.state for message in outbox(database, kind="confirmation")}
    assert states == {booking.id: "sent", outdated.id: "skipped"}
    again = client.post(f"/v1/messages/{ids[booking.id]}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "E3005")


def test_a_webhook_is_registered_tested_changed_and_deleted(database: Database) -> None:
    """The life of an endpoint; its secret is shown once."""
    told = Told()
    ctx = _context(database, told)
    client = client_for(ctx, OPS)
    body = {"url": "https://hooks.example.com/in", "events": ["booking.confirmed"]}

    made = client.post("/v1/webhooks", json=body, headers={"Idempotency-Key": "k1"})
    replayed = client.post("/v1/webhooks", json=body, headers={"Idempotency-Key": "k1"})
    webhook_id = made.json()["id"]
    tests = [client.post(f"/v1/webhooks/{webhook_id}/test") for _ in range(2)]
    send_due(ctx)
    read = client.get(f"/v1/webhooks/{webhook_id}")
    changed = client.patch(f"/v1/webhooks/{webhook_id}", json={"events": [], "is_enabled": False})
    transact(ctx, STAFF, emit, "booking.confirmed", "bk_1", 1, {})
    listed = client.get("/v1/webhooks")
    deleted = client.delete(f"/v1/webhooks/{webhook_id}")

    assert (made.status_code, replayed.status_code) == (201, 201)
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert replayed.json() == {**made.json(), "secret": None}
    assert [test.status_code for test in tests] == [202, 202]
    assert [(event.title, event.secret) for event in told.webhook.sent] == [("webhook.test", secret)] * 2
    assert read.json()["secret"] is None
    assert (changed.json()["events"], changed.json()["is_enabled"]) == ([], False)
    assert [item["id"] for item in listed.json()["items"]] == [webhook_id]
    assert deleted.status_code == 204
    assert client.get(f"/v1/webhooks/{webhook_id}").status_code == 404
    assert outbox(database, kind="booking.confirmed") == []


def test_a_wrong_webhook_is_refused_with_all_that_is_wrong(sqlite_database: Database) -> None:
    """All faults at once, and nobody but ops may send our events out of the house."""
    client = client_for(_context(sqlite_database), OPS)

    answer = client.post("/v1/webhooks", json={"url": "http://10.0.0.1", "events": ["booking.confirmed", "gone"]})

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == ["url", "events[1]"]
    staff = client_for(_context(sqlite_database), STAFF)
    assert staff.post("/v1/webhooks", json={"url": "https://example.com"}).status_code == 403
    assert staff.get("/v1/webhooks").status_code == 403


def test_enabling_an_endpoint_forgives_its_failures(sqlite_database: Database) -> None:
    """It gets its three days again."""
    clock = FakeClock()
    ctx = _context(sqlite_database, Told(webhook=RecordingChannel(answers=[LATER])), clock)
    client = client_for(ctx, OPS)
    webhook_id = client.post("/v1/webhooks", json={"url": "https://hooks.example.com"}).json()["id"]
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 1, {})
    send_due(ctx)
    clock.advance(timedelta(days=3))
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 2, {})
    send_due(ctx)
    before = client.get(f"/v1/webhooks/{webhook_id}").json()

    after = client.patch(f"/v1/webhooks/{webhook_id}", json={"is_enabled": True}).json()

    assert (before["is_enabled"], before["failing_since"] is None) == (False, False)
    assert (after["is_enabled"], after["failing_since"]) == (True, None)
    assert NOW.isoformat()[:10] in before["failing_since"]
